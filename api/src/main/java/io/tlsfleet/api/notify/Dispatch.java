package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Receiver;
import io.tlsfleet.store.alert.Situation;
import io.tlsfleet.store.alert.ToldRows;
import io.tlsfleet.store.alert.ToldRows.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one turn has to say, and into which queues it goes: a stage once to each receiver, escalation steps when their time
 * has come, nothing of low severity in quiet hours, and many alerts at once as one notice. What must wait says until when.
 */
final class Dispatch {
    /** So many notices within the group interval one by one; then they are told together. */
    static final int ONE_BY_ONE = 10;

    private static final Duration HOLD = Duration.ofSeconds(30);

    private final ToldRows told;
    private final Routing routing;
    private final Wording wording;
    private final Map<Long, Receiver> receivers = new HashMap<>();
    private final Instant now;
    private final Set<Told> known;
    private final Map<String, List<Saying>> sayings = new LinkedHashMap<>();
    private final Set<Told> fresh = new HashSet<>();
    private final List<Long> queued = new ArrayList<>();
    private final Set<Long> held = new HashSet<>();

    Dispatch(
            ToldRows told,
            Routing routing,
            Wording wording,
            Collection<Receiver> receivers,
            Collection<Long> alerts,
            Instant now) {
        this.told = told;
        this.routing = routing;
        this.wording = wording;
        receivers.forEach(r -> this.receivers.put(r.id(), r));
        this.known = told.of(alerts);
        this.now = now;
    }

    private record Saying(
            Instance alert, long receiver, String stage, boolean grouped, Duration interval, Notice notice) {}

    /** Says the stage of a firing alert to whom it is time; answers the alert as it is then, and when it is due again. */
    Instance stage(Instance alert, Situation situation) {
        Lifecycle.Memory memory = Lifecycle.Memory.of(alert);
        String stage = memory.stage();
        Instant firedAt = memory.firedAt();
        if (stage == null || stage.equals(Lifecycle.DIGEST) || firedAt == null) {
            return alert;
        }
        Routing.Ways ways = routing.ways(alert.cause(), alert.severity(), situation.groups());
        Instant due = alert.dueAt();
        for (Routing.Way way : ways.ways()) {
            if (!receivers.containsKey(way.receiver())) {
                continue;
            }
            Instant from = firedAt.plus(way.after());
            Instant open =
                    Routing.quietUntil(way.route(), alert.severity(), now).orElse(from);
            if (from.isAfter(now) || open.isAfter(now)) {
                due = earlier(due, from.isAfter(now) ? from : open);
                continue;
            }
            Duration repeat = Routing.repeat(way.route(), alert.cause(), alert.severity());
            Instant begin = memory.toldAt() != null && memory.toldAt().isAfter(from) ? memory.toldAt() : from;
            long round = repeat.isZero() ? 0 : Duration.between(begin, now).dividedBy(repeat);
            if (!repeat.isZero()) {
                due = earlier(due, begin.plus(repeat.multipliedBy(round + 1)));
            }
            String what = stage + (round == 0 ? "" : "-repeat" + round) + together(way);
            say(alert, way, what, wording.stage(alert, round == 0 ? stage : "reminder", situation, way.groups(), now));
        }
        boolean hidden = ways.ways().isEmpty() && ways.hiddenUntil().isPresent();
        due = ways.hiddenUntil().isPresent() ? earlier(due, ways.hiddenUntil().get()) : due;
        String state = alert.state().equals("flapping") ? "flapping" : hidden ? "silenced" : "firing";
        return Lifecycle.with(alert, state, due, memory);
    }

    private static String together(Routing.Way way) {
        return way.group().isEmpty()
                ? ""
                : "~" + Integer.toHexString(way.group().hashCode());
    }

    /** That this receiver has heard of that stage of it. */
    static Told told(Instance alert, Routing.Way way, String stage) {
        return new Told(alert.id(), way.receiver(), alert.transitions() + "-" + stage + together(way));
    }

    private void say(Instance alert, Routing.Way way, String what, Notice notice) {
        String key = alert.transitions() + "-" + what;
        if (known.contains(new Told(alert.id(), way.receiver(), key))) {
            return;
        }
        String together = way.isGrouped()
                ? way.receiver() + " g " + way.route().id() + " " + way.group()
                : String.valueOf(way.receiver());
        sayings.computeIfAbsent(together, t -> new ArrayList<>())
                .add(new Saying(alert, way.receiver(), key, way.isGrouped(), way.groupInterval(), notice));
    }

    /** Says to everybody who heard of it that it is over; {@code where} it was until now. */
    void end(Instance alert, List<Situation.Group> where) {
        Set<Long> heard = new HashSet<>();
        for (Told one : known) {
            if (one.alert() == alert.id()
                    && one.stage().startsWith(alert.transitions() + "-")
                    && !one.stage().endsWith("-" + Lifecycle.DIGEST)
                    && !one.stage().endsWith("-resolved")) {
                heard.add(one.receiver());
            }
        }
        for (long id : heard.stream().sorted().toList()) {
            Receiver receiver = receivers.get(id);
            if (receiver != null && receiver.settings().path("sendResolved").asBoolean(true)) {
                boolean unheard = told.supersede(alert.id(), id) && !told.reached(alert.id(), id);
                sayings.computeIfAbsent(String.valueOf(id), t -> new ArrayList<>())
                        .add(new Saying(
                                alert,
                                id,
                                alert.transitions() + "-resolved",
                                false,
                                Routing.GROUP_INTERVAL,
                                wording.over(alert, unheard, routing.groups(alert, where, id), now)));
            }
        }
    }

