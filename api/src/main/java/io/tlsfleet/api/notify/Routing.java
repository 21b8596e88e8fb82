package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.store.alert.RouteRow;
import io.tlsfleet.store.alert.SilenceRow;
import io.tlsfleet.store.alert.Situation;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which receivers an alert goes to, and for whose endpoints. Routes are tried in their order, the first that matches a
 * group of endpoints takes it unless it says {@code continue}. Without any route every receiver gets medium and above.
 */
public final class Routing {
    private static final List<String> SEVERITIES = List.of("info", "low", "medium", "high", "critical");
    private static final Duration GROUP_WAIT = Duration.ofSeconds(30);
    /** A critical finding does not wait for company. */
    private static final Duration CRITICAL_WAIT = Duration.ofSeconds(5);

    private final List<RouteRow> routes;
    private final List<Long> receivers;
    private final List<SilenceRow> silences;

    public Routing(List<RouteRow> routes, List<Long> receivers, List<SilenceRow> silences) {
        this.routes = routes;
        this.receivers = receivers;
        this.silences = silences;
    }

    /** A receiver with the groups that it is told of. {@code settings} are the route's, empty for the default. */
    public record Way(long receiver, @Nullable RouteRow route, List<Situation.Group> groups) {
        int endpoints() {
            return groups.stream().mapToInt(Situation.Group::endpoints).sum();
        }
    }

    /** {@code firingSince} decides on escalation steps, {@code now} on quiet hours. */
    public List<Way> ways(
            String rule,
            String cause,
            String severity,
            List<Situation.Group> groups,
            Instant firingSince,
            Instant now) {
        Map<Long, Way> ways = new LinkedHashMap<>();
        for (Situation.Group group : groups) {
            Map<String, String> labels = labels(rule, cause, severity, group);
            if (isSilenced(labels)) {
                continue;
            }
            if (routes.isEmpty()) {
                if (atLeast(severity, "medium")) {
                    receivers.forEach(r -> add(ways, r, null, group));
                }
                continue;
            }
            for (RouteRow route : routes) {
                if (takes(route, severity, labels, firingSince, now)) {
                    add(ways, route.receiver(), route, group);
                    if (!route.settings().path("continue").asBoolean()) {
                        break;
                    }
                }
            }
        }
        return List.copyOf(ways.values());
    }

    /** How long a new alert waits for others of its cause. */
    public Duration groupWait(String severity) {
        Duration wait = severity.equals("critical") ? CRITICAL_WAIT : GROUP_WAIT;
        for (RouteRow route : routes) {
            if (route.settings().has("groupWaitSeconds")) {
                Duration own = Duration.ofSeconds(
                        route.settings().path("groupWaitSeconds").asLong());
                wait = own.compareTo(wait) < 0 ? own : wait;
            }
        }
        return wait;
    }

    public static boolean atLeast(String severity, String threshold) {
        return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
    }

    public static Map<String, String> labels(String rule, String cause, String severity, Situation.Group group) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("rule", rule);
        labels.put("cause", cause);
        labels.put("severity", severity);
        labels.put("owner", group.owner() == null ? "" : group.owner());
        labels.put("site", group.site());
        labels.put("policy", group.policy() == null ? "" : group.policy());
        group.tags()
                .properties()
                .forEach(t -> labels.put("tag." + t.getKey(), t.getValue().asText()));
        if (group.examples().size() == 1 && group.endpoints() == 1) {
            String name = group.examples().getFirst().name();
            labels.put("endpoint", name);
            labels.put("host", name.substring(0, name.lastIndexOf(':')));
        }
        return labels;
    }

    private boolean isSilenced(Map<String, String> labels) {
        return silences.stream()
                .anyMatch(s -> Matcher.list(s.matchers()).stream().allMatch(m -> m.matches(labels)));
    }

    private static boolean takes(
            RouteRow route, String severity, Map<String, String> labels, Instant firingSince, Instant now) {
        JsonNode settings = route.settings();
        return atLeast(severity, settings.path("minSeverity").asText("medium"))
                && Matcher.list(route.matchers()).stream().allMatch(m -> m.matches(labels))
                && !firingSince
                        .plusSeconds(settings.path("afterSeconds").asLong())
                        .isAfter(now)
                && !isQuiet(settings.path("quietHours"), severity, now);
    }

    private static boolean isQuiet(JsonNode hours, String severity, Instant now) {
        if (!hours.isObject() || atLeast(severity, hours.path("below").asText("high"))) {
            return false;
        }
        LocalTime from = LocalTime.parse(hours.path("from").asText());
        LocalTime to = LocalTime.parse(hours.path("to").asText());
        LocalTime at = LocalTime.ofInstant(now, ZoneId.of(hours.path("zone").asText("UTC")));
        return from.isBefore(to) ? !at.isBefore(from) && at.isBefore(to) : !at.isBefore(from) || at.isBefore(to);
    }

    private static void add(Map<Long, Way> ways, long receiver, @Nullable RouteRow route, Situation.Group group) {
        Way way = ways.get(receiver);
        List<Situation.Group> groups = new ArrayList<>(way == null ? List.of() : way.groups());
        groups.add(group);
        ways.put(receiver, new Way(receiver, way == null ? route : way.route(), groups));
    }
}
