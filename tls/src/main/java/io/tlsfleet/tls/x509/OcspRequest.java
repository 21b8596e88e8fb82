package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerWriter;
import java.util.Optional;

/** OCSPRequest for one certificate (RFC 6960 section 4.1.1), with SHA-1 in the CertID as RFC 5019 wants it. */
public final class OcspRequest {
    private static final byte[] SHA1 = DerWriter.sequence(DerWriter.oid("1.3.14.3.2.26"), new byte[] {Der.NULL, 0});

    private OcspRequest() {}

    /** {@code nonce} of 16 to 32 octets; empty for none, as it has to be where GET shall hit a cache. */
    public static byte[] about(CertificateFacts certificate, CertificateFacts issuer, byte[] nonce) {
        return about(certificate, CertificateFacts.digest("SHA-1", issuer.key().key()), nonce);
    }

    /**
     * Without the issuer's certificate: nearly every authority key identifier is the SHA-1 of the issuer's key (RFC 5280
     * section 4.2.1.2, method 1), which is what a request names. Where it is none, the responder knows no such issuer.
     */
    public static Optional<byte[]> aboutUnknownIssuer(CertificateFacts certificate, byte[] nonce) {
        CertificateExtensions.AuthorityKeyId keyId = certificate.extensions().authorityKeyId();
        byte[] key = keyId == null ? null : keyId.keyId();
        return key == null || key.length != 20 ? Optional.empty() : Optional.of(about(certificate, key, nonce));
    }

    private static byte[] about(CertificateFacts certificate, byte[] keyHash, byte[] nonce) {
        byte[] certId = DerWriter.sequence(
                SHA1,
                DerWriter.element(
                        Der.OCTET_STRING,
                        CertificateFacts.digest("SHA-1", certificate.issuer().der())),
                DerWriter.element(Der.OCTET_STRING, keyHash),
                DerWriter.element(Der.INTEGER, certificate.serialNumber()));
        byte[] list = DerWriter.sequence(DerWriter.sequence(certId));
        if (nonce.length == 0) {
            return DerWriter.sequence(DerWriter.sequence(list));
        }
        byte[] extension = DerWriter.sequence(
                DerWriter.oid("1.3.6.1.5.5.7.48.1.2"),
                DerWriter.element(Der.OCTET_STRING, DerWriter.element(Der.OCTET_STRING, nonce)));
        byte[] extensions = DerWriter.element(Der.explicit(2), DerWriter.sequence(extension));
        return DerWriter.sequence(DerWriter.sequence(list, extensions));
    }

    /** The nonce extension's value as it stands in a request with {@code nonce}: what a response has to repeat. */
    public static byte[] nonceValue(byte[] nonce) {
        return DerWriter.element(Der.OCTET_STRING, nonce);
    }
}
