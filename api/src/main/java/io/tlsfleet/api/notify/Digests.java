package io.tlsfleet.api.notify;

import io.tlsfleet.store.Sql;
import io.tlsfleet.store.alert.AlertRows;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Receiver;
import io.tlsfleet.store.alert.Situation;
import io.tlsfleet.store.alert.Situations;
import io.tlsfleet.store.alert.ToldRows;
import io.tlsfleet.store.alert.ToldRows.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What comes in crowds and is no surprise: the findings of first scans, one notice an owner and receiver; and what a new
 * policy, trust store or probe finds in unchanged facts, one notice a receiver. Sent once nothing was added for a minute. What
 * a silence or quiet hours keep out of it is told by itself when they end.
 */
final class Digests {
    private static final Duration QUIET = Duration.ofSeconds(60);
    private static final Duration LATEST = Duration.ofMinutes(10);
    private static final int MOST = 50_000;
    private static final String FIRST_SCAN = "first-scan";

    private final Sql sql;
    private final AlertRows rows;
    private final Routing routing;
    private final ToldRows toldRows;
    private final Wording wording;
    private final List<Receiver> all;
    private final Set<Long> receivers;
    private final Instant now;

    Digests(Sql sql, Routing routing, ToldRows told, Wording wording, List<Receiver> receivers, Instant now) {
        this.sql = sql;
        this.rows = new AlertRows(sql);
        this.routing = routing;
        this.toldRows = told;
        this.wording = wording;
        this.all = receivers;
        this.receivers = receivers.stream().map(Receiver::id).collect(Collectors.toSet());
        this.now = now;
    }

    private static final class Letter {
        final List<Wording.Part> parts = new ArrayList<>();
        final Set<String> owners = new TreeSet<>();
        final List<Told> told = new ArrayList<>();
    }

    private final List<Instance> later = new ArrayList<>();
    /** Who needs not hear of those again. */
    private final List<Told> kept = new ArrayList<>();

    void send(List<Long> queued) {
        AlertRows.Waiting waiting = rows.waiting();
        if (waiting.count() == 0
                || waiting.latest().plus(QUIET).isAfter(now)
                        && waiting.first().plus(LATEST).isAfter(now)) {
            return;
        }
        List<Instance> alerts = rows.digests(MOST);
        Map<Long, Map<String, Letter>> firstScans = new TreeMap<>();
        Map<Long, Letter> judgements = new TreeMap<>();
        for (List<Instance> some : AlertRouter.chunks(alerts)) {
            Map<?, Situation> situations =
                    new Situations(sql).of(some.stream().map(Instance::cause).toList());
            Set<Told> told = toldRows.of(some.stream()
                    .filter(a -> a.state().equals("resolved"))
                    .map(Instance::id)
                    .toList());
            for (Instance alert : some) {
                if (alert.state().equals("resolved")) {
                    over(alert, told, judgements);
                } else {
                    found(alert, Objects.requireNonNull(situations.get(alert.cause())), firstScans, judgements);
                }
            }
        }
        Dispatch dispatch = new Dispatch(toldRows, routing, wording, all, List.of(), now);
        String key = "-" + alerts.getFirst().id() + "-" + now.getEpochSecond() + "-";
        firstScans.forEach((receiver, owners) -> owners.forEach((owner, letter) -> dispatch.digest(
                "digest" + key + Integer.toHexString(owner.hashCode()) + "-r" + receiver,
                receiver,
                wording.firstScan(owner, letter.parts, now),
                letter.told)));
        judgements.forEach((receiver, letter) -> dispatch.digest(
                "summary" + key + "r" + receiver,
                receiver,
                wording.judgement(letter.parts, List.copyOf(letter.owners), now),
                letter.told));
        dispatch.send();
        queued.addAll(dispatch.queued());
        rows.digested(alerts);
        rows.put(later);
        toldRows.add(kept);
    }

    private void found(
            Instance alert,
            Situation situation,
            Map<Long, Map<String, Letter>> firstScans,
            Map<Long, Letter> judgements) {
        if (situation.isOver()) {
            return;
        }
        Routing.Ways ways = routing.ways(alert.cause(), alert.severity(), situation.groups());
        Instant open = ways.hiddenUntil().orElse(null);
        String stage = "firing-" + alert.severity();
        List<Told> heard = new ArrayList<>();
        for (Routing.Way way : ways.ways()) {
            if (!receivers.contains(way.receiver()) || !way.after().isZero()) {
                continue;
            }
            Optional<Instant> quiet = Routing.quietUntil(way.route(), alert.severity(), now);
            if (quiet.isPresent()) {
                open = open != null && open.isBefore(quiet.get()) ? open : quiet.get();
                continue;
            }
            heard.add(Dispatch.told(alert, way, stage));
            for (Situation.Group group : way.groups()) {
                String owner = group.owner() == null ? "" : group.owner();
                Letter letter = FIRST_SCAN.equals(alert.digest())
                        ? firstScans
                                .computeIfAbsent(way.receiver(), r -> new TreeMap<>())
                                .computeIfAbsent(owner, o -> new Letter())
                        : judgements.computeIfAbsent(way.receiver(), r -> new Letter());
                letter.parts.add(new Wording.Part(
                        alert.severity(),
                        situation.title(),
                        group.endpoints(),
                        false,
                        group.examples().isEmpty()
                                ? null
                                : group.examples().getFirst().name()));
                if (!owner.isEmpty()) {
                    letter.owners.add(owner);
                }
                letter.told.add(new Told(alert.id(), way.receiver(), alert.transitions() + "-" + Lifecycle.DIGEST));
            }
        }
        if (open != null) {
            Lifecycle.Memory memory =
                    Lifecycle.Memory.of(alert).at(stage, alert.severity(), now, situation.endpoints());
            String state = ways.ways().isEmpty() ? "silenced" : "firing";
            later.add(Lifecycle.digested(Lifecycle.with(alert, state, open, memory), null));
            kept.addAll(heard);
        }
    }

    /** Told to those who had heard that it began. */
    private void over(Instance alert, Set<Told> told, Map<Long, Letter> judgements) {
        told.stream()
                .filter(t -> t.alert() == alert.id() && t.stage().startsWith(alert.transitions() + "-"))
                .map(Told::receiver)
                .filter(receivers::contains)
                .distinct()
                .forEach(receiver -> {
                    Letter letter = judgements.computeIfAbsent(receiver, r -> new Letter());
                    letter.parts.add(new Wording.Part(alert.severity(), alert.title(), alert.endpoints(), true, null));
                    letter.told.add(new Told(alert.id(), receiver, alert.transitions() + "-resolved"));
                });
    }
}
