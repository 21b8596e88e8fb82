package io.tlsfleet.api.metrics;

import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Severity;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One report in blackbox_exporter's words, with its meanings, and in ours where it has none. An expired or untrusted
 * certificate keeps its metrics: an alert on the expiry must not end with it.
 */
public final class ProbeAnswer {
    /** What a client that verifies ends the handshake for. */
    private static final Set<String> NOT_VERIFIED = Set.of(
            "certificate.expired",
            "certificate.not-yet-valid",
            "certificate.name-mismatch",
            "certificate.common-name-only",
            "certificate.self-signed",
            "certificate.untrusted",
            "certificate.chain-incomplete",
            "certificate.eku-wrong",
            "certificate.revoked");

    /** What blackbox_exporter says of no verified chain: the time that Go calls zero. */
    private static final long NO_CHAIN = -62_135_596_800L;

    private static final List<String> GO_ORDER =
            List.of("serialNumber", "CN", "postalCode", "street", "ST", "L", "OU", "O", "C");
    private static final Pattern COMMA = Pattern.compile("(?<!\\\\),");

    private ProbeAnswer() {}

    /** {@code http}: asked for as a page; {@code anyCertificate}: the module does not verify. */
    public record Manner(boolean http, boolean anyCertificate) {}

    public static String text(Optional<Report> known, Manner manner, Instant now) {
        Exposition out = new Exposition();
        Report report = known.orElse(null);
        boolean reached = report != null
                && (report.scan().outcome() == Outcome.COMPLETE || report.scan().outcome() == Outcome.PARTIAL);
        boolean verified = reached
                && Objects.requireNonNull(report).findings().stream().noneMatch(f -> NOT_VERIFIED.contains(f.rule()));
        out.family("probe_success", "gauge", "Displays whether or not the probe was a success")
                .value(reached && (verified || manner.anyCertificate) ? 1L : 0L);
        out.family("probe_duration_seconds", "gauge", "Returns how long the probe took to complete in seconds")
                .value(report == null ? 0 : report.scan().durationMillis() / 1000.0);
        out.family("probe_failed_due_to_regex", "gauge", "Indicates if probe failed due to regex")
                .value(0L);
        if (report != null) {
            address(out, report.endpoint().address());
            certificates(out, report);
            if (manner.http) {
                out.family("probe_http_ssl", "gauge", "Indicates if SSL was used for the final redirect")
                        .value(reached ? 1L : 0L);
                Integer status = report.http() == null ? null : report.http().status();
                if (status != null) {
                    out.family("probe_http_status_code", "gauge", "Response HTTP status code")
                            .value((long) status);
                }
            }
        }
        ours(out, report, now);
        return out.text();
    }

    private static void address(Exposition out, @Nullable String text) {
        InetAddress address;
        try {
            address = text == null ? null : InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            address = null;
        }
        byte[] bytes = address == null ? new byte[0] : address.getAddress();
        out.family("probe_ip_protocol", "gauge", "Specifies whether probe ip protocol is IP4 or IP6")
                .value(bytes.length == 4 ? 4L : bytes.length == 16 ? 6L : 0L);
        if (address != null) {
            int hash = 0x811C9DC5; // FNV-1a
            for (byte b : bytes) {
                hash = (hash ^ (b & 0xFF)) * 0x01000193;
            }
            out.family(
                            "probe_ip_addr_hash",
                            "gauge",
                            "Specifies the hash of IP address. It's useful to detect if the IP address changes.")
                    .value(Integer.toUnsignedLong(hash));
        }
    }

    private static void certificates(Exposition out, Report report) {
        List<Report.ServedCertificates> all = report.certificates() == null ? List.of() : report.certificates();
        Instant earliest = null;
        Instant verified = null;
        for (Report.ServedCertificates served : all) {
            for (Report.Certificate certificate : served.chain()) {
                earliest = earlier(earliest, certificate.notAfter());
            }
            Instant end = verifiedUntil(served);
            verified = end != null && (verified == null || end.isAfter(verified)) ? end : verified;
        }
        if (earliest != null) {
            out.family("probe_ssl_earliest_cert_expiry", "gauge", "Returns last SSL chain expiry in unixtime")
                    .value(earliest.toEpochMilli() / 1000.0);
            out.family(
                            "probe_ssl_last_chain_expiry_timestamp_seconds",
                            "gauge",
                            "Returns last SSL chain expiry in timestamp")
                    .value(verified == null ? NO_CHAIN : verified.toEpochMilli() / 1000.0);
            Report.Certificate leaf = negotiated(report, all).chain().getFirst();
            out.family("probe_ssl_last_chain_info", "gauge", "Contains SSL leaf certificate information")
                    .value(
                            1L,
                            "fingerprint_sha256",
                            leaf.sha256(),
                            "issuer",
                            inGoOrder(leaf.issuer()),
                            "subject",
                            inGoOrder(leaf.subject()),
                            "subjectalternative",
                            String.join(
                                    ",",
                                    leaf.subjectAltNames().stream()
                                            .filter(name -> name.startsWith("DNS:"))
                                            .map(name -> name.substring(4))
                                            .toList()));
        }
        if (report.negotiated() != null) {
            out.family("probe_tls_version_info", "gauge", "Returns the TLS version used or NaN when unknown")
                    .value(1L, "version", report.negotiated().protocol().replace("TLSv", "TLS "));
            out.family("probe_tls_cipher_info", "gauge", "Returns the TLS cipher negotiated during handshake")
                    .value(1L, "cipher", report.negotiated().cipherSuite());
        }
    }

    /** The end of what a client stands on that trusts it; null: none does. */
    private static @Nullable Instant verifiedUntil(Report.ServedCertificates served) {
        Instant latest = null;
        for (Report.Trust trust : served.trust()) {
            if (!trust.status().equals("trusted")) {
                continue;
            }
            Set<String> path = new HashSet<>(trust.path());
            Instant end = null;
            for (Report.Certificate certificate : served.chain()) {
                end = path.contains(certificate.sha256()) ? earlier(end, certificate.notAfter()) : end;
            }
            latest = end != null && (latest == null || end.isAfter(latest)) ? end : latest;
        }
        return latest;
    }

    /** The one that an up-to-date client gets, or the first. */
    private static Report.ServedCertificates negotiated(Report report, List<Report.ServedCertificates> all) {
        List<Report.ServedCertificates> some =
                all.stream().filter(served -> !served.chain().isEmpty()).toList();
        String version = report.negotiated() == null ? "" : report.negotiated().protocol();
        return some.stream()
                .filter(served -> served.servedOn().contains(version))
                .findFirst()
                .orElse(some.getFirst());
    }

    /** A name as blackbox_exporter writes it: by kind of attribute, whatever order the certificate has. */
    private static String inGoOrder(String name) {
        List<String> parts = new ArrayList<>(List.of(COMMA.split(name, -1)));
        parts.sort(Comparator.comparingInt(
                part -> GO_ORDER.indexOf(part.substring(0, Math.max(0, part.indexOf('='))))));
        return String.join(",", parts);
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null || b != null && b.isBefore(a) ? b : a;
    }

    private static void ours(Exposition out, @Nullable Report report, Instant now) {
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
    }
}
