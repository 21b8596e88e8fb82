package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import io.tlsfleet.tls.x509.der.DerWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** SignedCertificateTimestamp (RFC 6962 section 3.2). {@code hash} and {@code signing} are TLS 1.2's code points. */
record Sct(int version, byte[] logId, long timestamp, byte[] extensions, int hash, int signing, byte[] signature) {
    private static final int MAX_SCTS = 64;

    /** The list of section 3.3; a list that does not hold together is malformed, an SCT in it stands alone. */
    static List<byte[]> list(byte[] encoded) throws MalformedMessage {
        ByteReader all = ByteReader.of(encoded);
        ByteReader list = all.sub16("SCT list");
        all.end("SCT list");
        List<byte[]> scts = new ArrayList<>();
        while (!list.isEmpty()) {
            if (scts.size() == MAX_SCTS) {
                throw new MalformedMessage("SCT list: more than " + MAX_SCTS);
            }
            scts.add(list.vec16("SCT"));
        }
        if (scts.isEmpty()) {
            throw new MalformedMessage("SCT list: empty");
        }
        return scts;
    }

    static Sct read(byte[] encoded) throws MalformedMessage {
        ByteReader reader = ByteReader.of(encoded);
        int version = reader.u8("SCT version");
        if (version != 0) {
            return new Sct(version, new byte[0], 0, new byte[0], 0, 0, new byte[0]);
        }
        Sct sct = new Sct(
                version,
                reader.take(32, "log id"),
                reader.u64("timestamp"),
                reader.vec16("extensions"),
                reader.u8("hash"),
                reader.u8("signature algorithm"),
                reader.vec16("signature"));
        reader.end("SCT");
        return sct;
    }

    /** Whether {@code key} signed this timestamp over {@code entry}: signed_entry with its type before it. */
    boolean verifies(PublicKeyFacts key, byte[] entry) {
        byte[] message = ByteWriter.write(
                writer -> writer.u8(version).u8(0).u64(timestamp).raw(entry).vec16(extensions));
        boolean rsa = key.isRsa() && signing == 1;
        boolean ecdsa = key.type().equals("ECDSA") && signing == 3;
        Optional<String> algorithm = rsa || ecdsa
                ? Optional.ofNullable(
                        switch (hash) {
                            case 4 -> rsa ? "1.2.840.113549.1.1.11" : "1.2.840.10045.4.3.2";
                            case 5 -> rsa ? "1.2.840.113549.1.1.12" : "1.2.840.10045.4.3.3";
                            case 6 -> rsa ? "1.2.840.113549.1.1.13" : "1.2.840.10045.4.3.4";
                            default -> null;
                        })
                : Optional.empty();
        return algorithm.isPresent()
                && Signatures.verify(algorithmId(algorithm.get()), key, message, signature) == Signatures.Result.GOOD;
    }

    private static AlgorithmId algorithmId(String oid) {
        return new AlgorithmId(oid, new byte[0], DerWriter.sequence(DerWriter.oid(oid)));
    }

    /** x509_entry: the certificate as it is. */
    static byte[] entry(byte[] certificate) {
        return ByteWriter.write(writer -> writer.u16(0).vec24(certificate));
    }

    /** precert_entry: the hash of the issuer's key, and the body without the SCTs that were put in afterwards. */
    static byte[] precertificateEntry(CertificateFacts certificate, PublicKeyFacts issuer) throws MalformedMessage {
        byte[] body = withoutScts(Der.of(certificate.tbs()));
        return ByteWriter.write(writer -> writer.u16(1)
                .raw(CertificateFacts.digest("SHA-256", issuer.spki()))
                .vec24(body));
    }

    private static byte[] withoutScts(Der tbs) throws MalformedMessage {
        List<byte[]> parts = new ArrayList<>();
        DerReader reader = tbs.reader();
        while (!reader.isEmpty()) {
            Der part = reader.next("tbsCertificate");
            if (!part.is(Der.explicit(3))) {
                parts.add(part.encoded());
                continue;
            }
            List<byte[]> kept = new ArrayList<>();
            DerReader list = part.reader().next(Der.SEQUENCE, "extensions").reader();
            while (!list.isEmpty()) {
                Der extension = list.next(Der.SEQUENCE, "extension");
                String oid = extension.reader().next(Der.OID, "extnID").oid("extnID");
                if (!oid.equals(ExtensionReader.SCT_LIST)) {
                    kept.add(extension.encoded());
                }
            }
            if (!kept.isEmpty()) {
                parts.add(DerWriter.element(Der.explicit(3), DerWriter.element(Der.SEQUENCE, kept)));
            }
        }
        return DerWriter.element(Der.SEQUENCE, parts);
    }
}
