package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.query.Estate;
import io.tlsfleet.store.query.Findings;
import io.tlsfleet.store.query.SeverityCounts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The first page's numbers, counted at most once in two seconds however many look at it, in a large estate less often. */
final class SummaryRoutes {
    private static final Duration FRESH = Duration.ofSeconds(2);
    private static final int CAUSES = 10;
    private static final int DAYS = 90;
    private static final int GROUPS = 10;
    private static final List<String> STAGES = List.of("ok", "info", "low", "medium", "high", "critical", "expired");

    private final Database database;
    private final InstantSource clock;
    private final Recent<Boolean, Map<String, Object>> recent;

    SummaryRoutes(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.recent = new Recent<>(FRESH, clock);
    }

    List<Route> routes() {
        return List.of(Route.get(
                "/api/v1/summary", Access.VIEWER, x -> Answer.json(recent.get(true, () -> count(clock.instant())))));
    }

    private Map<String, Object> count(Instant now) {
        Estate estate = new Estate(database.sql());
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("at", now);
        summary.put("endpoints", estate.endpoints());
        summary.put("needAttention", Map.of("now", estate.needAttention(), "weekAgo", estate.needAttentionWeekAgo()));
        summary.put("seenLastDay", estate.seenLastDay());
        long[] unknown = estate.unknown();
        summary.put("coverage", Map.of("unknown", unknown[0], "endpointsWithUnknown", unknown[1]));
        SeverityCounts open = estate.openFindings();
        summary.put("findingsOpen", open);
        summary.put("findingsAcknowledged", estate.acknowledgedFindings());
        Findings.Filter openOnly = Findings.Filter.open();
        summary.put(
                "causes",
                new Findings(database.sql()).causes(openOnly, CAUSES, null).items());
        summary.put("expiry", estate.expiry(DAYS));
        Map<String, Long> stages = new LinkedHashMap<>();
        Map<String, Long> counted = estate.stages();
        STAGES.forEach(stage -> stages.put(stage, counted.getOrDefault(stage, 0L)));
        summary.put("stages", stages);
        summary.put("protocols", estate.protocols());
        summary.put("grades", estate.grades());
        summary.put("keyExchange", estate.keyExchange());
        summary.put("trend", estate.trend(DAYS));
        summary.put("owners", groups(estate.owners(GROUPS), "owner"));
        summary.put("sites", groups(estate.sites(GROUPS), "site"));
        summary.put("scanner", estate.scanner());
        return summary;
    }

    private static List<ObjectNode> groups(List<Estate.Group> groups, String name) {
        return groups.stream()
                .map(group -> {
                    ObjectNode shown = Json.tree(group).deepCopy();
                    shown.remove("name");
                    shown.put(name, group.name() == null ? "" : group.name());
                    return shown;
                })
                .toList();
    }
}
