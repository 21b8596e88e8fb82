package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateExtensions.AltNames;
import io.tlsfleet.tls.x509.CertificateExtensions.AuthorityKeyId;
import io.tlsfleet.tls.x509.CertificateExtensions.BasicConstraints;
import io.tlsfleet.tls.x509.CertificateExtensions.DistributionPoint;
import io.tlsfleet.tls.x509.CertificateExtensions.Extension;
import io.tlsfleet.tls.x509.CertificateExtensions.KeyUsage;
import io.tlsfleet.tls.x509.CertificateExtensions.PolicyConstraints;
import io.tlsfleet.tls.x509.CertificateExtensions.PolicyMapping;
import io.tlsfleet.tls.x509.Defect.Kind;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the extension list of a certificate; each extension stands or falls alone. */
final class ExtensionReader {
    static final String SUBJECT_KEY_ID = "2.5.29.14";
    static final String KEY_USAGE = "2.5.29.15";
    static final String SUBJECT_ALT_NAME = "2.5.29.17";
    static final String ISSUER_ALT_NAME = "2.5.29.18";
    static final String BASIC_CONSTRAINTS = "2.5.29.19";
    static final String NAME_CONSTRAINTS = "2.5.29.30";
    static final String CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    static final String CERTIFICATE_POLICIES = "2.5.29.32";
    static final String POLICY_MAPPINGS = "2.5.29.33";
    static final String AUTHORITY_KEY_ID = "2.5.29.35";
    static final String POLICY_CONSTRAINTS = "2.5.29.36";
    static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    static final String FRESHEST_CRL = "2.5.29.46";
    static final String INHIBIT_ANY_POLICY = "2.5.29.54";
    static final String AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";
    static final String SCT_LIST = "1.3.6.1.4.1.11129.2.4.2";
    static final String CT_POISON = "1.3.6.1.4.1.11129.2.4.3";

    private static final int MAX_EXTENSIONS = 256;
    private static final int MAX_ALT_NAMES = 2_000;

    private final List<Defect> defects;
    private @Nullable BasicConstraints basicConstraints;
    private @Nullable KeyUsage keyUsage;
    private @Nullable List<String> extendedKeyUsages;
    private @Nullable AltNames subjectAltNames;
    private @Nullable NameConstraints nameConstraints;
    private @Nullable List<String> policies;
    private @Nullable List<PolicyMapping> policyMappings;
    private @Nullable PolicyConstraints policyConstraints;
    private @Nullable Integer inhibitAnyPolicy;
    private byte @Nullable [] subjectKeyId;
    private @Nullable AuthorityKeyId authorityKeyId;
    private final List<String> ocspUrls = new ArrayList<>();
    private final List<String> caIssuersUrls = new ArrayList<>();
    private @Nullable List<DistributionPoint> crlDistributionPoints;
    private @Nullable List<DistributionPoint> freshestCrl;
    private @Nullable List<Integer> tlsFeatures;
    private byte @Nullable [] sctList;

    private final boolean cut;

    private ExtensionReader(List<Defect> defects, boolean cut) {
        this.defects = defects;
        this.cut = cut;
    }

