package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The life of one alert as a function: what it was, how things stand and the time give what it is, and whether anybody is
 * to hear of it. No clock, no database: 400 days of it run in a test.
 *
 * <pre>
 *              ┌────────────► resolved ◄───────────────┐
 *  (nothing) ─► pending ─► firing ◄─► acknowledged ────┤
 *                            ▲ ▼                       │
 *                          silenced        flapping ───┘
 * </pre>
 */
final class Lifecycle {
    static final Duration FLAP_WINDOW = Duration.ofHours(6);
    static final Duration STEADY_AFTER = Duration.ofHours(2);
    static final Duration DAY = Duration.ofDays(1);
    private static final int FLAP_TRANSITIONS = 4;
    private static final Duration URGENT_EXPIRY = Duration.ofDays(3);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    private static final Duration CRITICAL_WAIT = Duration.ofSeconds(5);
    static final String DIGEST = "digest";

    private Lifecycle() {}

    /**
     * What is known beside the situation. {@code judgedAnew}: only the judgement changed; {@code endedOnce}: the end was
     * seen by one scan only; {@code held}: we may be the ones in trouble; {@code ackUntil}: somebody has it in hand till then.
     */
    record Signals(
            boolean judgedAnew,
            boolean endedOnce,
            boolean held,
            @Nullable Instant ackUntil,
            Duration groupWait) {}

    /** What is to be done: nothing, tell the current stage to whom it was not told yet, or tell that it is over. */
    enum Tell {
        NOTHING,
        STAGE,
        END
    }

    record Step(Instance alert, Tell tell) {}

    /**
     * What an alert remembers. {@code changes}: when it began and ended within the window of the flap guard; {@code stage}:
     * what there is to tell, {@code severity} its severity; {@code firedAt}: when it was first told; {@code toldAt} and
     * {@code endpoints}: when and with how many the stage began; {@code away}: it flaps and is not there just now.
     */
    record Memory(
            List<Instant> changes,
            @Nullable String stage,
            @Nullable String severity,
            @Nullable Instant firedAt,
            @Nullable Instant toldAt,
            int endpoints,
            boolean away) {
        static final Memory NONE = new Memory(List.of(), null, null, null, null, 0, false);

        static Memory of(Instance alert) {
            JsonNode notes = alert.notes();
            if (notes.has("changes")) {
                return Json.read(notes, Memory.class);
            }
            boolean told = !alert.state().equals("pending") && !alert.state().equals("resolved");
            return told // written by an older version, which told when it fired
                    ? new Memory(
                            List.of(),
                            "firing-" + alert.severity(),
                            alert.severity(),
                            alert.since(),
                            alert.since(),
                            alert.endpoints(),
                            false)
                    : NONE;
        }

        Memory changed(Instant now) {
            List<Instant> recent = new ArrayList<>(changes);
            recent.removeIf(at -> !at.isAfter(now.minus(FLAP_WINDOW)));
            recent.add(now);
            return new Memory(recent, stage, severity, firedAt, toldAt, endpoints, away);
        }

        Memory at(String stage, String severity, Instant now, int endpoints) {
            return new Memory(changes, stage, severity, firedAt == null ? now : firedAt, now, endpoints, false);
        }

        Memory begun() {
            return new Memory(changes, null, null, null, null, 0, false);
        }

        Memory away(boolean away) {
            return new Memory(changes, stage, severity, firedAt, toldAt, endpoints, away);
        }

        boolean flaps() {
            return changes.size() > FLAP_TRANSITIONS;
        }
    }

    static Step next(@Nullable Instance before, Cause cause, Situation situation, Signals signals, Instant now) {
        boolean over = situation.isOver();
        if (before == null || before.state().equals("resolved")) {
            return over
                    ? new Step(before == null ? nothing(cause, now) : before, Tell.NOTHING)
                    : begin(before, cause, situation, signals, now);
        }
        return over ? end(before, signals, now) : goOn(before, situation, signals, now);
    }

    private static Instance nothing(Cause cause, Instant now) {
        return new Instance(
                0, cause, "info", "resolved", cause.rule(), 0, now, now, 0, null, null, Json.tree(Memory.NONE));
    }

