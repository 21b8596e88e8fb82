package io.tlsfleet.scanner.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class WorkerTest {
    private static final Worker.Settings QUICK = new Worker.Settings(
            List.of(8, 8),
            4,
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            Duration.ofMillis(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            100);

    private final FakeSource source = new FakeSource();

    @Test
    void scansEveryLeaseOnceAndHandsItInByTheBatch() throws Exception {
        source.add(0, 40);
        source.add(1, 5);
        AtomicInteger scans = new AtomicInteger();
        try (Worker worker = new Worker(source, lease -> seen(scans), QUICK)) {
            worker.start();
            await(() -> source.completed.size() == 45);
            assertThat(scans).hasValue(45);
            assertThat(source.completions).as("calls").isLessThan(45);
            await(() -> worker.leasesHeld() == 0);
        }
    }

    @Test
    void doesNotLetTheSlowLaneHoldUpTheFastOne() throws Exception {
        source.add(0, 30);
        source.add(1, 30);
        CountDownLatch tarpit = new CountDownLatch(1);
        try (Worker worker = new Worker(
                source,
                lease -> {
                    if (lease.lane() == 1) {
                        tarpit.await();
                    }
                    return List.of();
                },
                QUICK)) {
            worker.start();
            await(() -> source.completed.size() == 30);
            tarpit.countDown();
            await(() -> source.completed.size() == 60);
        }
    }

    @Test
    void keepsResultsWhileTheSourceIsAway() throws Exception {
        source.add(0, 12);
        source.away = true;
        source.leasing = true;
        try (Worker worker = new Worker(source, lease -> List.of(), QUICK)) {
            worker.start();
            await(() -> worker.scanned() == 12);
            Thread.sleep(100);
            assertThat(source.completed).isEmpty();
            source.away = false;
            await(() -> source.completed.size() == 12);
        }
    }

    @Test
    void renewsWhatItHoldsAndDropsWhatItLost() throws Exception {
        source.add(0, 2);
        CountDownLatch hold = new CountDownLatch(1);
        AtomicInteger interrupted = new AtomicInteger();
        try (Worker worker = new Worker(
                source,
                lease -> {
                    try {
                        hold.await();
                    } catch (InterruptedException e) {
                        interrupted.incrementAndGet();
                        throw e;
                    }
                    return List.of();
                },
                QUICK)) {
            worker.start();
            await(() -> source.renewals > 2);
            assertThat(worker.leasesHeld()).isEqualTo(2);
            source.loseOne();
            await(() -> interrupted.get() == 1);
            hold.countDown();
            await(() -> source.completed.size() == 1);
        }
    }

    @Test
    void everyPlaceOfALaneIsUsedThoughABatchIsSmaller() throws Exception {
        source.add(0, 60);
        Worker.Settings wide = new Worker.Settings(
                List.of(50, 1),
                8,
                QUICK.idle(),
                QUICK.renewal(),
                QUICK.handIn(),
                QUICK.answer(),
                QUICK.farewell(),
                QUICK.spool());
        CountDownLatch fifty = new CountDownLatch(50);
        CountDownLatch hold = new CountDownLatch(1);
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Worker worker = new Worker(
                source,
                lease -> {
                    most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                    fifty.countDown();
                    hold.await();
                    underWay.decrementAndGet();
                    return List.of();
                },
                wide)) {
            worker.start();
            assertThat(fifty.await(20, TimeUnit.SECONDS)).as("fifty at once").isTrue();
            hold.countDown();
            await(() -> source.completed.size() == 60);
            assertThat(most).hasValue(50);
        }
    }

    @Test
    void whoHasNoRoomYetWaitsBesideTheLane() throws Exception {
        source.add(0, 16);
        Set<Long> waited = ConcurrentHashMap.newKeySet();
        AtomicInteger scans = new AtomicInteger();
        try (Worker worker = new Worker(
                source,
                lease -> {
                    if (lease.endpointId() % 2 == 0 && waited.add(lease.endpointId())) {
                        throw new NotNow(1, Duration.ofMillis(300));
                    }
                    return seen(scans);
                },
                QUICK)) {
            worker.start();
            await(() -> source.completed.size() == 16);
            assertThat(scans).hasValue(16);
            assertThat(waited).hasSize(8);
            assertThat(source.released).isEmpty();
        }
    }

    @Test
    void whoWaitsForRoomIsGivenBackOnTheWayOut() throws Exception {
        source.add(0, 6);
        CountDownLatch asked = new CountDownLatch(6);
        Worker worker = new Worker(
                source,
                lease -> {
                    asked.countDown();
                    throw new NotNow(1, Duration.ofSeconds(15));
                },
                QUICK);
        worker.start();
        asked.await();
        long start = System.nanoTime();
        worker.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        assertThat(source.released.size() + source.waiting(0)).isEqualTo(6);
    }

    @Test
    void givesBackOrFinishesEverythingOnItsWayOut() throws Exception {
        source.add(0, 20);
        CountDownLatch running = new CountDownLatch(1);
        Worker worker = new Worker(
                source,
                lease -> {
                    running.countDown();
                    Thread.sleep(200);
                    return List.of();
                },
                QUICK);
        worker.start();
        running.await();
        long start = System.nanoTime();
        worker.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        assertThat(source.completed.size() + source.released.size() + source.waiting(0))
                .as("nothing is lost")
                .isEqualTo(20);
        assertThat(source.completed).isNotEmpty();
    }

    @Test
    void doesNotWaitLongForASourceThatIsAwayOnItsWayOut() throws Exception {
        source.add(0, 4);
        source.silent = true;
        CountDownLatch running = new CountDownLatch(4);
        Worker.Settings patient = new Worker.Settings(
                List.of(8, 8),
                4,
                QUICK.idle(),
                Duration.ofSeconds(30),
                QUICK.handIn(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(1),
                100);
        Worker worker = new Worker(
                source,
                lease -> {
                    running.countDown();
                    return List.of();
                },
                patient);
        worker.start();
        running.await();
        long start = System.nanoTime();
        worker.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void givesBackWhatHasNotEndedByTheFarewellAndWhatIsToWait() throws Exception {
        source.add(0, 6);
        CountDownLatch stuck = new CountDownLatch(3);
        List<UUID> deferred = new CopyOnWriteArrayList<>();
        AtomicInteger number = new AtomicInteger();
        Worker worker = new Worker(
                source,
                new Others(deferred),
                lease -> {
                    if (number.getAndIncrement() % 2 == 0) {
                        throw new NotNow(1, Duration.ofSeconds(30));
                    }
                    stuck.countDown();
                    Thread.sleep(Duration.ofHours(1)); // a place in its network, a connection that is not its turn
                    return List.of();
                },
                QUICK,
                (begun, seen) -> false);
        worker.start();
        assertThat(stuck.await(10, TimeUnit.SECONDS)).isTrue();
        long start = System.nanoTime();
        worker.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(source.released.size() + deferred.size() + source.waiting(0))
                .as("each is given back or deferred, none runs out")
                .isEqualTo(6);
        assertThat(source.released).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void givesBackWhatItSleptThroughInsteadOfHandingItIn() throws Exception {
        source.add(0, 6);
        AtomicInteger asleep = new AtomicInteger(2);
        try (Worker worker =
                new Worker(source, null, lease -> List.of(), QUICK, (begun, seen) -> asleep.getAndDecrement() > 0)) {
            worker.start();
            await(() -> source.completed.size() == 4 && source.released.size() == 2);
            assertThat(worker.disregarded()).isEqualTo(2);
            assertThat(source.completed).doesNotContainAnyElementsOf(source.released);
        }
    }

    private static List<Observation> seen(AtomicInteger scans) {
        scans.incrementAndGet();
        return List.of();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(5);
        }
    }

    private record Others(List<UUID> deferred) implements SiteLink {
        @Override
        public CompletionStage<SiteRules> report(Presence presence) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException());
        }

        @Override
        public CompletionStage<List<Integer>> hold(List<Integer> shards) {
            return CompletableFuture.completedFuture(shards);
        }

        @Override
        public CompletionStage<Void> letGo(List<Integer> shards) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> defer(List<Deferred> leases) {
            leases.forEach(lease -> deferred.add(lease.token()));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> leave() {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** The table of leases as a few maps. */
    private static final class FakeSource implements LeaseSource {
        final Map<Integer, Queue<Lease>> due = new HashMap<>();
        final Map<UUID, Lease> held = new HashMap<>();
        final List<UUID> completed = new ArrayList<>();
        volatile boolean silent;
        final List<UUID> released = new ArrayList<>();
        volatile boolean away;
        volatile boolean leasing;
        int completions;
        int renewals;

        synchronized void add(int lane, int count) {
            for (int i = 0; i < count; i++) {
                Target target = new Target(
                        "host" + i + ".example", 443, null, null, List.of(), null, Map.of(), null, null, null, null);
                due.computeIfAbsent(lane, l -> new ArrayDeque<>())
                        .add(new Lease(
                                i,
                                UUID.randomUUID(),
                                Instant.EPOCH,
                                target,
                                Depth.STANDARD,
                                lane,
                                List.of(),
                                List.of()));
            }
        }

        synchronized int waiting(int lane) {
            return due.getOrDefault(lane, new ArrayDeque<>()).size();
        }

        synchronized void loseOne() {
            held.remove(held.keySet().iterator().next());
        }

        @Override
        public synchronized CompletionStage<List<Lease>> lease(int lane, int limit) {
            if (away && !leasing) {
                return CompletableFuture.failedFuture(new IllegalStateException("away"));
            }
            List<Lease> leases = new ArrayList<>();
            Queue<Lease> queue = due.getOrDefault(lane, new ArrayDeque<>());
            while (leases.size() < limit && !queue.isEmpty()) {
                Lease lease = queue.remove();
                held.put(lease.token(), lease);
                leases.add(lease);
            }
            return CompletableFuture.completedFuture(leases);
        }

        @Override
        public synchronized CompletionStage<List<UUID>> renew(List<UUID> tokens) {
            renewals++;
            return CompletableFuture.completedFuture(
                    tokens.stream().filter(held::containsKey).toList());
        }

        @Override
        public synchronized CompletionStage<List<Boolean>> complete(List<Completed> results) {
            if (silent) {
                return new CompletableFuture<>();
            }
            if (away) {
                return CompletableFuture.failedFuture(new IllegalStateException("away"));
            }
            completions++;
            List<Boolean> taken = new ArrayList<>();
            for (Completed result : results) {
                boolean ours = held.remove(result.token()) != null;
                if (ours) {
                    completed.add(result.token());
                }
                taken.add(ours);
            }
            return CompletableFuture.completedFuture(taken);
        }

        @Override
        public synchronized CompletionStage<Void> release(List<UUID> tokens) {
            tokens.stream().filter(t -> held.remove(t) != null).forEach(released::add);
            return CompletableFuture.completedFuture(null);
        }
    }
}
