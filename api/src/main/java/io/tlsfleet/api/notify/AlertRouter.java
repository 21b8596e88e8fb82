package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.alert.AlertRows;
import io.tlsfleet.store.alert.Directory;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Receiver;
import io.tlsfleet.store.alert.Situation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One turn of routing, in one transaction: events since the last turn bring their alerts up to date; alerts that have
 * waited long enough go out. One notice a stage, the current one only; a finding that was there at an endpoint's first scan
 * goes into a digest unless it is critical or a certificate ends within three days; what comes and goes is said once.
 */
public final class AlertRouter {
    private static final int EVENTS_A_TURN = 2000;
    private static final int ALERTS_A_TURN = 500;
    private static final Duration DIGEST_QUIET = Duration.ofSeconds(60);
    private static final Duration DIGEST_LATEST = Duration.ofMinutes(10);
    private static final Duration URGENT_EXPIRY = Duration.ofDays(3);
    private static final Duration FLAP_WINDOW = Duration.ofHours(6);
    private static final int FLAP_TRANSITIONS = 4;
    private static final int POOR_COVERAGE_PERCENT = 30;
    private static final Duration STALLED_AFTER = Duration.ofMinutes(15);
    private static final int STANDING_LIMIT = 10_000;
    private static final Duration RESOLVED_STANDS = Duration.ofMinutes(15);
    private static final String STALLED_RULE = "fleet.scanning-stopped";

    private final Database database;
    private final InstantSource clock;
    private final @Nullable String linkBase;

    /** {@code linkBase}: where people reach the pages, null when that is not known. */
    public AlertRouter(Database database, InstantSource clock, @Nullable String linkBase) {
        this.database = database;
        this.clock = clock;
        this.linkBase = linkBase;
    }

    /** The ids of the notices that were put into queues. */
    public List<Long> turn() {
        return database.inTransaction(sql -> {
            AlertRows rows = new AlertRows(sql);
            if (!rows.lead()) {
                return List.of();
            }
            Directory directory = new Directory(sql);
            List<Receiver> receivers = directory.receivers().stream()
                    .filter(r -> !r.kind().equals("alertmanager"))
                    .toList();
            Routing routing = new Routing(
                    directory.routes(), receivers.stream().map(Receiver::id).toList(), directory.silences());
            Turn turn = new Turn(rows, routing, receivers, clock.instant());
            turn.takeEvents();
            turn.fireWhatWaited();
            turn.sendDigests();
            turn.watchTheWatcher();
            return turn.queued;
        });
    }

    /**
     * What an Alertmanager must be told again and again: every alert that fires and goes to this receiver, and for a while
     * those that are over.
     */
    public List<Notice> standing(Receiver receiver) {
        return database.inTransaction(sql -> {
            AlertRows rows = new AlertRows(sql);
            Directory directory = new Directory(sql);
            Routing routing = new Routing(directory.routes(), List.of(receiver.id()), directory.silences());
            Turn turn = new Turn(rows, routing, List.of(receiver), clock.instant());
            List<Notice> notices = new ArrayList<>();
            for (Instance alert : rows.inState("firing", STANDING_LIMIT)) {
                Situation situation = rows.situation(alert.rule(), alert.cause());
                routing
                        .ways(
                                alert.rule(),
                                alert.cause(),
                                alert.severity(),
                                situation.groups(),
                                alert.since(),
                                turn.now)
                        .stream()
                        .filter(w -> w.receiver() == receiver.id())
                        .forEach(w -> notices.add(
                                turn.notice(alert.rule(), alert, alert.severity(), "firing", situation, w)));
            }
            rows.resolvedWithin(RESOLVED_STANDS.toSeconds())
                    .forEach(a -> notices.add(
                            turn.notice(a, "resolved", "It is not seen any more.", a.endpoints(), List.of(), null)));
            return notices;
        });
    }

    private final class Turn {
        final AlertRows rows;
        final Routing routing;
        final List<Receiver> receivers;
        final Instant now;
        final List<Long> queued = new ArrayList<>();

        Turn(AlertRows rows, Routing routing, List<Receiver> receivers, Instant now) {
            this.rows = rows;
            this.routing = routing;
            this.receivers = receivers;
            this.now = now;
        }

        void takeEvents() {
            List<AlertRows.Event> events = rows.unrouted(EVENTS_A_TURN);
            Set<List<String>> causes = new LinkedHashSet<>();
            events.forEach(e -> causes.add(List.of(e.rule(), e.cause())));
            causes.forEach(c -> update(c.get(0), c.get(1)));
            if (!events.isEmpty()) {
                rows.routed(events);
            }
        }