    /** {@code cut}: of a certificate whose bytes do not hold together; the names that are there are read. */
    static CertificateExtensions read(Der list, List<Defect> defects, boolean cut) throws MalformedMessage {
        ExtensionReader reader = new ExtensionReader(defects, cut);
        List<Extension> all = new ArrayList<>();
        try {
            DerReader elements = list.reader();
            do {
                if (all.size() == MAX_EXTENSIONS) {
                    throw new MalformedMessage("extensions: more than " + MAX_EXTENSIONS + " elements");
                }
                Der element = elements.next("extensions");
                try {
                    all.add(one(element, defects));
                } catch (MalformedMessage e) {
                    defects.add(new Defect(Kind.MALFORMED_EXTENSION, "extensions", String.valueOf(e.getMessage())));
                }
            } while (!elements.isEmpty());
        } catch (MalformedMessage e) {
            defects.add(new Defect(Kind.MALFORMED_EXTENSION, "extensions", String.valueOf(e.getMessage())));
        }
        Set<String> seen = new HashSet<>();
        for (Extension extension : all) {
            if (!seen.add(extension.oid())) {
                defects.add(new Defect(Kind.DUPLICATE_EXTENSION, name(extension.oid()), "is there more than once"));
                continue;
            }
            try {
                reader.extension(extension);
                if (!cut && !name(extension.oid()).equals(extension.oid())) {
                    CertificateReader.checkEncoding(
                            Der.of(extension.value()),
                            0,
                            true,
                            problem -> defects.add(new Defect(Kind.NOT_DER, name(extension.oid()), problem)));
                }
            } catch (MalformedMessage e) {
                defects.add(
                        new Defect(Kind.MALFORMED_EXTENSION, name(extension.oid()), String.valueOf(e.getMessage())));
            }
        }
        return reader.extensions(all);
    }

    /** Extensions of certificates, CRLs, CRL entries and OCSP responses have one form (section 4.1). */
    static List<Extension> readList(Der list, List<Defect> defects) throws MalformedMessage {
        List<Extension> all = new ArrayList<>();
        for (Der element : list.children("extensions", MAX_EXTENSIONS)) {
            all.add(one(element, defects));
        }
        if (all.isEmpty()) {
            throw new MalformedMessage("extensions: the list is empty");
        }
        return List.copyOf(all);
    }

    private static Extension one(Der element, List<Defect> defects) throws MalformedMessage {
        DerReader fields = element.expect(Der.SEQUENCE, "extension").reader();
        String oid = fields.next(Der.OID, "extnID").oid("extnID");
        Der critical = fields.optional(Der.BOOLEAN, "critical");
        boolean isCritical = critical != null && critical.bool("critical");
        if (critical != null && !isCritical) {
            defects.add(new Defect(Kind.DEFAULT_WRITTEN, name(oid), "the default critical FALSE is written out"));
        }
        byte[] value = fields.next(Der.OCTET_STRING, "extnValue").content();
        fields.end("extension");
        return new Extension(oid, isCritical, value);
    }

    private CertificateExtensions extensions(List<Extension> all) {
        return new CertificateExtensions(
                all,
                basicConstraints,
                keyUsage,
                extendedKeyUsages,
                subjectAltNames,
                nameConstraints,
                policies,
                policyMappings,
                policyConstraints,
                inhibitAnyPolicy,
                subjectKeyId,
                authorityKeyId,
                List.copyOf(ocspUrls),
                List.copyOf(caIssuersUrls),
                crlDistributionPoints,
                freshestCrl,
                tlsFeatures,
                sctList);
    }

    private void extension(Extension extension) throws MalformedMessage {
        byte[] value = extension.value();
        switch (extension.oid()) {
            case BASIC_CONSTRAINTS -> basicConstraints = basicConstraints(Der.of(value));
            case KEY_USAGE -> {
                Der bits = Der.of(value);
                keyUsage = keyUsage(bits);
                if (!bits.minimalBits()) {
                    defects.add(new Defect(Kind.BIT_STRING_FORM, "keyUsage", "ends with bits that are not set"));
                }
            }
            case EXTENDED_KEY_USAGE -> extendedKeyUsages = oids(Der.of(value), "extKeyUsage");
            case SUBJECT_ALT_NAME -> subjectAltNames = altNames(cut ? Der.cut(value) : Der.of(value), "subjectAltName");
            case ISSUER_ALT_NAME -> altNames(Der.of(value), "issuerAltName");
            case NAME_CONSTRAINTS -> nameConstraints = nameConstraints(Der.of(value));
            case CERTIFICATE_POLICIES -> policies = policies(Der.of(value));
            case POLICY_MAPPINGS -> policyMappings = mappings(Der.of(value));
            case POLICY_CONSTRAINTS -> policyConstraints = policyConstraints(Der.of(value));
            case INHIBIT_ANY_POLICY -> inhibitAnyPolicy = skipCerts(Der.of(value), "inhibitAnyPolicy");
            case SUBJECT_KEY_ID ->
                subjectKeyId = Der.of(value)
                        .expect(Der.OCTET_STRING, "subjectKeyIdentifier")
                        .content();
            case AUTHORITY_KEY_ID -> authorityKeyId = ExtensionParts.authorityKeyId(Der.of(value));
            case AUTHORITY_INFO_ACCESS -> accessDescriptions(Der.of(value));
            case CRL_DISTRIBUTION_POINTS ->
                crlDistributionPoints = ExtensionParts.distributionPoints(Der.of(value), "cRLDistributionPoints");
            case FRESHEST_CRL -> freshestCrl = ExtensionParts.distributionPoints(Der.of(value), "freshestCRL");
            case TLS_FEATURE -> tlsFeatures = tlsFeatures(Der.of(value));
            case SCT_LIST ->
                sctList = Der.of(value).expect(Der.OCTET_STRING, "SCT list").content();
            default -> {
                // shown with its OID; refused by the path where it is critical
            }
        }
    }

