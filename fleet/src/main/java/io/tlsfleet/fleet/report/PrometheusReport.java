package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Prometheus text format for the node exporter's textfile collector: gauges, one series an endpoint. */
final class PrometheusReport {
    private final List<Report> reports;
    private final StringBuilder out = new StringBuilder();

    /** The last report of each series: two alike would make the node exporter refuse its whole answer. */
    private PrometheusReport(List<Report> reports) {
        Map<String, Report> last = new LinkedHashMap<>();
        reports.forEach(report -> last.put(endpoint(report), report));
        this.reports = List.copyOf(last.values());
    }

    static String write(List<Report> reports) {
        PrometheusReport prom = new PrometheusReport(reports);
        prom.write();
        return prom.out.toString();
    }

    private void write() {
        metric(
                "tlsfleet_scan_success",
                "1 if the endpoint was reached and spoke TLS.",
                r -> sample(
                        "tlsfleet_scan_success",
                        r,
                        "",
                        r.scan().outcome() == Outcome.COMPLETE || r.scan().outcome() == Outcome.PARTIAL ? 1 : 0));
        metric(
                "tlsfleet_scan_timestamp_seconds",
                "When the scan began.",
                r -> sample("tlsfleet_scan_timestamp_seconds", r, "", (double)
                        r.scan().startedAt().getEpochSecond()));
        metric(
                "tlsfleet_scan_duration_seconds",
                "How long the scan took.",
                r -> sample("tlsfleet_scan_duration_seconds", r, "", r.scan().durationMillis() / 1000.0));
        metric("tlsfleet_endpoint_findings", "Findings by severity.", r -> {
            for (Severity severity : Severity.values()) {
                sample("tlsfleet_endpoint_findings", r, ",severity=\"" + severity.word() + "\"", (double)
                        r.findings().stream()
                                .filter(f -> f.severity() == severity)
                                .count());
            }
        });
        metric(
                "tlsfleet_endpoint_finding",
                "1 for each finding.",
                r -> r.findings().stream()
                        .map(f -> ",rule=\"" + label(f.rule()) + "\",severity=\""
                                + f.severity().word() + "\"")
                        .distinct()
                        .forEach(labels -> sample("tlsfleet_endpoint_finding", r, labels, 1)));
        metric(
                "tlsfleet_protocol_accepted",
                "1 if the version is accepted, 0 if it is refused; unknown ones are absent.",
                r -> {
                    if (r.protocols() != null) {
                        for (Map.Entry<String, FactState> p : r.protocols().entrySet()) {
                            if (p.getValue() == FactState.ACCEPTED || p.getValue() == FactState.REFUSED) {
                                sample(
                                        "tlsfleet_protocol_accepted",
                                        r,
                                        ",protocol=\"" + label(p.getKey()) + "\"",
                                        p.getValue() == FactState.ACCEPTED ? 1 : 0);
                            }
                        }
                    }
                });
        certificate("tlsfleet_certificate_not_after_timestamp_seconds", "End of the leaf.", false);
        certificate("tlsfleet_certificate_not_before_timestamp_seconds", "Beginning of the leaf.", true);
        metric("tlsfleet_grade_info", "The grade as a label, always 1.", r -> {
            if (r.grades().get("ssllabs-2009r") instanceof Grade.SslLabs labs && labs.grade() != null) {
                sample("tlsfleet_grade_info", r, ",guide=\"ssllabs-2009r\",grade=\"" + label(labs.grade()) + "\"", 1);
            }
            if (r.grades().get("mozilla-6.0") instanceof Grade.MozillaLevel level) {
                sample("tlsfleet_grade_info", r, ",guide=\"mozilla-6.0\",grade=\"" + label(level.level()) + "\"", 1);
            }
        });
    }

    private void certificate(String name, String help, boolean begin) {
        metric(name, help, r -> {
            if (r.certificates() != null) {
                int chain = 0;
                for (Report.ServedCertificates served : r.certificates()) {
                    if (!served.chain().isEmpty()) {
                        Report.Certificate leaf = served.chain().getFirst();
                        java.time.Instant at = begin ? leaf.notBefore() : leaf.notAfter();
                        if (at != null) {
                            sample(
                                    name,
                                    r,
                                    ",key_type=\"" + label(served.keyType()) + "\",chain=\"" + chain + "\"",
                                    (double) at.getEpochSecond());
                        }
                        chain++;
                    }
                }
            }
        });
    }

    private void metric(String name, String help, Consumer<Report> samples) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(" gauge\n");
        reports.forEach(samples);
    }

    private void sample(String name, Report r, String labels, double value) {
        out.append(name)
                .append('{')
                .append(endpoint(r))
                .append(labels)
                .append("} ")
                .append(
                        value == Math.rint(value)
                                ? String.valueOf((long) value)
                                : String.format(Locale.ROOT, "%.3f", value))
                .append('\n');
    }

    private static String endpoint(Report r) {
        return "endpoint=\"" + label(Labels.endpoint(r.endpoint())) + "\",address=\""
                + label(r.endpoint().address()) + "\",sni=\""
                + label(r.endpoint().sni()) + '"';
    }

    private static String label(@Nullable String value) {
        return value == null
                ? ""
                : Shown.line(value).replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