        private void update(String rule, String cause) {
            Situation situation = rows.situation(rule, cause);
            Optional<Instance> before = rows.find(rule, cause);
            if (situation.open() + situation.acknowledged() == 0) {
                before.filter(i -> !i.isQuiet()).ifPresent(this::resolve);
                return;
            }
            String severity = Objects.requireNonNull(situation.severity());
            if (before.isEmpty() || before.get().isQuiet()) {
                begin(rule, cause, severity, situation, before.orElse(null));
                return;
            }
            Instance alert = before.get();
            ObjectNode notes = alert.notes().deepCopy();
            String state = situation.open() == 0
                    ? "acknowledged"
                    : alert.state().equals("acknowledged") ? "firing" : alert.state();
            rows.put(
                    rule, cause, severity, state, situation.title(), situation.endpoints(), alert.transitions(), notes);
            boolean worse = !severity.equals(alert.severity()) && Routing.atLeast(severity, alert.severity());
            if (state.equals("firing") && worse) {
                fire(rows.find(rule, cause).orElseThrow(), situation, "worse");
            }
        }

        private void begin(String rule, String cause, String severity, Situation situation, @Nullable Instance before) {
            ObjectNode notes = before == null
                    ? JsonNodeFactory.instance.objectNode()
                    : before.notes().deepCopy();
            remember(notes);
            boolean flaps = transitions(notes) > FLAP_TRANSITIONS;
            boolean digest = situation.fresh() && !severity.equals("critical") && !endsSoon(situation);
            notes.put("digest", digest);
            notes.put("seenAt", now.toString());
            int transitions = before == null ? 1 : before.transitions() + 1;
            String state = flaps ? "flapping" : digest ? "firing" : "pending";
            rows.put(rule, cause, severity, state, situation.title(), situation.endpoints(), transitions, notes);
            if (flaps && !notes.path("flapTold").asBoolean()) {
                Instance alert = rows.find(rule, cause).orElseThrow();
                notes.put("flapTold", true);
                rows.put(rule, cause, severity, state, situation.title(), situation.endpoints(), transitions, notes);
                fire(alert, situation, "flapping");
            }
        }

        private boolean endsSoon(Situation situation) {
            Instant expiry = situation.soonestExpiry();
            return expiry != null && expiry.isBefore(now.plus(URGENT_EXPIRY));
        }

        private void remember(ObjectNode notes) {
            List<String> times = new ArrayList<>();
            notes.path("began").forEach(t -> {
                if (Instant.parse(t.asText()).isAfter(now.minus(FLAP_WINDOW))) {
                    times.add(t.asText());
                }
            });
            if (times.isEmpty()) {
                notes.put("flapTold", false);
            }
            times.add(now.toString());
            notes.putArray("began").removeAll();
            times.forEach(notes.withArray("began")::add);
        }

        private int transitions(ObjectNode notes) {
            return notes.path("began").size();
        }

        private void resolve(Instance alert) {
            ObjectNode notes = alert.notes().deepCopy();
            boolean told = !notes.path("digest").asBoolean() && !alert.state().equals("flapping");
            rows.put(
                    alert.rule(),
                    alert.cause(),
                    alert.severity(),
                    "resolved",
                    alert.title(),
                    alert.endpoints(),
                    alert.transitions(),
                    notes);
            if (!told) {
                return;
            }
            Set<Long> receiversTold = new LinkedHashSet<>(rows.toldOf(alert.id()));
            for (Receiver receiver : receivers) {
                if (receiversTold.contains(receiver.id())
                        && receiver.settings().path("sendResolved").asBoolean(true)) {
                    boolean unsent = rows.supersede(alert.id(), receiver.id());
                    String summary = unsent
                            ? "It began and ended while this receiver could not be reached."
                            : "It is not seen any more.";
                    enqueue(
                            alert,
                            receiver.id(),
                            "resolved",
                            notice(alert, "resolved", summary, alert.endpoints(), List.of(), null));
                }
            }
        }

