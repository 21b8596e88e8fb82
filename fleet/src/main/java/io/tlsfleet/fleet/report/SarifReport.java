package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** SARIF 2.1.0 (OASIS): one run, a result a finding; an endpoint is an artifact {@code tls://host:port}. */
final class SarifReport {
    private SarifReport() {}

    static String write(List<Report> reports) {
        Map<String, Finding> rules = new LinkedHashMap<>();
        List<Map<String, Object>> results = new ArrayList<>();
        for (Report report : reports) {
            for (Finding finding : report.findings()) {
                rules.putIfAbsent(finding.rule(), finding);
            }
            for (Finding finding : waived(report)) {
                rules.putIfAbsent(finding.rule(), finding);
            }
        }
        List<String> order = List.copyOf(rules.keySet());
        for (Report report : reports) {
            report.findings().forEach(f -> results.add(result(report, f, order)));
            waived(report).forEach(f -> results.add(result(report, f, order)));
        }
        Map<String, Object> driver = new LinkedHashMap<>();
        driver.put("name", "tlsfleet");
        driver.put(
                "version",
                reports.isEmpty() ? "" : version(reports.getFirst().scan().scanner()));
        driver.put("rules", rules.values().stream().map(SarifReport::rule).toList());
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("tool", Map.of("driver", driver));
        run.put("invocations", List.of(Map.of("executionSuccessful", true)));
        run.put("results", results);
        Map<String, Object> log = new LinkedHashMap<>();
        log.put(
                "$schema",
                "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
        log.put("version", "2.1.0");
        log.put("runs", List.of(run));
        return Json.pretty(log) + "\n";
    }

    private static List<Finding> waived(Report report) {
        return report.waived() == null ? List.of() : report.waived();
    }

    private static String version(String scanner) {
        int slash = scanner.indexOf('/');
        return slash < 0 ? scanner : scanner.substring(slash + 1);
    }

    private static Map<String, Object> rule(Finding f) {
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("id", f.rule());
        rule.put("name", f.rule().replace('.', '-'));
        rule.put("shortDescription", Map.of("text", Shown.line(f.title())));
        rule.put("fullDescription", Map.of("text", Shown.line(f.why())));
        rule.put("help", Map.of("text", Shown.line(f.remedy() + " (" + String.join(", ", f.references()) + ")")));
        rule.put("defaultConfiguration", Map.of("level", level(f.severity())));
        rule.put("properties", Map.of("tags", List.of("tls", "security"), "security-severity", score(f.severity())));
        return rule;
    }

    private static Map<String, Object> result(Report report, Finding f, List<String> order) {
        Observation.Endpoint e = report.endpoint();
        String name = Labels.endpoint(e);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ruleId", f.rule());
        result.put("ruleIndex", order.indexOf(f.rule()));
        result.put("level", level(f.severity()));
        result.put("message", Map.of("text", Shown.line(name + ": " + f.detail())));
        result.put(
                "locations",
                List.of(Map.of(
                        "physicalLocation", Map.of("artifactLocation", Map.of("uri", uri(e))),
                        "logicalLocations", List.of(Map.of("name", Shown.line(name), "kind", "resource")))));
        result.put(
                "partialFingerprints",
                Map.of("endpointAndRule/v1", sha256(name + "\n" + e.sni() + "\n" + e.starttls() + "\n" + f.key())));
        if (f.waiver() != null) {
            result.put(
                    "suppressions",
                    List.of(Map.of(
                            "kind",
                            "external",
                            "justification",
                            Shown.line(f.waiver().reason()))));
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("severity", f.severity().word());
        properties.put("policy", f.policy() + " " + f.policyVersion());
        properties.put("evidence", f.evidence());
        if (f.reproduce() != null) {
            properties.put("reproduce", f.reproduce());
        }
        result.put("properties", properties);
        return result;
    }

    /** A URI whatever the host is made of. */
    private static String uri(Observation.Endpoint e) {
        StringBuilder host = new StringBuilder();
        for (byte b : e.host().getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~:".indexOf(c) >= 0;
            host.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
        }
        return "tls://" + (e.host().indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + e.port();
    }

    private static String level(Severity severity) {
        return switch (severity) {
            case INFO, LOW -> "note";
            case MEDIUM -> "warning";
            case HIGH, CRITICAL -> "error";
        };
    }

    /** What code scanning sorts by, as CVSS has it. */
    private static String score(Severity severity) {
        return switch (severity) {
            case INFO -> "0.0";
            case LOW -> "3.0";
            case MEDIUM -> "5.5";
            case HIGH -> "8.0";
            case CRITICAL -> "9.5";
        };
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
