package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.RouteRow;
import io.tlsfleet.store.alert.SilenceRow;
import io.tlsfleet.store.alert.Situation;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which receivers an alert goes to, from when on, and for whose endpoints. Routes are tried in their order, the first that
 * matches a group of endpoints takes it unless it says {@code continue}; its steps name those who hear of it later, while
 * nobody acknowledged it. Without any route every receiver gets medium and above.
 */
public final class Routing {
    private static final List<String> SEVERITIES = List.of("info", "low", "medium", "high", "critical");
    static final Duration GROUP_WAIT = Duration.ofSeconds(30);
    static final Duration GROUP_INTERVAL = Duration.ofMinutes(5);
    private static final RouteRow EVERYBODY =
            new RouteRow(0, 0, JsonNodeFactory.instance.arrayNode(), JsonNodeFactory.instance.objectNode());

    private final List<RouteRow> routes;
    private final List<Long> receivers;
    private final List<SilenceRow> silences;

    public Routing(List<RouteRow> routes, List<Long> receivers, List<SilenceRow> silences) {
        this.routes = routes;
        this.receivers = receivers;
        this.silences = silences;
    }

    /** A receiver with the groups that it is told of, {@code after} so long; {@code group} is shared by what it hears at once. */
    public record Way(long receiver, RouteRow route, Duration after, String group, List<Situation.Group> groups) {
        int endpoints() {
            return groups.stream().mapToInt(Situation.Group::endpoints).sum();
        }

        boolean isGrouped() {
            return route.settings().path("groupBy").isArray();
        }

        Duration groupInterval() {
            return Duration.ofSeconds(
                    route.settings().path("groupIntervalSeconds").asLong(GROUP_INTERVAL.toSeconds()));
        }
    }

    /** The ways, and until when silences hide what they leave out; empty when they hide nothing. */
    public record Ways(List<Way> ways, Optional<Instant> hiddenUntil) {}

    public Ways ways(Cause cause, String severity, List<Situation.Group> groups) {
        Map<String, Way> ways = new LinkedHashMap<>();
        Instant hiddenUntil = null;
        for (Situation.Group group : groups) {
            Map<String, String> labels = labels(cause, severity, group);
            Optional<SilenceRow> silence = silence(labels);
            if (silence.isPresent()) {
                Instant end = silence.get().endsAt();
                hiddenUntil = hiddenUntil == null || end.isBefore(hiddenUntil) ? end : hiddenUntil;
                continue;
            }
            if (routes.isEmpty() && atLeast(severity, "medium")) {
                receivers.forEach(r -> add(ways, r, EVERYBODY, Duration.ZERO, labels, group));
            }
            for (RouteRow route : taken(labels)) {
                add(ways, route.receiver(), route, seconds(route.settings(), "afterSeconds"), labels, group);
                for (JsonNode step : route.settings().path("steps")) {
                    add(ways, step.path("receiverId").asLong(), route, seconds(step, "afterSeconds"), labels, group);
                }
            }
        }
        return new Ways(List.copyOf(ways.values()), Optional.ofNullable(hiddenUntil));
    }

    /** Of these groups those that a receiver is told of. */
    List<Situation.Group> groups(Instance alert, List<Situation.Group> groups, long receiver) {
        return ways(alert.cause(), alert.severity(), groups).ways().stream()
                .filter(w -> w.receiver() == receiver)
                .flatMap(w -> w.groups().stream())
                .distinct()
                .toList();
    }

    /** The routes that these labels take, in order; empty also where there are none and every receiver hears. */
    public List<RouteRow> taken(Map<String, String> labels) {
        List<RouteRow> taken = new ArrayList<>();
        for (RouteRow route : routes) {
            if (atLeast(
                            labels.getOrDefault("severity", "info"),
                            route.settings().path("minSeverity").asText("medium"))
                    && hold(route.matchers(), labels)) {
                taken.add(route);
                if (!route.settings().path("continue").asBoolean()) {
                    break;
                }
            }
        }
        return taken;
    }