    private static Step begin(@Nullable Instance before, Cause cause, Situation s, Signals signals, Instant now) {
        String severity = Objects.requireNonNull(s.severity());
        Memory memory =
                (before == null ? Memory.NONE : Memory.of(before)).changed(now).begun();
        Instance fresh = new Instance(
                before == null ? 0 : before.id(),
                cause,
                severity,
                "pending",
                s.title(),
                s.endpoints(),
                now,
                null,
                before == null ? 1 : before.transitions() + 1,
                now.plus(wait(severity, signals)),
                null,
                Json.tree(memory));
        if (s.open() == 0) {
            return new Step(with(fresh, "acknowledged", null, memory), Tell.NOTHING);
        }
        if (memory.flaps()) {
            return new Step(
                    with(
                            fresh,
                            "flapping",
                            now.plus(STEADY_AFTER),
                            memory.at("flapping", severity, now, s.endpoints())),
                    Tell.STAGE);
        }
        if ((s.fresh() || signals.judgedAnew()) && !isUrgent(severity, s, now)) {
            Instance waits = with(fresh, "firing", null, memory.at(DIGEST, severity, now, s.endpoints()));
            return new Step(digested(waits, s.fresh() ? "first-scan" : "judgement"), Tell.NOTHING);
        }
        return new Step(fresh, Tell.NOTHING);
    }

    private static Step end(Instance alert, Signals signals, Instant now) {
        Memory memory = Memory.of(alert);
        boolean due = alert.dueAt() != null && !alert.dueAt().isAfter(now);
        if (alert.state().equals("flapping")) {
            if (memory.away() && due) {
                return new Step(resolved(alert, memory.changed(now), now), Tell.END);
            }
            return new Step(
                    memory.away()
                            ? alert
                            : with(
                                    alert,
                                    "flapping",
                                    now.plus(STEADY_AFTER),
                                    memory.changed(now).away(true)),
                    Tell.NOTHING);
        }
        if (signals.endedOnce() && !signals.judgedAnew()) {
            return new Step(with(alert, alert.state(), now.plus(LOOK_AGAIN), memory), Tell.NOTHING);
        }
        Instance over = resolved(alert, memory.changed(now), now);
        boolean told = memory.stage() != null && !memory.stage().equals(DIGEST);
        if (told && signals.judgedAnew()) {
            return new Step(digested(over, "judgement"), Tell.NOTHING);
        }
        return new Step(over, told ? Tell.END : Tell.NOTHING);
    }

    private static Step goOn(Instance before, Situation s, Signals signals, Instant now) {
        String severity = Objects.requireNonNull(s.severity());
        Memory memory = Memory.of(before);
        Instance alert = new Instance(
                before.id(),
                before.cause(),
                severity,
                before.state(),
                s.title(),
                s.endpoints(),
                before.since(),
                null,
                before.transitions(),
                before.dueAt(),
                before.digest(),
                before.notes());
        boolean due = alert.dueAt() != null && !alert.dueAt().isAfter(now);
        if (alert.state().equals("flapping")) {
            if (memory.away()) {
                return new Step(
                        with(
                                alert,
                                "flapping",
                                now.plus(STEADY_AFTER),
                                memory.changed(now).away(false)),
                        Tell.NOTHING);
            }
            return due
                    ? new Step(
                            with(
                                    alert,
                                    "firing",
                                    null,
                                    memory.begun().at("steady-" + severity, severity, now, s.endpoints())),
                            Tell.STAGE)
                    : new Step(alert, Tell.NOTHING);
        }
        if (s.open() == 0) {
            return new Step(with(digested(alert, null), "acknowledged", null, memory), Tell.NOTHING);
        }
        return switch (alert.state()) {
            case "acknowledged" -> {
                boolean worse = isWorse(severity, memory);
                if (signals.ackUntil() != null && !worse) { // another endpoint shows it: it is in hand
                    yield new Step(with(alert, "acknowledged", signals.ackUntil(), memory), Tell.NOTHING);
                }
                // nobody heard of it before it was acknowledged: then it begins now
                String stage = memory.stage() == null
                        ? "firing-" + severity
                        : worse ? "worse-" + severity : "again-" + now.getEpochSecond();
                yield new Step(
                        with(alert, "firing", null, memory.begun().at(stage, severity, now, s.endpoints())),
                        Tell.STAGE);
            }
            case "pending" -> pending(alert, memory, s, signals, due, now);
            default -> new Step(stage(alert, memory, s, now), Tell.STAGE);
        };
    }

