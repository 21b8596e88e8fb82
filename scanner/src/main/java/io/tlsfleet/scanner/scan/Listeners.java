package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * What the first name on an address and port showed, for the names behind it. While the first is asked the others wait; then a
 * few at a time are held against it. Bounded, and forgotten after a while.
 */
final class Listeners {
    private static final int MOST = 512;
    private static final long STANDS_NANOS = 600_000_000_000L;
    private static final int AT_ONCE = 4;

    private final Map<Key, Listener> listeners = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Listener> eldest) {
            return size() > MOST;
        }
    };

    private record Key(
            InetAddress address, int port, @Nullable String starttls, boolean full, Set<String> attacks) {}

    private static final class Listener {
        final Semaphore places = new Semaphore(AT_ONCE);

        @Nullable
        Observation known;

        long at;
        boolean beingAsked;
        boolean confirmed;
    }

    /** One name's turn at a listener; {@link #known} is what another name has shown, null when this one is asked whole. */
    static final class Turn implements AutoCloseable {
        private final Listener listener;
        private final @Nullable Observation known;
        private final boolean first;

        private Turn(Listener listener, @Nullable Observation known, boolean first) {
            this.listener = listener;
            this.known = known;
            this.first = first;
        }

        @Nullable
        Observation known() {
            return known;
        }

        /** What was asked whole and is certain speaks for others, unless what spoke before has been confirmed by a name. */
        void asked(Observation seen) {
            boolean inferred = seen.coverage().stream().anyMatch(line -> Boolean.TRUE.equals(line.inferred()));
            boolean whole = seen.scan().outcome() == Outcome.COMPLETE && seen.protocols() != null && !inferred;
            synchronized (listener) {
                if (inferred) {
                    listener.confirmed = true;
                } else if (whole && (first || !listener.confirmed)) {
                    listener.known = seen;
                    listener.at = System.nanoTime();
                    listener.confirmed = false;
                }
            }
        }

        @Override
        public void close() {
            if (first) {
                synchronized (listener) {
                    listener.beingAsked = false;
                    listener.notifyAll();
                }
            }
            listener.places.release();
        }
    }

    /** Waits while the first name is asked, or too many others are; that wait gives the lane's place to others. */
    Turn enter(Question question, boolean full, Lane lane) throws InterruptedException {
        Listener listener = listener(new Key(
                question.destination().address(),
                question.destination().port(),
                question.starttls(),
                full,
                question.attacks()));
        boolean waits = false;
        synchronized (listener) {
            waits = listener.beingAsked;
        }
        waits |= listener.places.availablePermits() == 0;
        if (waits) {
            lane.giveWay();
        }
        listener.places.acquire();
        Turn turn = turn(listener, question);
        if (waits) {
            lane.goOn();
        }
        return turn;
    }

    private static Turn turn(Listener listener, Question question) throws InterruptedException {
        try {
            synchronized (listener) {
                while (listener.beingAsked) {
                    listener.wait();
                }
                Observation known = System.nanoTime() - listener.at < STANDS_NANOS ? listener.known : null;
                boolean itself =
                        known != null && Objects.equals(known.endpoint().sni(), question.serverName());
                boolean first = known == null || itself;
                listener.beingAsked = first;
                return new Turn(listener, first ? null : known, first);
            }
        } catch (InterruptedException e) {
            listener.places.release();
            throw e;
        }
    }

    private Listener listener(Key key) {
        synchronized (listeners) {
            return listeners.computeIfAbsent(key, k -> new Listener());
        }
    }
}
