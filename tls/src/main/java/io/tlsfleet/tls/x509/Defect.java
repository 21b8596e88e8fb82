package io.tlsfleet.tls.x509;

/** What is wrong in the making of a certificate: where, and in words for a person. */
public record Defect(Kind kind, String part, String detail) {

    /**
     * Fatal kinds end every path through the certificate, as they do in the strict clients; the others are against
     * RFC 5280 or the Baseline Requirements and make a finding only.
     */
    public enum Kind {
        UNPARSEABLE("unparseable", true),
        OVERSIZE("oversize", true),
        TRAILING_DATA("trailing-data", true),
        NOT_DER("not-der", true),
        BAD_VERSION("bad-version", true),
        BAD_TIME("bad-time", true),
        BAD_NAME("bad-name", true),
        BAD_KEY("bad-key", true),
        BAD_SIGNATURE_FIELD("bad-signature-field", true),
        ALGORITHM_MISMATCH("algorithm-mismatch", true),
        DUPLICATE_EXTENSION("duplicate-extension", true),
        MALFORMED_EXTENSION("malformed-extension", true),

        DEFAULT_WRITTEN("default-written", false),
        BIT_STRING_FORM("bit-string-form", false),
        SERIAL_NOT_POSITIVE("serial-not-positive", false),
        SERIAL_TOO_LONG("serial-too-long", false),
        SERIAL_SHORT_ENTROPY("serial-short-entropy", false),
        EMPTY_ISSUER("empty-issuer", false),
        EMPTY_CA_SUBJECT("empty-ca-subject", false),
        WRONG_TIME_TYPE("wrong-time-type", false),
        VALIDITY_REVERSED("validity-reversed", false),
        UNIQUE_ID("unique-id", false),
        VERSION_NOT_THREE("version-not-three", false),
        BAD_STRING("bad-string", false),
        EXTENSION_CRITICALITY("extension-criticality", false),
        ALT_NAME_SYNTAX("alt-name-syntax", false),
        ALT_NAME_EMPTY("alt-name-empty", false),
        ALT_NAME_KIND("alt-name-kind", false),
        ALT_NAMES_OMITTED("alt-names-omitted", false),
        ALT_NAME_MISSING("alt-name-missing", false),
        COMMON_NAME_NOT_IN_ALT_NAMES("common-name-not-in-alt-names", false),
        COMMON_NAME_MULTIPLE("common-name-multiple", false),
        WILDCARD_TOO_WIDE("wildcard-too-wide", false),
        WILDCARD_OF_HOSTING("wildcard-of-hosting", false),
        AUTHORITY_KEY_ID_MISSING("authority-key-id-missing", false),
        AUTHORITY_KEY_ID_FORM("authority-key-id-form", false),
        AUTHORITY_KEY_ID_MISMATCH("authority-key-id-mismatch", false),
        SUBJECT_KEY_ID_MISSING("subject-key-id-missing", false),
        KEY_USAGE_INCONSISTENT("key-usage-inconsistent", false),
        KEY_USAGE_MISSING("key-usage-missing", false),
        BASIC_CONSTRAINTS_INCONSISTENT("basic-constraints-inconsistent", false),
        LEAF_IS_CA("leaf-is-ca", false),
        EXTENDED_KEY_USAGE_EMPTY("extended-key-usage-empty", false),
        EXTENDED_KEY_USAGE_ANY("extended-key-usage-any", false),
        EXTENDED_KEY_USAGE_MISSING("extended-key-usage-missing", false),
        EXTENDED_KEY_USAGE_UNEXPECTED("extended-key-usage-unexpected", false),
        NAME_CONSTRAINTS_IN_LEAF("name-constraints-in-leaf", false),
        NAME_CONSTRAINTS_FORM("name-constraints-form", false),
        POLICY_EXTENSION_FORM("policy-extension-form", false),
        POLICY_MISSING("policy-missing", false),
        ACCESS_DESCRIPTION_FORM("access-description-form", false),
        CRL_DISTRIBUTION_FORM("crl-distribution-form", false),
        REVOCATION_POINTER_MISSING("revocation-pointer-missing", false),
        ALGORITHM_PARAMETERS("algorithm-parameters", false),
        KEY_PARAMETERS("key-parameters", false),
        SUBJECT_FORM("subject-form", false),
        SCT_LIST_MALFORMED("sct-list-malformed", false),
        PRECERTIFICATE("precertificate", false);

        private final String word;
        private final boolean fatal;

        Kind(String word, boolean fatal) {
            this.word = word;
            this.fatal = fatal;
        }

        public String word() {
            return word;
        }
    }

    public boolean fatal() {
        return kind.fatal;
    }
}
