package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateExtensions.AuthorityKeyId;
import io.tlsfleet.tls.x509.CertificateExtensions.Extension;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A certificate revocation list (RFC 5280 section 5). {@code entries} stays as it came, for lists have millions of
 * them; {@code unusable} says why nothing may be called good by this list, though what it lists is revoked.
 */
final class Crl {
    static final String CRL_NUMBER = "2.5.29.20";
    static final String DELTA_INDICATOR = "2.5.29.27";
    static final String ISSUING_POINT = "2.5.29.28";
    private static final String REASON_CODE = "2.5.29.21";
    private static final String INVALIDITY_DATE = "2.5.29.24";
    static final String CERTIFICATE_ISSUER = "2.5.29.29";
    static final Set<String> ENTRY_EXTENSIONS = Set.of(REASON_CODE, INVALIDITY_DATE, CERTIFICATE_ISSUER);
    static final int ALL_REASONS = 0b1_1111_1110;

    private final byte[] tbs;
    private final AlgorithmId algorithm;
    private final byte[] signature;
    private final DistinguishedName issuer;
    private final Instant thisUpdate;
    private final @Nullable Instant nextUpdate;
    private final @Nullable Der entries;
    private final @Nullable BigInteger number;
    private final @Nullable BigInteger base;
    private final @Nullable IssuingPoint issuingPoint;
    private final @Nullable AuthorityKeyId authorityKeyId;
    private final @Nullable String unusable;
    private final List<String> deltaUrls;
    private final byte @Nullable [] digest;

    /** IssuingDistributionPoint (section 5.2.5). */
    record IssuingPoint(
            byte[] der,
            @Nullable List<GeneralName> fullName,
            byte @Nullable [] relativeName,
            boolean onlyUsers,
            boolean onlyCas,
            @Nullable Integer onlyReasons,
            boolean indirect,
            boolean onlyAttributes) {}

    /** {@code reason} is a CRLReason, 0 when none is given. */
    record Entry(Instant revokedAt, int reason) {}

    private Crl(Fields fields) throws MalformedMessage {
        tbs = fields.tbs;
        algorithm = fields.algorithm;
        signature = fields.signature;
        issuer = fields.issuer;
        thisUpdate = fields.thisUpdate;
        nextUpdate = fields.nextUpdate;
        entries = fields.entries;
        number = fields.number;
        base = fields.base;
        issuingPoint = fields.issuingPoint;
        authorityKeyId = fields.authorityKeyId;
        unusable = fields.unusable;
        deltaUrls = fields.deltaUrls;
        digest = fields.digest;
    }

    private static final class Fields {
        byte[] tbs = {};
        AlgorithmId algorithm = AlgorithmId.NONE;
        byte[] signature = {};
        DistinguishedName issuer = DistinguishedName.EMPTY;
        Instant thisUpdate = Instant.EPOCH;

        @Nullable
        Instant nextUpdate;

        @Nullable
        Der entries;

        @Nullable
        BigInteger number;

        @Nullable
        BigInteger base;

        @Nullable
        IssuingPoint issuingPoint;

        @Nullable
        AuthorityKeyId authorityKeyId;

        @Nullable
        String unusable;

        List<String> deltaUrls = List.of();

        /** Of the whole tbsCertList, where this is an excerpt. */
        byte @Nullable [] digest;
    }

