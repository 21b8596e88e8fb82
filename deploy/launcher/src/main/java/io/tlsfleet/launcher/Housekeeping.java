package io.tlsfleet.launcher;

import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.ingest.KnownKeys;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.retention.Retention;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Retention each minute and each day, on a thread of its own until it is closed. */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final int MINUTES_A_DAY = 24 * 60;

    private final Thread thread;

    private Housekeeping(Retention retention, Runnable daily) {
        // No virtual thread: the search for shared factors computes for a minute and more without a pause.
        thread = Thread.ofPlatform().daemon().name("housekeeping").start(() -> run(retention, daily));
    }

    static Housekeeping start(Database database, Retention retention) {
        KnownKeys keys = new KnownKeys(database);
        return new Housekeeping(retention, () -> knownKeys(database, keys));
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    /** What is found is of no use before the endpoints are judged again. */
    private static void knownKeys(Database database, KnownKeys keys) {
        int found = keys.search();
        if (found > 0) {
            LOG.warn(
                    "{} RSA keys of the estate share a factor with another: their private keys can be computed", found);
            new Reevaluations(database).request("tlsfleet", found + " RSA keys share a factor with another");
        }
    }

    private static void run(Retention retention, Runnable daily) {
        for (int minute = 0; !Thread.currentThread().isInterrupted(); minute++) {
            try {
                if (minute % MINUTES_A_DAY == 0) {
                    retention.daily();
                    daily.run();
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