    private BasicConstraints basicConstraints(Der value) throws MalformedMessage {
        DerReader fields = value.expect(Der.SEQUENCE, "basicConstraints").reader();
        Der ca = fields.optional(Der.BOOLEAN, "cA");
        Der length = fields.optional(Der.INTEGER, "pathLenConstraint");
        fields.end("basicConstraints");
        boolean isCa = ca != null && ca.bool("cA");
        if (ca != null && !isCa) {
            defects.add(new Defect(Kind.DEFAULT_WRITTEN, "basicConstraints", "the default cA FALSE is written out"));
        }
        Integer most = null;
        if (length != null) {
            BigInteger number = length.integer("pathLenConstraint");
            if (number.signum() < 0) {
                throw new MalformedMessage("pathLenConstraint: is negative");
            }
            most = number.min(BigInteger.valueOf(Short.MAX_VALUE)).intValue();
        }
        return new BasicConstraints(isCa, most);
    }

    static KeyUsage keyUsage(Der value) throws MalformedMessage {
        return new KeyUsage(value.expect(Der.BIT_STRING, "keyUsage").namedBits("keyUsage"));
    }

    private static List<String> oids(Der value, String part) throws MalformedMessage {
        List<String> oids = new ArrayList<>();
        for (Der oid : value.expect(Der.SEQUENCE, part).children(part, ExtensionParts.MAX_ENTRIES)) {
            oids.add(oid.expect(Der.OID, part).oid(part));
        }
        return List.copyOf(oids);
    }

    private AltNames altNames(Der value, String part) throws MalformedMessage {
        List<GeneralName> names = new ArrayList<>();
        int omitted = 0;
        boolean broken = cut;
        DerReader reader = value.expect(Der.SEQUENCE, part).reader();
        while (!reader.isEmpty()) {
            Der name;
            try {
                name = reader.next(part);
            } catch (MalformedMessage e) {
                defects.add(new Defect(Kind.MALFORMED_EXTENSION, part, String.valueOf(e.getMessage())));
                broken = true;
                break;
            }
            if (names.size() < MAX_ALT_NAMES) {
                try {
                    names.add(GeneralName.read(name, part));
                } catch (MalformedMessage e) {
                    defects.add(new Defect(Kind.MALFORMED_EXTENSION, part, String.valueOf(e.getMessage())));
                }
            } else {
                omitted++;
            }
        }
        if (omitted > 0) {
            defects.add(new Defect(
                    Kind.ALT_NAMES_OMITTED, part, omitted + " names beyond the " + MAX_ALT_NAMES + " that are shown"));
        }
        return new AltNames(List.copyOf(names), omitted, broken);
    }

