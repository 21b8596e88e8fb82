package io.tlsfleet.scanner.scan;

import java.time.Duration;

/** A scan's place among those that run at once: given away while a peer keeps it waiting, taken again before it goes on. */
interface Lane {
    /** How long an answer may take before the place is given away. */
    Duration moment();

    void giveWay();

    /** Waits for a place; that wait is ours and not the peer's. */
    void goOn() throws InterruptedException;

    /** For a scan that shares nothing with others. */
    Lane OWN = new Lane() {
        @Override
        public Duration moment() {
            return Duration.ofDays(1);
        }

        @Override
        public void giveWay() {}

        @Override
        public void goOn() {}
    };
}