    static Crl read(byte[] encoded) throws MalformedMessage {
        Fields fields = new Fields();
        byte[] der = encoded;
        if (CrlExcerpt.is(encoded)) {
            DerReader parts = Der.of(encoded).reader();
            fields.digest = parts.next(Der.OCTET_STRING, "digest").content();
            der = parts.next(Der.SEQUENCE, "CRL").encoded();
            parts.end("excerpt");
        }
        DerReader crl = Der.of(der).expect(Der.SEQUENCE, "CRL").reader();
        Der list = crl.next(Der.SEQUENCE, "tbsCertList");
        fields.algorithm = AlgorithmId.read(crl.next("signatureAlgorithm"), "signatureAlgorithm");
        fields.signature = crl.next(Der.BIT_STRING, "signature").bitString("signature");
        crl.end("CRL");
        fields.tbs = list.encoded();

        DerReader body = list.reader();
        boolean second = false;
        Der version = body.optional(Der.INTEGER, "version");
        if (version != null) {
            if (!version.integer("version").equals(BigInteger.ONE)) {
                throw new MalformedMessage("CRL version: is not 2");
            }
            second = true;
        }
        if (!AlgorithmId.read(body.next("signature"), "signature").same(fields.algorithm)) {
            throw new MalformedMessage("CRL signature: the algorithms inside and outside differ");
        }
        fields.issuer = DistinguishedName.read(body.next("issuer"), "CRL issuer");
        fields.thisUpdate = time(body.next("thisUpdate"), "thisUpdate");
        if (body.nextIs(Der.UTC_TIME) || body.nextIs(Der.GENERALIZED_TIME)) {
            fields.nextUpdate = time(body.next("nextUpdate"), "nextUpdate");
        }
        fields.entries = body.optional(Der.SEQUENCE, "revokedCertificates");
        Der wrapped = body.optional(Der.explicit(0), "crlExtensions");
        body.end("tbsCertList");
        if (wrapped != null) {
            if (!second) {
                throw new MalformedMessage("CRL extensions: in a list of version 1");
            }
            DerReader only = wrapped.reader();
            Der extensions = only.next(Der.SEQUENCE, "crlExtensions");
            only.end("crlExtensions");
            extensions(ExtensionReader.readList(extensions, new ArrayList<>()), fields);
        }
        Crl read = new Crl(fields);
        if (fields.entries != null) {
            if (fields.entries.length() == 0) {
                throw new MalformedMessage("revokedCertificates: the list is empty");
            }
            Walk walk = read.new Walk(new byte[0], null, second);
            walk.run();
            if (walk.unknownCritical && fields.unusable == null) {
                fields.unusable = "an entry has an unknown critical extension";
                return new Crl(fields);
            }
        }
        return read;
    }

    private static void extensions(List<Extension> extensions, Fields fields) throws MalformedMessage {
        Set<String> seen = new HashSet<>();
        for (Extension extension : extensions) {
            if (!seen.add(extension.oid())) {
                throw new MalformedMessage("CRL extensions: " + extension.oid() + " is there twice");
            }
            switch (extension.oid()) {
                case CRL_NUMBER -> {
                    fields.number = Der.of(extension.value())
                            .expect(Der.INTEGER, "cRLNumber")
                            .integer("cRLNumber");
                    if (extension.critical()) {
                        fields.unusable = "its CRL number is critical";
                    }
                }
                case DELTA_INDICATOR ->
                    fields.base = Der.of(extension.value())
                            .expect(Der.INTEGER, "deltaCRLIndicator")
                            .integer("deltaCRLIndicator");
                case ISSUING_POINT -> fields.issuingPoint = issuingPoint(Der.of(extension.value()));
                case ExtensionReader.AUTHORITY_KEY_ID ->
                    fields.authorityKeyId = ExtensionParts.authorityKeyId(Der.of(extension.value()));
                case ExtensionReader.FRESHEST_CRL ->
                    fields.deltaUrls = CertificateExtensions.urls(
                            ExtensionParts.distributionPoints(Der.of(extension.value()), "freshestCRL"));
                default -> {
                    if (extension.critical()) {
                        fields.unusable = "it has the unknown critical extension " + extension.oid();
                    }
                }
            }
        }
    }

    private static IssuingPoint issuingPoint(Der value) throws MalformedMessage {
        String part = "issuingDistributionPoint";
        DerReader fields = value.expect(Der.SEQUENCE, part).reader();
        Der name = fields.optional(Der.explicit(0), part);
        boolean users = flag(fields, 1, part);
        boolean cas = flag(fields, 2, part);
        Der reasons = fields.optional(Der.implicit(3), part);
        boolean indirect = flag(fields, 4, part);
        boolean attributes = flag(fields, 5, part);
        fields.end(part);
        int kinds = (users ? 1 : 0) + (cas ? 1 : 0) + (attributes ? 1 : 0);
        if (kinds > 1) {
            throw new MalformedMessage(part + ": holds for more than one kind of certificates only");
        }
        if (value.length() == 0) {
            throw new MalformedMessage(part + ": empty");
        }
        ExtensionParts.PointName point =
                name == null ? new ExtensionParts.PointName(null, null) : ExtensionParts.PointName.read(name, part);
        return new IssuingPoint(
                value.encoded(),
                point.full(),
                point.relative(),
                users,
                cas,
                reasons == null ? null : reasons.namedBits(part),
                indirect,
                attributes);
    }

    private static boolean flag(DerReader fields, int tag, String part) throws MalformedMessage {
        Der flag = fields.optional(Der.implicit(tag), part);
        return flag != null && flag.bool(part);
    }

