package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A report for a terminal: the verdict, then why, then everything. Colour never carries meaning alone. */
public final class TextReport {
    /** Below it findings stand under their titles, not beside them. */
    private static final int ROOMY = 90;

    private static final int MOST_DEVIATIONS = 6;
    /** A space at which no line ends. */
    private static final char TOGETHER = '\u00a0';

    private final Report report;
    private final boolean colour;
    private final int width;
    private final boolean narrow;
    private final int findingColumn;
    private final StringBuilder out = new StringBuilder();

    private TextReport(Report report, boolean colour, int width) {
        this.report = report;
        this.colour = colour;
        this.width = Math.max(width, 60);
        this.narrow = this.width < ROOMY;
        this.findingColumn = narrow ? 11 : 37;
    }

    /** For a terminal of that width. */
    public static String terminal(Report report, boolean colour, int width) {
        return new TextReport(report, colour, width).write();
    }

    /** For a pipe: ASCII, no colour, one fact a line, each line beginning with the endpoint. */
    public static String pipe(Report report) {
        return PipeReport.write(report);
    }

    private String write() {
        head();
        findings();
        if (report.protocols() != null || report.certificates() != null) {
            line("");
            certificates();
            protocols();
            suites();
            grades();
            fingerprints();
        }
        return out.toString();
    }

    private void head() {
        long unknown = report.coverage().stream()
                .filter(c -> c.state() == FactState.UNKNOWN)
                .count();
        long toFix = report.findings().stream()
                .filter(f -> f.severity().compareTo(Severity.LOW) >= 0)
                .count();
        Observation.Scan scan = report.scan();
        boolean reached = report.protocols() != null && report.protocols().containsValue(FactState.ACCEPTED);
        String verdict = !reached
                ? scan.outcome().word()
                        + (scan.reason() == null ? "" : ": " + scan.reason().word())
                : (toFix == 0 ? "nothing to fix" : Labels.count(toFix, "thing") + " to fix")
                        + (unknown == 0 ? "" : ", " + unknown + " unknown");
        String name = safe(Labels.endpoint(report.endpoint()));
        StringBuilder head = new StringBuilder(name);
        add(head, report.endpoint().address());
        if (report.endpoint().starttls() != null) {
            add(head, "STARTTLS " + report.endpoint().starttls());
        }
        if (reached) {
            add(head, Labels.accepted(report.protocols()));
            add(head, Labels.letter(report));
        }
        String connections =
                Labels.count(scan.connections(), "connection") + ", " + Labels.seconds(scan.durationMillis());
        boolean oneLine = head.length() + verdict.length() + connections.length() + 6 <= width;
        head.replace(0, name.length(), bold(name))
                .append(oneLine ? "   " : "\n  ")
                .append(bold(verdict));
        add(head, connections);
        line("");
        line(head.toString());
        if (scan.detail() != null) {
            line("");
            Shown.wrap(safe(scan.detail()), width - 4).forEach(l -> line("  " + l));
        }
    }

    private void findings() {
        Optional<Stack> stack = Stack.of(report);
        boolean first = true;
        for (Finding finding : report.findings()) {
            if (first) {
                line("");
                first = false;
            }
            entry(finding.severity().word(), colourOf(finding.severity()), finding.title(), finding.detail());
            List<String> lines =
                    stack.map(known -> Remedies.lines(finding.rule(), known)).orElse(List.of());
            if (lines.isEmpty()) {
                more("Fix: " + finding.remedy());
            } else {
                more("Fix (" + stack.orElseThrow().title() + "): " + lines.getFirst());
                lines.subList(1, lines.size()).forEach(this::more);
            }
        }
        // of an endpoint that nobody reached the first line says why
        boolean reached = report.scan().outcome() != Outcome.UNREACHABLE;
        for (Observation.Coverage coverage : report.coverage()) {
            if (reached && coverage.state() == FactState.UNKNOWN) {
                if (first) {
                    line("");
                    first = false;
                }
                entry(
                        "unknown",
                        "36",
                        Labels.fact(coverage.fact()),
                        coverage.reason() == null
                                ? ""
                                : "could not tell: " + coverage.reason().word());
            }
        }
        if (report.waived() != null && !report.waived().isEmpty()) {
            line("");
            line("  " + Labels.count(report.waived().size(), "finding") + " waived: "
                    + report.waived().stream().map(Finding::rule).distinct().collect(Collectors.joining(", ")));
        }
    }

