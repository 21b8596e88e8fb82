package io.tlsfleet.scanner.worker;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A time without leases as a log tells it: that it began and why, once a minute that it lasts, that it is over. */
final class Drought {
    private static final long AGAIN_AFTER = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private @Nullable Long since;
    private long said;

    Drought(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    synchronized Optional<String> lasts(Throwable why) {
        long now = nanoTime.getAsLong();
        String reason = why.getMessage() == null ? why.toString() : why.getMessage();
        Long begun = since;
        if (begun == null) {
            since = now;
            said = now;
            return Optional.of("no leases, asking on: " + reason);
        }
        if (now - said < AGAIN_AFTER) {
            return Optional.empty();
        }
        said = now;
        return Optional.of("no leases for " + seconds(begun, now) + " s: " + reason);
    }

    synchronized Optional<String> over() {
        Long begun = since;
        since = null;
        return begun == null
                ? Optional.empty()
                : Optional.of("leases again, after " + seconds(begun, nanoTime.getAsLong()) + " s");
    }

    private static long seconds(long from, long to) {
        return TimeUnit.NANOSECONDS.toSeconds(to - from);
    }
}
