package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this process gets too little of its machine: a thread that asks to sleep a little and is woken much too late was
 * kept waiting, and so were the answers of endpoints. What times out meanwhile says nothing of an endpoint. Being late often
 * counts, and so does one long sleep: a process that was stopped for a while wakes with all its time limits past.
 */
public final class Overload implements AutoCloseable {
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration LATE = Duration.ofMillis(250);
    /** So late once is enough: that much of a connection's few seconds was ours. */
    private static final Duration ASLEEP = Duration.ofSeconds(1);
    /** As long as a connection may take: whatever was under way is worth nothing. */
    private static final Duration GONE = Duration.ofSeconds(5);

    /** Remembered for longer than a connection may take: what was begun in it still counts. */
    private static final Duration REMEMBERED = Duration.ofSeconds(20);

    private static final int TIMES = 3;
    private static final Set<Reason> SILENCE =
            Set.of(Reason.CONNECT_TIMEOUT, Reason.READ_TIMEOUT, Reason.DEADLINE, Reason.DNS_FAILURE);

    private final LongSupplier nanoTime;
    private final Deque<Long> late = new ArrayDeque<>();
    private final Thread thread;
    private long lastAwake;
    private @Nullable Long asleepUntil;
    private @Nullable Long goneUntil;
    private long longest;
    private boolean said;

    public Overload(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lastAwake = nanoTime.getAsLong();
        // a platform thread: it waits for a processor as the event loops do
        this.thread = Thread.ofPlatform().name("overload").daemon().unstarted(this::watch);
    }

    public void start() {
        thread.start();
    }

    /** The time on the clock that {@link #excuses} is asked by. */
    public long now() {
        return nanoTime.getAsLong();
    }

    /**
     * Whether what was seen since {@code begun} says more of us than of the endpoint: it was silent while we are late, or not
     * all of it answered and we slept long meanwhile, so that our time limits passed, and its own, with nobody listening.
     */
    public synchronized boolean excuses(long begun, Collection<Observation> seen) {
        boolean late = isNow();
        Long gone = goneUntil;
        return late && seen.stream().anyMatch(Overload::isSilence)
                || gone != null
                        && gone - begun > 0
                        && seen.stream().anyMatch(one -> one.scan().outcome() != Outcome.COMPLETE);
    }

    /** Three times woken late within the last twenty seconds, or once after a long sleep, of which we may be the first to know. */
    public synchronized boolean isNow() {
        long now = nanoTime.getAsLong();
        if (thread.isAlive()) {
            overslept(now);
        }
        while (!late.isEmpty() && now - late.getFirst() > REMEMBERED.toNanos()) {
            late.removeFirst();
        }
        Long slept = asleepUntil;
        boolean overloaded = late.size() >= TIMES || slept != null && now - slept <= REMEMBERED.toNanos();
        if (overloaded != said) {
            said = overloaded;
            if (overloaded) {
                log().warn(
                                "this machine does not keep up, {} ms at a time: what times out is not held against endpoints",
                                longest / 1_000_000);
            } else {
                log().info("this machine keeps up again");
                longest = 0;
            }
        }
        return overloaded;
    }

    /** Whether nothing came in time: while we are late ourselves that is no word on the endpoint. */
    private static boolean isSilence(Observation seen) {
        Reason reason = seen.scan().reason();
        return seen.scan().outcome() == Outcome.UNREACHABLE && reason != null && SILENCE.contains(reason);
    }

    /** That a pause of {@link #STEP} took so long. */
    synchronized void woke(long nanos) {
        long now = nanoTime.getAsLong();
        if (nanos - STEP.toNanos() > LATE.toNanos()) {
            late.addLast(now);
            longest = Math.max(longest, nanos);
        }
        overslept(now);
        lastAwake = now;
    }

    private void overslept(long now) {
        long nanos = now - lastAwake;
        if (nanos - STEP.toNanos() > ASLEEP.toNanos()) {
            asleepUntil = now;
            lastAwake = now;
            goneUntil = nanos > GONE.toNanos() ? Long.valueOf(now) : goneUntil;
            longest = Math.max(longest, nanos);
        }
    }

    private void watch() {
        try {
            while (true) {
                long before = nanoTime.getAsLong();
                Thread.sleep(STEP);
                woke(nanoTime.getAsLong() - before);
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    /** Made when there is something to say: a scan from the shell would wait longer for it than for its server. */
    private static Logger log() {
        return LoggerFactory.getLogger(Overload.class);
    }
}
