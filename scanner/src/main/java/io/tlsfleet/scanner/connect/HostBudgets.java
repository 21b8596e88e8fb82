package io.tlsfleet.scanner.connect;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets connections to a host begin when its {@link Politeness} permits: a count of those under way and a token bucket, per
 * address, and a bucket per subnet. Those who wait are served in order, on an event loop, and begin there and then: between
 * the token and the connection nothing queues that could crowd together what was spaced. Hosts at rest are forgotten.
 */
final class HostBudgets {
    private static final int SWEEP_ABOVE = 1024;
    private static final long NANOS = 1_000_000_000L;
    /** Of a rate so much comes evenly and a tenth may come at once; what is left is for a thread that is held up. */
    private static final double PACE = 0.85;

    private static final double AT_ONCE = 0.1;

    private final EventLoopGroup group;
    private final EventExecutor[] loops;
    private Politeness politeness;
    private final LongSupplier nanoTime;
    private final Map<InetAddress, Host> hosts = new HashMap<>();
    private final Map<String, Bucket> subnets = new HashMap<>();
    private final Map<String, Bucket> owners = new HashMap<>();
    private Map<String, Double> ownerRates = Map.of();
    private double usualOwnerRate;
    private int sweepAt = SWEEP_ABOVE;

    HostBudgets(EventLoopGroup loops, Politeness politeness, LongSupplier nanoTime) {
        this.group = loops;
        this.loops = StreamSupport.stream(loops.spliterator(), false).toArray(EventExecutor[]::new);
        this.politeness = politeness;
        this.nanoTime = nanoTime;
    }

    /** For one connection to that address. */
    Place place(InetAddress address) {
        return new Place(address);
    }

    /** Of one connection among those to its host. */
    final class Place {
        private final InetAddress address;
        private final AtomicBoolean taken = new AtomicBoolean();

        private Place(InetAddress address) {
            this.address = address;
        }

        /** Runs {@code connection} on an event loop, which it is told, when it may begin; {@link #leave} must follow. */
        void enter(Consumer<EventLoop> connection) {
            HostBudgets.this.enter(address, loop -> {
                taken.set(true);
                connection.accept(loop);
            });
        }

        /** Once, where it was taken. */
        void leave() {
            if (taken.getAndSet(false)) {
                HostBudgets.this.leave(address);
            }
        }
    }

    private void enter(InetAddress address, Consumer<EventLoop> connection) {
        synchronized (this) {
            sweep();
            host(address).waiting.add(connection);
        }
        serve(address);
    }

    private void leave(InetAddress address) {
        synchronized (this) {
            host(address).underWay--;
        }
        serve(address);
    }

    /** New rates hold for buckets in use too; a host that was slowed down stays so. */
    synchronized void rules(Politeness now) {
        if (now.equals(politeness)) {
            return;
        }
        hosts.values().forEach(h -> {
            if (!h.slowed) {
                h.bucket.retune(paced(now.ratePerHost(), now.burst()), now.burst());
            }
        });
        subnets.clear();
        politeness = now;
    }

    synchronized int concurrentPerHost() {
        return politeness.concurrentPerHost();
    }

    synchronized void ownerRates(double usual, Map<String, Double> rates) {
        if (usual != usualOwnerRate || !rates.equals(ownerRates)) {
            usualOwnerRate = usual;
            ownerRates = Map.copyOf(rates);
            owners.forEach((owner, bucket) -> bucket.retune(ownerRate(owner), 1));
            owners.keySet().removeIf(owner -> ownerRate(owner) <= 0);
        }
    }

    synchronized void belongs(InetAddress address, @Nullable String owner) {
        host(address).owner = owner;
    }

    private double ownerRate(String owner) {
        return ownerRates.getOrDefault(owner, usualOwnerRate) * PACE;
    }

    private @Nullable Bucket owner(Host host) {
        String owner = host.owner;
        if (owner == null || ownerRate(owner) <= 0) {
            return null;
        }
        // begins empty: others of the site may only just have heard that we share the cap
        return owners.computeIfAbsent(owner, o -> {
            Bucket bucket = new Bucket(ownerRate(o), 1, nanoTime.getAsLong());
            bucket.tokens = 0;
            return bucket;
        });
    }

    /** Without a burst a rate is a promise for every second: what the network crowds together must not break it. */
    private static double paced(double rate, int burst) {
        return burst == 1 ? rate * PACE : rate;
    }

