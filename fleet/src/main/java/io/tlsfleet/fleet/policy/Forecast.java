package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.tls.x509.Lifetimes;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the same facts give at another instant or by another policy: findings that appear and vanish, and what rules that
 * are announced for then will refuse to the next certificate of the same make. Pure, of two judgements of one endpoint.
 */
public final class Forecast {
    /** {@code UNLESS_RENEWED}: appears if nobody does what is usually done in time. */
    public enum Kind {
        APPEARS,
        UNLESS_RENEWED,
        ANNOUNCED,
        VANISHES;

        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** {@code from}: when it begins, where that is known. */
    public record Line(
            Kind kind,
            String rule,
            Severity severity,
            String title,
            String detail,
            @Nullable Instant from,
            @Nullable String source) {}

    private static final String BASELINE =
            "https://github.com/cabforum/servercert/blob/main/docs/BR.md (6.3.2, ballot SC-081)";
    private static final String CHROME = "https://googlechrome.github.io/chromerootprogram/ (1.8)";
    private static final String BSI = "https://www.bsi.bund.de/dok/TR-02102 (TR-02102-2, 2026-01)";
    private static final String NIST = "https://csrc.nist.gov/pubs/ir/8547/ipd (draft)";
    private static final List<String> UNTIL_RENEWED = List.of(
            "certificate.expired",
            "certificate.expires-soon",
            "certificate.renewal-overdue",
            "certificate.renewal-moved-earlier",
            "ocsp.staple-expired",
            "ocsp.staple-invalid",
            "revocation.crl-stale");

    /** What a certificate's end takes the place of. */
    private static final List<String> UNTIL_ENDED = List.of(
            "certificate.expires-soon",
            "certificate.renewal-overdue",
            "certificate.renewal-moved-earlier",
            "certificate.intermediate-expires-first");

    private static final Instant CLIENT_AUTH_ENDS = day(2027, 3, 15);
    private static final Instant BSI_DHE_ENDS = day(2030, 1, 1);
    private static final Instant BSI_CLASSICAL_ENDS = day(2032, 1, 1);
    private static final Instant NIST_112_BIT_ENDS = day(2031, 1, 1);

    private Forecast() {}

    /** Worst first; {@code now} and {@code then} are judgements of the same observation. */
    public static List<Line> between(Report now, Report then) {
        List<Line> lines = new ArrayList<>();
        Map<String, Finding> before = byKey(now);
        for (Finding finding : then.findings()) {
            Finding was = before.remove(finding.key());
            if (was == null || was.severity().compareTo(finding.severity()) < 0) {
                boolean unlessRenewed = UNTIL_RENEWED.contains(finding.rule());
                lines.add(line(unlessRenewed ? Kind.UNLESS_RENEWED : Kind.APPEARS, finding, from(finding)));
            }
        }
        before.values().stream()
                .filter(gone -> !restated(gone, then))
                .forEach(gone -> lines.add(line(Kind.VANISHES, gone, null)));
        announced(now, then.judged().at(), then.judged().policies(), lines);
        lines.sort(Comparator.comparing(Line::severity).reversed());
        return lines;
    }

    private static Map<String, Finding> byKey(Report report) {
        Map<String, Finding> byKey = new HashMap<>();
        report.findings().forEach(finding -> byKey.put(finding.key(), finding));
        return byKey;
    }

    private static Line line(Kind kind, Finding finding, @Nullable Instant from) {
        // said today of a day to come
        String detail = kind == Kind.UNLESS_RENEWED
                ? finding.detail()
                        .replace(" ended on ", " ends on ")
                        .replace(" ago.", " before.")
                        .replace(" was good until ", " is good until ")
                : finding.detail();
        return new Line(kind, finding.rule(), finding.severity(), finding.title(), detail, from, null);
    }

    private static @Nullable Instant from(Finding finding) {
        return finding.rule().equals("certificate.expired")
                        && finding.evidence().get("notAfter") instanceof Instant end
                ? end
                : null;
    }

    /** What was about to end has ended: nothing was mended. */
    private static boolean restated(Finding gone, Report then) {
        return UNTIL_ENDED.contains(gone.rule())
                && then.findings().stream().anyMatch(f -> f.rule().equals("certificate.expired"));
    }

    private static void announced(Report now, Instant at, List<String> policies, List<Line> lines) {
        List<Report.ServedCertificates> served = now.certificates();
        for (Report.ServedCertificates chain : served == null ? List.<Report.ServedCertificates>of() : served) {
            if (!chain.chain().isEmpty() && isPublic(chain)) {
                next(chain.chain().getFirst(), now.judged().at(), at, lines);
            }
        }
        if (judgedBy(policies, "bsi-tr-02102-2")) {
            bsi(now, at, lines);
        }
        if (judgedBy(policies, "nist-sp-800-52r2") && !at.isBefore(NIST_112_BIT_ENDS)) {
            nist(now, lines);
        }
    }

    private static boolean judgedBy(List<String> policies, String name) {
        return policies.stream().anyMatch(label -> label.startsWith(name + " "));
    }

