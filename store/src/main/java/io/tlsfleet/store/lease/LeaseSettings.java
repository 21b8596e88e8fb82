package io.tlsfleet.store.lease;

import java.time.Duration;

/**
 * How leases are given.
 *
 * @param length how long one holds unless renewed
 * @param verify whether an endpoint that is known is only verified, but for a whole scan every {@code wholeEvery}
 */
public record LeaseSettings(Duration length, boolean verify, Duration wholeEvery) {
    public static final LeaseSettings DEFAULT = new LeaseSettings(Duration.ofSeconds(60), true, Duration.ofDays(7));
}
