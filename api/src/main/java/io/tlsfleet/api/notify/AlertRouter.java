package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.alert.AlertRows;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Directory;
import io.tlsfleet.store.alert.Estate;
import io.tlsfleet.store.alert.Health;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Receiver;
import io.tlsfleet.store.alert.Situation;
import io.tlsfleet.store.alert.Situations;
import io.tlsfleet.store.alert.ToldRows;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One turn of routing, in one transaction: events since the last turn and alerts at which something is due go through their
 * {@link Lifecycle}, what is to be told goes through {@link Dispatch} into the queues. Everything by the batch: a turn asks
 * the database the same few questions for one cause and for thousands.
 */
public final class AlertRouter {
    private static final int EVENTS_A_TURN = 5000;
    private static final int DUE_A_TURN = 1000;
    private static final int STANDING_LIMIT = 10_000;
    private static final int CHUNK = 1000;
    private static final int POOR_COVERAGE_PERCENT = 30;
    /** A worker that is always too slow must not keep silence for ever. */
    private static final Duration OVERLOAD_HOLDS = Duration.ofHours(2);

    private static final Duration RESOLVED_STANDS = Duration.ofMinutes(15);
    /** More endpoints of a cause that is told already are counted once, not each at a time. */
    private static final Duration COUNT_AGAIN = Duration.ofSeconds(30);

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
            Turn turn = new Turn(sql, rows, clock.instant());
            turn.takeEvents();
            turn.lookAtWhatIsDue();
            new Digests(sql, turn.routing, turn.told, turn.wording, turn.receivers, turn.now).send(turn.queued);
            new Watch(sql, turn.told, turn.wording, turn.receivers, turn.now).look(turn.queued);
            new Letters(turn.told, turn.wording, turn.now).send(turn.receivers, turn.queued);
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
            Instant now = clock.instant();
            Wording wording = new Wording(linkBase, Estate.of(sql));
            Directory directory = new Directory(sql);
            Routing routing = new Routing(directory.routes(), List.of(receiver.id()), directory.silences());
            List<Notice> notices = new ArrayList<>();
            List<Instance> firing = new ArrayList<>(rows.inState("firing", STANDING_LIMIT));
            firing.addAll(rows.inState("flapping", STANDING_LIMIT));
            for (List<Instance> some : chunks(firing)) {
                Map<Cause, Situation> situations = situations(sql, some);
                for (Instance alert : some) {
                    Situation situation = situations.get(alert.cause());
                    if (Watch.isOfOurselves(alert)) {
                        notices.add(wording.ofOurselves(alert, "dead-man", alert.title(), "/alerting/alerts", now));
                    }
                    if (situation == null || situation.isOver()) {
                        continue;
                    }
                    routing.ways(alert.cause(), alert.severity(), situation.groups()).ways().stream()
                            .filter(w -> w.receiver() == receiver.id())
                            .filter(w -> !alert.since().plus(w.after()).isAfter(now))
                            .findFirst()
                            .ifPresent(w -> notices.add(wording.stage(alert, "firing", situation, w.groups(), now)));
                }
            }
            List<Instance> over = rows.resolvedSince(now.minus(RESOLVED_STANDS), STANDING_LIMIT);
            Map<Cause, List<Situation.Group>> past = new Situations(sql).past(over);
            for (Instance alert : over) {
                List<Situation.Group> all = past.getOrDefault(alert.cause(), List.of());
                List<Situation.Group> own = routing.groups(alert, all, receiver.id());
                if (all.isEmpty() || !own.isEmpty()) {
                    notices.add(wording.over(alert, false, own, now));
                }
            }
            return notices;
        });
    }

    /** Whether scans are completed wherever they are due. */
    boolean isWell() {
        return new Health(database.sql())
                .stalled(Watch.STALLED_AFTER.toSeconds())
                .isEmpty();
    }

    private static Map<Cause, Situation> situations(Sql sql, Collection<Instance> alerts) {
        return new Situations(sql).of(alerts.stream().map(Instance::cause).toList());
    }

    static <T> List<List<T>> chunks(List<T> all) {
        List<List<T>> chunks = new ArrayList<>();
        for (int from = 0; from < all.size(); from += CHUNK) {
            chunks.add(all.subList(from, Math.min(all.size(), from + CHUNK)));
        }
        return chunks;
    }

    private final class Turn {
        final Sql sql;
        final AlertRows rows;
        final Routing routing;
        final Wording wording;
        final ToldRows told;
        final List<Receiver> receivers;
        final Instant now;
        final List<Long> queued = new ArrayList<>();

        Turn(Sql sql, AlertRows rows, Instant now) {
            this.sql = sql;
            this.rows = rows;
            this.now = now;
            Estate estate = Estate.of(sql);
            this.wording = new Wording(linkBase, estate);
            this.told = new ToldRows(sql, estate, now);
            Directory directory = new Directory(sql);
            // an Alertmanager is told what stands, every minute; it has no queue
            this.receivers = directory.receivers().stream()
                    .filter(r -> !r.kind().equals("alertmanager") && !r.kind().equals("heartbeat"))
                    .toList();
            this.routing = new Routing(
                    directory.routes(), receivers.stream().map(Receiver::id).toList(), directory.silences());
        }

        /** What events say of one cause, together. */
        private static final class News {
            boolean opened;
            boolean resolved;
            boolean fresh;
            boolean judgedAnew = true;
            String severity = "info";
            final Set<String> was = new LinkedHashSet<>();

            void add(AlertRows.Event event) {
                opened |= !event.kind().equals("resolved");
                resolved |= event.kind().equals("resolved");
                fresh |= event.kind().equals("opened");
                judgedAnew &= event.judgedAnew();
                severity = Routing.worst(severity, event.severity());
                if (event.was() != null) {
                    was.add(event.was());
                }
            }
        }

        void takeEvents() {
            List<AlertRows.Event> events = rows.unrouted(EVENTS_A_TURN);
            if (events.isEmpty()) {
                return;
            }
            Map<Cause, News> news = new LinkedHashMap<>();
            for (AlertRows.Event event : events) {
                news.computeIfAbsent(event.cause(), c -> new News()).add(event);
                if (event.was() != null) {
                    News left = news.computeIfAbsent(new Cause(event.cause().rule(), event.was()), c -> new News());
                    left.resolved = true;
                    left.judgedAnew &= event.judgedAnew();
                }
            }
            Map<Cause, Instance> alerts = rows.find(news.keySet());
            moved(news, alerts);
            Set<Cause> look = new LinkedHashSet<>();
            List<Instance> later = new ArrayList<>();
            news.forEach((cause, what) -> {
                Instance alert = alerts.get(cause);
                if (alert != null && onlyMore(alert, what)) {
                    later.add(Lifecycle.with(alert, alert.state(), countAgain(alert), Lifecycle.Memory.of(alert)));
                } else {
                    look.add(cause);
                }
            });
            rows.put(later);
            for (List<Cause> some : chunks(List.copyOf(look))) {
                step(some, alerts, c -> Objects.requireNonNull(news.get(c)).judgedAnew);
            }
            rows.routed(events);
        }

        /** More endpoints of a cause that is known, and none of them worse: the count can wait. */
        private boolean onlyMore(Instance alert, News news) {
            return news.opened
                    && !news.resolved
                    && Set.of("pending", "firing", "silenced").contains(alert.state())
                    && Routing.atLeast(alert.severity(), news.severity);
        }

        private Instant countAgain(Instance alert) {
            Instant soon = now.plus(COUNT_AGAIN);
            return alert.dueAt() != null && alert.dueAt().isBefore(soon) ? alert.dueAt() : soon;
        }

        /**
         * A finding that stays while what it hangs on becomes another is no news: its alert goes along. A certificate that is
         * replaced is news to the rules on its end.
         */
        private void moved(Map<Cause, News> news, Map<Cause, Instance> alerts) {
            List<Cause> left = new ArrayList<>();
            news.forEach((to, what) -> what.was.forEach(was -> left.add(new Cause(to.rule(), was))));
            if (left.isEmpty()) {
                return;
            }
            Set<Cause> over = new LinkedHashSet<>();
            new Situations(sql).of(left).forEach((cause, situation) -> {
                if (situation.isOver()) {
                    over.add(cause);
                }
            });
            news.forEach((to, what) -> {
                for (String was : what.was) {
                    Cause from = new Cause(to.rule(), was);
                    Instance alert = alerts.get(from);
                    if (alert == null
                            || alert.state().equals("resolved")
                            || alerts.containsKey(to)
                            || Set.of("certificate.expires-soon", "certificate.expired")
                                    .contains(to.rule())) {
                        continue;
                    }
                    if (over.contains(from)) {
                        rows.move(alert, to);
                        alerts.remove(from);
                        alerts.putAll(rows.find(List.of(to)));
                    } else if (!what.fresh && !alert.state().equals("pending")) {
                        alerts.put(to, known(alert, to)); // some stayed behind; those that moved were told of
                    }
                }
            });
        }

        private Instance known(Instance alert, Cause to) {
            return new Instance(
                    0,
                    to,
                    alert.severity(),
                    "firing",
                    alert.title(),
                    0,
                    now,
                    null,
                    1,
                    null,
                    null,
                    Json.tree(Lifecycle.Memory.NONE.at(Lifecycle.DIGEST, alert.severity(), now, alert.endpoints())));
        }

        void lookAtWhatIsDue() {
            List<Instance> due = rows.due(now, DUE_A_TURN);
            Map<Cause, Instance> alerts = new HashMap<>();
            due.forEach(a -> alerts.put(a.cause(), a));
            step(due.stream().map(Instance::cause).toList(), alerts, c -> false);
        }

        private void step(
                List<Cause> causes, Map<Cause, Instance> before, java.util.function.Predicate<Cause> judgedAnew) {
            if (causes.isEmpty()) {
                return;
            }
            Map<Cause, Situation> situations = new Situations(sql).of(causes);
            Set<Cause> endedOnce = rows.endedOnceOnly(causes.stream()
                    .filter(c -> Objects.requireNonNull(situations.get(c)).isOver()
                            && before.containsKey(c)
                            && isOfACertificate(c))
                    .map(before::get)
                    .toList());
            boolean ours = causes.stream().anyMatch(Turn::mayBeOurs);
            Map<String, Integer> unreachable = ours ? new Health(sql).newlyUnreachable() : Map.of();
            Set<String> overloaded = ours ? new Health(sql).overloaded() : Set.of();
            Map<Cause, Instant> inHand = rows.acknowledgedUntil(
                    causes.stream()
                            .map(before::get)
                            .filter(a -> a != null && a.state().equals("acknowledged"))
                            .toList(),
                    now);
            Map<Cause, Lifecycle.Step> steps = new LinkedHashMap<>();
            List<Instance> changed = new ArrayList<>();
            for (Cause cause : causes) {
                Situation situation = Objects.requireNonNull(situations.get(cause));
                Instance was = before.get(cause);
                boolean lately = was != null && was.since().plus(OVERLOAD_HOLDS).isAfter(now);
                boolean held = mayBeOurs(cause)
                        && situation.groups().stream()
                                .anyMatch(g -> unreachable.getOrDefault(g.site(), 0) > POOR_COVERAGE_PERCENT
                                        || lately && overloaded.contains(g.site()));
                Lifecycle.Step step = Lifecycle.next(
                        was,
                        cause,
                        situation,
                        new Lifecycle.Signals(
                                judgedAnew.test(cause),
                                endedOnce.contains(cause),
                                held,
                                inHand.get(cause),
                                routing.groupWait()),
                        now);
                if (before.containsKey(cause) || !step.alert().state().equals("resolved")) {
                    steps.put(cause, step);
                    changed.add(step.alert());
                }
            }
            tell(steps, before, situations, rows.put(changed));
        }

        private void tell(
                Map<Cause, Lifecycle.Step> steps,
                Map<Cause, Instance> before,
                Map<Cause, Situation> situations,
                Map<Cause, Long> ids) {
            List<Lifecycle.Step> telling = steps.values().stream()
                    .filter(s -> s.tell() != Lifecycle.Tell.NOTHING)
                    .toList();
            if (telling.isEmpty()) {
                return;
            }
            Dispatch dispatch = new Dispatch(
                    told,
                    routing,
                    wording,
                    receivers,
                    telling.stream().map(s -> ids.get(s.alert().cause())).toList(),
                    now);
            List<Instance> after = new ArrayList<>();
            Map<Cause, List<Situation.Group>> past = new Situations(sql)
                    .past(telling.stream()
                            .filter(s -> s.tell() == Lifecycle.Tell.END)
                            .map(Lifecycle.Step::alert)
                            .toList());
            for (Lifecycle.Step step : telling) {
                Instance alert = identified(step.alert(), ids);
                if (step.tell() == Lifecycle.Tell.END) {
                    dispatch.end(alert, past.getOrDefault(alert.cause(), List.of()));
                    after.add(Objects.requireNonNull(before.get(alert.cause())));
                } else {
                    after.add(dispatch.stage(alert, Objects.requireNonNull(situations.get(alert.cause()))));
                }
            }
            dispatch.send();
            List<Instance> again = new ArrayList<>();
            for (int i = 0; i < after.size(); i++) {
                Instance alert = after.get(i);
                Optional<Instant> until = dispatch.heldUntil(alert);
                if (until.isPresent()) { // an end that must wait for its group has not come yet
                    again.add(Lifecycle.with(alert, alert.state(), until.get(), Lifecycle.Memory.of(alert)));
                } else if (telling.get(i).tell() == Lifecycle.Tell.STAGE) {
                    again.add(alert);
                }
            }
            rows.put(again);
            rows.notified(dispatch.said());
            queued.addAll(dispatch.queued());
        }

        private static Instance identified(Instance a, Map<Cause, Long> ids) {
            return new Instance(
                    Optional.ofNullable(ids.get(a.cause())).orElse(a.id()),
                    a.cause(),
                    a.severity(),
                    a.state(),
                    a.title(),
                    a.endpoints(),
                    a.since(),
                    a.resolvedAt(),
                    a.transitions(),
                    a.dueAt(),
                    a.digest(),
                    a.notes());
        }

        /** A certificate counts as replaced when two scans agree. */
        private static boolean isOfACertificate(Cause cause) {
            return cause.rule().startsWith("certificate.");
        }

        /** Silence and what was not answered: our own trouble until proven otherwise. */
        private static boolean mayBeOurs(Cause cause) {
            return cause.rule().startsWith("endpoint.") || cause.rule().startsWith("starttls.");
        }
    }
}