    /** Straight to these receivers, whatever the routes say: of the watching itself. */
    void toAll(Instance alert, Collection<Receiver> to, String stage, Notice notice) {
        for (Receiver receiver : to) {
            String key = alert.transitions() + "-" + stage;
            if (!known.contains(new Told(alert.id(), receiver.id(), key))) {
                enqueue(new Saying(alert, receiver.id(), key, false, Duration.ZERO, notice));
            }
        }
    }

    /** A notice that belongs to many alerts; {@code parts} are counted as told with it. */
    void digest(String key, long receiver, Notice notice, Collection<Told> parts) {
        told.enqueue(key, null, receiver, Json.tree(notice), way(receiver, notice, ToldRows.Way.FOLDED))
                .ifPresent(queued::add);
        fresh.addAll(parts);
    }

    /** Puts all that was said into the queues. Alerts in {@link #held} wait for their group's interval. */
    void send() {
        Map<Long, ToldRows.Recent> recent = told.recent(Routing.GROUP_INTERVAL.toSeconds());
        sayings.forEach((together, list) -> {
            if (list.getFirst().grouped) {
                grouped(together, list);
            } else {
                oneByOne(list, recent.getOrDefault(list.getFirst().receiver, new ToldRows.Recent(0, false)));
            }
        });
        told.add(fresh);
    }

    /** As many one by one as a person reads; more than that become one, and not another one within the interval. */
    private void oneByOne(List<Saying> list, ToldRows.Recent recent) {
        Receiver receiver = receivers.get(list.getFirst().receiver);
        boolean each = receiver != null && (receiver.kind().equals("pagerduty") || Letters.isFor(receiver));
        if (each || recent.notices() + list.size() <= ONE_BY_ONE) {
            list.forEach(this::enqueue);
        } else if (recent.folded()
                && list.stream().noneMatch(s -> s.notice.severity().equals("critical"))) {
            list.forEach(s -> held.add(s.alert.id()));
        } else if (list.size() == 1) {
            enqueue(list.getFirst());
        } else {
            fold("f", list);
        }
    }

    private void grouped(String together, List<Saying> list) {
        String group = "g" + Integer.toHexString(together.hashCode());
        boolean urgent = list.stream().anyMatch(s -> s.notice.severity().equals("critical"));
        if (!urgent
                && told.anyOf(
                        group,
                        list.getFirst().receiver,
                        list.getFirst().interval.toSeconds())) {
            list.forEach(s -> held.add(s.alert.id()));
        } else {
            fold(group, list);
        }
    }

    private void fold(String group, List<Saying> list) {
        list.forEach(this::supersede);
        Saying first = list.getFirst();
        Notice notice = list.size() == 1
                ? first.notice
                : wording.group(list.stream().map(Saying::notice).toList(), now);
        String key = group + "-a" + first.alert.id() + "-" + first.stage + "-n" + list.size() + "-r" + first.receiver;
        told.enqueue(
                        key,
                        list.size() == 1 ? first.alert.id() : null,
                        first.receiver,
                        Json.tree(notice),
                        way(first.receiver, notice, list.size() > 1 ? ToldRows.Way.FOLDED : ToldRows.Way.ALONE))
                .ifPresent(queued::add);
        list.forEach(s -> fresh.add(new Told(s.alert.id(), s.receiver, s.stage)));
    }

    private void enqueue(Saying saying) {
        supersede(saying);
        told.enqueue(
                        "a" + saying.alert.id() + "-" + saying.stage + "-r" + saying.receiver,
                        saying.alert.id(),
                        saying.receiver,
                        Json.tree(saying.notice),
                        way(saying.receiver, saying.notice, ToldRows.Way.ALONE))
                .ifPresent(queued::add);
        fresh.add(new Told(saying.alert.id(), saying.receiver, saying.stage));
    }

    private ToldRows.Way way(long id, Notice notice, ToldRows.Way usual) {
        Receiver receiver = receivers.get(id);
        return receiver != null && Letters.isHeld(receiver, notice) ? ToldRows.Way.HELD : usual;
    }

    private void supersede(Saying saying) {
        if (saying.notice.kind().equals("worse") || saying.notice.kind().equals("flapping")) {
            told.supersede(saying.alert.id(), saying.receiver);
        }
    }

    /** When an alert that must wait for its group is looked at again. */
    Optional<Instant> heldUntil(Instance alert) {
        return held.contains(alert.id()) ? Optional.of(now.plus(HOLD)) : Optional.empty();
    }

    List<Long> queued() {
        return queued;
    }

    Set<Told> told() {
        return known;
    }

    Set<Long> said() {
        Set<Long> said = new HashSet<>();
        fresh.forEach(t -> said.add(t.alert()));
        return said;
    }

    private static Instant earlier(@org.jspecify.annotations.Nullable Instant a, Instant b) {
        return a != null && a.isBefore(b) ? a : b;
    }
}
