package io.tlsfleet.scanner.scan;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Two lanes, so that those who keep us waiting do not keep others waiting: a scan begins in the fast lane and, when it is not
 * done after a moment, gives its place there away and goes on in the slow lane, which is wide because waiting is cheap.
 */
public final class Lanes implements AutoCloseable {
    private static final Duration MOMENT = Duration.ofMillis(400);

    private final Semaphore fast;
    private final Semaphore slow;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("lanes").factory());

    private enum Place {
        FAST,
        SLOW,
        NONE
    }

    public Lanes(int fast, int slow) {
        this.fast = new Semaphore(fast);
        this.slow = new Semaphore(slow);
    }

    /** Runs it on the calling thread when there is a place. */
    public <T> T run(Supplier<T> scan) throws InterruptedException {
        fast.acquire();
        AtomicReference<Place> place = new AtomicReference<>(Place.FAST);
        ScheduledFuture<?> move = clock.schedule(
                () -> {
                    if (slow.tryAcquire()) {
                        if (place.compareAndSet(Place.FAST, Place.SLOW)) {
                            fast.release();
                        } else {
                            slow.release();
                        }
                    }
                },
                MOMENT.toMillis(),
                TimeUnit.MILLISECONDS);
        try {
            return scan.get();
        } finally {
            move.cancel(false);
            (place.getAndSet(Place.NONE) == Place.FAST ? fast : slow).release();
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