    private static Instant time(Der time, String part) throws MalformedMessage {
        List<String> problems = new ArrayList<>();
        Instant read = Times.read(time, part, problems::add, remark -> {});
        if (!problems.isEmpty()) {
            throw new MalformedMessage(part + ": " + problems.getFirst());
        }
        return read;
    }

    DistinguishedName issuer() {
        return issuer;
    }

    Instant thisUpdate() {
        return thisUpdate;
    }

    @Nullable
    Instant nextUpdate() {
        return nextUpdate;
    }

    @Nullable
    BigInteger number() {
        return number;
    }

    /** The number of the list that this one is a difference to; null for a complete list. */
    @Nullable
    BigInteger base() {
        return base;
    }

    @Nullable
    IssuingPoint issuingPoint() {
        return issuingPoint;
    }

    @Nullable
    AuthorityKeyId authorityKeyId() {
        return authorityKeyId;
    }

    @Nullable
    String unusable() {
        return unusable;
    }

    /** Where differences to this list are to be had. */
    List<String> deltaUrls() {
        return deltaUrls;
    }

    Signatures.Result verify(PublicKeyFacts key) {
        return digest == null
                ? Signatures.verify(algorithm, key, tbs, signature)
                : DigestSignatures.verify(algorithm, key, digest, signature);
    }

    boolean weaklySigned() {
        return Signatures.digest(algorithm)
                .map(digest -> digest.startsWith("MD"))
                .orElse(false);
    }

    /** The last word of the list on a certificate; a certificate issuer named in an entry holds for those after it. */
    Optional<Entry> find(CertificateFacts certificate) throws MalformedMessage {
        if (entries == null) {
            return Optional.empty();
        }
        Walk walk = new Walk(certificate.serialNumber(), certificate.issuer(), true);
        walk.run();
        return Optional.ofNullable(walk.found);
    }

    private final class Walk {
        private final byte[] serial;
        private final @Nullable DistinguishedName wanted;
        private final boolean extensionsAllowed;
        private DistinguishedName current = issuer;
        private @Nullable Entry found;
        private boolean unknownCritical;

        Walk(byte[] serial, @Nullable DistinguishedName wanted, boolean extensionsAllowed) {
            this.serial = serial;
            this.wanted = wanted;
            this.extensionsAllowed = extensionsAllowed;
        }

        void run() throws MalformedMessage {
            if (entries == null) {
                return;
            }
            DerReader all = entries.reader();
            while (!all.isEmpty()) {
                DerReader entry = all.next(Der.SEQUENCE, "revokedCertificate").reader();
                Der number = entry.next(Der.INTEGER, "userCertificate");
                Der date = entry.next("revocationDate");
                int reason = 0;
                if (!entry.isEmpty()) {
                    if (!extensionsAllowed) {
                        throw new MalformedMessage("CRL entry: extensions in a list of version 1");
                    }
                    reason = extensions(entry.next(Der.SEQUENCE, "crlEntryExtensions"));
                    entry.end("revokedCertificate");
                }
                if (wanted == null) {
                    if (!date.is(Der.UTC_TIME) && !date.is(Der.GENERALIZED_TIME)) {
                        throw new MalformedMessage("revocationDate: is no time");
                    }
                } else if (number.length() == serial.length
                        && Arrays.equals(number.content(), serial)
                        && current.matches(wanted)) {
                    found = new Entry(time(date, "revocationDate"), reason);
                }
            }
        }

        private int extensions(Der list) throws MalformedMessage {
            int reason = 0;
            for (Extension extension : ExtensionReader.readList(list, new ArrayList<>())) {
                switch (extension.oid()) {
                    case REASON_CODE ->
                        reason = Der.of(extension.value())
                                .expect(Der.ENUMERATED, "reasonCode")
                                .smallInteger("reasonCode");
                    case CERTIFICATE_ISSUER -> {
                        DerReader names = Der.of(extension.value())
                                .expect(Der.SEQUENCE, "certificateIssuer")
                                .reader();
                        for (GeneralName name : ExtensionParts.generalNames(names, "certificateIssuer")) {
                            if (name instanceof GeneralName.Directory(DistinguishedName directory)) {
                                current = directory;
                            }
                        }
                    }
                    case INVALIDITY_DATE -> {
                        // when the key may have been lost; does not change what is revoked
                    }
                    default -> unknownCritical |= extension.critical();
                }
            }
            return reason;
        }
    }
}
