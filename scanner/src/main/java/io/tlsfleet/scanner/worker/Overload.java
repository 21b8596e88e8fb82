package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this process gets too little of its machine: a thread that asks to sleep a little and is woken much too late was
 * kept waiting, and so were the answers of endpoints. What times out meanwhile says nothing of an endpoint.
 */
public final class Overload implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Overload.class);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration LATE = Duration.ofMillis(250);
    /** Remembered for longer than a connection may take: what was begun in it still counts. */
    private static final Duration REMEMBERED = Duration.ofSeconds(20);

    private static final int TIMES = 3;
    private static final Set<Reason> SILENCE =
            Set.of(Reason.CONNECT_TIMEOUT, Reason.READ_TIMEOUT, Reason.DEADLINE, Reason.DNS_FAILURE);

    private final LongSupplier nanoTime;
    private final Deque<Long> late = new ArrayDeque<>();
    private final Thread thread;
    private boolean said;

    public Overload(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        // a platform thread: it waits for a processor as the event loops do
        this.thread = Thread.ofPlatform().name("overload").daemon().unstarted(this::watch);
    }

    public void start() {
        thread.start();
    }

    /** Three times woken late within the last twenty seconds. */
    public synchronized boolean isNow() {
        long now = nanoTime.getAsLong();
        while (!late.isEmpty() && now - late.getFirst() > REMEMBERED.toNanos()) {
            late.removeFirst();
        }
        boolean now3 = late.size() >= TIMES;
        if (now3 != said) {
            said = now3;
            if (now3) {
                LOG.warn("this machine does not keep up: what times out is not held against endpoints");
            } else {
                LOG.info("this machine keeps up again");
            }
        }
        return now3;
    }

    /** Whether nothing came in time: while we are late ourselves that is no word on the endpoint. */
    public static boolean isSilence(Observation seen) {
        Reason reason = seen.scan().reason();
        return seen.scan().outcome() == Outcome.UNREACHABLE && reason != null && SILENCE.contains(reason);
    }

    /** That a pause of {@link #STEP} took so long. */
    synchronized void woke(long nanos) {
        if (nanos - STEP.toNanos() > LATE.toNanos()) {
            late.addLast(nanoTime.getAsLong());
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
}