    private static NameConstraints nameConstraints(Der value) throws MalformedMessage {
        DerReader fields = value.expect(Der.SEQUENCE, "nameConstraints").reader();
        Der permitted = fields.optional(Der.explicit(0), "permittedSubtrees");
        Der excluded = fields.optional(Der.explicit(1), "excludedSubtrees");
        fields.end("nameConstraints");
        if (permitted == null && excluded == null) {
            throw new MalformedMessage("nameConstraints: empty");
        }
        return new NameConstraints(subtrees(permitted), subtrees(excluded));
    }

    private static List<GeneralName> subtrees(@Nullable Der list) throws MalformedMessage {
        if (list == null) {
            return List.of();
        }
        List<GeneralName> bases = new ArrayList<>();
        for (Der subtree : list.children("subtrees", ExtensionParts.MAX_ENTRIES)) {
            DerReader fields = subtree.expect(Der.SEQUENCE, "subtree").reader();
            GeneralName base = GeneralName.read(fields.next("base"), "base");
            // minimum is 0 and maximum absent (section 4.2.1.10): anything else is no subtree that we can apply
            fields.end("subtree");
            boolean address =
                    !(base instanceof GeneralName.Ip(byte[] octets)) || octets.length == 8 || octets.length == 32;
            if (!address) {
                throw new MalformedMessage("subtree: an IP subtree of another length than 8 or 32");
            }
            if (base instanceof GeneralName.Ip(byte[] octets) && !isPrefix(octets)) {
                throw new MalformedMessage("subtree: the mask of an IP subtree has holes (RFC 4632)");
            }
            bases.add(base);
        }
        if (bases.isEmpty()) {
            throw new MalformedMessage("subtrees: empty");
        }
        return List.copyOf(bases);
    }

    /** Whether the mask, which is the latter half, is ones and then zeros. */
    private static boolean isPrefix(byte[] subtree) {
        BigInteger mask = new BigInteger(1, Arrays.copyOfRange(subtree, subtree.length / 2, subtree.length));
        BigInteger zeros = BigInteger.ONE
                .shiftLeft(subtree.length * 4)
                .subtract(BigInteger.ONE)
                .subtract(mask);
        return zeros.and(zeros.add(BigInteger.ONE)).signum() == 0;
    }

    private static List<String> policies(Der value) throws MalformedMessage {
        List<String> policies = new ArrayList<>();
        for (Der information : value.expect(Der.SEQUENCE, "certificatePolicies")
                .children("certificatePolicies", ExtensionParts.MAX_ENTRIES)) {
            DerReader fields =
                    information.expect(Der.SEQUENCE, "policyInformation").reader();
            String oid = fields.next(Der.OID, "policyIdentifier").oid("policyIdentifier");
            if (!fields.isEmpty()) {
                Der qualifiers = fields.next(Der.SEQUENCE, "policyQualifiers");
                for (Der qualifier : qualifiers.children("policyQualifiers", ExtensionParts.MAX_ENTRIES)) {
                    qualifier.expect(Der.SEQUENCE, "policyQualifier").reader().next(Der.OID, "policyQualifierId");
                }
                fields.end("policyInformation");
            }
            if (policies.contains(oid)) {
                throw new MalformedMessage("certificatePolicies: " + oid + " twice");
            }
            policies.add(oid);
        }
        if (policies.isEmpty()) {
            throw new MalformedMessage("certificatePolicies: empty");
        }
        return List.copyOf(policies);
    }

    private static List<PolicyMapping> mappings(Der value) throws MalformedMessage {
        List<PolicyMapping> mappings = new ArrayList<>();
        for (Der mapping :
                value.expect(Der.SEQUENCE, "policyMappings").children("policyMappings", ExtensionParts.MAX_ENTRIES)) {
            DerReader fields = mapping.expect(Der.SEQUENCE, "policyMapping").reader();
            mappings.add(new PolicyMapping(
                    fields.next(Der.OID, "issuerDomainPolicy").oid("issuerDomainPolicy"),
                    fields.next(Der.OID, "subjectDomainPolicy").oid("subjectDomainPolicy")));
            fields.end("policyMapping");
        }
        if (mappings.isEmpty()) {
            throw new MalformedMessage("policyMappings: empty");
        }
        return List.copyOf(mappings);
    }

