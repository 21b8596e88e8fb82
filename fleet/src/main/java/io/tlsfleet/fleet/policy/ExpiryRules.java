package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/** When certificates begin and end, and whether their renewal is where it should be. */
final class ExpiryRules {
    private static final double RENEWAL_SLACK = 0.05;

    private ExpiryRules() {}

    static void judge(Case c, Chain chain, Findings out) {
        chain.verdict().leaf().ifPresent(leaf -> {
            String type = chain.verdict().keyType();
            for (CertificateFacts certificate : used(chain.verdict(), leaf)) {
                valid(c, chain.verdict(), certificate, leaf, out, type);
            }
            soon(c, leaf, out, type);
            intermediates(c, chain.verdict(), leaf, out, type);
            memory(c, leaf, out, type);
        });
    }

    /** The path used, with its anchor: a root that has ended ends all that hangs on it. The leaf alone where there is none. */
    private static List<CertificateFacts> used(ChainVerdict verdict, CertificateFacts leaf) {
        boolean found = verdict.best().map(trust -> !trust.path().isEmpty()).orElse(false);
        return found ? verdict.path() : List.of(leaf);
    }

    private static void valid(
            Case c,
            ChainVerdict verdict,
            CertificateFacts certificate,
            CertificateFacts leaf,
            Findings out,
            String type) {
        Instant from = certificate.notBefore();
        Instant until = certificate.notAfter();
        boolean isLeaf = certificate.equals(leaf);
        String subject = isLeaf ? type : type + " " + certificate.sha256().substring(0, 12);
        // to the second (section 4.1.2.5), as the path is judged
        Instant at = c.at().truncatedTo(ChronoUnit.SECONDS);
        if ((until == null || !at.isAfter(until)) && (from == null || !at.isBefore(from))) {
            return;
        }
        String command = isLeaf
                ? c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -subject -dates"
                : c.commands().chain(c.leaf(type), "-text", "Subject:|Not Before|Not After");
        boolean isAnchor = certificate.equals(verdict.path().getLast());
        String who = isLeaf
                ? "The certificate"
                : (isAnchor ? "The root " : "The intermediate ") + CertificateRules.shortName(certificate);
        if (until != null && at.isAfter(until)) {
            out.raise("certificate.expired")
                    .subject(subject)
                    .evidence("notAfter", until)
                    .evidence("sha256", certificate.sha256())
                    .cause(isLeaf ? null : "expired:" + certificate.sha256())
                    .reproduce(command)
                    .because(who + " ended on " + Words.minute(until) + ", "
                            + Words.span(Duration.between(until, c.at())) + " ago.");
        }
        if (from != null && at.isBefore(from)) {
            out.raise("certificate.not-yet-valid")
                    .subject(subject)
                    .evidence("notBefore", from)
                    .evidence("sha256", certificate.sha256())
                    .reproduce(command)
                    .because(who + " begins on " + Words.minute(from) + ", in "
                            + Words.span(Duration.between(c.at(), from)) + ".");
        }
    }

