package io.tlsfleet.store.policy;

import io.tlsfleet.fleet.policy.InvalidPolicy;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.policy.TrustBook;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The book of policies, and of anchors of one's own, as this process judges by them: never waits, at most {@link #STALE} behind the database, and at once
 * where the change was made here. While the database is away the last book stays.
 */
public final class CurrentPolicies implements Supplier<PolicyBook>, AutoCloseable {
    /** After so long every process that runs judges by what was changed. */
    public static final Duration STALE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(CurrentPolicies.class);

    private final Database database;
    private final Thread thread;
    private volatile PolicyBook book = PolicyBook.SHIPPED;
    private volatile TrustBook trust = TrustBook.NONE;
    private String state = "";
    private String trustState = "";
    private volatile boolean closing;

    private CurrentPolicies(Database database) {
        this.database = database;
        this.thread = Thread.ofVirtual().name("policies").unstarted(this::follow);
    }

    /** Reads once, and follows from then on; a database that is away is read when it comes. */
    public static CurrentPolicies of(Database database) {
        CurrentPolicies policies = new CurrentPolicies(database);
        try {
            policies.refresh();
        } catch (DatabaseAway e) {
            LOG.info("policies are read when the database is there: {}", e.getMessage());
        }
        policies.thread.start();
        return policies;
    }

    @Override
    public PolicyBook get() {
        return book;
    }

    public TrustBook trust() {
        return trust;
    }

    /** What was just committed counts from here on. */
    public synchronized void refresh() {
        StoredPolicies stored = new StoredPolicies(database.sql());
        String now = stored.state();
        if (!now.equals(state)) {
            Map<String, InvalidPolicy> unread = new HashMap<>();
            book = stored.book(unread);
            state = now;
            unread.forEach((name, e) ->
                    LOG.error("policy {} cannot be read by this release and judges nobody: {}", name, e.getMessage()));
        }
        StoredAnchors anchors = new StoredAnchors(database.sql());
        String anchored = anchors.state();
        if (!anchored.equals(trustState)) {
            trust = anchors.book();
            trustState = anchored;
        }
    }

    private void follow() {
        while (!closing) {
            LockSupport.parkNanos(STALE.dividedBy(2).toNanos());
            try {
                if (!closing) {
                    refresh();
                }
            } catch (RuntimeException e) {
                if (!closing) {
                    LOG.debug("policies stay as they are: {}", e.getMessage());
                }
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
    }
}
