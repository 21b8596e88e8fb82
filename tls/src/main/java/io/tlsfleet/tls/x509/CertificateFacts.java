package io.tlsfleet.tls.x509;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What could be read of a certificate (RFC 5280 section 4.1), and what could not ({@code defects}). Never fails: bytes
 * that are no certificate give empty names, no times and a fatal defect. {@code version} is 1 to 3, 0 when unreadable.
 */
public record CertificateFacts(
        byte[] der,
        String sha256,
        byte[] tbs,
        int version,
        byte[] serialNumber,
        AlgorithmId innerAlgorithm,
        AlgorithmId signatureAlgorithm,
        byte[] signature,
        DistinguishedName issuer,
        DistinguishedName subject,
        @Nullable Instant notBefore,
        @Nullable Instant notAfter,
        PublicKeyFacts key,
        String spkiSha256,
        CertificateExtensions extensions,
        List<Defect> defects) {

    public static CertificateFacts read(byte[] der) {
        return CertificatesRead.read(der);
    }

    /** Whether no path may lead through it. */
    public boolean malformed() {
        return defects.stream().anyMatch(Defect::fatal);
    }

    /** Issuer and subject are the same name; says nothing of keys. */
    public boolean selfIssued() {
        return !subject.isEmpty() && subject.matches(issuer);
    }

    /** Asserts {@code cA}, or is of a version that cannot say. */
    public boolean ca() {
        CertificateExtensions.BasicConstraints constraints = extensions.basicConstraints();
        return constraints != null && constraints.ca();
    }

    /** Upper-case hex of the number, in whole octets, as most tools print it. */
    public String serialText() {
        if (serialNumber.length == 0) {
            return "";
        }
        // a zero stands in front of what would be negative without it
        int from = serialNumber.length > 1 && serialNumber[0] == 0 && serialNumber[1] < 0 ? 1 : 0;
        if (serialNumber[0] > 0 || from > 0) {
            return HexFormat.of().withUpperCase().formatHex(serialNumber, from, serialNumber.length);
        }
        BigInteger number = new BigInteger(serialNumber);
        String hex = number.abs().toString(16).toUpperCase(Locale.ROOT);
        return (number.signum() < 0 ? "-" : "") + (hex.length() % 2 == 0 ? hex : "0" + hex);
    }

    /** Whether {@code issuer} has the issuer's name and its key made the signature. */
    public boolean signedBy(CertificateFacts issuer) {
        return !this.issuer.isEmpty()
                && issuer.subject.matches(this.issuer)
                && Signatures.of(this, issuer.key) == Signatures.Result.GOOD;
    }

    /** By name, and not by a signature that proves the contrary: of some algorithms none can be verified here. */
    public boolean maybeSignedBy(CertificateFacts issuer) {
        return !this.issuer.isEmpty()
                && issuer.subject.matches(this.issuer)
                && Signatures.of(this, issuer.key) != Signatures.Result.BAD;
    }

    public String pem() {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CertificateFacts that && Arrays.equals(der, that.der);
    }

    @Override
    public int hashCode() {
        return sha256.hashCode();
    }

    @Override
    public String toString() {
        return subject.text() + " " + sha256;
    }

    static String hex(String algorithm, byte[] bytes) {
        return HexFormat.of().formatHex(digest(algorithm, bytes));
    }

    static byte[] digest(String algorithm, byte[] bytes) {
        return Signatures.messageDigest(algorithm).digest(bytes);
    }
}