    private static boolean isPublic(Report.ServedCertificates chain) {
        return chain.trust().stream()
                .anyMatch(trust ->
                        trust.status().equals("trusted") && !trust.store().equals("given"));
    }

    /** The certificate that is there was issued under the rules of its day; the next one will not be. */
    private static void next(Report.Certificate leaf, Instant now, Instant at, List<Line> lines) {
        Instant begin = leaf.notBefore();
        Instant end = leaf.notAfter();
        if (begin != null && end != null && end.isAfter(begin)) {
            int days = (int) Math.min(
                    Integer.MAX_VALUE, Math.ceilDiv(Duration.between(begin, end).toSeconds() + 1, 86_400L));
            Instant from = Lifetimes.refusedFrom(days);
            if (from != null && from.isAfter(now) && !from.isAfter(at)) {
                lines.add(new Line(
                        Kind.ANNOUNCED,
                        "certificate.lifetime-too-long",
                        Severity.MEDIUM,
                        "The next certificate may not live as long",
                        "This one is valid for " + days + " days; from " + Words.date(from)
                                + " no public issuer may give more than "
                                + Lifetimes.limitDays(from) + ", by then "
                                + Lifetimes.limitDays(at)
                                + ". Renew automatically, and at two thirds of the shorter life.",
                        from,
                        BASELINE));
            }
        }
        if (leaf.extendedKeyUsages().contains("clientAuth")
                && CLIENT_AUTH_ENDS.isAfter(now)
                && !CLIENT_AUTH_ENDS.isAfter(at)) {
            lines.add(new Line(
                    Kind.ANNOUNCED,
                    "certificate.client-auth-eku-ending",
                    Severity.MEDIUM,
                    "The next certificate will not serve as a client's",
                    "This one has clientAuth; public certificates issued from " + Words.date(CLIENT_AUTH_ENDS)
                            + " have serverAuth alone. Where this service is a TLS client too, give it a certificate of a private CA.",
                    CLIENT_AUTH_ENDS,
                    CHROME));
        }
    }

    private static void bsi(Report now, Instant at, List<Line> lines) {
        if (!at.isBefore(BSI_DHE_ENDS)) {
            List<String> dhe = suites(now).stream()
                    .filter(name -> name.startsWith("TLS_DHE_"))
                    .toList();
            if (!dhe.isEmpty()) {
                lines.add(new Line(
                        Kind.ANNOUNCED,
                        "cipher.not-in-policy",
                        Severity.MEDIUM,
                        "DHE suites are no longer recommended",
                        Words.some(dhe, 4) + ": recommended to the end of 2029.",
                        BSI_DHE_ENDS,
                        BSI));
            }
        }
        if (at.isBefore(BSI_CLASSICAL_ENDS)) {
            return;
        }
        if (now.protocols() != null && now.protocols().get("TLSv1.2") == FactState.ACCEPTED) {
            lines.add(new Line(
                    Kind.ANNOUNCED,
                    "protocol.not-in-policy",
                    Severity.MEDIUM,
                    "TLS 1.2 is no longer recommended",
                    "TLS 1.2 is accepted: recommended to the end of 2031.",
                    BSI_CLASSICAL_ENDS,
                    BSI));
        }
        Observation.Groups groups = now.groups() == null ? null : now.groups().get("TLSv1.3");
        if (groups != null && groups.groups().stream().noneMatch(g -> g.name().contains("MLKEM"))) {
            lines.add(new Line(
                    Kind.ANNOUNCED,
                    "kex.post-quantum-missing",
                    Severity.MEDIUM,
                    "Classical key exchange alone is no longer recommended",
                    "No hybrid group is accepted; key agreement without one is recommended to the end of 2031.",
                    BSI_CLASSICAL_ENDS,
                    BSI));
        }
    }

    private static void nist(Report now, List<Line> lines) {
        for (Report.ServedCertificates chain :
                Objects.requireNonNullElse(now.certificates(), List.<Report.ServedCertificates>of())) {
            for (Report.Certificate certificate :
                    chain.chain().stream().limit(1).toList()) {
                Integer bits = certificate.keyBits();
                if (certificate.keyAlgorithm().equals("RSA") && bits != null && bits < 3072) {
                    lines.add(new Line(
                            Kind.ANNOUNCED,
                            "certificate.weak-key",
                            Severity.LOW,
                            "Keys of 112 bit strength are deprecated",
                            "RSA " + bits + ": deprecated after 2030, disallowed after 2035.",
                            NIST_112_BIT_ENDS,
                            NIST));
                }
            }
        }
    }

    private static List<String> suites(Report report) {
        return report.cipherSuites() == null
                ? List.of()
                : report.cipherSuites().values().stream()
                        .flatMap(of -> of.suites().stream())
                        .map(Observation.CodePoint::name)
                        .distinct()
                        .toList();
    }

    private static Instant day(int year, int month, int day) {
        return LocalDate.of(year, month, day).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
}
