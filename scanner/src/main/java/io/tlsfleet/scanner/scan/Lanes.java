package io.tlsfleet.scanner.scan;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Semaphore;

/**
 * Two lanes, so that those who keep us waiting do not keep others waiting: a scan runs in the fast lane and, when one answer is
 * not there after a moment, gives its place away until it comes. Then it takes a place again, before those who have not begun:
 * without that, servers that are slow because we ask too much of them would be asked by ever more scans at once ({@code
 * docs/decisions/engine-honesty.md}).
 */
public final class Lanes {
    private static final Duration MOMENT = Duration.ofMillis(400);
    private static final Duration SHORTER_MOMENT = Duration.ofMillis(200);

    private final Queue<Semaphore> returning = new ArrayDeque<>();
    private final Queue<Semaphore> starting = new ArrayDeque<>();
    private int free;

    /** {@code places} scans run at once. */
    public Lanes(int places) {
        this.free = places;
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

    /** Used by one thread. */
    public final class Place implements Lane {
        private boolean held = true;
        private boolean wasSlow;

        private Place() {}

        @Override
        public Duration moment() {
            return wasSlow ? SHORTER_MOMENT : MOMENT;
        }

        @Override
        public void giveWay() {
            wasSlow = true;
            end();
        }

        @Override
        public void goOn() throws InterruptedException {
            enter(returning);
            held = true;
        }

        private void end() {
            if (held) {
                held = false;
                leave();
            }
        }
    }
}
