package io.tlsfleet.scanner.scan;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Two lanes, so that those who keep us waiting do not keep others waiting: a scan runs in the fast lane and, when one answer is
 * not there after a moment, gives its place away until it comes. Then it takes a place again, before those who have not begun:
 * without that, servers that are slow because we ask too much of them would be asked by ever more scans at once. For the same
 * reason more places are given away while all that is awaited comes in time, and fewer when it comes late: then the way to all
 * is slow, or we are, and more at once would bring every one of them past its time limit ({@code docs/decisions/engine-honesty.md}).
 */
public final class Lanes {
    private static final Duration SHORTER_MOMENT = Duration.ofMillis(200);

    /** Given away at most, each with a connection and a stack of its own. */
    public static final int MOST_AWAY = 6_000;
    /** So many more when a connection ended in time, and one when only a moment did. */
    private static final int MORE = 10;
    /** So many of them left after what was late. */
    private static final double FEWER = 0.95;
    /** Woken later than this after a moment, we are slow ourselves. */
    private static final Duration LATE = Duration.ofMillis(100);

    private static final Duration WATCH = Duration.ofMillis(50);

    private final int places;
    private final Queue<Semaphore> returning = new ArrayDeque<>();
    private final Queue<Semaphore> starting = new ArrayDeque<>();
    private final Set<Place> entered = new HashSet<>();
    private boolean watched;
    private int free;
    private int away;
    private double mayBeAway;

    /** {@code places} scans run at once, and up to {@link #MOST_AWAY} wait for those who keep them waiting. */
    public Lanes(int places) {
        this.places = places;
        this.free = places;
        this.mayBeAway = places;
    }

    /** Takes the question to {@code scan} on the calling thread when there is a place. */
    public <O> O run(Work<O> work) throws InterruptedException {
        Place place = new Place();
        enter(starting);
        try {
            arrive(place);
            return work.in(place);
        } finally {
            place.end();
        }
    }

    /** What runs in a lane. */
    public interface Work<O> {
        O in(Place place);
    }

    private void enter(Queue<Semaphore> queue) throws InterruptedException {
        Semaphore turn = new Semaphore(0);
        synchronized (this) {
            if (free > 0) {
                free--;
                return;
            }
            queue.add(turn);
        }
        try {
            turn.acquire();
        } catch (InterruptedException e) {
            synchronized (this) {
                if (!queue.remove(turn)) {
                    leave();
                }
            }
            throw e;
        }
    }

    private synchronized void arrive(Place place) {
        entered.add(place);
        if (!watched) {
            watched = true;
            Thread.ofVirtual().name("lanes").start(this::watch);
        }
    }

    /**
     * One watch for all: a timed wait for each connection costs waking the timers' thread twice. It ends with the last scan.
     */
    private void watch() {
        try {
            while (true) {
                Thread.sleep(WATCH);
                synchronized (this) {
                    if (entered.isEmpty()) {
                        watched = false;
                        return;
                    }
                    long now = System.nanoTime();
                    entered.forEach(place -> place.look(now));
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private synchronized void leave() {
        Semaphore next = returning.isEmpty() ? starting.poll() : returning.poll();
        if (next == null) {
            free++;
        } else {
            next.release();
        }
    }

    private synchronized void adjust(boolean inTime, int more) {
        mayBeAway = inTime ? Math.min(MOST_AWAY, mayBeAway + more) : Math.max(places, mayBeAway * FEWER);
    }

    /** Used by one thread; {@link #watch} looks at it too, hence its lock is the lanes'. */
    public final class Place implements Lane {
        private boolean held = true;
        private boolean lent;
        private boolean wasSlow;
        private boolean waiting;
        private long since;

        private Place() {}

        @Override
        public void waits() {
            synchronized (Lanes.this) {
                waiting = true;
                since = System.nanoTime();
            }
        }

        /** While it waits and holds its place. */
        private void look(long now) {
            Duration waited = Duration.ofNanos(now - since);
            if (waiting && !lent && waited.compareTo(moment()) >= 0) {
                since = now;
                lend(waited);
            }
        }

        private Duration moment() {
            return wasSlow ? SHORTER_MOMENT : MOMENT;
        }

        /** Gives the place away after a moment that lasted so long; false, and it is kept, while too many have. */
        boolean lend(Duration waited) {
            synchronized (Lanes.this) {
                adjust(waited.compareTo(moment().plus(LATE)) <= 0, 1);
                if (away >= mayBeAway) {
                    return false;
                }
                away++;
                lent = true;
                wasSlow = true;
                giveWay();
                return true;
            }
        }

        @Override
        public boolean over(boolean inTime) {
            synchronized (Lanes.this) {
                waiting = false;
                adjust(inTime, MORE);
                return lent;
            }
        }

        @Override
        public void giveWay() {
            synchronized (Lanes.this) {
                if (held) {
                    held = false;
                    leave();
                }
            }
        }

        @Override
        public void goOn() throws InterruptedException {
            back();
            enter(returning);
            held = true;
        }

        @Override
        public boolean hasRoom() {
            synchronized (Lanes.this) {
                return free > 0;
            }
        }

        private void back() {
            synchronized (Lanes.this) {
                if (lent) {
                    lent = false;
                    away--;
                }
            }
        }

        private void end() {
            synchronized (Lanes.this) {
                entered.remove(this);
                back();
                giveWay();
            }
        }
    }
}
