package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.CertificateExtensions.BasicConstraints;
import io.tlsfleet.tls.x509.CertificateExtensions.Extension;
import io.tlsfleet.tls.x509.CertificateExtensions.KeyUsage;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What RFC 5280 section 6.1 asks of a certificate at its place in a path for a TLS server, as far as it does not depend
 * on what stands above it. Built for one instant; remembers the name comparisons it made.
 */
final class PathRules {
    /** Extensions whose meaning is applied here or elsewhere in this package. */
    private static final Set<String> UNDERSTOOD = Set.of(
            ExtensionReader.SUBJECT_KEY_ID,
            ExtensionReader.KEY_USAGE,
            ExtensionReader.SUBJECT_ALT_NAME,
            ExtensionReader.ISSUER_ALT_NAME,
            ExtensionReader.BASIC_CONSTRAINTS,
            ExtensionReader.NAME_CONSTRAINTS,
            ExtensionReader.CRL_DISTRIBUTION_POINTS,
            ExtensionReader.CERTIFICATE_POLICIES,
            ExtensionReader.POLICY_MAPPINGS,
            ExtensionReader.AUTHORITY_KEY_ID,
            ExtensionReader.POLICY_CONSTRAINTS,
            ExtensionReader.EXTENDED_KEY_USAGE,
            ExtensionReader.FRESHEST_CRL,
            ExtensionReader.INHIBIT_ANY_POLICY,
            ExtensionReader.AUTHORITY_INFO_ACCESS,
            ExtensionReader.TLS_FEATURE,
            ExtensionReader.SCT_LIST);

    /** What clients refuse outright; what is merely too short is a finding. */
    private static final int SHORTEST_RSA = 1_024;

    private final Instant at;
    private final Budget budget;
    private final @Nullable String purpose;
    private final Map<CertificateFacts, Map<CertificateFacts, Optional<String>>> compared = new HashMap<>();

    /** {@code purpose}: the extended key usage that leaf and issuers must allow; null for none. */
    PathRules(Instant at, Budget budget, @Nullable String purpose) {
        // validity is to the second (section 4.1.2.5), so the clock's fraction is cut off
        this.at = at.truncatedTo(ChronoUnit.SECONDS);
        this.budget = budget;
        this.purpose = purpose;
    }

    /** Whether what a critical extension of this kind says is heeded. */
    static boolean understands(String oid) {
        return UNDERSTOOD.contains(oid);
    }

    List<PathProblem> leaf(CertificateFacts leaf) {
        List<PathProblem> problems = new ArrayList<>();
        common(leaf, true, problems);
        if (leaf.extensions().find(ExtensionReader.CT_POISON).isPresent()) {
            problems.add(new PathProblem(TrustStatus.MALFORMED, "it is a precertificate: it carries the CT poison"));
        }
        if (purpose != null && !allows(leaf, purpose)) {
            problems.add(new PathProblem(
                    TrustStatus.UNTRUSTED,
                    "its extended key usage does not allow " + CertificateExtensions.usageName(purpose) + " ("
                            + String.join(", ", leaf.extensions().extendedKeyUsageNames()) + ")"));
        }
        return problems;
    }

