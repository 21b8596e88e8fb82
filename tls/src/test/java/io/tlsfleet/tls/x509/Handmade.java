package io.tlsfleet.tls.x509;

import static io.tlsfleet.tls.x509.der.DerWriter.element;
import static io.tlsfleet.tls.x509.der.DerWriter.oid;
import static io.tlsfleet.tls.x509.der.DerWriter.sequence;

import io.tlsfleet.tls.x509.der.Der;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;

/** A certificate laid out byte by byte and truly signed, so that what no library would write can be read. */
final class Handmade {
    private static final byte[] ECDSA_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
    private static final byte[] TRUE = {Der.BOOLEAN, 1, (byte) 0xFF};

    private final byte[] issuer;
    private final KeyPair signer;
    private byte[] subject = name("made");
    private byte[] notAfter = time("270101000000Z");
    private byte[] algorithm = ECDSA_SHA256;
    private byte[] spki;
    private final List<byte[]> extensions = new ArrayList<>();

    /** Signed by {@code signer}, for the key of {@code holder}; a server's, until something else is asked for. */
    Handmade(TestAuthority signer, KeyPair holder) {
        this.issuer = CertificateFacts.read(signer.der()).subject().der();
        this.signer = signer.keyPair();
        this.spki = holder.getPublic().getEncoded();
    }

    static byte[] name(String commonName) {
        return name(Der.UTF8_STRING, commonName.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] name(int tag, byte[] commonName) {
        return sequence(element(Der.SET, sequence(oid("2.5.4.3"), element(tag, commonName))));
    }

    static byte[] time(String text) {
        return element(Der.UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] general(int tag, String text) {
        return element(tag, text.getBytes(StandardCharsets.US_ASCII));
    }

    Handmade subject(byte[] name) {
        subject = name;
        return this;
    }

    Handmade notAfter(byte[] time) {
        notAfter = time;
        return this;
    }

    Handmade algorithm(byte[] identifier) {
        algorithm = identifier;
        return this;
    }

    Handmade spki(byte[] encoded) {
        spki = encoded;
        return this;
    }

    Handmade dns(String... names) {
        List<byte[]> all = new ArrayList<>();
        for (String name : names) {
            all.add(general(0x82, name));
        }
        return extension(ExtensionReader.SUBJECT_ALT_NAME, false, element(Der.SEQUENCE, all));
    }

    /** {@code basicConstraints} as encoded. */
    Handmade authority(byte[] basicConstraints) {
        return extension(ExtensionReader.BASIC_CONSTRAINTS, true, basicConstraints);
    }

    Handmade authority() {
        return authority(sequence(TRUE));
    }

    Handmade extension(String id, boolean critical, byte[] value) {
        extensions.add(sequence(oid(id), critical ? TRUE : new byte[0], element(Der.OCTET_STRING, value)));
        return this;
    }

    byte[] der() {
        byte[] body = sequence(
                element(Der.explicit(0), new byte[] {Der.INTEGER, 1, 2}),
                new byte[] {Der.INTEGER, 1, 77},
                algorithm,
                issuer,
                sequence(time("260101000000Z"), notAfter),
                subject,
                spki,
                element(Der.explicit(3), element(Der.SEQUENCE, extensions)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(signer.getPrivate());
            signature.update(body);
            byte[] made = signature.sign();
            byte[] bits = new byte[made.length + 1];
            System.arraycopy(made, 0, bits, 1, made.length);
            return sequence(body, algorithm, element(Der.BIT_STRING, bits));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
