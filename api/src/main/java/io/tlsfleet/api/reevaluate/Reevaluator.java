package io.tlsfleet.api.reevaluate;

import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.StatementRefused;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.inventory.ScanRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges all that is stored again when somebody asks for it. Where it stands is in the database: a process that ends in
 * the middle leaves the rest to the next one, or to itself, and no endpoint is judged by two at a time.
 */
public final class Reevaluator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reevaluator.class);
    private static final Duration IDLE = Duration.ofSeconds(2);
    private static final int BATCH = 250;

    private final Reevaluations reevaluations;
    private final Database database;
    private final Ingest ingest;
    private final int hands = Math.max(1, Math.min(6, 2 * Runtime.getRuntime().availableProcessors()));
    private final ExecutorService judges = Executors.newFixedThreadPool(
            hands, Thread.ofPlatform().name("reevaluate-", 0).daemon().factory());
    private final Thread thread;
    private volatile boolean closing;

    public Reevaluator(Database database, Judging judging) {
        this.database = database;
        this.reevaluations = new Reevaluations(database);
        this.ingest = new Ingest(database, judging);
        this.thread = Thread.ofVirtual().name("reevaluator").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** So that one that was just asked for begins at once. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        judges.shutdownNow();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closing) {
            try {
                Optional<Reevaluations.Lease> lease = reevaluations.lease();
                if (lease.isPresent()) {
                    go(lease.get());
                    continue;
                }
            } catch (DatabaseAway e) {
                LOG.info("re-evaluation waits for the database: {}", e.getMessage());
            } catch (RuntimeException e) {
                if (!closing) {
                    LOG.error("re-evaluation failed; it goes on where it was in a moment", e);
                }
            }
            LockSupport.parkNanos(IDLE.toNanos());
        }
    }

    private void go(Reevaluations.Lease lease) {
        Latest latest = new Latest(database.sql());
        long position = lease.position();
        if (position == 0 && !follow(lease)) {
            reevaluations.release(lease);
            return;
        }
        while (!closing) {
            List<Long> ids = latest.after(position, BATCH * hands);
            if (ids.isEmpty()) {
                reevaluations.finish(lease);
                LOG.info("re-evaluation {} has judged every stored endpoint", lease.id());
                return;
            }
            Judged judged = judge(ids);
            position = ids.getLast();
            if (closing
                    || !reevaluations.progress(
                            lease, position, judged.endpoints, judged.failed, judged.opened, judged.resolved)) {
                break;
            }
        }
        reevaluations.release(lease);
    }

    /** Rules of scanning may have changed: how often each endpoint is due goes first, of those that were never scanned too. False: it is no longer ours. */
    private boolean follow(Reevaluations.Lease lease) {
        Optional<Long> last = Optional.of(0L);
        while (last.isPresent() && !closing) {
            last = ScanRules.follow(database, last.get());
            if (!reevaluations.progress(lease, 0, 0, 0, 0, 0)) {
                return false;
            }
        }
        return !closing;
    }

    private record Judged(int endpoints, int failed, int opened, int resolved) {
        Judged plus(Judged other) {
            return new Judged(
                    endpoints + other.endpoints,
                    failed + other.failed,
                    opened + other.opened,
                    resolved + other.resolved);
        }
    }

    private Judged judge(List<Long> ids) {
        List<Callable<Judged>> parts = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += BATCH) {
            List<Long> part = ids.subList(from, Math.min(ids.size(), from + BATCH));
            parts.add(() -> some(part));
        }
        Judged sum = new Judged(0, 0, 0, 0);
        try {
            for (Future<Judged> part : judges.invokeAll(parts)) {
                sum = sum.plus(part.get());
            }
            return sum;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing = true;
            return sum;
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
    }

    /** One endpoint that cannot be judged does not take the others with it. */
    private Judged some(List<Long> ids) {
        try {
            Ingest.Again again = ingest.judgeAgain(ids);
            return new Judged(ids.size(), 0, again.opened(), again.resolved());
        } catch (DatabaseAway e) {
            throw e;
        } catch (StatementRefused | IllegalStateException | IllegalArgumentException e) {
            if (ids.size() == 1) {
                LOG.error("endpoint {} cannot be judged again", ids.getFirst(), e);
                return new Judged(1, 1, 0, 0);
            }
            int half = ids.size() / 2;
            return some(ids.subList(0, half)).plus(some(ids.subList(half, ids.size())));
        }
    }
}