    /** {@code below} is the path up to here, leaf first; its last certificate is the one that {@code issuer} signed. */
    List<PathProblem> issuer(CertificateFacts issuer, List<CertificateFacts> below, boolean anchor) {
        List<PathProblem> problems = new ArrayList<>();
        String name = issuer.subject().shortText();
        CertificateFacts child = below.getLast();
        if (Signatures.weak(child.signatureAlgorithm())) {
            problems.add(new PathProblem(
                    TrustStatus.WEAK_SIGNATURE,
                    child.subject().shortText() + " is signed with "
                            + Signatures.digest(child.signatureAlgorithm()).orElse("") + " ("
                            + child.signatureAlgorithm().name() + ")"));
        }
        common(issuer, false, problems);
        BasicConstraints constraints = issuer.extensions().basicConstraints();
        boolean oldAnchor = anchor && issuer.version() < 3;
        if (!oldAnchor && (constraints == null || !constraints.ca())) {
            problems.add(
                    new PathProblem(TrustStatus.UNTRUSTED, name + " is no CA: its basicConstraints do not say so"));
        }
        KeyUsage usage = issuer.extensions().keyUsage();
        if (usage != null && !usage.has(KeyUsage.KEY_CERT_SIGN)) {
            problems.add(new PathProblem(
                    TrustStatus.UNTRUSTED, name + " may not sign certificates: keyUsage lacks keyCertSign"));
        }
        if (purpose != null && !allows(issuer, purpose)) {
            problems.add(new PathProblem(
                    TrustStatus.UNTRUSTED,
                    name + "'s extended key usage does not allow " + CertificateExtensions.usageName(purpose)));
        }
        if (constraints != null && constraints.pathLength() != null) {
            long issuersBelow =
                    below.stream().skip(1).filter(c -> !c.selfIssued()).count();
            if (issuersBelow > constraints.pathLength()) {
                problems.add(new PathProblem(
                        TrustStatus.PATH_LENGTH,
                        name + " allows " + constraints.pathLength() + " CAs below it, there are " + issuersBelow));
            }
        }
        NameConstraints subtrees = issuer.extensions().nameConstraints();
        if (subtrees != null) {
            for (int i = 0; i < below.size(); i++) {
                CertificateFacts lower = below.get(i);
                if (i > 0 && lower.selfIssued()) {
                    continue;
                }
                compared.computeIfAbsent(issuer, key -> new HashMap<>())
                        .computeIfAbsent(lower, key -> Subtrees.violation(subtrees, lower, budget))
                        .ifPresent(violation -> problems.add(new PathProblem(
                                TrustStatus.NAME_CONSTRAINT, violation + " by the name constraints of " + name)));
            }
        }
        return problems;
    }

    private void common(CertificateFacts certificate, boolean leaf, List<PathProblem> problems) {
        String name = certificate.subject().isEmpty()
                ? "certificate " + certificate.sha256().substring(0, 12)
                : certificate.subject().shortText();
        certificate.defects().stream()
                .filter(Defect::fatal)
                .findFirst()
                .ifPresent(defect -> problems.add(new PathProblem(
                        TrustStatus.MALFORMED,
                        name + ", " + DisplayText.safe(defect.part()) + ": " + DisplayText.safe(defect.detail()))));
        Instant notBefore = certificate.notBefore();
        Instant notAfter = certificate.notAfter();
        if (notBefore != null && at.isBefore(notBefore)) {
            problems.add(new PathProblem(TrustStatus.NOT_YET_VALID, name + " is not valid before " + notBefore));
        }
        if (notAfter != null && at.isAfter(notAfter)) {
            problems.add(new PathProblem(TrustStatus.EXPIRED, name + " expired at " + notAfter));
        }
        if (certificate.key().isRsa() && certificate.key().bits() < SHORTEST_RSA) {
            problems.add(new PathProblem(
                    TrustStatus.WEAK_SIGNATURE,
                    name + " has an RSA key of " + certificate.key().bits() + " bits"));
        }
        for (Extension extension : certificate.extensions().all()) {
            if (extension.critical()
                    && !UNDERSTOOD.contains(extension.oid())
                    && !repeatsUsage(certificate, extension.oid())
                    && !(leaf && extension.oid().equals(ExtensionReader.CT_POISON))) {
                problems.add(new PathProblem(
                        TrustStatus.UNTRUSTED, name + " has the unknown critical extension " + extension.oid()));
            }
        }
    }

    /** Microsoft's CAs write the extended key usage a second time, in an extension of their own. */
    private static boolean repeatsUsage(CertificateFacts certificate, String oid) {
        return oid.equals("1.3.6.1.4.1.311.21.10") && certificate.extensions().extendedKeyUsages() != null;
    }

    private static boolean allows(CertificateFacts certificate, String purpose) {
        List<String> usages = certificate.extensions().extendedKeyUsages();
        return usages == null
                || usages.contains(purpose)
                || usages.contains(CertificateExtensions.ANY_EXTENDED_KEY_USAGE);
    }
}
