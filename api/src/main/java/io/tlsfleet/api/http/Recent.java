package io.tlsfleet.api.http;

import io.tlsfleet.store.DatabaseAway;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers that in a large estate are dear to count. What took long is given again while it is young, and counted anew behind
 * the reader's back: nobody waits who looks again and again, and a tenth of the time at most is spent on it. What is counted
 * quickly is given for {@code fresh} only.
 */
final class Recent<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(Recent.class);
    private static final Duration DEAR = Duration.ofMillis(200);
    private static final int MOST = 64;

    private final Duration fresh;
    private final InstantSource clock;
    private final Map<K, Place> places = new LinkedHashMap<>(16, 0.75f, true);

    Recent(Duration fresh, InstantSource clock) {
        this.fresh = fresh;
        this.clock = clock;
    }

    private final class Place {
        private volatile @Nullable Counted known;
        private volatile boolean counting;

        private V value(Supplier<V> count) {
            Counted one = known;
            Duration age = one == null ? Duration.ZERO : one.age();
            if (one == null || age.compareTo(one.goodFor()) > 0) {
                return count(count);
            }
            if (age.compareTo(one.freshFor()) > 0 && begins()) {
                Thread.ofVirtual().name("recount").start(() -> {
                    try {
                        count(count);
                    } catch (DatabaseAway e) {
                        LOG.debug("it stays as it was: {}", e.getMessage());
                    } finally {
                        counting = false;
                    }
                });
            }
            return one.value;
        }

        private synchronized boolean begins() {
            boolean begins = !counting;
            counting = true;
            return begins;
        }

        private synchronized V count(Supplier<V> count) {
            Counted one = known;
            if (one != null && one.age().compareTo(one.freshFor()) <= 0) {
                return one.value; // another one counted while this one waited
            }
            Instant at = clock.instant();
            long begin = System.nanoTime();
            V value = count.get();
            Counted counted = new Counted(value, at, Duration.ofNanos(System.nanoTime() - begin));
            known = counted.freshFor().isZero() ? null : counted;
            return value;
        }
    }

    private final class Counted {
        private final V value;
        private final Instant at;
        private final Duration took;

        Counted(V value, Instant at, Duration took) {
            this.value = value;
            this.at = at;
            this.took = took;
        }

        Duration age() {
            return Duration.between(at, clock.instant()).abs();
        }

        Duration freshFor() {
            return longer(took.compareTo(DEAR) > 0 ? took.multipliedBy(10) : Duration.ZERO);
        }

        /** How old it may be while another one is counted. */
        Duration goodFor() {
            return longer(took.compareTo(DEAR) > 0 ? took.multipliedBy(20) : Duration.ZERO);
        }

        private Duration longer(Duration other) {
            return fresh.compareTo(other) > 0 ? fresh : other;
        }
    }

    V get(K key, Supplier<V> count) {
        Place place;
        synchronized (places) {
            place = places.computeIfAbsent(key, k -> new Place());
            if (places.size() > MOST) {
                places.remove(places.keySet().iterator().next());
            }
        }
        return place.value(count);
    }

    /** Somebody changed what was counted, and looks next whether that is so. */
    void forget() {
        synchronized (places) {
            places.clear();
        }
    }
}
