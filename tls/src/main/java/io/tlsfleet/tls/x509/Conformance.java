package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.CertificateExtensions.AuthorityKeyId;
import io.tlsfleet.tls.x509.CertificateExtensions.BasicConstraints;
import io.tlsfleet.tls.x509.CertificateExtensions.KeyUsage;
import io.tlsfleet.tls.x509.Defect.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What RFC 5280 asks of a certificate's making beyond what a path needs. Clients let most of it pass, some refuse it
 * (strict modes, rustls, Go by turns), so it is a finding and no verdict.
 */
final class Conformance {
    private static final Set<String> NEVER_CRITICAL = Set.of(
            ExtensionReader.AUTHORITY_KEY_ID,
            ExtensionReader.SUBJECT_KEY_ID,
            ExtensionReader.AUTHORITY_INFO_ACCESS,
            "1.3.6.1.5.5.7.1.11",
            ExtensionReader.FRESHEST_CRL,
            ExtensionReader.SCT_LIST);
    private static final Set<String> ALWAYS_CRITICAL = Set.of(
            ExtensionReader.NAME_CONSTRAINTS, ExtensionReader.POLICY_CONSTRAINTS, ExtensionReader.INHIBIT_ANY_POLICY);

    private static final Pattern HEX_ADDRESS = Pattern.compile("0[xX][0-9A-Fa-f]{1,8}");
    private static final Pattern ABSOLUTE_URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.+");

    private final CertificateFacts certificate;
    private final CertificateExtensions extensions;
    private final boolean ca;
    private final List<Defect> defects = new ArrayList<>();

    private Conformance(CertificateFacts certificate) {
        this.certificate = certificate;
        this.extensions = certificate.extensions();
        this.ca = certificate.ca();
    }

    /** {@code anchor}: the last certificate of a path. {@code leaf}: the first of a chain. */
    static List<Defect> of(CertificateFacts certificate, boolean leaf, boolean anchor) {
        Conformance conformance = new Conformance(certificate);
        boolean unread = certificate.defects().stream()
                .anyMatch(defect -> defect.kind() == Kind.UNPARSEABLE || defect.kind() == Kind.OVERSIZE);
        if (unread || certificate.version() != 3) {
            return List.of();
        }
        conformance.names(leaf);
        conformance.criticality();
        conformance.keyIds(anchor);
        conformance.usage(leaf, anchor);
        conformance.altNames(leaf);
        conformance.policies(leaf);
        conformance.pointers();
        return conformance.defects;
    }

    private void names(boolean leaf) {
        if (certificate.issuer().isEmpty()) {
            add(Kind.EMPTY_ISSUER, "issuer", "is empty (RFC 5280 section 4.1.2.4)");
        }
        if (ca && certificate.subject().isEmpty()) {
            add(Kind.EMPTY_CA_SUBJECT, "subject", "is empty in a CA (section 4.1.2.6)");
        }
        for (DistinguishedName name : List.of(certificate.subject(), certificate.issuer())) {
            name.parts()
                    .forEach(part -> part.forEach(attribute -> {
                        if (DisplayText.broken(attribute.value())) {
                            add(Kind.BAD_STRING, attribute.type(), "has bytes that its string type does not allow");
                        } else if (attribute.value().chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
                            add(Kind.BAD_STRING, attribute.type(), "has control characters");
                        }
                        if (attribute.type().equals("2.5.4.6")
                                && (attribute.tag() != 0x13 || attribute.value().length() != 2)) {
                            add(Kind.BAD_STRING, "countryName", "is no PrintableString of two letters");
                        }
                        int most = UPPER_BOUNDS.getOrDefault(attribute.type(), Integer.MAX_VALUE);
                        if (attribute
                                        .value()
                                        .codePointCount(0, attribute.value().length())
                                > most) {
                            add(
                                    Kind.BAD_STRING,
                                    attribute.type(),
                                    "is longer than " + most + " characters (appendix A)");
                        }
                    }));
        }
        if (leaf) {
            List<String> names = certificate.subject().values("2.5.4.3");
            if (names.size() > 1) {
                add(Kind.COMMON_NAME_MULTIPLE, "subject", names.size() + " common names");
            }
            Set<String> alternatives = new HashSet<>();
            extensions.altNames().forEach(name -> alternatives.add(text(name)));
            // Baseline Requirements 7.1.4.3: letter for letter, an IPv6 address as RFC 5952 writes it
            for (String name : names) {
                boolean server = (name.indexOf('.') >= 0 || name.indexOf(':') >= 0) && name.indexOf(' ') < 0
                        || HEX_ADDRESS.matcher(name).matches();
                if (server && !alternatives.isEmpty() && !alternatives.contains(name) && !further(name)) {
                    add(
                            Kind.COMMON_NAME_NOT_IN_ALT_NAMES,
                            "subject",
                            "the common name " + DisplayText.safe(name) + " is no subjectAltName");
                }
            }
        }
    }

