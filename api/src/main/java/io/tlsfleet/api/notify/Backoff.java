package io.tlsfleet.api.notify;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** When a notice is tried again: about three days in all, as Standard Webhooks has it, with full jitter. */
final class Backoff {
    private static final List<Duration> STEPS = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(14),
            Duration.ofHours(20),
            Duration.ofHours(24));

    private static final Duration PROBE = Duration.ofSeconds(60);

    private Backoff() {}

    /**
     * Given up after all steps, and by age, not by attempts: the oldest notice of a receiver that is away is its probe, once a
     * minute.
     */
    static final Duration LIMIT = STEPS.stream().reduce(Duration.ZERO, Duration::plus);

    static boolean isOver(Duration age) {
        return age.compareTo(LIMIT) > 0;
    }

    /** As long as the other side asked for, a day at most; else by the attempts. */
    static Duration after(Delivery.Failed failed, int attempts, RandomGenerator random) {
        return failed.retryAfterSeconds() < 0
                ? after(attempts, random)
                : shorter(Duration.ofSeconds(failed.retryAfterSeconds()), STEPS.getLast());
    }

    /** How long a receiver that takes nothing is left alone. */
    static Duration pause(Delivery.Failed failed) {
        Duration asked = shorter(Duration.ofSeconds(Math.max(0, failed.retryAfterSeconds())), STEPS.getLast());
        return asked.compareTo(PROBE) > 0 ? asked : PROBE;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    static Duration after(int attempts, RandomGenerator random) {
        Duration most = STEPS.get(Math.min(attempts, STEPS.size()) - 1);
        return most.dividedBy(2).plusMillis(random.nextLong(most.toMillis() / 2 + 1));
    }
}