    private void entry(String word, String colourCode, String title, String text) {
        List<String> lines = Shown.wrap(safe(text), width - findingColumn);
        String shownTitle = safe(title);
        String left = "  " + paint(Shown.pad(word, 9), colourCode);
        if (narrow || shownTitle.length() > 25) {
            line(left + shownTitle);
            lines.forEach(l -> line(" ".repeat(findingColumn) + l));
        } else {
            line(left + Shown.pad(shownTitle, 26) + lines.getFirst());
            lines.subList(1, lines.size()).forEach(l -> line(" ".repeat(findingColumn) + l));
        }
    }

    private void more(String text) {
        Shown.wrap(safe(text), width - findingColumn).forEach(l -> line(" ".repeat(findingColumn) + l));
    }

    private void certificates() {
        if (report.certificates() == null) {
            return;
        }
        for (Report.ServedCertificates served : report.certificates()) {
            if (served.chain().isEmpty()) {
                continue;
            }
            Report.Certificate leaf = served.chain().getFirst();
            boolean trusted = served.trust().stream().anyMatch(t -> t.status().equals("trusted"));
            StringBuilder text = new StringBuilder(safe(leaf.subject().isEmpty() ? "(no subject)" : leaf.subject()));
            add(text, leaf.keyAlgorithm() + (leaf.keyBits() == null ? "" : " " + leaf.keyBits()));
            add(text, "by " + leaf.issuer());
            add(
                    text,
                    Labels.validity(
                            leaf.notBefore(), leaf.notAfter(), report.judged().at()));
            if (served.hostname() != null) {
                Boolean matches = served.hostname().matches();
                add(text, (matches == null ? "?" : mark(matches)) + " name");
            }
            add(text, mark(served.completeness().equals("complete")) + " chain");
            add(text, mark(trusted) + " trust");
            add(text, staple(served.ocspStaple().status()));
            field("Certificate", text.toString());
        }
    }

    private String staple(String status) {
        return switch (status) {
            case "good" -> mark(true) + " staple";
            case "not-applicable" -> "– staple (names no responder)";
            case "absent" -> "– staple";
            default -> mark(false) + " staple (" + status + ")";
        };
    }

    private void protocols() {
        if (report.protocols() == null) {
            return;
        }
        field(
                "Protocols",
                report.protocols().entrySet().stream()
                        .map(p -> Labels.version(p.getKey()).replace(' ', TOGETHER)
                                + TOGETHER
                                + switch (p.getValue()) {
                                    case ACCEPTED -> mark(true);
                                    case REFUSED -> mark(false);
                                    case UNKNOWN -> "?";
                                    case NOT_ASKED -> "–";
                                })
                        .collect(Collectors.joining("  ")));
    }

    private void suites() {
        if (report.cipherSuites() == null) {
            return;
        }
        for (Map.Entry<String, Observation.Suites> version : newestFirst(report.cipherSuites())) {
            boolean tls13 = version.getKey().equals("TLSv1.3");
            Observation.Suites suites = version.getValue();
            String order = suites.order() == null ? "" : suites.order() + "'s order";
            if (tls13) {
                field(
                        Labels.version(version.getKey()),
                        suites.suites().stream()
                                        .map(s -> safe(Labels.suite(s.name(), true)))
                                        .collect(Collectors.joining("  "))
                                + (order.isEmpty() ? "" : "   " + order) + "   " + groups(version.getKey()));
            } else {
                field(Labels.version(version.getKey()), (order + "   " + groups(version.getKey())).strip());
                int number = 1;
                for (Observation.CodePoint suite : suites.suites()) {
                    suite(number++, suite);
                }
            }
        }
    }