    private static PolicyConstraints policyConstraints(Der value) throws MalformedMessage {
        DerReader fields = value.expect(Der.SEQUENCE, "policyConstraints").reader();
        Der explicit = fields.optional(Der.implicit(0), "requireExplicitPolicy");
        Der inhibit = fields.optional(Der.implicit(1), "inhibitPolicyMapping");
        fields.end("policyConstraints");
        if (explicit == null && inhibit == null) {
            throw new MalformedMessage("policyConstraints: empty");
        }
        return new PolicyConstraints(
                explicit == null ? null : skip(explicit, "requireExplicitPolicy"),
                inhibit == null ? null : skip(inhibit, "inhibitPolicyMapping"));
    }

    private static int skipCerts(Der value, String part) throws MalformedMessage {
        return skip(value.expect(Der.INTEGER, part), part);
    }

    private static int skip(Der number, String part) throws MalformedMessage {
        BigInteger value = number.integer(part);
        if (value.signum() < 0) {
            throw new MalformedMessage(part + ": is negative");
        }
        return value.min(BigInteger.valueOf(Short.MAX_VALUE)).intValue();
    }

    private void accessDescriptions(Der value) throws MalformedMessage {
        List<Der> descriptions = value.expect(Der.SEQUENCE, "authorityInfoAccess")
                .children("authorityInfoAccess", ExtensionParts.MAX_ENTRIES);
        for (Der description : descriptions) {
            DerReader fields =
                    description.expect(Der.SEQUENCE, "accessDescription").reader();
            String method = fields.next(Der.OID, "accessMethod").oid("accessMethod");
            GeneralName location = GeneralName.read(fields.next("accessLocation"), "accessLocation");
            fields.end("accessDescription");
            if (location instanceof GeneralName.Uri(String uri)) {
                switch (method) {
                    case "1.3.6.1.5.5.7.48.1" -> ocspUrls.add(uri);
                    case "1.3.6.1.5.5.7.48.2" -> caIssuersUrls.add(uri);
                    default -> {
                        // another access method
                    }
                }
            }
        }
        if (descriptions.isEmpty()) {
            throw new MalformedMessage("authorityInfoAccess: empty");
        }
    }

    private static List<Integer> tlsFeatures(Der value) throws MalformedMessage {
        List<Integer> features = new ArrayList<>();
        for (Der feature :
                value.expect(Der.SEQUENCE, "tlsFeature").children("tlsFeature", ExtensionParts.MAX_ENTRIES)) {
            features.add(feature.expect(Der.INTEGER, "tlsFeature").smallInteger("tlsFeature"));
        }
        return List.copyOf(features);
    }

    static String name(String oid) {
        return switch (oid) {
            case SUBJECT_KEY_ID -> "subjectKeyIdentifier";
            case KEY_USAGE -> "keyUsage";
            case SUBJECT_ALT_NAME -> "subjectAltName";
            case ISSUER_ALT_NAME -> "issuerAltName";
            case BASIC_CONSTRAINTS -> "basicConstraints";
            case NAME_CONSTRAINTS -> "nameConstraints";
            case CRL_DISTRIBUTION_POINTS -> "cRLDistributionPoints";
            case CERTIFICATE_POLICIES -> "certificatePolicies";
            case POLICY_MAPPINGS -> "policyMappings";
            case AUTHORITY_KEY_ID -> "authorityKeyIdentifier";
            case POLICY_CONSTRAINTS -> "policyConstraints";
            case EXTENDED_KEY_USAGE -> "extKeyUsage";
            case FRESHEST_CRL -> "freshestCRL";
            case INHIBIT_ANY_POLICY -> "inhibitAnyPolicy";
            case AUTHORITY_INFO_ACCESS -> "authorityInfoAccess";
            case TLS_FEATURE -> "tlsFeature";
            case SCT_LIST -> "signedCertificateTimestampList";
            case CT_POISON -> "ctPoison";
            default -> oid;
        };
    }
}
