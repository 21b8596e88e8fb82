package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.keys.Aead;
import io.tlsfleet.tls.keys.Hkdf;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The keys that a traffic secret of the handshake gives (RFC 9001 section 5.1). */
final class TrafficKeys implements PacketProtection {
    private static final int IV_LENGTH = 12;
    private static final int MASK = 5;

    private final Aead aead;
    private final byte[] iv;
    private final byte[] headerKey;
    private final boolean chacha;

    TrafficKeys(QuicVersion version, Tls13Suite suite, byte[] trafficSecret) {
        Hkdf hkdf = new Hkdf(suite.hash());
        int length = suite.aead().keyLength();
        aead = new Aead(suite.aead(), hkdf.expandLabel(trafficSecret, version.label("key"), new byte[0], length));
        iv = hkdf.expandLabel(trafficSecret, version.label("iv"), new byte[0], IV_LENGTH);
        headerKey = hkdf.expandLabel(trafficSecret, version.label("hp"), new byte[0], length);
        chacha = suite.aead() == Aead.Algorithm.CHACHA20_POLY1305;
    }

    /** QUIC has no use for suites with a short tag or without a header protection (RFC 9001 section 5.3). */
    static boolean knows(Tls13Suite suite) {
        return switch (suite.aead()) {
            case AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, AES_128_CCM -> true;
            default -> false;
        };
    }

    @Override
    public byte[] open(long packetNumber, byte[] header, byte[] sealed) throws GeneralSecurityException {
        try {
            return aead.open(nonce(packetNumber), header, sealed);
        } catch (MalformedMessage e) {
            throw new AEADBadTagException(e.getMessage());
        }
    }

    @Override
    public byte[] seal(long packetNumber, byte[] header, byte[] payload) {
        return aead.seal(nonce(packetNumber), header, payload);
    }

    @Override
    public byte[] mask(byte[] sample) {
        try {
            if (chacha) {
                int counter =
                        ByteBuffer.wrap(sample).order(ByteOrder.LITTLE_ENDIAN).getInt();
                Cipher cipher = Cipher.getInstance("ChaCha20");
                cipher.init(
                        Cipher.ENCRYPT_MODE,
                        new SecretKeySpec(headerKey, "ChaCha20"),
                        new ChaCha20ParameterSpec(Arrays.copyOfRange(sample, 4, 16), counter));
                return cipher.doFinal(new byte[MASK]);
            }
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(headerKey, "AES"));
            return cipher.doFinal(sample);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES and ChaCha20 are part of every JDK", e);
        }
    }

    private byte[] nonce(long packetNumber) {
        byte[] nonce = iv.clone();
        for (int i = 0; i < 8; i++) {
            nonce[IV_LENGTH - 1 - i] ^= (byte) (packetNumber >>> 8 * i);
        }
        return nonce;
    }
}