    private void suite(int number, Observation.CodePoint point) {
        SuiteFacts facts = new CipherSuite(Integer.decode(point.code())).facts();
        String bits = facts.strengthBits() < 0 ? "?" : String.valueOf(facts.strengthBits());
        line("    " + Shown.pad(String.valueOf(number), 3)
                + Shown.pad(safe(Labels.suite(point.name(), false)), narrow ? 43 : 46)
                + Shown.pad(bits, narrow ? 5 : 6)
                + (facts.isForwardSecret() ? "" : "no ")
                + (narrow ? "FS" : "forward secrecy"));
    }

    private String groups(String version) {
        if (report.groups() == null || !report.groups().containsKey(version)) {
            return "";
        }
        String preferred = report.negotiated() == null || report.negotiated().group() == null
                ? ""
                : report.negotiated().group();
        return report.groups().get(version).groups().stream()
                .map(g -> g.name().equals(preferred) ? safe(g.name()) + " ★" : safe(g.name()))
                .collect(Collectors.joining(" "));
    }

    private static <V> List<Map.Entry<String, V>> newestFirst(Map<String, V> versions) {
        return List.copyOf(versions.entrySet()).reversed();
    }

    private void grades() {
        if (report.grades().get("ssllabs-2009r") instanceof Grade.SslLabs labs) {
            field(
                    "Grade",
                    "SSL Labs 2009r: " + Labels.letter(report) + (labs.atBest() ? " at best" : "") + "   "
                            + safe(String.join("; ", labs.arithmetic())));
        }
        if (report.grades().get("mozilla-6.0") instanceof Grade.MozillaLevel level) {
            field(
                    "",
                    "Mozilla 6.0: " + level.level()
                            + (level.deviations().isEmpty() ? "" : "   " + safe(deviations(level.deviations()))));
        }
    }

    /** Of many the first: a server far from a level breaks it with each suite, and those stand above. */
    private static String deviations(List<String> all) {
        return all.size() <= MOST_DEVIATIONS + 1
                ? String.join("; ", all)
                : String.join("; ", all.subList(0, MOST_DEVIATIONS)) + "; and " + (all.size() - MOST_DEVIATIONS)
                        + " more (--format json has all)";
    }

    private void fingerprints() {
        if (report.fingerprints() == null) {
            return;
        }
        StringBuilder text = new StringBuilder();
        if (!report.fingerprints().ja3s().isEmpty()) {
            text.append("JA3S ")
                    .append(safe(report.fingerprints().ja3s().getFirst().hash()));
        }
        if (report.fingerprints().jarm() != null) {
            text.append(text.isEmpty() ? "" : "   ")
                    .append("JARM ")
                    .append(safe(report.fingerprints().jarm()));
        }
        if (!text.isEmpty()) {
            field("Fingerprint", text.toString());
        }
    }

    private void field(String name, String text) {
        List<String> lines = Shown.wrap(text, Math.max(40, width - 16));
        line("  " + Shown.pad(name, 14) + lines.getFirst());
        lines.subList(1, lines.size()).forEach(l -> line(" ".repeat(16) + l));
    }

    private static void add(StringBuilder text, @org.jspecify.annotations.Nullable String part) {
        if (part != null && !part.isEmpty()) {
            text.append("   ").append(Shown.line(part));
        }
    }

    private void line(String text) {
        out.append(text.stripTrailing().replace(TOGETHER, ' ')).append('\n');
    }

    private String safe(String text) {
        return Shown.line(text);
    }

    private String mark(boolean good) {
        return good ? "✔" : "✘";
    }

    private String bold(String text) {
        return paint(text, "1");
    }

    private String paint(String text, String code) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    private static String colourOf(Severity severity) {
        return switch (severity) {
            case CRITICAL -> "1;31";
            case HIGH -> "31";
            case MEDIUM -> "33";
            case LOW -> "36";
            case INFO -> "2";
        };
    }
}
