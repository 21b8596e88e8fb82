package io.tlsfleet.launcher.work;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.scanner.scan.Interrupted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes leases while it has places, scans each on a virtual thread, renews what takes long and hands results in. The slow
 * lane (endpoints that timed out last time) has places of its own, so that tarpits never delay good endpoints. A lease
 * that was lost is not scanned to its end; a result that cannot be handed in is tried again until its lease must be gone.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration IDLE = Duration.ofMillis(1_000);
    private static final Duration RENEWAL = Duration.ofSeconds(15);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int AT_ONCE = 100;

    /** Scans what a lease names: one observation an address. */
    public interface Scanning {
        List<Observation> scan(Lease lease) throws InterruptedException;
    }

    private final LeaseSource source;
    private final Scanning scanning;
    private final Map<UUID, Thread> held = new ConcurrentHashMap<>();
    private final Set<UUID> handingIn = ConcurrentHashMap.newKeySet();
    private final List<Thread> loops = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;

    public Worker(LeaseSource source, Scanning scanning) {
        this.source = source;
        this.scanning = scanning;
    }

    /** {@code places} in the fast lane, as many again in the slow one. */
    public void start(int places) {
        loops.add(Thread.ofVirtual().name("lane-0").start(() -> lane(0, places)));
        loops.add(Thread.ofVirtual().name("lane-1").start(() -> lane(1, places)));
        loops.add(Thread.ofVirtual().name("renewal").start(this::renewals));
    }

    private void lane(int lane, int places) {
        Semaphore free = new Semaphore(places);
        boolean away = false;
        while (!stopping) {
            int taken = 0;
            try {
                free.acquire();
                taken = 1 + drainUpTo(free, AT_ONCE - 1);
                List<Lease> leases = answer(source.lease(lane, taken));
                if (away) {
                    LOG.info("leases again, lane {}", lane);
                    away = false;
                }
                for (Lease lease : leases) {
                    taken--;
                    begin(lease, free);
                }
                free.release(taken);
                taken = 0;
                if (leases.isEmpty()) {
                    Thread.sleep(IDLE.toMillis() * ThreadLocalRandom.current().nextInt(80, 120) / 100);
                }
            } catch (ExecutionException | TimeoutException e) {
                free.release(taken);
                if (!away) {
                    LOG.warn("no leases, lane {}: {}; asking again", lane, cause(e));
                    away = true;
                }
                pause(Duration.ofSeconds(2));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static int drainUpTo(Semaphore free, int most) {
        int taken = 0;
        while (taken < most && free.tryAcquire()) {
            taken++;
        }
        return taken;
    }

    private void begin(Lease lease, Semaphore free) {
        Thread thread = Thread.ofVirtual().name("scan-" + lease.endpointId()).unstarted(() -> {
            try {
                List<Observation> observations = scanning.scan(lease);
                observations.forEach(o -> log(lease, o));
                handIn(lease, observations);
            } catch (InterruptedException | Interrupted e) {
                LOG.debug(
                        "{}:{} given up", lease.target().host(), lease.target().port());
            } catch (RuntimeException e) {
                LOG.error(
                        "{}:{} could not be scanned",
                        lease.target().host(),
                        lease.target().port(),
                        e);
            } finally {
                held.remove(lease.token());
                free.release();
            }
        });
        held.put(lease.token(), thread);
        thread.start();
    }

    private static void log(Lease lease, Observation o) {
        LOG.info(
                "scan endpoint={}:{} address={} outcome={} depth={} connections={} millis={}",
                lease.target().host(),
                lease.target().port(),
                o.endpoint().address(),
                o.scan().outcome().word(),
                o.scan().depth().word(),
                o.scan().connections(),
                o.scan().durationMillis());
    }

    private void handIn(Lease lease, List<Observation> observations) throws InterruptedException {
        handingIn.add(lease.token());
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    boolean taken = answer(source.complete(
                                    List.of(new Completed(lease.endpointId(), lease.token(), observations))))
                            .getFirst();
                    if (!taken) {
                        LOG.info(
                                "{}:{}: the lease was lost, another worker's result stands",
                                lease.target().host(),
                                lease.target().port());
                    }
                    return;
                } catch (ExecutionException | TimeoutException e) {
                    LOG.warn(
                            "{}:{}: the result was not taken ({}), trying again",
                            lease.target().host(),
                            lease.target().port(),
                            cause(e));
                    Thread.sleep(Math.min(10_000, 500L * attempt));
                }
            }
        } finally {
            handingIn.remove(lease.token());
        }
    }

    private void renewals() {
        while (!stopping) {
            pause(RENEWAL);
            List<UUID> asked = new ArrayList<>(held.keySet());
            if (asked.isEmpty() || stopping) {
                continue;
            }
            try {
                Set<UUID> ours = Set.copyOf(answer(source.renew(asked)));
                for (UUID token : asked) {
                    Thread lost = ours.contains(token) || handingIn.contains(token) ? null : held.get(token);
                    if (lost != null) {
                        lost.interrupt();
                    }
                }
            } catch (ExecutionException | TimeoutException e) {
                LOG.warn("leases were not renewed: {}", cause(e));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Leases no more, gives scans a moment to their end, and gives back what is not done. */
    public void stop(Duration patience) {
        stopping = true;
        loops.forEach(Thread::interrupt);
        long end = System.nanoTime() + patience.toNanos();
        while (!held.isEmpty() && System.nanoTime() < end) {
            pause(Duration.ofMillis(20));
        }
        List<UUID> left = new ArrayList<>(held.keySet());
        held.values().forEach(Thread::interrupt);
        if (!left.isEmpty()) {
            try {
                source.release(left).toCompletableFuture().get(2, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOG.info("{} leases were not given back and run out by themselves", left.size());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        stop(Duration.ofSeconds(2));
    }

    private static <T> T answer(CompletionStage<T> asked)
            throws InterruptedException, ExecutionException, TimeoutException {
        return asked.toCompletableFuture().get(ANSWER.toSeconds(), TimeUnit.SECONDS);
    }

    private static String cause(Exception e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? "no answer" : cause.getMessage());
    }

    private void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
