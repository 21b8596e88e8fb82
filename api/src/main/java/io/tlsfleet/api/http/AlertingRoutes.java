package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.alertfile.FileApply;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.api.notify.Delivery;
import io.tlsfleet.api.notify.Matcher;
import io.tlsfleet.api.notify.Routing;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.alert.AlertRows;
import io.tlsfleet.store.alert.Directory;
import io.tlsfleet.store.alert.RouteRow;
import io.tlsfleet.store.alerting.Outbox;
import io.tlsfleet.store.alerting.RoutingTable;
import io.tlsfleet.store.query.Findings;
import io.tlsfleet.store.query.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Routes, silences and the delivery log. */
final class AlertingRoutes {
    private static final Duration LONGEST_SILENCE = Duration.ofDays(90);

    private final Database database;
    private final InstantSource clock;

    AlertingRoutes(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get(
                        "/api/v1/routes",
                        Access.VIEWER,
                        x -> Answer.json(x.page(routing().routes().stream()
                                .map(AlertingRoutes::shown)
                                .toList()))),
                Route.post("/api/v1/routes", Access.ADMIN, this::addRoute),
                Route.post("/api/v1/routes/try", Access.VIEWER, this::tryRoutes),
                Route.get("/api/v1/routes/{id}", Access.VIEWER, x -> Answer.json(shown(route(x.id())))),
                Route.put("/api/v1/routes/{id}", Access.ADMIN, this::changeRoute),
                Route.delete("/api/v1/routes/{id}", Access.ADMIN, this::deleteRoute),
                Route.get(
                        "/api/v1/silences",
                        Access.VIEWER,
                        x -> Answer.json(x.page(
                                routing().silences().stream().map(this::shown).toList()))),
                Route.post("/api/v1/silences", Access.OPERATOR, this::addSilence),
                Route.get("/api/v1/silences/{id}", Access.VIEWER, x -> Answer.json(shown(silence(x.id())))),
                Route.delete("/api/v1/silences/{id}", Access.OPERATOR, this::deleteSilence),
                Route.get("/api/v1/notifications", Access.VIEWER, this::notifications),
                Route.post("/api/v1/notifications/{id}/replay", Access.OPERATOR, this::replay));
    }

    private RoutingTable routing() {
        return new RoutingTable(database.sql());
    }

    private RoutingTable.Route route(long id) {
        return routing().route(id).orElseThrow(() -> Problem.notFound("there is no route " + id));
    }

    private RoutingTable.Silence silence(long id) {
        return routing().silence(id).orElseThrow(() -> Problem.notFound("there is no silence " + id));
    }

    private record NewRoute(long receiver, int position, JsonNode matchers, JsonNode settings) {}

    private NewRoute newRoute(Exchange exchange) {
        JsonNode json = exchange.json();
        Members body = Members.of(json);
        Long receiver = body.id("receiverId");
        if (receiver == null && !json.hasNonNull("receiverId")) {
            body.wrong("receiverId", "receiverId is missing");
        } else if (receiver != null
                && new io.tlsfleet.store.alerting.Receivers(database.sql())
                        .find(receiver)
                        .isEmpty()) {
            body.wrong("receiverId", "there is no receiver " + receiver);
        }
        Integer position = body.integer("position", -1_000_000, 1_000_000);
        JsonNode matchers = matchers(body);
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        String least = body.word("minSeverity", Filters.SEVERITIES);
        if (least != null) {
            settings.put("minSeverity", least);
        }
        Boolean more = body.flag("continue");
        if (more != null) {
            settings.put("continue", more);
        }
        Integer wait = body.integer("groupWaitSeconds", 0, 86_400);
        if (wait != null) {
            settings.put("groupWaitSeconds", wait);
        }
        Integer after = body.integer("afterSeconds", 0, 30 * 86_400);
        if (after != null) {
            settings.put("afterSeconds", after);
        }
        Integer interval = body.integer("groupIntervalSeconds", 0, 7 * 86_400);
        if (interval != null) {
            settings.put("groupIntervalSeconds", interval);
        }
        Integer repeat = body.integer("repeatSeconds", 0, 30 * 86_400);
        if (repeat != null && repeat > 0 && repeat < 300) {
            body.wrong("repeatSeconds", "at least 300, or 0 for never");
        } else if (repeat != null) {
            settings.put("repeatSeconds", repeat);
        }
        List<String> groupBy = body.texts("groupBy", 10, 200);
        for (String label : groupBy) {
            if (!Matcher.isLabel(label)) {
                body.wrong("groupBy", "'" + Text.shown(label) + "' is none of " + Matcher.LABELS);
            }
        }
        if (body.has("groupBy")) {
            settings.set("groupBy", Json.tree(groupBy));
        }
        steps(body, settings);
        Members quiet = body.object("quietHours");
        if (quiet != null) {
            settings.set("quietHours", quietHours(quiet));
        }
        body.done();
        return new NewRoute(
                java.util.Objects.requireNonNull(receiver), position == null ? 0 : position, matchers, settings);
    }

    /** Who hears of it later, while nobody acknowledged it. */
    private void steps(Members body, ObjectNode settings) {
        List<JsonNode> given = body.array("steps", 10);
        var steps = JsonNodeFactory.instance.arrayNode();
        var receivers = new io.tlsfleet.store.alerting.Receivers(database.sql());
        for (int i = 0; i < given.size(); i++) {
            JsonNode receiver = given.get(i).path("receiverId");
            JsonNode after = given.get(i).path("afterSeconds");
            if (!receiver.isIntegralNumber()
                    || receivers.find(receiver.asLong()).isEmpty()) {
                body.wrong("steps/" + i + "/receiverId", "there is no such receiver");
            } else if (!after.canConvertToInt() || after.asInt() < 0 || after.asInt() > 30 * 86_400) {
                body.wrong("steps/" + i + "/afterSeconds", "expected a number from 0 to 2592000");
            } else {
                steps.addObject().put("receiverId", receiver.asLong()).put("afterSeconds", after.asInt());
            }
        }
        if (!given.isEmpty()) {
            settings.set("steps", steps);
        }
    }

    private static ObjectNode quietHours(Members quiet) {
        ObjectNode hours = JsonNodeFactory.instance.objectNode();
        for (String end : List.of("from", "to")) {
            String text = quiet.requiredText(end, 5);
            if (!text.isEmpty() && !text.matches("([01][0-9]|2[0-3]):[0-5][0-9]")) {
                quiet.wrong(end, "'" + Text.shown(text) + "' is no time of day like 22:00");
            }
            hours.put(end, text);
        }
        String zone = quiet.text("zone", 60);
        if (zone != null && !java.time.ZoneId.getAvailableZoneIds().contains(zone)) {
            quiet.wrong("zone", "'" + Text.shown(zone) + "' is no time zone like Europe/Berlin");
        }
        hours.put("zone", zone == null ? "UTC" : zone);
        String below = quiet.word("below", Filters.SEVERITIES);
        hours.put("below", below == null ? "high" : below);
        quiet.checkUnknown();
        return hours;
    }

    private static JsonNode matchers(Members body) {
        var all = JsonNodeFactory.instance.arrayNode();
        List<JsonNode> given = body.array("matchers", 50);
        for (int i = 0; i < given.size(); i++) {
            JsonNode one = given.get(i);
            String name = one.path("name").asText();
            String operator = one.path("operator").asText("=");
            String value = one.path("value").asText();
            String at = "matchers/" + i;
            if (!one.isObject() || !one.path("value").isTextual()) {
                body.wrong(at + "/value", "expected {name, operator, value}, value a text");
            } else {
                Matcher.objection(name, operator, value).ifPresent(o -> body.wrong(at + "/" + o.field(), o.why()));
            }
            all.addObject().put("name", name).put("operator", operator).put("value", value);
        }
        return all;
    }

    private static RoutingTable.Route byHand(RoutingTable.Route route) {
        if (route.settings().path(FileApply.MARK).asBoolean()) {
            throw Problem.conflict("id", "route " + route.id() + " is from the alerting file: change it there");
        }
        return route;
    }

    private Answer addRoute(Exchange exchange) {
        NewRoute route = newRoute(exchange);
        Audit.Actor actor = exchange.auditActor();
        long id = database.inTransaction(sql -> {
            long added = new RoutingTable(sql).addRoute(route.position, route.receiver, route.matchers, route.settings);
            new AlertRows(sql).lookAgain();
            new Audit(sql).record(actor, "route.add", "route " + added, null, route);
            return added;
        });
        return Answer.json(201, shown(route(id))).with("Location", "/api/v1/routes/" + id);
    }

    private Answer changeRoute(Exchange exchange) {
        RoutingTable.Route before = byHand(route(exchange.id()));
        NewRoute route = newRoute(exchange);
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            new RoutingTable(sql)
                    .changeRoute(before.id(), route.position, route.receiver, route.matchers, route.settings);
            new AlertRows(sql).lookAgain();
            new Audit(sql).record(actor, "route.change", "route " + before.id(), before, route);
        });
        return Answer.json(shown(route(before.id())));
    }

    private Answer deleteRoute(Exchange exchange) {
        RoutingTable.Route before = byHand(route(exchange.id()));
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            new RoutingTable(sql).deleteRoute(before.id());
            new AlertRows(sql).lookAgain();
            new Audit(sql).record(actor, "route.delete", "route " + before.id(), before, null);
        });
        return Answer.nothing();
    }

    private static ObjectNode shown(RoutingTable.Route route) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        shown.put("id", route.id())
                .put("receiverId", route.receiverId())
                .put("receiver", route.receiver())
                .put("position", route.position());
        shown.set("matchers", route.matchers());
        shown.put("minSeverity", "medium").put("continue", false).put("groupWaitSeconds", 30);
        shown.setAll((ObjectNode) route.settings());
        return shown;
    }

    private Answer tryRoutes(Exchange exchange) {
        Members body = Members.of(exchange.json());
        Long finding = body.id("finding");
        Map<String, String> given = body.map("labels", 100, 500);
        body.done();
        Map<String, String> labels = finding == null
                ? given
                : labels(new Findings(database.sql())
                        .find(finding)
                        .orElseThrow(() -> Problem.invalid("finding", "there is no finding " + finding)));
        if (labels.isEmpty()) {
            throw Problem.invalid("labels", "give a finding's id or labels");
        }
        if (!Filters.SEVERITIES.contains(labels.getOrDefault("severity", "info"))) {
            throw Problem.invalid(
                    "labels/severity", "'" + Text.shown(labels.getOrDefault("severity", "")) + "' is no severity");
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("labels", labels);
        answer.put("routes", taken(labels));
        answer.put("silencedBy", silencing(labels));
        return Answer.json(answer);
    }

    private List<ObjectNode> taken(Map<String, String> labels) {
        Set<Long> ids = new Routing(new Directory(database.sql()).routes(), List.of(), List.of())
                .taken(labels).stream().map(RouteRow::id).collect(Collectors.toSet());
        return routing().routes().stream()
                .filter(r -> ids.contains(r.id()))
                .map(AlertingRoutes::shown)
                .toList();
    }

    private List<ObjectNode> silencing(Map<String, String> labels) {
        Instant now = clock.instant();
        return routing().silences().stream()
                .filter(s ->
                        !s.startsAt().isAfter(now) && s.endsAt().isAfter(now) && Routing.hold(s.matchers(), labels))
                .map(this::shown)
                .toList();
    }

    /** As routes and silences see a finding. */
    private static Map<String, String> labels(Findings.Finding finding) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("severity", finding.severity());
        labels.put("rule", finding.rule());
        labels.put("cause", finding.cause());
        labels.put("policy", finding.policy());
        labels.put("host", finding.endpoint().replaceFirst(":[0-9]+( .*)?$", ""));
        labels.put("endpoint", finding.endpoint());
        labels.put("owner", finding.owner() == null ? "" : finding.owner());
        labels.put("site", finding.site());
        Routing.tags(labels, finding.tags());
        return labels;
    }

    private Answer addSilence(Exchange exchange) {
        boolean dryRun = exchange.queryFlag("dryRun");
        JsonNode json = exchange.json();
        Members body = Members.of(json);
        JsonNode matchers = matchers(body);
        if (matchers.isEmpty()) {
            body.wrong("matchers", "matchers are missing: a silence of everything is not possible");
        }
        String reason = body.requiredText("reason", 2000);
        Instant startsAt = body.instant("startsAt");
        Instant endsAt = body.instant("endsAt");
        Instant from = startsAt == null ? clock.instant() : startsAt;
        if (endsAt == null && !json.hasNonNull("endsAt")) {
            body.wrong("endsAt", "endsAt is missing: a silence ends at some time");
        } else if (endsAt != null && (!endsAt.isAfter(from) || endsAt.isAfter(from.plus(LONGEST_SILENCE)))) {
            body.wrong("endsAt", "endsAt must be after the start, and at most 90 days after it");
        } else if (endsAt != null && !endsAt.isAfter(clock.instant())) {
            body.wrong("endsAt", "endsAt is in the past");
        }
        body.done();
        if (dryRun) {
            return Answer.json(preview(matchers));
        }
        Instant until = java.util.Objects.requireNonNull(endsAt);
        Audit.Actor actor = exchange.auditActor();
        long id = database.inTransaction(sql -> {
            long added = new RoutingTable(sql).addSilence(matchers, reason, actor.name(), from, until);
            new AlertRows(sql).lookAgain();
            new Audit(sql).record(actor, "silence.add", "silence " + added, null, json);
            return added;
        });
        return Answer.json(201, shown(silence(id))).with("Location", "/api/v1/silences/" + id);
    }

    /** Among the worst ten thousand open findings. */
    private Map<String, Object> preview(JsonNode matchers) {
        long count = 0;
        Set<Long> endpoints = new java.util.HashSet<>();
        List<Findings.Finding> examples = new ArrayList<>();
        String cursor = null;
        int pages = 0;
        do {
            Page<Findings.Finding> page = new Findings(database.sql()).list(Findings.Filter.none(), 1000, cursor);
            for (Findings.Finding finding : page.items()) {
                if (Routing.hold(matchers, labels(finding))) {
                    count++;
                    endpoints.add(finding.endpointId());
                    if (examples.size() < 5) {
                        examples.add(finding);
                    }
                }
            }
            cursor = page.nextCursor();
        } while (cursor != null && ++pages < 10);
        return Map.of("findings", count, "endpoints", endpoints.size(), "examples", examples);
    }

    private Answer deleteSilence(Exchange exchange) {
        RoutingTable.Silence before = silence(exchange.id());
        if (FileApply.isFromFile(before)) {
            throw Problem.conflict("id", "silence " + before.id() + " is from the alerting file: end it there");
        }
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            new RoutingTable(sql).endSilence(before.id());
            new AlertRows(sql).lookAgain();
            new Audit(sql).record(actor, "silence.end", "silence " + before.id(), before, null);
        });
        return Answer.nothing();
    }

    private ObjectNode shown(RoutingTable.Silence silence) {
        ObjectNode shown = Json.tree(silence).deepCopy();
        Instant now = clock.instant();
        shown.put(
                "state",
                silence.startsAt().isAfter(now) ? "pending" : silence.endsAt().isAfter(now) ? "active" : "expired");
        shown.put(FileApply.MARK, FileApply.isFromFile(silence));
        return shown;
    }

    static long before(Exchange exchange) {
        String cursor = exchange.query("cursor");
        if (cursor != null && !cursor.matches("[0-9]{1,18}")) {
            throw Problem.invalid(
                    "cursor", "'" + Text.shown(cursor) + "' is no cursor: give nextCursor of the page before");
        }
        return cursor == null ? Long.MAX_VALUE : Long.parseLong(cursor);
    }

    static <T> List<T> cut(List<T> items, int limit) {
        return items.size() > limit ? items.subList(0, limit) : items;
    }

    static <T> @Nullable String next(List<T> items, int limit, ToLongFunction<T> id) {
        return items.size() > limit ? Long.toString(id.applyAsLong(items.get(limit - 1))) : null;
    }

    private Answer notifications(Exchange exchange) {
        String state = exchange.queryWord("state", Set.of("pending", "delivered", "dead", "superseded"));
        int limit = exchange.limit();
        List<Outbox.Notice> items =
                new Outbox(database.sql()).list(state, exchange.queryId("receiver"), before(exchange), limit + 1);
        return Answer.json(new Page<>(
                cut(items, limit).stream().map(AlertingRoutes::shown).toList(), next(items, limit, Outbox.Notice::id)));
    }

    private static ObjectNode shown(Outbox.Notice notice) {
        ObjectNode shown = Json.tree(notice).deepCopy();
        shown.remove("payload");
        shown.set("kind", notice.payload().path("kind"));
        shown.set("title", notice.payload().path("title"));
        shown.set("severity", notice.payload().path("severity"));
        return shown;
    }

    private Answer replay(Exchange exchange) {
        long id = exchange.id();
        Outbox outbox = new Outbox(database.sql());
        if (outbox.find(id).isEmpty()) {
            throw Problem.notFound("there is no notification " + id);
        }
        if (!outbox.replay(id)) {
            throw Problem.conflict("id", "notification " + id + " is not dead: only dead ones are sent again by hand");
        }
        database.doInTransaction(sql ->
                new Audit(sql).record(exchange.auditActor(), "notification.replay", "notification " + id, null, null));
        return Answer.json(202, shown(outbox.find(id).orElseThrow()));
    }

    static Answer result(Delivery delivery, long millis) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        switch (delivery) {
            case Delivery.Delivered done -> put(answer, true, done.status(), done.detail());
            case Delivery.Failed failed -> put(answer, false, failed.status(), failed.why());
            case Delivery.Gone gone -> put(answer, false, 410, gone.why());
        }
        answer.put("durationMillis", millis);
        return Answer.json(answer);
    }

    private static void put(Map<String, @Nullable Object> answer, boolean delivered, int status, String detail) {
        answer.put("delivered", delivered);
        answer.put("status", status == 0 ? null : status);
        answer.put("detail", detail);
    }
}
