package io.tlsfleet.fleet.lease;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The database's clock as this process last heard it, carried on by the process's own monotonic one: whatever becomes of the
 * machine's clock, all processes of a fleet judge, stamp and expire by one time. Until it is heard first, the machine's clock.
 */
public final class SharedClock implements InstantSource {
    /** An answer that was longer on its way tells no time. */
    private static final long TOO_LONG = TimeUnit.SECONDS.toNanos(10);
    /** Less than that is the way of the answers, not the clocks. */
    private static final Duration SAME = Duration.ofMillis(500);

    private static final Duration WORTH_SAYING = Duration.ofSeconds(5);

    private final InstantSource machine;
    private final LongSupplier nanoTime;
    private boolean known;
    private Instant reference = Instant.EPOCH;
    private long referenceNanos;
    private Duration said = Duration.ZERO;

    public SharedClock(InstantSource machine, LongSupplier nanoTime) {
        this.machine = machine;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized Instant instant() {
        return known ? at(nanoTime.getAsLong()) : machine.instant();
    }

    /** How far the machine's clock is ahead; below zero it is behind, and zero until the database's was heard. */
    public synchronized Duration ahead() {
        return known ? Duration.between(at(nanoTime.getAsLong()), machine.instant()) : Duration.ZERO;
    }

    /** {@code theirs} was the answer to a question asked at {@code asked} by the monotonic clock; what a log should say of it. */
    public synchronized Optional<String> heard(Instant theirs, long asked) {
        long now = nanoTime.getAsLong();
        long way = now - asked;
        if (way <= TOO_LONG) {
            Instant then = theirs.plusNanos(way / 2);
            if (!known || Duration.between(at(now), then).abs().compareTo(SAME.plusNanos(way)) > 0) {
                reference = then;
                referenceNanos = now;
                known = true;
            }
        }
        return change();
    }

    private Optional<String> change() {
        Duration ahead = ahead();
        boolean off = ahead.abs().compareTo(WORTH_SAYING) >= 0;
        if (off && ahead.minus(said).abs().compareTo(WORTH_SAYING) >= 0) {
            said = ahead;
            return Optional.of(String.format(
                    Locale.ROOT,
                    "this machine's clock is %s %s the database's, which counts: set it (NTP)",
                    span(ahead.abs()),
                    ahead.isNegative() ? "behind" : "ahead of"));
        }
        if (!off && !said.isZero()) {
            said = Duration.ZERO;
            return Optional.of("this machine's clock agrees with the database's again");
        }
        return Optional.empty();
    }

    private Instant at(long nanos) {
        return reference.plusNanos(nanos - referenceNanos);
    }

    private static String span(Duration length) {
        if (length.compareTo(Duration.ofMinutes(2)) < 0) {
            return length.toSeconds() + " s";
        }
        long minutes = length.plusSeconds(30).toMinutes();
        if (minutes < 120) {
            return minutes + " min";
        }
        return minutes < 48 * 60 ? minutes / 60 + " h " + minutes % 60 + " min" : minutes / 60 / 24 + " days";
    }
}