    /** Whether it is, or may be, among the names that are not kept. */
    private boolean further(String name) {
        CertificateExtensions.AltNames all = extensions.subjectAltNames();
        return all != null
                && all.omitted() > 0
                && (all.broken()
                        || extensions
                                .find(ExtensionReader.SUBJECT_ALT_NAME)
                                .flatMap(list -> ExtensionParts.altName(
                                        list.value(), other -> text(other).equals(name)))
                                .isPresent());
    }

    private static String text(GeneralName name) {
        return switch (name) {
            case GeneralName.Dns(String dns) -> dns;
            case GeneralName.Ip(byte[] octets) -> GeneralName.Ip.address(octets);
            default -> name.text();
        };
    }

    private void criticality() {
        for (CertificateExtensions.Extension extension : extensions.all()) {
            String oid = extension.oid();
            if (extension.critical() && NEVER_CRITICAL.contains(oid)) {
                add(Kind.EXTENSION_CRITICALITY, ExtensionReader.name(oid), "is critical and must not be");
            }
            boolean mustBe = ALWAYS_CRITICAL.contains(oid) || ca && oid.equals(ExtensionReader.BASIC_CONSTRAINTS);
            if (!extension.critical() && mustBe) {
                add(Kind.EXTENSION_CRITICALITY, ExtensionReader.name(oid), "is not critical and must be");
            }
        }
        if (extensions.extendedKeyUsages() != null
                && extensions.critical(ExtensionReader.EXTENDED_KEY_USAGE)
                && !ca
                && extensions.extendedKeyUsages().contains(CertificateExtensions.SERVER_AUTH)) {
            add(Kind.EXTENSION_CRITICALITY, "extKeyUsage", "is critical, which the Baseline Requirements forbid");
        }
    }

    private void keyIds(boolean anchor) {
        AuthorityKeyId authority = extensions.authorityKeyId();
        boolean present = extensions.find(ExtensionReader.AUTHORITY_KEY_ID).isPresent();
        if (!certificate.selfIssued() || !anchor) {
            if (!present || authority != null && authority.keyId() == null) {
                boolean selfSigned = certificate.selfIssued()
                        && Signatures.of(certificate, certificate.key()) == Signatures.Result.GOOD;
                if (!selfSigned) {
                    add(
                            Kind.AUTHORITY_KEY_ID_MISSING,
                            "authorityKeyIdentifier",
                            "has no key identifier (section 4.2.1.1)");
                }
            }
        }
        if (authority != null && (authority.issuer() != null || authority.serialNumber() != null)) {
            add(
                    Kind.AUTHORITY_KEY_ID_FORM,
                    "authorityKeyIdentifier",
                    "names the issuer's issuer and serial number (Baseline Requirements 7.1.2.11.1)");
        }
        if (anchor && authority != null && authority.keyId() == null) {
            add(Kind.AUTHORITY_KEY_ID_FORM, "authorityKeyIdentifier", "has no key identifier");
        }
        byte[] above = authority == null ? null : authority.keyId();
        byte[] own = extensions.subjectKeyId();
        if (anchor && certificate.selfIssued() && above != null && own != null && !Arrays.equals(above, own)) {
            add(Kind.AUTHORITY_KEY_ID_FORM, "authorityKeyIdentifier", "names another key than the root's own");
        }
        if (ca && extensions.find(ExtensionReader.SUBJECT_KEY_ID).isEmpty()) {
            add(Kind.SUBJECT_KEY_ID_MISSING, "subjectKeyIdentifier", "is missing in a CA (section 4.2.1.2)");
        }
    }