    /** How long a new alert waits for others of its cause: the shortest of the routes that may take it, or half a minute. */
    public Duration groupWait() {
        Duration wait = null;
        for (RouteRow route : routes) {
            Duration own = route.settings().has("groupWaitSeconds")
                    ? seconds(route.settings(), "groupWaitSeconds")
                    : GROUP_WAIT;
            wait = wait == null || own.compareTo(wait) < 0 ? own : wait;
        }
        return wait == null ? GROUP_WAIT : wait;
    }

    /** Zero: told once. Expiry is told by stages; what has expired, and what is critical, daily until somebody takes it. */
    static Duration repeat(RouteRow route, Cause cause, String severity) {
        if (cause.rule().equals("certificate.expires-soon")
                || cause.rule().equals("certificate.intermediate-expires-first")) {
            return Duration.ZERO;
        }
        if (route.settings().has("repeatSeconds")) {
            return seconds(route.settings(), "repeatSeconds");
        }
        return severity.equals("critical") ? Lifecycle.DAY : Duration.ZERO;
    }

    /** When quiet hours end in which this must not be told; empty outside of them. */
    static Optional<Instant> quietUntil(RouteRow route, String severity, Instant now) {
        JsonNode hours = route.settings().path("quietHours");
        if (!hours.isObject() || atLeast(severity, hours.path("below").asText("high"))) {
            return Optional.empty();
        }
        LocalTime from = LocalTime.parse(hours.path("from").asText());
        LocalTime to = LocalTime.parse(hours.path("to").asText());
        ZonedDateTime at = now.atZone(ZoneId.of(hours.path("zone").asText("UTC")));
        LocalTime time = at.toLocalTime();
        boolean inside = from.isBefore(to)
                ? !time.isBefore(from) && time.isBefore(to)
                : !time.isBefore(from) || time.isBefore(to);
        ZonedDateTime end = at.with(to);
        return inside ? Optional.of((end.isAfter(at) ? end : end.plusDays(1)).toInstant()) : Optional.empty();
    }

    public static boolean atLeast(String severity, String threshold) {
        return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
    }

    static String worst(String a, String b) {
        return atLeast(a, b) ? a : b;
    }

    public static Map<String, String> labels(Cause cause, String severity, Situation.Group group) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("rule", cause.rule());
        labels.put("cause", cause.cause());
        labels.put("severity", severity);
        labels.put("owner", group.owner() == null ? "" : group.owner());
        labels.put("site", group.site());
        labels.put("policy", group.policy() == null ? "" : group.policy());
        tags(labels, group.tags());
        if (group.examples().size() == 1 && group.endpoints() == 1) {
            String name = group.examples().getFirst().name();
            labels.put("endpoint", name);
            labels.put("host", name.substring(0, name.lastIndexOf(':')));
        }
        return labels;
    }

    /** Each tag as {@code tag.KEY}; what is called env or environment also as {@code environment}. */
    public static void tags(Map<String, String> labels, JsonNode tags) {
        labels.put(
                "environment", tags.path("env").asText(tags.path("environment").asText("")));
        tags.properties()
                .forEach(t -> labels.put("tag." + t.getKey(), t.getValue().asText()));
    }

    public static boolean hold(JsonNode matchers, Map<String, String> labels) {
        return Matcher.list(matchers).stream().allMatch(m -> m.matches(labels));
    }

    private Optional<SilenceRow> silence(Map<String, String> labels) {
        return silences.stream().filter(s -> hold(s.matchers(), labels)).findFirst();
    }

    private static Duration seconds(JsonNode settings, String name) {
        return Duration.ofSeconds(settings.path(name).asLong());
    }

    private static void add(
            Map<String, Way> ways,
            long receiver,
            RouteRow route,
            Duration after,
            Map<String, String> labels,
            Situation.Group group) {
        StringBuilder together = new StringBuilder();
        route.settings()
                .path("groupBy")
                .forEach(label ->
                        together.append(labels.getOrDefault(label.asText(), "")).append('\u0000'));
        String key = receiver + " " + together;
        Way way = ways.get(key);
        if (way == null || after.compareTo(way.after()) < 0) {
            List<Situation.Group> groups = way == null ? new ArrayList<>() : way.groups();
            way = new Way(receiver, route, after, together.toString(), groups);
            ways.put(key, way);
        }
        way.groups().add(group);
    }
}