    private static Step pending(Instance alert, Memory memory, Situation s, Signals signals, boolean due, Instant now) {
        if (!due) {
            Instant at = earlier(alert.dueAt(), now.plus(wait(alert.severity(), signals)));
            return new Step(with(alert, "pending", at, memory), Tell.NOTHING);
        }
        if (signals.held()) {
            return new Step(with(alert, "pending", now.plus(LOOK_AGAIN), memory), Tell.NOTHING);
        }
        String severity = alert.severity();
        return new Step(
                with(alert, "firing", null, memory.at("firing-" + severity, severity, now, s.endpoints())), Tell.STAGE);
    }

    /** The stage that there is to tell while it fires: another one when it got worse, or spread since yesterday. */
    private static Instance stage(Instance alert, Memory memory, Situation s, Instant now) {
        String severity = alert.severity();
        boolean worse = memory.severity() == null || isWorse(severity, memory);
        if (alert.digest() != null && !(worse && isUrgent(severity, s, now))) {
            return with(alert, "firing", null, memory); // the digest finds it
        }
        if (worse) {
            return with(
                    digested(alert, null),
                    "firing",
                    null,
                    memory.at("worse-" + severity, severity, now, s.endpoints()));
        }
        Instant toldAt = memory.toldAt();
        boolean spreads = alert.cause().cause().startsWith("configuration:") && s.endpoints() > memory.endpoints();
        if (toldAt == null || !spreads) {
            return with(alert, "firing", null, memory);
        }
        Instant tomorrow = toldAt.plus(DAY);
        return now.isBefore(tomorrow)
                ? with(alert, "firing", tomorrow, memory)
                : with(alert, "firing", null, memory.at("spread-" + s.endpoints(), severity, now, s.endpoints()));
    }

    /** Than what was told; nothing is worse than what nobody heard of. */
    private static boolean isWorse(String severity, Memory memory) {
        return memory.severity() != null
                && !severity.equals(memory.severity())
                && Routing.atLeast(severity, memory.severity());
    }

    /** What does not wait for a digest. */
    private static boolean isUrgent(String severity, Situation s, Instant now) {
        Instant ends = s.ends();
        return severity.equals("critical") || ends != null && ends.isBefore(now.plus(URGENT_EXPIRY));
    }

    private static Duration wait(String severity, Signals signals) {
        return severity.equals("critical") && signals.groupWait().compareTo(CRITICAL_WAIT) > 0
                ? CRITICAL_WAIT
                : signals.groupWait();
    }

    private static Instant earlier(@Nullable Instant a, Instant b) {
        return a != null && a.isBefore(b) ? a : b;
    }

    static Instance with(Instance a, String state, @Nullable Instant dueAt, Memory memory) {
        return new Instance(
                a.id(),
                a.cause(),
                a.severity(),
                state,
                a.title(),
                a.endpoints(),
                a.since(),
                a.resolvedAt(),
                a.transitions(),
                dueAt,
                a.digest(),
                Json.tree(memory));
    }

    static Instance digested(Instance a, @Nullable String digest) {
        return new Instance(
                a.id(),
                a.cause(),
                a.severity(),
                a.state(),
                a.title(),
                a.endpoints(),
                a.since(),
                a.resolvedAt(),
                a.transitions(),
                a.dueAt(),
                digest,
                a.notes());
    }

    private static Instance resolved(Instance a, Memory memory, Instant now) {
        return new Instance(
                a.id(),
                a.cause(),
                a.severity(),
                "resolved",
                a.title(),
                a.endpoints(),
                a.since(),
                now,
                a.transitions(),
                null,
                null,
                Json.tree(memory));
    }
}
