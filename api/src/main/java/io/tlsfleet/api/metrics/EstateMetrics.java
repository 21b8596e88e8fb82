package io.tlsfleet.api.metrics;

import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.fleet.policy.Rule;
import io.tlsfleet.fleet.policy.Rules;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.alerting.Outbox;
import io.tlsfleet.store.alerting.Receivers;
import io.tlsfleet.store.query.Estate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The estate in Prometheus' words, counted at most once in some seconds however often it is asked. */
public final class EstateMetrics {
    private static final Duration FRESH = Duration.ofSeconds(2);
    private static final int MOST_OWNERS = 50;
    private static final String OTHER = "other";
    private static final List<String> STATES = List.of("ok", "findings", "unreachable", "never-scanned");
    private static final List<String> STAGES = List.of("ok", "info", "low", "medium", "high", "critical", "expired");

    private final Database database;
    private final InstantSource clock;
    private final ScanCounters scans;
    private final NoticeCounters notices;
    private final FileWatch alertingFile;
    private final int perEndpoint;
    private final String version;
    private final String commit;
    private @Nullable String last;
    private Instant lastAt = Instant.EPOCH;

    public EstateMetrics(
            Database database,
            InstantSource clock,
            ScanCounters scans,
            NoticeCounters notices,
            FileWatch alertingFile,
            int perEndpoint,
            String version,
            String commit) {
        this.database = database;
        this.scans = scans;
        this.notices = notices;
        this.alertingFile = alertingFile;
        this.clock = clock;
        this.perEndpoint = perEndpoint;
        this.version = version;
        this.commit = commit;
    }

    public synchronized String text() {
        Instant now = clock.instant();
        String known = last;
        if (known == null || Duration.between(lastAt, now).abs().compareTo(FRESH) > 0) {
            known = write();
            last = known;
            lastAt = now;
        }
        return known;
    }

    private String write() {
        Estate estate = new Estate(database.sql());
        Exposition out = new Exposition();
        Estate.Endpoints endpoints = estate.endpoints();
        Map<String, Long> states = Map.of(
                "ok", endpoints.ok(),
                "findings", endpoints.findings(),
                "unreachable", endpoints.unreachable(),
                "never-scanned", endpoints.neverScanned());
        out.family("tlsfleet_endpoints", "gauge", "Endpoints by state.");
        STATES.forEach(state -> out.value(states.getOrDefault(state, 0L), "state", state));
        findings(out, estate);
        perEndpoint(out, estate, endpoints.total() - endpoints.neverScanned());
        out.family(
                "tlsfleet_certificates_expiring",
                "gauge",
                "Endpoints by the stage of their certificate's expiry; the stages of the rule, not fixed days.");
        Map<String, Long> stages = estate.stages();
        STAGES.forEach(stage -> out.value(stages.getOrDefault(stage, 0L), "stage", stage));
        scans.write(out);
        queue(out, estate);
        notifications(out);
        out.family("tlsfleet_build_info", "gauge", "What runs here.").value(1, "version", version, "commit", commit);
        return out.text();
    }

    private static void findings(Exposition out, Estate estate) {
        Map<List<String>, Long> open = estate.openByRule();
        out.family("tlsfleet_findings_open", "gauge", "Findings that are not resolved, by rule and severity.");
        for (Rule rule : Rules.all()) {
            open.putIfAbsent(List.of(rule.id(), rule.severity().word()), 0L);
        }
        open.forEach((key, count) -> out.value(count, "rule", key.get(0), "severity", key.get(1)));

        Map<List<String>, Long> byOwner = estate.openByOwner();
        Map<String, Long> totals = new HashMap<>();
        byOwner.forEach((key, count) -> totals.merge(key.getFirst(), count, Long::sum));
        Set<String> shown = new LinkedHashSet<>();
        totals.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .limit(MOST_OWNERS)
                .forEach(shown::add);
        shown.add(OTHER);
        Map<List<String>, Long> bounded = new HashMap<>();
        byOwner.forEach((key, count) -> bounded.merge(
                List.of(shown.contains(key.getFirst()) ? key.getFirst() : OTHER, key.get(1)), count, Long::sum));
        out.family(
                "tlsfleet_owner_findings_open",
                "gauge",
                "Findings that are not resolved, by owner; beyond fifty owners under other.");
        for (String owner : shown.stream().sorted().toList()) {
            for (Severity severity : Severity.values()) {
                out.value(
                        bounded.getOrDefault(List.of(owner, severity.word()), 0L),
                        "owner",
                        owner,
                        "severity",
                        severity.word());
            }
        }
    }

