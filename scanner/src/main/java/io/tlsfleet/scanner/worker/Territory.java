package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of the address space that this worker may dial into. Politeness is counted locally, so no two workers of a site
 * may dial into one shard at a time: one is entered only while it is held at the source, and held on while somebody is in it.
 * What has become another's to scan, since a worker came or went, is let go of as soon as nobody is in it.
 * Those who ask at once are asked for in one call.
 */
public final class Territory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Territory.class);
    private static final Duration HOLD = Duration.ofSeconds(SiteLink.HOLD_SECONDS);
    /** A hold that ends earlier is renewed before anyone enters. */
    private static final Duration ENOUGH = HOLD.minusSeconds(15);

    private static final Duration RENEWAL = Duration.ofSeconds(10);
    /** So long after the last scan there: what a second's cap let through is past. */
    private static final Duration REST = Duration.ofSeconds(2);

    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final SiteLink link;
    private final LongSupplier nanoTime;
    private final ReentrantLock talking = new ReentrantLock();
    private final Map<Integer, Hold> holds = new HashMap<>();
    private final BlockingQueue<Ask> asks = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable SiteRules rules;

    private static final class Hold {
        long until;
        int visitors;
        long left;
    }

    private record Ask(int shard, CompletableFuture<Boolean> answer) {}

    public Territory(SiteLink link, LongSupplier nanoTime) {
        this.link = link;
        this.nanoTime = nanoTime;
    }

    public void start() {
        threads.add(Thread.ofVirtual().name("territory").start(this::answer));
        threads.add(Thread.ofVirtual().name("territory-renewal").start(this::renew));
    }

    /** How the site is shared from now on; to be told again and again, since not all can be let go of at once. */
    public void share(SiteRules now) {
        rules = now;
        talking.lock(); // what is let go of is not asked for in the same moment
        try {
            List<Integer> others = forgetOthers(now);
            if (!others.isEmpty()) {
                link.letGo(others).toCompletableFuture().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("shards that were let go of are free only when their minute is over", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            talking.unlock();
        }
    }

    private synchronized List<Integer> forgetOthers(SiteRules now) {
        long time = nanoTime.getAsLong();
        List<Integer> others = new ArrayList<>();
        holds.forEach((shard, hold) -> {
            if (hold.visitors <= 0 && !now.owns(shard) && time - hold.left > REST.toNanos()) {
                others.add(shard);
            }
        });
        others.forEach(holds::remove);
        return others;
    }

    /**
     * Waits for the source's word; {@link #leave} must follow. Of a shard that is another worker's, or that the source did
     * not answer for, comes {@link NotNow}.
     */
    public void enter(Set<Integer> shards) throws InterruptedException, NotNow {
        SiteRules now = rules;
        List<Integer> entered = new ArrayList<>();
        try {
            for (int shard : shards) {
                // several addresses: the first says whose endpoint it is, the others are held as they come
                if (entered.isEmpty() && now != null && !now.owns(shard) && !isHeld(shard)) {
                    throw new NotNow(shard, Duration.ZERO);
                }
                if (!enter(shard)) {
                    throw new NotNow(shard, Duration.ZERO);
                }
                entered.add(shard);
            }
        } catch (InterruptedException | NotNow | RuntimeException e) {
            leave(entered);
            throw e;
        }
    }

    private synchronized boolean isHeld(int shard) {
        Hold hold = holds.get(shard);
        return hold != null && hold.until - nanoTime.getAsLong() > 0;
    }

    private boolean enter(int shard) throws InterruptedException {
        if (visit(shard)) {
            return true;
        }
        Ask ask = new Ask(shard, new CompletableFuture<>());
        asks.add(ask);
        try {
            return ask.answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS) && visit(shard);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private synchronized boolean visit(int shard) {
        Hold hold = holds.get(shard);
        if (hold == null || hold.until - nanoTime.getAsLong() < ENOUGH.toNanos()) {
            return false;
        }
        hold.visitors++;
        return true;
    }

    public synchronized void leave(Collection<Integer> shards) {
        for (int shard : shards) {
            Hold hold = holds.get(shard);
            if (hold != null) {
                hold.visitors--;
                hold.left = nanoTime.getAsLong();
            }
        }
    }

    private void answer() {
        try {
            while (true) {
                List<Ask> batch = new ArrayList<>();
                batch.add(asks.take());
                Thread.sleep(2); // those who ask in the same moment
                asks.drainTo(batch);
                Set<Integer> wanted = new LinkedHashSet<>();
                batch.forEach(ask -> wanted.add(ask.shard));
                Set<Integer> ours = Set.copyOf(hold(wanted));
                batch.forEach(ask -> ask.answer.complete(ours.contains(ask.shard)));
            }
        } catch (InterruptedException e) {
            asks.forEach(ask -> ask.answer.complete(false));
        }
    }

    private void renew() {
        try {
            while (true) {
                Thread.sleep(RENEWAL);
                Set<Integer> visited = new LinkedHashSet<>();
                synchronized (this) {
                    long now = nanoTime.getAsLong();
                    holds.values().removeIf(hold -> hold.visitors <= 0 && hold.until - now <= 0);
                    holds.forEach((shard, hold) -> {
                        if (hold.visitors > 0) {
                            visited.add(shard);
                        }
                    });
                }
                hold(visited);
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    /** Our own clock begins before the question: what we think we hold ends before the source thinks so. */
    private List<Integer> hold(Set<Integer> shards) throws InterruptedException {
        if (shards.isEmpty()) {
            return List.of();
        }
        talking.lockInterruptibly();
        try {
            long asked = nanoTime.getAsLong();
            List<Integer> ours =
                    link.hold(List.copyOf(shards)).toCompletableFuture().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            synchronized (this) {
                ours.forEach(shard -> {
                    Hold hold = holds.computeIfAbsent(shard, s -> new Hold());
                    hold.until = asked + HOLD.toNanos();
                    hold.left = nanoTime.getAsLong();
                });
            }
            return ours;
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("no word on {} shards: {}", shards.size(), String.valueOf(e.getCause()));
            return List.of();
        } finally {
            talking.unlock();
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