        void fireWhatWaited() {
            Map<String, Integer> unreachable = Map.of();
            for (Instance alert : rows.inState("pending", ALERTS_A_TURN)) {
                if (alert.since().plus(routing.groupWait(alert.severity())).isAfter(now)) {
                    continue;
                }
                Situation situation = rows.situation(alert.rule(), alert.cause());
                if (alert.rule().equals("endpoint.unreachable")) {
                    unreachable = unreachable.isEmpty() ? rows.newlyUnreachable() : unreachable;
                    Map<String, Integer> shares = unreachable;
                    if (situation.groups().stream()
                            .anyMatch(g -> shares.getOrDefault(g.site(), 0) > POOR_COVERAGE_PERCENT)) {
                        continue; // our own trouble until proven otherwise
                    }
                }
                rows.put(
                        alert.rule(),
                        alert.cause(),
                        alert.severity(),
                        "firing",
                        situation.title(),
                        situation.endpoints(),
                        alert.transitions(),
                        alert.notes());
                fire(alert, situation, "firing");
            }
        }

        private void fire(Instance alert, Situation situation, String kind) {
            String severity = situation.severity() == null ? alert.severity() : situation.severity();
            for (Routing.Way way :
                    routing.ways(alert.rule(), alert.cause(), severity, situation.groups(), alert.since(), now)) {
                if (kind.equals("worse")) {
                    rows.supersede(alert.id(), way.receiver());
                }
                Notice notice = notice(alert.rule(), alert, severity, kind, situation, way);
                // a stage, a severity, is told once for each time that the alert began
                enqueue(alert, way.receiver(), kind + "-" + severity, notice);
            }
            rows.notified(alert.id());
        }

        /** One digest an owner and receiver, once the first scans of an import have come to rest. */
        void sendDigests() {
            List<Instance> waiting = rows.inState("firing", 20_000).stream()
                    .filter(a -> a.notes().path("digest").asBoolean()
                            && !a.notes().path("digested").asBoolean())
                    .toList();
            if (waiting.isEmpty()) {
                return;
            }
            Instant latest =
                    waiting.stream().map(a -> seenAt(a)).max(Instant::compareTo).orElseThrow();
            Instant first =
                    waiting.stream().map(a -> seenAt(a)).min(Instant::compareTo).orElseThrow();
            if (latest.plus(DIGEST_QUIET).isAfter(now)
                    && first.plus(DIGEST_LATEST).isAfter(now)) {
                return;
            }
            Map<Long, Map<String, List<Part>>> parts = new TreeMap<>();
            for (Instance alert : waiting) {
                Situation situation = rows.situation(alert.rule(), alert.cause());
                String severity = situation.severity() == null ? alert.severity() : situation.severity();
                for (Routing.Way way :
                        routing.ways(alert.rule(), alert.cause(), severity, situation.groups(), alert.since(), now)) {
                    for (Situation.Group group : way.groups()) {
                        parts.computeIfAbsent(way.receiver(), r -> new TreeMap<>())
                                .computeIfAbsent(group.owner() == null ? "" : group.owner(), o -> new ArrayList<>())
                                .add(new Part(severity, situation.title(), group.endpoints()));
                    }
                }
                ObjectNode notes = alert.notes().deepCopy();
                notes.put("digested", true);
                rows.put(
                        alert.rule(),
                        alert.cause(),
                        severity,
                        alert.state(),
                        situation.title(),
                        situation.endpoints(),
                        alert.transitions(),
                        notes);
            }
            parts.forEach((receiver, owners) -> owners.forEach((owner, list) -> {
                Notice notice = digest(owner, list);
                rows.enqueue(
                                "digest-" + waiting.getFirst().id() + "-" + now.getEpochSecond() + "-"
                                        + owner.hashCode() + "-r" + receiver,
                                receiver,
                                Json.tree(notice))
                        .ifPresent(queued::add);
            }));
        }

        /** When scanning itself stops nobody else says so: the alert that people would miss most. */
        void watchTheWatcher() {
            Map<String, AlertRows.Stalled> stalled = new TreeMap<>();
            rows.stalled(STALLED_AFTER.toSeconds()).forEach(s -> stalled.put("site " + s.site(), s));
            for (Instance alert : rows.inState("firing", 20_000)) {
                if (alert.rule().equals(STALLED_RULE) && stalled.remove(alert.cause()) == null) {
                    resolve(alert);
                }
            }
            stalled.forEach((cause, s) -> {
                Instance before = rows.find(STALLED_RULE, cause).orElse(null);
                String title = "Scanning has stopped at " + cause;
                rows.put(
                        STALLED_RULE,
                        cause,
                        "critical",
                        "firing",
                        title,
                        0,
                        before == null ? 1 : before.transitions() + 1,
                        JsonNodeFactory.instance.objectNode());
                Instance alert = rows.find(STALLED_RULE, cause).orElseThrow();
                String summary = s.due() + " endpoints are due, the oldest for " + s.oldestSeconds() / 60
                        + " minutes, and no scan was completed. What is shown of them is old.";
                for (Receiver receiver : receivers) {
                    enqueue(
                            alert,
                            receiver.id(),
                            "firing",
                            notice(
                                    alert,
                                    "dead-man",
                                    summary,
                                    0,
                                    List.of(),
                                    linkBase == null ? null : linkBase + "/sites"));
                }
            });
        }

