package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.Observation;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * RFC 4180, one line a finding, and one with empty finding columns for an endpoint that has none. Cells that a
 * spreadsheet would take for a formula begin with an apostrophe.
 */
public final class CsvReport {
    private static final List<String> COLUMNS = List.of(
            "host",
            "address",
            "port",
            "sni",
            "starttls",
            "scannedAt",
            "outcome",
            "reason",
            "protocols",
            "grade",
            "mozillaLevel",
            "notAfter",
            "severity",
            "rule",
            "policy",
            "title",
            "detail",
            "remedy");

    private CsvReport() {}

    public static String header() {
        return String.join(",", COLUMNS) + "\r\n";
    }

    /** The lines of one report, without the header. */
    public static String lines(Report report) {
        StringBuilder out = new StringBuilder();
        if (report.findings().isEmpty()) {
            line(out, report, null);
        }
        report.findings().forEach(finding -> line(out, report, finding));
        return out.toString();
    }

    private static void line(StringBuilder out, Report r, @Nullable Finding f) {
        Observation.Endpoint e = r.endpoint();
        String notAfter = r.certificates() == null
                ? ""
                : r.certificates().stream()
                        .filter(c ->
                                !c.chain().isEmpty() && c.chain().getFirst().notAfter() != null)
                        .map(c -> Labels.time(c.chain().getFirst().notAfter()))
                        .sorted()
                        .findFirst()
                        .orElse("");
        String level = r.grades().get("mozilla-6.0") instanceof Grade.MozillaLevel mozilla ? mozilla.level() : "";
        String[] cells = {
            e.host(),
            e.address(),
            String.valueOf(e.port()),
            e.sni(),
            e.starttls(),
            Labels.time(r.scan().startedAt()),
            r.scan().outcome().word(),
            r.scan().reason() == null ? "" : r.scan().reason().word(),
            Labels.accepted(r.protocols()),
            Labels.letter(r).equals("-") ? "" : Labels.letter(r),
            level,
            notAfter,
            f == null ? "" : f.severity().word(),
            f == null ? "" : f.rule(),
            f == null ? "" : f.policy(),
            f == null ? "" : f.title(),
            f == null ? "" : f.detail(),
            f == null ? "" : f.remedy()
        };
        out.append(java.util.Arrays.stream(cells).map(CsvReport::cell).collect(Collectors.joining(",")))
                .append("\r\n");
    }

    /** Quoted where it has to be; defused where Excel, Calc or Sheets would compute it. */
    public static String cell(@Nullable String value) {
        if (value == null || value.isEmpty()) {
            return "";
        }
        String text = Shown.line(value);
        if ("=+-@".indexOf(text.charAt(0)) >= 0 || value.charAt(0) == '\t' || value.charAt(0) == '\r') {
            text = "'" + text;
        }
        return text.indexOf(',') >= 0 || text.indexOf('"') >= 0 || text.indexOf('\n') >= 0 || text.startsWith(" ")
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }
}
