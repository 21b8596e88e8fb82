package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteLink.Deferred;
import io.tlsfleet.fleet.observation.Observation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases endpoints in batches, scans them on virtual threads, a lane of its own for those that kept others waiting, renews what
 * it holds, hands results in by the batch. While the source is away it keeps its results and leases nothing; on its way out it
 * gives back what was not begun and finishes what was.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** Longer than that the endpoint lies at the source, where another worker may find it. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What the source is told on the way out: who stops us kills us after twenty or thirty seconds. */
    private static final Duration LAST_WORD = Duration.ofSeconds(3);

    private final LeaseSource source;
    private final EndpointScan scan;
    private final Settings settings;
    private final @Nullable SiteLink link;
    private final Excuse excuse;
    private final BlockingQueue<Deferred> deferred = new LinkedBlockingQueue<>();
    private final Drought drought = new Drought(System::nanoTime);
    private final AtomicLong disregarded = new AtomicLong();
    private final Map<UUID, Lease> held = new ConcurrentHashMap<>();
    private final Map<UUID, Thread> begun = new ConcurrentHashMap<>();
    private final BlockingQueue<Completed> finished = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong scanned = new AtomicLong();
    private volatile boolean stopping;

    /**
     * {@code lanes} holds the number of endpoints under way in each lane, lane 0 first. {@code spool} is how many results are
     * kept while the source is away.
     */
    public record Settings(
            List<Integer> lanes,
            int batch,
            Duration idle,
            Duration renewal,
            Duration handIn,
            Duration answer,
            Duration farewell,
            int spool) {
        public static final Settings STANDARD = new Settings(
                List.of(800, 800),
                100,
                Duration.ofSeconds(2),
                Duration.ofSeconds(20),
                Duration.ofMillis(500),
                Duration.ofSeconds(
                        30), // longer than a source takes to give up by itself: a batch is not handed in twice at a
                // time
                Duration.ofSeconds(15),
                10_000);
    }

    /** One that shares its site with nobody. */
    public Worker(LeaseSource source, EndpointScan scan, Settings settings) {
        this(source, null, scan, settings, (begun, seen) -> false);
    }

    /** Whether what was seen since then, by {@link System#nanoTime}, is our own doing: the endpoint is asked again. */
    public interface Excuse {
        boolean excuses(long begun, List<Observation> seen);
    }

    public Worker(LeaseSource source, @Nullable SiteLink link, EndpointScan scan, Settings settings, Excuse excuse) {
        this.source = source;
        this.link = link;
        this.scan = scan;
        this.settings = settings;
        this.excuse = excuse;
    }

    public void start() {
        for (int lane = 0; lane < settings.lanes().size(); lane++) {
            int number = lane;
            threads.add(Thread.ofVirtual().name("lane-" + lane).start(() -> lease(number)));
        }
        threads.add(Thread.ofVirtual().name("renew").start(this::renew));
        threads.add(Thread.ofVirtual().name("hand-in").start(this::handIn));
        SiteLink others = link;
        if (others != null) {
            threads.add(Thread.ofVirtual().name("defer").start(() -> defer(others)));
        }
    }

    /** Scans whose silence was ours: the endpoint is asked again later. */
    public long disregarded() {
        return disregarded.get();
    }

    /** Leases held now, begun or not. */
    public int leasesHeld() {
        return held.size();
    }

    /** Endpoints scanned since the start. */
    public long scanned() {
        return scanned.get();
    }

    private void lease(int lane) {
        int places = settings.lanes().get(lane);
        Semaphore free = new Semaphore(places);
        while (!stopping) {
            try {
                free.acquire();
                int more = 0;
                while (more < settings.batch() - 1 && free.tryAcquire()) {
                    more++;
                }
                List<Lease> leases = finished.size() < settings.spool() ? askFor(lane, 1 + more) : List.of();
                free.release(1 + more - leases.size());
                for (Lease lease : leases) {
                    begin(lease, free);
                }
                if (leases.isEmpty()) {
                    Thread.sleep(jittered(settings.idle()));
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private List<Lease> askFor(int lane, int limit) throws InterruptedException {
        try {
            List<Lease> leases = await(source.lease(lane, limit));
            leases.forEach(lease -> held.put(lease.token(), lease));
            drought.over().ifPresent(LOG::info);
            return leases;
        } catch (ExecutionException | TimeoutException e) {
            drought.lasts(e.getCause() == null ? e : e.getCause()).ifPresent(LOG::warn);
            return List.of();
        }
    }

    private void begin(Lease lease, Semaphore free) {
        Thread.ofVirtual().name("endpoint-" + lease.endpointId()).start(() -> {
            long start = System.nanoTime();
            try {
                List<Observation> seen = scanned(lease, free);
                if (seen == null) {
                    return;
                }
                if (excuse.excuses(start, seen)) {
                    disregarded.incrementAndGet();
                    giveBack(lease);
                    return;
                }
                scanned.incrementAndGet();
                finished.add(new Completed(lease.endpointId(), lease.token(), seen));
            } catch (NotNow e) {
                held.remove(lease.token());
                deferred.add(new Deferred(lease.token(), e.shard(), e.later().toMillis()));
            } catch (InterruptedException e) {
                held.remove(lease.token());
            } catch (RuntimeException e) {
                // A fault of ours: the lease runs out and somebody else tries.
                LOG.error("endpoint {} was not scanned", lease.endpointId(), e);
                held.remove(lease.token());
            } finally {
                begun.remove(lease.token());
                free.release();
            }
        });
    }

    /**
     * Who finds no room waits a little beside the lane, where it holds up nobody; {@link NotNow} when that would be long or too many
     * do. Null when the lease is gone meanwhile. A place of the lane is held before and after.
     */
    private @Nullable List<Observation> scanned(Lease lease, Semaphore free) throws InterruptedException, NotNow {
        while (true) {
            begun.put(lease.token(), Thread.currentThread());
            if (stopping || !held.containsKey(lease.token())) {
                return null;
            }
            try {
                return scan.scan(lease);
            } catch (NotNow e) {
                boolean brief = e.later().isPositive() && e.later().compareTo(PATIENCE) <= 0;
                if (!brief || waiting.incrementAndGet() > settings.lanes().getFirst()) {
                    if (brief) {
                        waiting.decrementAndGet();
                    }
                    throw e;
                }
                begun.remove(lease.token());
                free.release();
                try {
                    Thread.sleep(e.later());
                } finally {
                    waiting.decrementAndGet();
                    free.acquireUninterruptibly();
                }
            }
        }
    }

    private void giveBack(Lease lease) throws InterruptedException {
        held.remove(lease.token());
        try {
            await(source.release(List.of(lease.token())));
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("a lease not released: {}", inWords(e));
        }
    }

    private void defer(SiteLink others) {
        List<Deferred> batch = new ArrayList<>();
        try {
            while (true) {
                batch.clear();
                batch.add(deferred.take());
                Thread.sleep(settings.handIn());
                deferred.drainTo(batch, 1000);
                try {
                    await(others.defer(batch));
                } catch (ExecutionException | TimeoutException e) {
                    LOG.warn("{} leases not deferred: {}", batch.size(), inWords(e));
                }
            }
        } catch (InterruptedException e) {
            deferred.addAll(batch); // the farewell gives them back
        }
    }

    /** A lease that is no longer ours is not worth finishing. */
    private void renew() {
        try {
            while (true) {
                Thread.sleep(settings.renewal());
                List<UUID> tokens = List.copyOf(held.keySet());
                if (tokens.isEmpty()) {
                    continue;
                }
                try {
                    List<UUID> ours = await(source.renew(tokens));
                    for (UUID token : tokens) {
                        if (!ours.contains(token)) {
                            lose(token);
                        }
                    }
                } catch (ExecutionException | TimeoutException e) {
                    LOG.warn("{} leases not renewed: {}", tokens.size(), inWords(e));
                }
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    private void lose(UUID token) {
        if (held.remove(token) != null) {
            Thread thread = begun.get(token);
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    private void handIn() {
        List<Completed> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(finished.take());
                long until = System.nanoTime() + settings.handIn().toNanos();
                while (batch.size() < settings.batch()) {
                    Completed next = finished.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
                    if (next == null) {
                        break;
                    }
                    batch.add(next);
                }
                handIn(batch);
                batch.clear();
            }
        } catch (InterruptedException e) {
            // The farewell takes what is left, this batch first.
            finished.addAll(batch);
        }
    }

    /** Again and again until the source takes them: what is known is not thrown away. */
    private void handIn(List<Completed> batch) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                await(source.complete(List.copyOf(batch)));
                batch.forEach(done -> held.remove(done.token()));
                return;
            } catch (ExecutionException | TimeoutException e) {
                LOG.warn("{} finished scans wait to be handed in: {}", batch.size(), inWords(e));
                Thread.sleep(jittered(settings.idle().multipliedBy(Math.min(16, 1L << Math.min(4, attempt)))));
            }
        }
    }

    private <T> T await(CompletionStage<T> stage) throws InterruptedException, ExecutionException, TimeoutException {
        return await(stage, settings.answer());
    }

    private static <T> T await(CompletionStage<T> stage, Duration within)
            throws InterruptedException, ExecutionException, TimeoutException {
        return stage.toCompletableFuture().get(within.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String inWords(Exception failure) {
        if (failure instanceof TimeoutException) {
            return "no answer in time";
        }
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static Duration jittered(Duration length) {
        return Duration.ofMillis(
                Math.round(length.toMillis() * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }

    /** Gives back what was not begun, finishes what was, hands it in; what has not ended by the farewell is given back too. */
    @Override
    public void close() {
        stopping = true;
        long until = System.nanoTime() + settings.farewell().toNanos();
        try {
            release();
            while (!begun.isEmpty() && System.nanoTime() < until) {
                Thread.sleep(20);
            }
            threads.forEach(Thread::interrupt);
            for (Thread thread : threads) {
                thread.join(Duration.ofNanos(Math.max(1_000_000, until - System.nanoTime())));
            }
            List<Completed> rest = new ArrayList<>();
            finished.drainTo(rest);
            if (!rest.isEmpty()) {
                await(source.complete(rest), LAST_WORD);
                rest.forEach(done -> held.remove(done.token()));
            }
            List<Deferred> others = new ArrayList<>();
            deferred.drainTo(others);
            if (!others.isEmpty()) {
                await(source.release(others.stream().map(Deferred::token).toList()), LAST_WORD);
            }
            // What came in while we were saying goodbye, and what did not end in time: somebody else begins it anew.
            giveBack(unfinished(token -> true), () -> begun.values().forEach(Thread::interrupt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the source took no farewell, the leases run out: {}", inWords(e));
        }
    }

    private void release() throws InterruptedException {
        giveBack(unfinished(token -> !begun.containsKey(token)), () -> {});
    }

    private List<UUID> unfinished(Predicate<UUID> which) {
        return held.keySet().stream()
                .filter(which)
                .filter(token ->
                        finished.stream().noneMatch(done -> done.token().equals(token)))
                .toList();
    }

    private void giveBack(List<UUID> idle, Runnable first) throws InterruptedException {
        first.run();
        idle.forEach(held::remove);
        if (!idle.isEmpty()) {
            try {
                await(source.release(idle), LAST_WORD);
            } catch (ExecutionException | TimeoutException e) {
                LOG.warn("{} leases not released: {}", idle.size(), inWords(e));
            }
        }
    }
}