        private Instant seenAt(Instance alert) {
            return alert.notes().has("seenAt")
                    ? Instant.parse(alert.notes().get("seenAt").asText())
                    : alert.since();
        }

        private record Part(String severity, String title, int endpoints) {}

        private Notice digest(String owner, List<Part> parts) {
            Map<String, Integer> counts = new LinkedHashMap<>();
            parts.stream()
                    .sorted((a, b) -> Routing.atLeast(b.severity(), a.severity())
                                    && !a.severity().equals(b.severity())
                            ? 1
                            : a.severity().equals(b.severity()) ? 0 : -1)
                    .forEach(p -> counts.merge(p.severity() + ": " + p.title(), p.endpoints(), Integer::sum));
            List<String> lines = counts.entrySet().stream()
                    .map(e -> e.getKey() + " – " + e.getValue() + (e.getValue() == 1 ? " endpoint" : " endpoints"))
                    .toList();
            String worst = parts.stream().map(Part::severity).reduce("info", (a, b) -> Routing.atLeast(b, a) ? b : a);
            return new Notice(
                    "digest",
                    "digest",
                    null,
                    worst,
                    "First scan of new targets" + (owner.isEmpty() ? "" : " of " + owner),
                    parts.size() + " causes were found by the first scan of targets that are new here.",
                    parts.stream().mapToInt(Part::endpoints).max().orElse(0),
                    List.of(),
                    owner.isEmpty() ? List.of() : List.of(owner),
                    null,
                    now,
                    null,
                    null,
                    lines,
                    linkBase == null ? null : linkBase + "/findings");
        }

        private void enqueue(Instance alert, long receiver, String what, Notice notice) {
            String key = "a" + alert.id() + "-" + alert.transitions() + "-" + what + "-r" + receiver;
            rows.enqueue(key, receiver, Json.tree(notice)).ifPresent(queued::add);
        }

        private Notice notice(
                String rule, Instance alert, String severity, String kind, Situation situation, Routing.Way way) {
            List<String> owners = way.groups().stream()
                    .map(Situation.Group::owner)
                    .filter(Objects::nonNull)
                    .distinct()
                    .toList();
            List<String> examples = way.groups().stream()
                    .map(Situation.Group::examples)
                    .flatMap(Collection::stream)
                    .map(Situation.Example::name)
                    .limit(5)
                    .toList();
            return new Notice(
                    kind,
                    "alert-" + alert.id(),
                    rule,
                    severity,
                    situation.title(),
                    situation.detail(),
                    way.endpoints(),
                    examples,
                    owners,
                    situation.since(),
                    now,
                    text(situation.text(), "why"),
                    text(situation.text(), "remedy"),
                    List.of(),
                    link(way.groups()));
        }

        private Notice notice(
                Instance alert,
                String kind,
                String summary,
                int endpoints,
                List<String> examples,
                @Nullable String link) {
            return new Notice(
                    kind,
                    "alert-" + alert.id(),
                    alert.rule(),
                    alert.severity(),
                    alert.title(),
                    summary,
                    endpoints,
                    examples,
                    List.of(),
                    alert.since(),
                    now,
                    null,
                    null,
                    List.of(),
                    link);
        }

        private @Nullable String link(List<Situation.Group> groups) {
            if (linkBase == null || groups.isEmpty()) {
                return null;
            }
            Situation.Group first = groups.getFirst();
            return groups.size() == 1
                            && first.endpoints() == 1
                            && !first.examples().isEmpty()
                    ? linkBase + "/endpoints/" + first.examples().getFirst().endpointId()
                    : linkBase + "/findings";
        }
    }

    private static @Nullable String text(JsonNode body, String field) {
        return body.hasNonNull(field) ? body.get(field).asText() : null;
    }
}