    /** From now on no faster than this, one after the other: the host has shown that it throttles. */
    synchronized void slowDown(InetAddress address, double rate) {
        Host host = host(address);
        host.bucket.rate = Math.min(host.bucket.rate, rate);
        host.bucket.burst = 1;
        host.slowed = true;
        host.bucket.tokens = Math.min(host.bucket.tokens, 0);
    }

    private void serve(InetAddress address) {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                serve(address, (EventLoop) loop);
                return;
            }
        }
        EventLoop loop = group.next();
        loop.execute(() -> serve(address, loop));
    }

    private void serve(InetAddress address, EventLoop loop) {
        List<Consumer<EventLoop>> admitted = new ArrayList<>();
        synchronized (this) {
            Host host = host(address);
            long now = nanoTime.getAsLong();
            while (!host.waiting.isEmpty() && host.underWay < politeness.concurrentPerHost()) {
                Bucket subnet = subnet(address);
                Bucket owner = owner(host);
                long delay = Math.max(
                        host.bucket.delay(now),
                        Math.max(subnet == null ? 0 : subnet.delay(now), owner == null ? 0 : owner.delay(now)));
                if (delay > 0) {
                    wakeLater(address, host, delay, loop);
                    break;
                }
                host.bucket.tokens--;
                if (subnet != null) {
                    subnet.tokens--;
                }
                if (owner != null) {
                    owner.tokens--;
                }
                host.underWay++;
                admitted.add(host.waiting.remove());
            }
        }
        for (Consumer<EventLoop> connection : admitted) {
            connection.accept(loop);
        }
    }

    private void wakeLater(InetAddress address, Host host, long delayNanos, EventLoop loop) {
        if (host.timer == null) {
            host.timer = loop.schedule(
                    () -> {
                        synchronized (this) {
                            host.timer = null;
                        }
                        serve(address, loop);
                    },
                    delayNanos,
                    TimeUnit.NANOSECONDS);
        }
    }

    private Host host(InetAddress address) {
        return hosts.computeIfAbsent(
                address,
                a -> new Host(new Bucket(
                        paced(politeness.ratePerHost(), politeness.burst()),
                        politeness.burst(),
                        nanoTime.getAsLong())));
    }

    private @Nullable Bucket subnet(InetAddress address) {
        if (politeness.subnetRate() == 0) {
            return null;
        }
        byte[] prefix = Arrays.copyOf(address.getAddress(), address instanceof Inet6Address ? 6 : 3);
        return subnets.computeIfAbsent(
                HexFormat.of().formatHex(prefix),
                p -> new Bucket(
                        politeness.subnetRate() * PACE, politeness.subnetRate() * AT_ONCE, nanoTime.getAsLong()));
    }

    private void sweep() {
        if (hosts.size() + subnets.size() > sweepAt) {
            long now = nanoTime.getAsLong();
            hosts.values().removeIf(h -> h.underWay == 0 && h.waiting.isEmpty() && h.bucket.isAtRest(now));
            subnets.values().removeIf(b -> b.isAtRest(now));
            sweepAt = Math.max(SWEEP_ABOVE, 2 * (hosts.size() + subnets.size()));
        }
    }

    private static final class Host {
        final Queue<Consumer<EventLoop>> waiting = new ArrayDeque<>();
        final Bucket bucket;

        @Nullable
        String owner;

        @Nullable
        Future<?> timer;

        int underWay;
        boolean slowed;

        Host(Bucket bucket) {
            this.bucket = bucket;
        }
    }

    private static final class Bucket {
        double rate;
        double burst;
        double tokens;
        long at;

        Bucket(double rate, double burst, long now) {
            this.rate = rate;
            this.burst = Math.max(1, burst);
            this.tokens = this.burst;
            this.at = now;
        }

        void retune(double newRate, double newBurst) {
            rate = newRate;
            burst = Math.max(1, newBurst);
            tokens = Math.min(tokens, burst);
        }

        /** Nanoseconds until there is a token; 0 when there is one. */
        long delay(long now) {
            tokens = Math.min(burst, tokens + (now - at) * rate / NANOS);
            at = now;
            return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) * NANOS / rate);
        }

        /** Full, and a slowed host's slowness kept for a minute. */
        boolean isAtRest(long now) {
            return now - at > 60 * NANOS;
        }
    }
}