    private void perEndpoint(Exposition out, Estate estate, long scanned) {
        List<Estate.Exported> exported = estate.exported(perEndpoint);
        Set<String> names = new HashSet<>();
        Set<String> twice = new HashSet<>();
        Set<Long> omitted = new HashSet<>();
        exported.forEach(endpoint -> {
            if (!names.add(label(endpoint))) {
                twice.add(label(endpoint));
            }
        });
        out.family(
                "tlsfleet_certificate_not_after_timestamp_seconds", "gauge", "When the leaf ends, the soonest first.");
        for (Estate.Exported endpoint : exported) {
            Instant notAfter = endpoint.notAfter();
            int before = out.leftOut();
            if (notAfter != null) {
                out.value(
                        notAfter.toEpochMilli() / 1000.0,
                        "endpoint",
                        name(endpoint, twice),
                        "owner",
                        orEmpty(endpoint.owner()),
                        "key_type",
                        orEmpty(endpoint.keyType()));
            }
            if (out.leftOut() > before) {
                omitted.add(endpoint.id());
            }
        }
        out.family("tlsfleet_endpoint_info", "gauge", "What an endpoint is; join it by endpoint.");
        for (Estate.Exported endpoint : exported) {
            int before = out.leftOut();
            out.value(
                    1,
                    "endpoint",
                    name(endpoint, twice),
                    "owner",
                    orEmpty(endpoint.owner()),
                    "site",
                    endpoint.site(),
                    "grade",
                    orEmpty(endpoint.grade()),
                    "protocols",
                    String.join(",", endpoint.protocols()));
            if (out.leftOut() > before) {
                omitted.add(endpoint.id());
            }
        }
        out.family(
                        "tlsfleet_metrics_endpoints_omitted",
                        "gauge",
                        "Endpoints left out of the two families above, those that end last and those whose line was there already.")
                .value(Math.max(0, scanned - exported.size()) + omitted.size());
    }

    private static String label(Estate.Exported endpoint) {
        return Exposition.label(endpoint.name(), Exposition.LONGEST_ENDPOINT);
    }

    /** The same name at two sites is told apart by the site. */
    private static String name(Estate.Exported endpoint, Set<String> twice) {
        return twice.contains(label(endpoint)) ? endpoint.name() + " site=" + endpoint.site() : endpoint.name();
    }

    private void queue(Exposition out, Estate estate) {
        Estate.Scanner scanner = estate.scanner();
        out.family("tlsfleet_queue_due", "gauge", "Endpoints that are due and that nobody holds.")
                .value(scanner.due());
        out.family("tlsfleet_queue_oldest_due_seconds", "gauge", "How long the one that waits longest is due.")
                .value(Math.max(0, scanner.oldestDueSeconds()));
        out.family("tlsfleet_leases_held", "gauge", "Leases in force.").value(scanner.leasesHeld());
    }

    private void notifications(Exposition out) {
        Receivers receivers = new Receivers(database.sql());
        notices.write(out, receivers.names(), new Outbox(database.sql()).pending());
        out.family(
                        "tlsfleet_alerting_file_loads_total",
                        "counter",
                        "Changes of the alerting file that were read, by outcome.")
                .value(alertingFile.timesApplied(), "outcome", "applied")
                .value(alertingFile.timesInvalid(), "outcome", "invalid");
        out.family(
                        "tlsfleet_alerting_file_valid",
                        "gauge",
                        "0 while the alerting file is wrong and what it said before is in force.")
                .value(alertingFile.state().isValid() ? 1 : 0);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
