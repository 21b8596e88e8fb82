package io.tlsfleet.tls.x509;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that is to be said of one served chain: one entry of the report's {@code certificates}, and what the certificate
 * rules need beyond it. {@code chain} is as served; {@code unrelated} are those
 * of it that no path needs, or needs once. Words of the enums are those of the report.
 */
public record ChainVerdict(
        String keyType,
        List<CertificateFacts> chain,
        int unread,
        Completeness completeness,
        List<Order> order,
        List<CertificateFacts> unrelated,
        List<MissingIntermediate> missingIntermediates,
        @Nullable Hostname hostname,
        List<Trust> trust,
        Staple ocspStaple,
        Revocation revocation,
        List<KeyWeakness> weakKeys,
        List<WeakSignature> weakSignatures,
        List<Flaw> flaws,
        Transparency transparency,
        @Nullable Lifetime lifetime) {

    public enum Completeness {
        COMPLETE("complete"),
        MISSING_INTERMEDIATE("missing-intermediate"),
        SELF_SIGNED("self-signed"),
        UNTRUSTED_ROOT("untrusted-root"),
        UNKNOWN("unknown");

        private final String word;

        Completeness(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public enum Order {
        CORRECT("correct"),
        WRONG_ORDER("wrong-order"),
        UNRELATED("unrelated-certificates"),
        INCLUDES_ROOT("includes-root");

        private final String word;

        Order(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public enum TrustStatus {
        TRUSTED("trusted"),
        UNTRUSTED("untrusted"),
        EXPIRED("expired"),
        NOT_YET_VALID("not-yet-valid"),
        REVOKED("revoked"),
        NAME_CONSTRAINT("name-constraint"),
        PATH_LENGTH("path-length"),
        WEAK_SIGNATURE("weak-signature"),
        MALFORMED("malformed"),
        UNKNOWN("unknown");

        private final String word;

        TrustStatus(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public enum StapleStatus {
        GOOD("good"),
        REVOKED("revoked"),
        UNKNOWN_CERTIFICATE("unknown-certificate"),
        ABSENT("absent"),
        EXPIRED("expired"),
        NOT_YET_VALID("not-yet-valid"),
        BAD_SIGNATURE("bad-signature"),
        WRONG_CERTIFICATE("wrong-certificate"),
        MALFORMED("malformed"),
        NOT_APPLICABLE("not-applicable");

        private final String word;

        StapleStatus(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public enum RevocationStatus {
        NOT_REVOKED("not-revoked"),
        REVOKED("revoked"),
        UNKNOWN("unknown"),
        NOT_CHECKED("not-checked");

        private final String word;

        RevocationStatus(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** A certificate that the path needs and the server did not send; {@code fetchedFrom} is {@code aia}. */
    public record MissingIntermediate(CertificateFacts certificate, String fetchedFrom) {}

    /** {@code known} is false where names that could have matched are lost. */
    public record Hostname(
            String host,
            boolean matches,
            boolean known,
            @Nullable String matchedBy,
            @Nullable String reason) {
        public boolean mismatches() {
            return known && !matches;
        }
    }

    /**
     * What one store says: of all paths the one that a client would use, leaf first, or the one that comes nearest;
     * empty when no path leads to an anchor. {@code others} counts further valid paths.
     */
    public record Trust(
            TrustStore store, TrustStatus status, @Nullable String reason, List<CertificateFacts> path, int others) {}

    public record Staple(
            StapleStatus status,
            @Nullable String reason,
            @Nullable Instant thisUpdate,
            @Nullable Instant nextUpdate,
            @Nullable Instant producedAt,
            @Nullable String responder,
            List<String> protocols) {}

    /** {@code via}: ocsp-staple, ocsp, crl. {@code subject} is the revoked certificate, the leaf or an issuer of it. */
    public record Revocation(
            RevocationStatus status,
            @Nullable String via,
            @Nullable Instant checkedAt,
            @Nullable String reason,
            @Nullable CertificateFacts subject,
            List<String> staleCrls) {}

    /** {@code compromised}: anyone can compute or already has the private key. */
    public record KeyWeakness(CertificateFacts certificate, String kind, boolean compromised, String detail) {}

    /** A signature by MD2, MD5 or SHA-1 on a certificate that is no anchor. */
    public record WeakSignature(CertificateFacts certificate, String digest) {}

    /** What is against RFC 5280 or the Baseline Requirements in a certificate of the chain or the path. */
    public record Flaw(CertificateFacts certificate, Defect defect) {}

    /** {@code required} is what the CT policies ask for the leaf's lifetime, {@code current} how many logs are not retired. */
    public record Transparency(
            List<SctVerdict> scts, int required, int valid, int operators, int current, boolean satisfied) {
        /** Too few, or of too few operators, even if those that could not be read here were good. */
        public boolean lacking() {
            int unread = (int) scts.stream()
                    .filter(sct -> sct.status() == SctStatus.UNKNOWN_LOG || sct.status() == SctStatus.ISSUER_UNKNOWN)
                    .count();
            return !satisfied && (unread == 0 || valid + unread < required);
        }
    }

    /** {@code source}: certificate, tls, ocsp. {@code log} and {@code operator} are null when the log is not known. */
    public record SctVerdict(
            byte[] logId,
            @Nullable Instant timestamp,
            String source,
            SctStatus status,
            @Nullable String log,
            @Nullable String operator) {}

    public enum SctStatus {
        VALID("valid"),
        INVALID_SIGNATURE("invalid-signature"),
        UNKNOWN_LOG("unknown-log"),
        UNSUPPORTED_VERSION("unsupported-version"),
        FUTURE_TIMESTAMP("future-timestamp"),
        LOG_NOT_TRUSTED("log-not-trusted"),
        OUTSIDE_INTERVAL("outside-interval"),
        ISSUER_UNKNOWN("issuer-unknown"),
        MALFORMED("malformed");

        private final String word;

        SctStatus(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** The leaf's lifetime and the limit that was in force at its notBefore (Baseline Requirements 6.3.2). */
    public record Lifetime(Duration length, int days, int limitDays) {
        public boolean tooLong() {
            return days > limitDays;
        }
    }

    /** Where a responder or a list was asked for and nothing came: what no other source tells is unknown. */
    public ChainVerdict withoutAnswer(Instant at) {
        return new ChainVerdict(
                keyType,
                chain,
                unread,
                completeness,
                order,
                unrelated,
                missingIntermediates,
                hostname,
                trust,
                ocspStaple,
                revocation.status() == RevocationStatus.NOT_CHECKED
                        ? new Revocation(
                                RevocationStatus.UNKNOWN, null, at, "no source answered", null, revocation.staleCrls())
                        : revocation,
                weakKeys,
                weakSignatures,
                flaws,
                transparency,
                lifetime);
    }

    public Optional<CertificateFacts> leaf() {
        return chain.isEmpty() ? Optional.empty() : Optional.of(chain.getFirst());
    }

    /** Trusted by any of the stores asked. */
    public boolean trusted() {
        return trust.stream().anyMatch(verdict -> verdict.status == TrustStatus.TRUSTED);
    }

    /** Whether it chains to an anchor of a store of the public web: the Baseline Requirements hold for it. */
    public boolean publiclyTrusted() {
        return trust.stream().anyMatch(verdict -> verdict.store.publicTrust() && !verdict.path.isEmpty());
    }

    /** The verdict of the first store that trusts it, else of the one whose path comes nearest. */
    public Optional<Trust> best() {
        Trust best = null;
        for (Trust verdict : trust) {
            if (verdict.status == TrustStatus.TRUSTED) {
                return Optional.of(verdict);
            }
            if (best == null || best.path.isEmpty() && !verdict.path.isEmpty()) {
                best = verdict;
            }
        }
        return Optional.ofNullable(best);
    }

    /** The path used, leaf first with the anchor last; the chain as served where there is none. */
    public List<CertificateFacts> path() {
        return best().map(Trust::path).filter(path -> !path.isEmpty()).orElse(chain);
    }
}
