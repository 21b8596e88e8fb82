package io.tlsfleet.scanner.scan;

import java.time.Duration;

/** A scan's place among those that run at once: given away while a peer keeps it waiting, taken again before it goes on. */
interface Lane {
    /** What an answer may take without being late. */
    Duration MOMENT = Duration.ofMillis(400);

    /** How long an answer may take before the place is lent. */
    Duration moment();

    /** Gives the place away after a moment that lasted so long; false, and it is kept, while too many have. */
    boolean lend(Duration waited);

    /** That a connection is over: its answer took no more than a {@link #MOMENT} and its way, or its silence no longer than it may. */
    void over(boolean inTime);

    /** Gives the place away while we keep ourselves waiting. */
    void giveWay();

    /** After {@link #lend} and {@link #giveWay}: waits for a place; that wait is ours and not the peer's. */
    void goOn() throws InterruptedException;

    /** For a scan that shares nothing with others. */
    Lane OWN = new Lane() {
        @Override
        public Duration moment() {
            return Duration.ofDays(1);
        }

        @Override
        public boolean lend(Duration waited) {
            return false;
        }

        @Override
        public void over(boolean inTime) {}

        @Override
        public void giveWay() {}

        @Override
        public void goOn() {}
    };
}