    private void usage(boolean leaf, boolean anchor) {
        KeyUsage usage = extensions.keyUsage();
        BasicConstraints constraints = extensions.basicConstraints();
        if (ca && usage == null) {
            add(Kind.KEY_USAGE_MISSING, "keyUsage", "is missing in a CA (section 4.2.1.3)");
        }
        if (usage != null && usage.bits() == 0) {
            add(Kind.KEY_USAGE_INCONSISTENT, "keyUsage", "allows nothing");
        }
        if (usage != null && usage.has(KeyUsage.KEY_CERT_SIGN) && !ca) {
            add(Kind.KEY_USAGE_INCONSISTENT, "keyUsage", "keyCertSign in a certificate that is no CA");
        }
        if (usage != null && ca && !usage.has(KeyUsage.KEY_CERT_SIGN)) {
            add(Kind.KEY_USAGE_INCONSISTENT, "keyUsage", "a CA without keyCertSign");
        }
        if (constraints != null && constraints.pathLength() != null) {
            if (!constraints.ca() || usage != null && !usage.has(KeyUsage.KEY_CERT_SIGN)) {
                add(
                        Kind.BASIC_CONSTRAINTS_INCONSISTENT,
                        "basicConstraints",
                        "a path length in a certificate that may not sign certificates (section 4.2.1.9)");
            }
        }
        List<String> usages = extensions.extendedKeyUsages();
        if (leaf && ca) {
            add(Kind.LEAF_IS_CA, "basicConstraints", "a server certificate that is a CA");
        }
        if (leaf && !ca && extensions.find(ExtensionReader.EXTENDED_KEY_USAGE).isEmpty()) {
            add(Kind.EXTENDED_KEY_USAGE_MISSING, "extKeyUsage", "is missing: the key is for anything");
        }
        if (anchor && ca && usages != null) {
            add(Kind.EXTENDED_KEY_USAGE_UNEXPECTED, "extKeyUsage", "in a root (Baseline Requirements 7.1.2.1.2)");
        }
        if (usages != null && usages.isEmpty()) {
            add(Kind.EXTENDED_KEY_USAGE_EMPTY, "extKeyUsage", "lists nothing (section 4.2.1.12)");
        }
        if (leaf && usages != null && usages.contains(CertificateExtensions.ANY_EXTENDED_KEY_USAGE)) {
            add(Kind.EXTENDED_KEY_USAGE_ANY, "extKeyUsage", "allows anything");
        }
        String type = certificate.key().type();
        if (usage != null
                && (type.equals("X25519") || type.equals("X448"))
                && (usage.bits() & ~(1 << KeyUsage.KEY_AGREEMENT | 1 << 7 | 1 << 8)) != 0) {
            add(Kind.KEY_USAGE_INCONSISTENT, "keyUsage", "a signature that a key of type " + type + " cannot make");
        }
        boolean signsOnly = type.startsWith("Ed") || type.startsWith("ML-DSA") || type.startsWith("SLH-DSA");
        if (usage != null && (type.equals("ECDSA") || signsOnly)) {
            if (usage.has(KeyUsage.KEY_ENCIPHERMENT)
                    || usage.has(3)
                    || signsOnly && usage.has(KeyUsage.KEY_AGREEMENT)) {
                add(Kind.KEY_USAGE_INCONSISTENT, "keyUsage", "an encryption that a key of type " + type + " cannot do");
            }
        }
    }

    private void altNames(boolean leaf) {
        CertificateExtensions.AltNames names = extensions.subjectAltNames();
        if (names == null) {
            if (certificate.subject().isEmpty() && !ca) {
                add(Kind.ALT_NAME_MISSING, "subjectAltName", "is missing where the subject is empty");
            }
            return;
        }
        if (names.names().isEmpty()) {
            add(Kind.ALT_NAME_EMPTY, "subjectAltName", "lists nothing (section 4.2.1.6)");
        }
        if (certificate.subject().isEmpty() && !extensions.critical(ExtensionReader.SUBJECT_ALT_NAME)) {
            add(Kind.EXTENSION_CRITICALITY, "subjectAltName", "is not critical and must be, for the subject is empty");
        }
        if (!certificate.subject().isEmpty() && extensions.critical(ExtensionReader.SUBJECT_ALT_NAME)) {
            add(Kind.EXTENSION_CRITICALITY, "subjectAltName", "is critical although there is a subject");
        }
        for (GeneralName name : names.names()) {
            switch (name) {
                case GeneralName.Dns(String dns) -> {
                    DnsSyntax.problem(dns)
                            .ifPresent(problem -> add(
                                    problem.wildcard() ? Kind.WILDCARD_TOO_WIDE : Kind.ALT_NAME_SYNTAX,
                                    "subjectAltName",
                                    name.text() + " " + problem.text()));
                    if (dns.startsWith("*.")
                            && dns.indexOf('.', 2) > 0
                            && PublicSuffixes.ofJdk().isListedSuffix(dns.substring(2))) {
                        boolean registry = PublicSuffixes.ofJdk().isOfRegistry(dns.substring(2));
                        add(
                                registry ? Kind.WILDCARD_TOO_WIDE : Kind.WILDCARD_OF_HOSTING,
                                "subjectAltName",
                                name.text()
                                        + (registry
                                                ? " is for everybody who registers there; browsers and Java refuse it"
                                                : " is for everybody who is given a name below it (private section of the"
                                                        + " public suffix list)"));
                    }
                }
                case GeneralName.Ip(byte[] octets) -> {
                    if (octets.length != 4 && octets.length != 16) {
                        add(Kind.ALT_NAME_SYNTAX, "subjectAltName", "an IP address of " + octets.length + " octets");
                    }
                }
                case GeneralName.Email(String mailbox) -> {
                    int at = mailbox.lastIndexOf('@');
                    if (at < 1
                            || DisplayText.broken(mailbox)
                            || DnsSyntax.problem(mailbox.substring(at + 1)).isPresent()) {
                        add(Kind.ALT_NAME_SYNTAX, "subjectAltName", name.text() + " is no mailbox");
                    }
                }
                case GeneralName.Uri(String uri) -> {
                    if (DisplayText.broken(uri) || !ABSOLUTE_URI.matcher(uri).matches()) {
                        add(Kind.ALT_NAME_SYNTAX, "subjectAltName", name.text() + " is no absolute URI");
                    }
                }
                default -> {
                    if (leaf
                            && name instanceof GeneralName.Directory(DistinguishedName directory)
                            && directory.isEmpty()) {
                        add(Kind.ALT_NAME_SYNTAX, "subjectAltName", "an empty directory name");
                    }
                }
            }
        }
    }

