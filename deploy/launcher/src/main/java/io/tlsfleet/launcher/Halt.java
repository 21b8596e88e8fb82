package io.tlsfleet.launcher;

import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started, stopped in the opposite order: at an interrupt, at SIGTERM, or when starting failed half way. */
final class Halt implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Halt.class);

    private static final long FAREWELL_SECONDS = 5;

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean stopping;

    Halt() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "halt"));
    }

    synchronized <T extends AutoCloseable> T add(T part) {
        if (stopping) {
            quietly(part);
            throw Refusal.usage("stopped while starting");
        }
        started.push(part);
        return part;
    }

    /** Event loops; what still hangs on them after a while does not keep the process. */
    Vertx add(Vertx loops) {
        add(() -> {
            try {
                loops.close().await(FAREWELL_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                LOG.warn(
                        "event loops are busy {} s after they were told to stop, and are left behind",
                        FAREWELL_SECONDS);
            }
        });
        return loops;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Until the JVM is told to go. */
    void await() {
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() {
        stopping = true;
        while (!started.isEmpty()) {
            quietly(started.pop());
        }
        done.countDown();
    }

    private static void quietly(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.warn("{} did not stop cleanly: {}", part.getClass().getSimpleName(), e.toString());
        }
    }
}
