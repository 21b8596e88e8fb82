package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.alert.AlertRows;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Health;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Receiver;
import io.tlsfleet.store.alert.ToldRows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The alerts that people would miss most: that scanning has stopped at a site, told to everybody; and that a receiver takes
 * nothing, told to the others. Routes and silences have no say in it.
 */
final class Watch {
    static final String SCANNING = "fleet.scanning-stopped";
    static final String DELIVERY = "fleet.delivery-stopped";
    static final Duration STALLED_AFTER = Duration.ofMinutes(15);
    private static final Duration STUCK_AFTER = Duration.ofMinutes(10);

    private final Sql sql;
    private final AlertRows rows;
    private final ToldRows told;
    private final Wording wording;
    private final List<Receiver> receivers;
    private final Instant now;

    Watch(Sql sql, ToldRows told, Wording wording, List<Receiver> receivers, Instant now) {
        this.sql = sql;
        this.rows = new AlertRows(sql);
        this.told = told;
        this.wording = wording;
        this.receivers = receivers;
        this.now = now;
    }

    static boolean isOfOurselves(Instance alert) {
        return alert.cause().rule().startsWith("fleet.");
    }

    private record Trouble(String severity, String title, String summary, String page, List<Receiver> to) {}

    void look(List<Long> queued) {
        Health health = new Health(sql);
        Map<String, Trouble> stalled = new TreeMap<>();
        health.stalled(STALLED_AFTER.toSeconds())
                .forEach(s -> stalled.put(
                        "site " + s.site(),
                        new Trouble(
                                "critical",
                                "Scanning has stopped at site " + s.site(),
                                s.due() + " endpoints are due, the oldest for " + s.oldestSeconds() / 60
                                        + " minutes, and no scan was completed. What is shown of them is old.",
                                "/sites",
                                receivers)));
        reconcile(SCANNING, stalled, queued);
        Map<String, Trouble> stuck = new TreeMap<>();
        health.stuck(STUCK_AFTER.toSeconds())
                .forEach(s -> stuck.put(
                        "receiver " + s.receiver(),
                        new Trouble(
                                "high",
                                "Notices do not reach receiver " + s.name(),
                                notReaching(s),
                                "/alerting/log",
                                receivers.stream()
                                        .filter(r -> r.id() != s.receiver())
                                        .toList())));
        reconcile(DELIVERY, stuck, queued);
    }

    private static String notReaching(Health.Stuck s) {
        String waiting = s.waiting() == 0
                ? ""
                : Wording.count(s.waiting(), "notice") + (s.waiting() == 1 ? " waits, for " : " wait, the oldest for ")
                        + Wording.count(s.oldestSeconds() / 60, "minute") + ". ";
        String dead = s.dead() == 0
                ? ""
                : Wording.count(s.dead(), "notice") + (s.dead() == 1 ? " was" : " were")
                        + " given up within the last day. ";
        String gone = s.disabled()
                ? "It answered that nothing is wanted there any more (410) and is switched off; a test that it takes switches it on. "
                : "";
        return waiting + dead + gone + "What was given up can be sent again from the delivery log.";
    }

    private void reconcile(String rule, Map<String, Trouble> now, List<Long> queued) {
        Map<String, Instance> standing = new TreeMap<>();
        rows.ofRule(rule).forEach(a -> standing.put(a.cause().cause(), a));
        if (now.isEmpty() && standing.isEmpty()) {
            return;
        }
        List<Instance> begun = new ArrayList<>();
        now.forEach((cause, trouble) -> {
            if (!standing.containsKey(cause)) {
                begun.add(begin(new Cause(rule, cause), trouble));
            }
        });
        Map<Cause, Long> ids = rows.put(begun);
        List<Instance> ended = standing.entrySet().stream()
                .filter(e -> !now.containsKey(e.getKey()))
                .map(e -> end(e.getValue()))
                .toList();
        rows.put(ended);
        Dispatch dispatch = new Dispatch(
                told,
                new Routing(List.of(), List.of(), List.of()),
                wording,
                receivers,
                ended.stream().map(Instance::id).toList(),
                this.now);
        for (Instance alert : begun) {
            Trouble trouble = Objects.requireNonNull(now.get(alert.cause().cause()));
            Instance kept = copy(alert, Objects.requireNonNull(ids.get(alert.cause())), alert.state(), null);
            dispatch.toAll(
                    kept,
                    trouble.to,
                    "dead-man",
                    wording.ofOurselves(kept, "dead-man", trouble.summary, trouble.page, this.now));
        }
        ended.forEach(a -> dispatch.end(a, List.of()));
        dispatch.send();
        queued.addAll(dispatch.queued());
    }

    private Instance begin(Cause cause, Trouble trouble) {
        Instance before = rows.find(List.of(cause)).get(cause);
        int transitions = before == null ? 1 : before.transitions() + 1;
        return new Instance(
                before == null ? 0 : before.id(),
                cause,
                trouble.severity,
                "firing",
                trouble.title,
                0,
                now,
                null,
                transitions,
                null,
                null,
                Json.tree(Lifecycle.Memory.NONE));
    }

    private Instance end(Instance alert) {
        return copy(alert, alert.id(), "resolved", now);
    }

    private static Instance copy(
            Instance a, long id, String state, @org.jspecify.annotations.Nullable Instant resolvedAt) {
        return new Instance(
                id,
                a.cause(),
                a.severity(),
                state,
                a.title(),
                a.endpoints(),
                a.since(),
                resolvedAt,
                a.transitions(),
                null,
                null,
                a.notes());
    }
}