    private static void soon(Case c, CertificateFacts leaf, Findings out, String type) {
        Instant from = leaf.notBefore();
        Instant until = leaf.notAfter();
        Severity stage =
                from == null || until == null ? null : c.policy().expiry().reached(from, until, c.at());
        if (stage != null && from != null && until != null) {
            Duration left = Duration.between(c.at(), until);
            Duration whole = Duration.between(from, until);
            long percent = whole.isZero() ? 0 : Math.round(100.0 * left.toSeconds() / whole.toSeconds());
            out.raise("certificate.expires-soon")
                    .severity(stage)
                    .subject(type)
                    .evidence("notAfter", until)
                    .evidence("stage", stage.word())
                    .evidence("percentLeft", percent)
                    .evidence("sha256", leaf.sha256())
                    .reproduce(c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -enddate")
                    .because("The certificate ends on " + Words.minute(until) + ": " + Words.span(left) + " left, "
                            + percent + " % of its " + Words.span(whole) + ".");
        }
    }

    private static void intermediates(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out, String type) {
        Instant leafEnd = leaf.notAfter();
        if (leafEnd == null) {
            return;
        }
        List<CertificateFacts> path = used(verdict, leaf);
        for (CertificateFacts certificate : path.subList(1, Math.max(1, path.size() - 1))) {
            Instant until = certificate.notAfter();
            if (until != null && until.isBefore(leafEnd) && !c.at().isAfter(until)) {
                int endpoints = c.memory().intermediateUse().getOrDefault(certificate.sha256(), 1);
                out.raise("certificate.intermediate-expires-first")
                        .subject(type + " " + certificate.sha256().substring(0, 12))
                        .evidence("sha256", certificate.sha256())
                        .evidence("notAfter", until)
                        .evidence("endpoints", endpoints)
                        .cause("intermediate:" + certificate.sha256())
                        .reproduce(c.commands().chain(c.leaf(type), "-text", "Subject:|Not After"))
                        .because("Intermediate " + CertificateRules.shortName(certificate) + " ends on "
                                + Words.date(until) + ", the certificate on " + Words.date(leafEnd)
                                + (endpoints > 1 ? "; " + endpoints + " endpoints hang on it" : "") + ".");
            }
        }
    }

    private static void memory(Case c, CertificateFacts leaf, Findings out, String type) {
        Memory.Newer newer = c.memory().newer().get(leaf.sha256());
        if (newer != null) {
            out.raise("certificate.renewed-not-served")
                    .subject(type)
                    .evidence("served", leaf.sha256())
                    .evidence("newer", newer.sha256())
                    .evidence("seenAt", newer.seenAt())
                    .reproduce(
                            c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -dates -fingerprint -sha256")
                    .because("A certificate for the same names, valid from " + Words.date(newer.notBefore()) + " to "
                            + Words.date(newer.notAfter()) + ", is known (" + newer.seenAt()
                            + "); served is the one of "
                            + (leaf.notBefore() == null ? "before" : Words.date(leaf.notBefore())) + ".");
        } else {
            overdue(c, leaf, out, type);
        }
        Memory.KeyUse use = c.memory().keyUse().get(leaf.spkiSha256());
        if (use != null
                && (use.endpoints() > c.policy().sharedKeyEndpoints()
                        || use.owners().size() > 1)) {
            boolean across = use.owners().size() > 1;
            out.raise("certificate.key-shared")
                    .severity(across ? Severity.MEDIUM : Severity.INFO)
                    .subject(type)
                    .evidence("spkiSha256", leaf.spkiSha256())
                    .evidence("endpoints", use.endpoints())
                    .evidence("owners", use.owners().stream().sorted().toList())
                    .evidence("examples", use.examples())
                    .cause("key:" + leaf.spkiSha256())
                    .reproduce(c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -pubkey | openssl sha256")
                    .because("The key is served at " + use.endpoints() + " endpoints"
                            + (across
                                    ? " of "
                                            + Words.all(use.owners().stream()
                                                    .sorted()
                                                    .toList())
                                    : "") + ".");
        }
        Duration lag = c.memory().issuersNotBackdating().get(leaf.issuer().text());
        if (lag != null) {
            out.raise("certificate.not-backdated")
                    .subject(type)
                    .evidence("issuer", leaf.issuer().text())
                    .evidence("lagSeconds", lag.toSeconds())
                    .cause("not-backdated:" + leaf.issuer().text())
                    .reproduce(dates(c, type))
                    .because("Certificates of " + leaf.issuer().text() + " are first seen " + Words.span(lag)
                            + " after their notBefore.");
        }
    }

    private static void overdue(Case c, CertificateFacts leaf, Findings out, String type) {
        Instant from = leaf.notBefore();
        Instant until = leaf.notAfter();
        if (from == null || until == null || c.at().isAfter(until)) {
            return;
        }
        Memory.RenewalWindow window = c.memory().renewalWindows().get(leaf.sha256());
        String explained = window == null || window.explanation() == null ? "" : " (" + window.explanation() + ")";
        if (window != null && window.movedEarlier()) {
            out.raise("certificate.renewal-moved-earlier")
                    .subject(type)
                    .evidence("windowStart", window.start())
                    .evidence("windowEnd", window.end())
                    .evidence("firstToldStart", Objects.requireNonNull(window.firstStart()))
                    .cause("renewal-moved:" + leaf.issuer().text())
                    .reproduce(dates(c, type))
                    .because("The issuer wants this certificate replaced by " + Words.minute(window.end())
                            + explained + "; before, its renewal window was to begin on "
                            + Words.minute(Objects.requireNonNull(window.firstStart()))
                            + ". Issuers do that before they revoke.");
            return;
        }
        if (window != null && c.at().isAfter(window.end())) {
            out.raise("certificate.renewal-overdue")
                    .subject(type)
                    .evidence("windowStart", window.start())
                    .evidence("windowEnd", window.end())
                    .reproduce(dates(c, type))
                    .because("The issuer's renewal window ended on " + Words.minute(window.end()) + explained
                            + " and the old certificate is served.");
            return;
        }
        List<Double> renewals = c.memory().renewals();
        double whole = Duration.between(from, until).toSeconds();
        if (renewals.size() >= 2 && whole > 0) {
            double usual =
                    renewals.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
            double now = Duration.between(from, c.at()).toSeconds() / whole;
            if (now > usual + RENEWAL_SLACK) {
                out.raise("certificate.renewal-overdue")
                        .subject(type)
                        .evidence("usualShare", usual)
                        .evidence("shareNow", Math.round(now * 100) / 100.0)
                        .reproduce(dates(c, type))
                        .because("The certificate has used " + Math.round(now * 100)
                                + " % of its lifetime; the last " + renewals.size()
                                + " were replaced here by " + Math.round(usual * 100) + " %.");
            }
        }
    }

    private static String dates(Case c, String type) {
        return c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -serial -dates";
    }
}
