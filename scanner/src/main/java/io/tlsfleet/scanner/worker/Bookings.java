package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.AddressShard;
import io.tlsfleet.scanner.connect.Politeness;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How much is under way into each host, network and owner. Their caps let so many connections a second through; a scan that
 * waits for them spends its endpoint's minute and a place that another network could use. So no more is let in than the caps
 * let through in {@link #AHEAD}, and who comes then is told when there will be room: one after the other, as close as if all
 * were further names of a listener, which take a quarter of the connections. Who comes too early is told again.
 */
public final class Bookings {
    private static final double AHEAD = 6;
    private static final double LATEST = 600;
    private static final double LEAST = 0.25;

    private final LongSupplier nanoTime;
    private final Map<String, Book> books = new HashMap<>();
    private Politeness caps = Politeness.FLEET;
    private ToDoubleFunction<String> ownerRate = owner -> 0;

    private static final class Book {
        int underWay;
        long bookedUntil;
    }

    private record Cap(String what, double rate) {}

    /** One scan under way; closed when it is over. */
    public interface Stay extends AutoCloseable {
        @Override
        void close();
    }

    public Bookings(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The caps from now on; {@code perOwner} answers connections a second, 0 where there is no such cap. */
    public synchronized void caps(Politeness now, ToDoubleFunction<String> perOwner) {
        caps = now;
        ownerRate = perOwner;
    }

    /** A scan of that depth begins, or there is no room for it. */
    public synchronized Stay enter(InetAddress host, @Nullable String owner, Depth depth) throws NotNow {
        int connections = connections(depth);
        long now = nanoTime.getAsLong();
        List<Cap> there = caps(host, owner);
        double wait = 0;
        for (Cap cap : there) {
            Book book = books.get(cap.what);
            if (book != null && book.underWay > 0 && book.underWay + connections > cap.rate * AHEAD) {
                double free = Math.max(AHEAD / 4, (book.bookedUntil - now) / 1e9);
                wait = Math.max(wait, free);
                double turn = Math.max(1, connections * LEAST) / cap.rate;
                book.bookedUntil = now + (long) (Math.min(LATEST, free + turn) * 1e9);
            }
        }
        if (wait > 0) {
            double jitter = ThreadLocalRandom.current().nextDouble(0.9, 1.1);
            throw new NotNow(AddressShard.of(host), Duration.ofMillis((long) (wait * jitter * 1000)));
        }
        there.forEach(cap -> books.computeIfAbsent(cap.what, w -> new Book()).underWay += connections);
        return () -> leave(there, connections);
    }

    private synchronized void leave(List<Cap> there, int connections) {
        long now = nanoTime.getAsLong();
        for (Cap cap : there) {
            Book book = books.get(cap.what);
            if (book != null) {
                book.underWay -= connections;
                if (book.underWay <= 0 && book.bookedUntil - now <= 0) {
                    books.remove(cap.what);
                }
            }
        }
    }

    private List<Cap> caps(InetAddress host, @Nullable String owner) {
        byte[] address = host.getAddress();
        List<Cap> there = new ArrayList<>();
        there.add(new Cap(HexFormat.of().formatHex(address), caps.ratePerHost()));
        if (caps.subnetRate() > 0) {
            byte[] network = Arrays.copyOf(address, address.length == 4 ? 3 : 6);
            there.add(new Cap(HexFormat.of().formatHex(network), caps.subnetRate()));
        }
        double rate = owner == null ? 0 : ownerRate.applyAsDouble(owner);
        if (rate > 0) {
            there.add(new Cap("owner " + owner, rate));
        }
        return there;
    }

    /** About so many, of a usual endpoint. */
    private static int connections(Depth depth) {
        return switch (depth) {
            case CERTIFICATE -> 1;
            case VERIFY -> 10;
            case STANDARD -> 25;
            case FULL -> 70;
        };
    }
}