    private void policies(boolean leaf) {
        if (extensions.policyMappings() != null) {
            extensions.policyMappings().forEach(mapping -> {
                if (mapping.issuerDomain().equals(PolicyCheck.ANY)
                        || mapping.subjectDomain().equals(PolicyCheck.ANY)) {
                    add(Kind.POLICY_EXTENSION_FORM, "policyMappings", "maps anyPolicy (section 4.2.1.5)");
                }
            });
            if (!ca) {
                add(Kind.POLICY_EXTENSION_FORM, "policyMappings", "in a certificate that is no CA");
            }
        }
        NameConstraints constraints = extensions.nameConstraints();
        if (constraints != null) {
            List<GeneralName> bases = new ArrayList<>(constraints.permitted());
            bases.addAll(constraints.excluded());
            for (GeneralName base : bases) {
                if (base instanceof GeneralName.Dns(String dns) && (dns.startsWith(".") || dns.indexOf('*') >= 0)) {
                    add(Kind.NAME_CONSTRAINTS_FORM, "nameConstraints", base.text() + " is no DNS subtree");
                } else if (base instanceof GeneralName.Email(String mailbox) && mailbox.contains("..")) {
                    add(Kind.NAME_CONSTRAINTS_FORM, "nameConstraints", base.text() + " is no mailbox or host");
                }
            }
        }
        if (!ca && extensions.nameConstraints() != null) {
            add(Kind.NAME_CONSTRAINTS_IN_LEAF, "nameConstraints", "in a certificate that is no CA (section 4.2.1.10)");
        }
        if (leaf
                && extensions.sctList() != null
                && extensions.find(ExtensionReader.CT_POISON).isPresent()) {
            add(Kind.PRECERTIFICATE, "ctPoison", "beside an SCT list");
        }
        byte[] scts = extensions.sctList();
        if (scts != null) {
            try {
                Sct.list(scts);
            } catch (io.tlsfleet.tls.wire.MalformedMessage e) {
                add(Kind.SCT_LIST_MALFORMED, "signedCertificateTimestampList", String.valueOf(e.getMessage()));
            }
        }
    }

    private void pointers() {
        if (extensions.crlDistributionPoints() != null) {
            extensions.crlDistributionPoints().forEach(point -> {
                if (point.fullName() == null && point.relativeName() == null && point.crlIssuer() == null) {
                    add(
                            Kind.CRL_DISTRIBUTION_FORM,
                            "cRLDistributionPoints",
                            "a point with neither name nor issuer (section 4.2.1.13)");
                }
            });
        }
        if (certificate.key().isRsa()
                && certificate.key().algorithm().oid().equals(PublicKeyFacts.RSA)
                && certificate.key().algorithm().parameters().length == 0) {
            add(Kind.ALGORITHM_PARAMETERS, "subjectPublicKeyInfo", "rsaEncryption without the NULL of RFC 3279");
        }
        if (certificate.signatureAlgorithm().name().startsWith("ecdsa-")
                && certificate.innerAlgorithm().parameters().length > 0) {
            add(Kind.ALGORITHM_PARAMETERS, "signature", "ECDSA takes no parameters (RFC 5758)");
        }
        if (certificate.signatureAlgorithm().name().endsWith("WithRSAEncryption")
                && (certificate.signatureAlgorithm().parameters().length == 0
                        || certificate.innerAlgorithm().parameters().length == 0)) {
            add(Kind.ALGORITHM_PARAMETERS, "signatureAlgorithm", "without the NULL of RFC 3279");
        }
    }

    private void add(Kind kind, String part, String detail) {
        Defect defect = new Defect(kind, part, detail);
        if (!defects.contains(defect)) {
            defects.add(defect);
        }
    }

    private static final java.util.Map<String, Integer> UPPER_BOUNDS = java.util.Map.of(
            "2.5.4.3", 64,
            "2.5.4.10", 64,
            "2.5.4.11", 64,
            "2.5.4.7", 128,
            "2.5.4.8", 128,
            "2.5.4.5", 64,
            "1.2.840.113549.1.9.1", 255);
}
