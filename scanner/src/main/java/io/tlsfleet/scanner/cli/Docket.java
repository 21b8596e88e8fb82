package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.observation.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was seen and waits to be judged. Judging and writing run through far more code than a processor's caches hold, so that one
 * alone costs twice what each of many in a row does: they wait for each other, but no longer than a blink. Used by many threads.
 */
final class Docket implements AutoCloseable {
    private static final int TOGETHER = 64;
    private static final long BLINK_NANOS = 100_000_000L;

    private final Consumer<List<Seen>> judging;
    private final int together;
    private final Queue<Seen> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger added = new AtomicInteger();
    private final Thread blinks = Thread.ofPlatform().daemon().name("docket").unstarted(this::blink);
    private volatile boolean closed;
    private volatile @Nullable Throwable fault;

    /** What one job brought: an observation for each address asked. {@code place} is where the job stands among all. */
    record Seen(long place, List<Observation> observations) {}

    /** Of {@code jobs} in all, a few are judged as they come. */
    Docket(int jobs, Consumer<List<Seen>> judging) {
        this.judging = judging;
        this.together = jobs > TOGETHER ? TOGETHER : 1;
        if (together > 1) {
            blinks.start();
        }
    }

    /** Judges those that wait, in the caller's thread, when they are enough. */
    void add(Seen seen) {
        check();
        waiting.add(seen);
        if (added.incrementAndGet() % together == 0) {
            judgeSome();
        }
    }

    private void judgeSome() {
        List<Seen> some = new ArrayList<>(together);
        for (Seen seen = waiting.poll(); seen != null; seen = some.size() < together ? waiting.poll() : null) {
            some.add(seen);
        }
        if (!some.isEmpty()) {
            judging.accept(some);
        }
    }

    private void blink() {
        try {
            while (!closed) {
                int before = added.get();
                LockSupport.parkNanos(BLINK_NANOS);
                if (added.get() - before < together) {
                    judgeSome();
                }
            }
        } catch (RuntimeException | Error e) {
            fault = e; // told by whoever adds or closes: what was in hand is lost
        }
    }

    private void check() {
        Throwable failed = fault;
        if (failed != null) {
            throw new IllegalStateException(failed);
        }
    }

    /** Judges all that still wait. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(blinks);
        boolean interrupted = false;
        while (blinks.isAlive()) {
            try {
                blinks.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        while (!waiting.isEmpty()) {
            judgeSome();
        }
        check();
    }
}
