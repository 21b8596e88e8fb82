package io.tlsfleet.scanner.scan;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
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

    private final int places;
    private final Queue<Semaphore> returning = new ArrayDeque<>();
    private final Queue<Semaphore> starting = new ArrayDeque<>();
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

    /** Used by one thread. */
    public final class Place implements Lane {
        private boolean held = true;
        private boolean lent;
        private boolean wasSlow;

        private Place() {}

        @Override
        public Duration moment() {
            return wasSlow ? SHORTER_MOMENT : MOMENT;
        }

        @Override
        public boolean lend(Duration waited) {
            synchronized (Lanes.this) {
                adjust(waited.compareTo(moment().plus(LATE)) <= 0, 1);
                if (away >= mayBeAway) {
                    return false;
                }
                away++;
            }
            lent = true;
            wasSlow = true;
            giveWay();
            return true;
        }

        @Override
        public void over(boolean inTime) {
            adjust(inTime, MORE);
        }

        @Override
        public void giveWay() {
            if (held) {
                held = false;
                leave();
            }
        }

        @Override
        public void goOn() throws InterruptedException {
            back();
            enter(returning);
            held = true;
        }

        private void back() {
            if (lent) {
                lent = false;
                synchronized (Lanes.this) {
                    away--;
                }
            }
        }

        private void end() {
            back();
            giveWay();
        }
    }
}
