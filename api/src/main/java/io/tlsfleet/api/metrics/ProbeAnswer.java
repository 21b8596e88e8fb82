package io.tlsfleet.api.metrics;

import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One report in blackbox_exporter's words, and in ours where it has none. An expired certificate keeps its metric. */
public final class ProbeAnswer {
    private ProbeAnswer() {}

    public static String text(Optional<Report> known, Instant now) {
        Exposition out = new Exposition();
        Report report = known.orElse(null);
        boolean reached = report != null
                && (report.scan().outcome() == Outcome.COMPLETE || report.scan().outcome() == Outcome.PARTIAL);
        boolean trusted = reached
                && Objects.requireNonNull(report).findings().stream()
                        .noneMatch(f -> f.severity().compareTo(Severity.HIGH) >= 0
                                && f.rule().startsWith("certificate."));
        out.family("probe_success", "gauge", "Whether a handshake succeeds and the certificate is good for its name.")
                .value(reached && trusted ? 1L : 0L);
        out.family("probe_duration_seconds", "gauge", "How long the scan took.")
                .value(report == null ? 0 : report.scan().durationMillis() / 1000.0);
        if (report != null) {
            certificates(out, report);
            out.family("probe_http_ssl", "gauge", "Whether TLS was spoken.").value(reached ? 1L : 0L);
        }
        out.family("tlsfleet_probe_age_seconds", "gauge", "How old the result is; -1 without one.")
                .value(
                        report == null
                                ? -1
                                : Math.max(
                                        0,
                                        (now.toEpochMilli()
                                                        - report.scan()
                                                                .startedAt()
                                                                .toEpochMilli())
                                                / 1000.0));
        Reason why = report == null ? null : report.scan().reason();
        out.family("tlsfleet_probe_reason", "gauge", "1 for the reason why nothing could be told.");
        for (Reason reason : Reason.values()) {
            out.value(reason == why ? 1L : 0L, "reason", reason.word());
        }
        out.family("tlsfleet_probe_findings", "gauge", "Findings by severity.");
        List<Finding> findings = report == null ? List.of() : report.findings();
        for (Severity severity : Severity.values()) {
            out.value(findings.stream().filter(f -> f.severity() == severity).count(), "severity", severity.word());
        }
        out.family("tlsfleet_probe_finding", "gauge", "1 for each rule that is broken.");
        findings.forEach(
                f -> out.value(1L, "rule", f.rule(), "severity", f.severity().word()));
        return out.text();
    }

    private static void certificates(Exposition out, Report report) {
        Instant earliest = null;
        Instant latestOfPath = null;
        for (Report.ServedCertificates served :
                report.certificates() == null ? List.<Report.ServedCertificates>of() : report.certificates()) {
            for (Report.Certificate certificate : served.chain()) {
                Instant end = certificate.notAfter();
                if (end != null && (earliest == null || end.isBefore(earliest))) {
                    earliest = end;
                }
            }
            Instant leaf =
                    served.chain().isEmpty() ? null : served.chain().getFirst().notAfter();
            if (leaf != null && (latestOfPath == null || leaf.isAfter(latestOfPath))) {
                latestOfPath = leaf;
            }
        }
        if (earliest != null) {
            out.family("probe_ssl_earliest_cert_expiry", "gauge", "When the first certificate of any chain ends.")
                    .value(earliest.toEpochMilli() / 1000.0);
        }
        if (latestOfPath != null) {
            out.family("probe_ssl_last_chain_expiry_timestamp_seconds", "gauge", "When the last leaf ends.")
                    .value(latestOfPath.toEpochMilli() / 1000.0);
        }
        if (report.negotiated() != null) {
            out.family("probe_tls_version_info", "gauge", "The version that an up-to-date client gets.")
                    .value(1L, "version", report.negotiated().protocol().replace("TLSv", "TLS "));
            out.family("probe_tls_cipher_info", "gauge", "The suite that an up-to-date client gets.")
                    .value(1L, "cipher", report.negotiated().cipherSuite());
        }
    }
}
