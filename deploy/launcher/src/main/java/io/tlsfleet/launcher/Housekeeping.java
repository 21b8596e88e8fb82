package io.tlsfleet.launcher;

import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.retention.Retention;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Retention each minute and each day, on a thread of its own until it is closed. */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final int MINUTES_A_DAY = 24 * 60;

    private final Thread thread;

    private Housekeeping(Retention retention) {
        thread = Thread.ofVirtual().name("housekeeping").start(() -> run(retention));
    }

    static Housekeeping start(Retention retention) {
        return new Housekeeping(retention);
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private static void run(Retention retention) {
        for (int minute = 0; !Thread.currentThread().isInterrupted(); minute++) {
            try {
                if (minute % MINUTES_A_DAY == 0) {
                    retention.daily();
                }
                retention.minutely();
            } catch (DatabaseAway e) {
                LOG.info("housekeeping waits for the database: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("housekeeping failed; it is tried again in a minute", e);
            }
            try {
                Thread.sleep(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
