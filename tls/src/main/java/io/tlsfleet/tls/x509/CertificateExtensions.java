package io.tlsfleet.tls.x509;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The extensions of a certificate. {@code all} has every one as it came; what is null was absent or unreadable, and a
 * defect of the certificate tells the two apart.
 */
public record CertificateExtensions(
        List<Extension> all,
        @Nullable BasicConstraints basicConstraints,
        @Nullable KeyUsage keyUsage,
        @Nullable List<String> extendedKeyUsages,
        @Nullable AltNames subjectAltNames,
        @Nullable NameConstraints nameConstraints,
        @Nullable List<String> policies,
        @Nullable List<PolicyMapping> policyMappings,
        @Nullable PolicyConstraints policyConstraints,
        @Nullable Integer inhibitAnyPolicy,
        byte @Nullable [] subjectKeyId,
        @Nullable AuthorityKeyId authorityKeyId,
        List<String> ocspUrls,
        List<String> caIssuersUrls,
        @Nullable List<DistributionPoint> crlDistributionPoints,
        @Nullable List<DistributionPoint> freshestCrl,
        @Nullable List<Integer> tlsFeatures,
        byte @Nullable [] sctList) {
    static final CertificateExtensions NONE = new CertificateExtensions(
            List.of(), null, null, null, null, null, null, null, null, null, null, null, List.of(), List.of(), null,
            null, null, null);

    public static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    public static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    public static final String OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    public static final String ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";

    public record Extension(String oid, boolean critical, byte[] value) {}

    public record BasicConstraints(boolean ca, @Nullable Integer pathLength) {}

    /** Bit n of the mask is bit n of RFC 5280 section 4.2.1.3. */
    public record KeyUsage(int bits) {
        static final int DIGITAL_SIGNATURE = 0;
        static final int KEY_ENCIPHERMENT = 2;
        static final int KEY_AGREEMENT = 4;
        static final int KEY_CERT_SIGN = 5;
        static final int CRL_SIGN = 6;

        public boolean has(int bit) {
            return (bits >> bit & 1) != 0;
        }
    }

    /** {@code omitted} names were there beyond those that are kept; {@code broken}: the list breaks off, more may have been there. */
    public record AltNames(List<GeneralName> names, int omitted, boolean broken) {}

    public record PolicyMapping(String issuerDomain, String subjectDomain) {}

    public record PolicyConstraints(
            @Nullable Integer requireExplicitPolicy,
            @Nullable Integer inhibitPolicyMapping) {}

    public record AuthorityKeyId(
            byte @Nullable [] keyId, @Nullable List<GeneralName> issuer, byte @Nullable [] serialNumber) {}

    /**
     * RFC 5280 section 4.2.1.13. {@code fullName} or {@code relativeName} (a SET, as encoded) names the point;
     * {@code reasons} is null for all.
     */
    public record DistributionPoint(
            @Nullable List<GeneralName> fullName,
            byte @Nullable [] relativeName,
            @Nullable Integer reasons,
            @Nullable List<GeneralName> crlIssuer) {}

    public Optional<Extension> find(String oid) {
        return all.stream().filter(extension -> extension.oid.equals(oid)).findFirst();
    }

    public boolean critical(String oid) {
        return find(oid).map(Extension::critical).orElse(false);
    }

    /** Names beyond those of {@link #altNames}. */
    public int altNamesOmitted() {
        return subjectAltNames == null ? 0 : subjectAltNames.omitted;
    }

    public List<GeneralName> altNames() {
        return subjectAltNames == null ? List.of() : subjectAltNames.names;
    }

    /** RFC 7633: status_request (5) or status_request_v2 (17). */
    public boolean mustStaple() {
        return tlsFeatures != null && (tlsFeatures.contains(5) || tlsFeatures.contains(17));
    }

    /** Whether a TLS server may do anything with the key: sign, decrypt or agree (OpenSSL's KU_TLS). */
    public boolean keyUsableByServer() {
        return keyUsage == null
                || keyUsage.has(KeyUsage.DIGITAL_SIGNATURE)
                || keyUsage.has(KeyUsage.KEY_ENCIPHERMENT)
                || keyUsage.has(KeyUsage.KEY_AGREEMENT);
    }

    /** http(s) and ldap addresses of the distribution points. */
    public List<String> crlUrls() {
        return urls(crlDistributionPoints);
    }

    /** Addresses of the differences to those lists (RFC 5280 section 4.2.1.15). */
    public List<String> deltaCrlUrls() {
        return urls(freshestCrl);
    }

    static List<String> urls(@Nullable List<DistributionPoint> points) {
        if (points == null) {
            return List.of();
        }
        return points.stream()
                .flatMap(point -> point.fullName == null ? List.<GeneralName>of().stream() : point.fullName.stream())
                .flatMap(name -> name instanceof GeneralName.Uri(String uri)
                        ? List.of(uri).stream()
                        : List.<String>of().stream())
                .toList();
    }

    /** RFC 5280's short names where there are, else the dotted OID. */
    public List<String> extendedKeyUsageNames() {
        return extendedKeyUsages == null
                ? List.of()
                : extendedKeyUsages.stream()
                        .map(CertificateExtensions::usageName)
                        .toList();
    }

    static String usageName(String oid) {
        return switch (oid) {
            case SERVER_AUTH -> "serverAuth";
            case CLIENT_AUTH -> "clientAuth";
            case "1.3.6.1.5.5.7.3.3" -> "codeSigning";
            case "1.3.6.1.5.5.7.3.4" -> "emailProtection";
            case "1.3.6.1.5.5.7.3.5" -> "ipsecEndSystem";
            case "1.3.6.1.5.5.7.3.6" -> "ipsecTunnel";
            case "1.3.6.1.5.5.7.3.7" -> "ipsecUser";
            case "1.3.6.1.5.5.7.3.8" -> "timeStamping";
            case OCSP_SIGNING -> "OCSPSigning";
            case "1.3.6.1.5.5.7.3.17" -> "ipsecIKE";
            case "1.3.6.1.5.2.3.5" -> "pkInitKDC";
            case "1.3.6.1.4.1.311.20.2.2" -> "smartcardLogon";
            case "1.3.6.1.4.1.311.10.3.3" -> "msServerGatedCrypto";
            case "2.16.840.1.113730.4.1" -> "netscapeServerGatedCrypto";
            case ANY_EXTENDED_KEY_USAGE -> "anyExtendedKeyUsage";
            default -> oid;
        };
    }
}
