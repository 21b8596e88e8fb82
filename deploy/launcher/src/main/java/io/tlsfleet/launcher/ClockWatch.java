package io.tlsfleet.launcher;

import io.tlsfleet.fleet.lease.SharedClock;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the database for its time, before anything is judged by it and then every few seconds until it is closed. */
final class ClockWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final Database database;
    private final SharedClock clock;
    private final Thread thread;

    private ClockWatch(Database database, SharedClock clock) {
        this.database = database;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("clock").unstarted(this::run);
    }

    static ClockWatch start(Database database, SharedClock clock) {
        ClockWatch watch = new ClockWatch(database, clock);
        watch.ask();
        watch.thread.start();
        return watch;
    }

    private void ask() {
        try {
            long asked = System.nanoTime();
            clock.heard(database.now(), asked).ifPresent(LOG::warn);
        } catch (DatabaseAway e) {
            LOG.debug("the database tells no time: {}", e.getMessage());
        }
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                ask();
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
