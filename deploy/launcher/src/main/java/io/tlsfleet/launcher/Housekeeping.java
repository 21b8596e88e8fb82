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
    private static final int MINUTES_AN_HOUR = 60;
    private static final int MINUTES_A_DAY = 24 * MINUTES_AN_HOUR;

    private final Thread thread;

    private Housekeeping(Runnable daily, Runnable minutely) {
        // No virtual thread: the search for shared factors computes for a minute and more without a pause.
        thread = Thread.ofPlatform().daemon().name("housekeeping").start(() -> run(daily, minutely));
    }

    static Housekeeping start(Database database, Retention retention) {
        KnownKeys keys = new KnownKeys(database);
        return new Housekeeping(
                () -> {
                    retention.daily();
                    knownKeys(database, keys);
                },
                retention::minutely);
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

    private static void run(Runnable daily, Runnable minutely) {
        for (int dueIn = 0; !Thread.currentThread().isInterrupted(); ) {
            dueIn = minute(dueIn, daily, minutely);
            try {
                Thread.sleep(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** {@code dueIn} so many minutes the day's part is due; answers the same for the minute after. */
    static int minute(int dueIn, Runnable daily, Runnable minutely) {
        attempt(minutely, "a minute");
        if (dueIn > 0) {
            return dueIn - 1;
        }
        return switch (attempt(daily, "an hour")) {
            case DONE -> MINUTES_A_DAY - 1;
            case AWAY -> 0;
            case FAILED -> MINUTES_AN_HOUR - 1;
        };
    }

    private enum Outcome {
        DONE,
        AWAY,
        FAILED
    }

    private static Outcome attempt(Runnable work, String again) {
        try {
            work.run();
            return Outcome.DONE;
        } catch (DatabaseAway e) {
            LOG.info("housekeeping waits for the database: {}", e.getMessage());
            return Outcome.AWAY;
        } catch (RuntimeException e) {
            LOG.error("housekeeping failed; it is tried again in {}", again, e);
            return Outcome.FAILED;
        }
    }
}
