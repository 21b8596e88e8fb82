package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The protection of Initial packets in one direction, from the client's first destination connection id (RFC 9001 section 5.2). */
public final class InitialKeys implements PacketProtection {
    private static final int HASH = 32;

    private final SecretKey key;
    private final byte[] iv;
    private final SecretKey headerKey;

    private InitialKeys(QuicVersion version, byte[] secret) throws GeneralSecurityException {
        key = new SecretKeySpec(expand(secret, version.label("key"), 16), "AES");
        iv = expand(secret, version.label("iv"), 12);
        headerKey = new SecretKeySpec(expand(secret, version.label("hp"), 16), "AES");
    }

    public static InitialKeys client(QuicVersion version, byte[] destinationId) {
        return of(version, destinationId, "client in");
    }

    public static InitialKeys server(QuicVersion version, byte[] destinationId) {
        return of(version, destinationId, "server in");
    }

    private static InitialKeys of(QuicVersion version, byte[] destinationId, String label) {
        try {
            byte[] initial = KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(destinationId)
                            .addSalt(version.salt())
                            .extractOnly());
            return new InitialKeys(version, expand(initial, label, HASH));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES and HKDF are part of every JDK", e);
        }
    }

    @Override
    public byte[] open(long packetNumber, byte[] header, byte[] sealed) throws GeneralSecurityException {
        return aead(Cipher.DECRYPT_MODE, packetNumber, header, sealed);
    }

    @Override
    public byte[] seal(long packetNumber, byte[] header, byte[] payload) {
        try {
            return aead(Cipher.ENCRYPT_MODE, packetNumber, header, payload);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public byte[] mask(byte[] sample) {
        try {
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, headerKey);
            return cipher.doFinal(sample);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] aead(int mode, long packetNumber, byte[] header, byte[] text) throws GeneralSecurityException {
        byte[] nonce = iv.clone();
        for (int i = 0; i < 8; i++) {
            nonce[nonce.length - 1 - i] ^= (byte) (packetNumber >>> 8 * i);
        }
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(128, nonce));
        cipher.updateAAD(header);
        return cipher.doFinal(text);
    }

    /** HKDF-Expand-Label of RFC 8446 section 7.1 with an empty context. */
    private static byte[] expand(byte[] secret, String label, int length) throws GeneralSecurityException {
        byte[] info = ByteWriter.write(w -> w.u16(length)
                .vec8(("tls13 " + label).getBytes(StandardCharsets.US_ASCII))
                .vec8(new byte[0]));
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(HKDFParameterSpec.expandOnly(new SecretKeySpec(secret, "HKDF"), info, length));
    }
}
