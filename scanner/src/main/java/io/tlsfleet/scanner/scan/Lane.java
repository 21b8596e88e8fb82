package io.tlsfleet.scanner.scan;

import java.time.Duration;

/** A scan's place among those that run at once: given away while a peer keeps it waiting, taken again before it goes on. */
interface Lane {
    /** What an answer may take without being late. */
    Duration MOMENT = Duration.ofMillis(400);

    /** From now on a peer keeps this scan waiting; after a moment its place is lent. */
    void waits();

    /**
     * What was awaited is there: its answer took no more than a {@link #MOMENT} and its way, or its silence no longer than it
     * may. True when the place was lent meanwhile: {@link #goOn} must follow.
     */
    boolean over(boolean inTime);

    /** Gives the place away while we keep ourselves waiting. */
    void giveWay();

    /** Once it was lent or given away: waits for a place; that wait is ours and not the peer's. */
    void goOn() throws InterruptedException;

    /** Whether nobody would have to wait for what this scan hurries for. */
    boolean hasRoom();

    /** For a scan that shares nothing with others. */
    Lane OWN = new Lane() {
        @Override
        public void waits() {}

        @Override
        public boolean over(boolean inTime) {
            return false;
        }

        @Override
        public void giveWay() {}

        @Override
        public void goOn() {}

        @Override
        public boolean hasRoom() {
            return true;
        }
    };
}
