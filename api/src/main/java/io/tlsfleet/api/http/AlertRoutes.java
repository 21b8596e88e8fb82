package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.notify.Calendar;
import io.tlsfleet.api.notify.Notifier;
import io.tlsfleet.api.notify.Routing;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Directory;
import io.tlsfleet.store.alert.Receiver;
import io.tlsfleet.store.alert.Situation;
import io.tlsfleet.store.alert.Situations;
import io.tlsfleet.store.alerting.Acknowledgements;
import io.tlsfleet.store.alerting.Alerts;
import io.tlsfleet.store.query.Certificates;
import io.tlsfleet.store.query.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Alerts: what they say, who hears of them, and that somebody has them in hand. And what ends when, as a calendar. */
final class AlertRoutes {
    private static final Set<String> STATES =
            Set.of("open", "pending", "firing", "acknowledged", "silenced", "flapping", "resolved");
    private static final int CALENDAR_DAYS = 90;
    private static final int CALENDAR_BACK_DAYS = 30;
    private static final int CALENDAR_EVENTS = 2000;

    private final Database database;
    private final InstantSource clock;
    private final @Nullable String linkBase;

    AlertRoutes(Database database, InstantSource clock, @Nullable String linkBase) {
        this.database = database;
        this.clock = clock;
        this.linkBase = linkBase;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/alerts", Access.VIEWER, this::alerts),
                Route.get("/api/v1/alerts/{id}", Access.VIEWER, x -> Answer.json(detail(alert(x.id())))),
                Route.post("/api/v1/alerts/{id}/acknowledge", Access.OPERATOR, this::acknowledge),
                Route.delete("/api/v1/alerts/{id}/acknowledge", Access.OPERATOR, this::takeBack),
                Route.get(Doorkeeper.FEED, Access.VIEWER, this::calendar));
    }

    private Alerts.Alert alert(long id) {
        return new Alerts(database.sql()).find(id).orElseThrow(() -> Problem.notFound("there is no alert " + id));
    }

    private Answer alerts(Exchange exchange) {
        Alerts.Filter filter = new Alerts.Filter(
                exchange.queryWord("state", STATES),
                exchange.queryWord("severity", Filters.SEVERITIES),
                Filters.rule(exchange, Notifier.RULES));
        int limit = exchange.limit();
        List<Alerts.Alert> items = new Alerts(database.sql()).list(filter, AlertingRoutes.before(exchange), limit + 1);
        return Answer.json(new Page<>(
                AlertingRoutes.cut(items, limit), AlertingRoutes.next(items, limit, a -> Alerts.place(filter, a))));
    }

    /** With its words, its endpoints by owner, and the way it takes to people now. */
    private ObjectNode detail(Alerts.Alert alert) {
        Cause cause = new Cause(alert.rule(), alert.cause());
        Situation now = Objects.requireNonNull(
                new Situations(database.sql()).of(List.of(cause)).get(cause));
        ObjectNode shown = Json.tree(alert).deepCopy();
        shown.put("detail", now.detail());
        shown.set("why", now.text().path("why"));
        shown.set("remedy", now.text().path("remedy"));
        ArrayNode owners = shown.putArray("owners");
        now.groups().stream()
                .map(Situation.Group::owner)
                .filter(Objects::nonNull)
                .distinct()
                .forEach(owners::add);
        shown.set("groups", Json.tree(now.groups()));
        Directory directory = new Directory(database.sql());
        List<Receiver> receivers = directory.receivers();
        Routing.Ways ways = new Routing(
                        directory.routes(), receivers.stream().map(Receiver::id).toList(), directory.silences())
                .ways(cause, alert.severity(), now.groups());
        ArrayNode hearing = shown.putArray("ways");
        for (Routing.Way way : ways.ways()) {
            receivers.stream()
                    .filter(r -> r.id() == way.receiver())
                    .findFirst()
                    .ifPresent(r -> hearing.addObject()
                            .put("receiverId", r.id())
                            .put("receiver", r.name())
                            .put("afterSeconds", way.after().toSeconds())
                            .put("heard", hasHeard(alert, r)));
        }
        shown.putNull("hiddenUntil");
        ways.hiddenUntil().ifPresent(until -> shown.set("hiddenUntil", Json.tree(until)));
        return shown;
    }

    /** An Alertmanager has no queue: it is told every minute what fires. */
    private static boolean hasHeard(Alerts.Alert alert, Receiver receiver) {
        return receiver.kind().equals("alertmanager")
                ? Set.of("firing", "flapping").contains(alert.state())
                : alert.toldTo().contains(receiver.name());
    }

    private Answer acknowledge(Exchange exchange) {
        long id = exchange.id();
        Alerts.Alert alert = alert(id);
        Members body = Members.of(exchange.json());
        String reason = body.requiredText("reason", 2000);
        Instant until = body.instant("until");
        if (until == null && (!body.has("until") || body.isNull("until"))) {
            body.wrong("until", "until is missing: an acknowledgement ends at some time");
        } else if (until != null && !until.isAfter(clock.instant())) {
            body.wrong("until", "until is in the past");
        }
        body.done();
        if (alert.state().equals("resolved")) {
            throw Problem.conflict("id", "alert " + id + " is resolved: there is nothing to acknowledge");
        }
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            Alerts alerts = new Alerts(sql);
            List<Long> findings = alerts.findings(alert);
            new Acknowledgements(sql).acknowledge(findings, actor.name(), reason, until);
            alerts.acknowledged(id, actor.name(), reason, until);
            new Audit(sql)
                    .record(
                            actor,
                            "alert.acknowledge",
                            "alert " + id,
                            null,
                            Map.of("reason", reason, "findings", findings.size()));
        });
        return Answer.json(alert(id));
    }

    /** It is open again at once, and told again. */
    private Answer takeBack(Exchange exchange) {
        long id = exchange.id();
        Alerts.Alert alert = alert(id);
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            Alerts alerts = new Alerts(sql);
            new Acknowledgements(sql).takeBack(alerts.findings(alert));
            alerts.takenBack(id);
            new Audit(sql).record(actor, "alert.takeBack", "alert " + id, null, null);
        });
        return Answer.nothing();
    }

    private Answer calendar(Exchange exchange) {
        Instant now = clock.instant();
        Integer days = exchange.queryInteger("days", 1, 400);
        Certificates.Filter filter = new Certificates.Filter(
                now.plus(Duration.ofDays(days == null ? CALENDAR_DAYS : days)),
                now.minus(Duration.ofDays(CALENDAR_BACK_DAYS)),
                null,
                exchange.query("owner"),
                true,
                null);
        List<Certificates.Certificate> served = new Certificates(database.sql())
                .list(filter, CALENDAR_EVENTS, null)
                .items();
        return Answer.text("text/calendar; charset=utf-8", Calendar.of(served, linkBase, now));
    }
}
