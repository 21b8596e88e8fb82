package io.tlsfleet.fleet.lease;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a site as one of its workers needs them, read anew every few seconds. {@code workers} is how many share the
 * site and {@code rank} which of them this one is: a shard of the address space is its own if it leaves that rest. {@code
 * allow} and {@code deny} are address ranges, {@code blocked} ranges and domains that nobody scans.
 *
 * @param ratePerOwner connections a second into everything of one owner, 0: no such cap
 * @param ownerRates the same for owners with a cap of their own
 * @param now the database's clock; null from a server that does not tell
 */
public record SiteRules(
        String site,
        boolean paused,
        int workers,
        int rank,
        List<String> allow,
        List<String> deny,
        List<String> blocked,
        int concurrentPerHost,
        double ratePerHost,
        double ratePerNetwork,
        double ratePerOwner,
        Map<String, Double> ownerRates,
        @Nullable Instant now) {
    public static final int CONCURRENT_PER_HOST = 2;
    public static final double RATE_PER_HOST = 10;
    public static final double RATE_PER_NETWORK = 50;

    public SiteRules {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        blocked = List.copyOf(blocked);
        ownerRates = Map.copyOf(ownerRates);
        if (workers < 1 || rank < 0 || rank >= workers) {
            throw new IllegalArgumentException("worker " + rank + " of " + workers);
        }
        if (concurrentPerHost < 1 || ratePerHost <= 0 || ratePerNetwork < 0 || ratePerOwner < 0) {
            throw new IllegalArgumentException("a cap below what a scan needs");
        }
        if (ownerRates.values().stream().anyMatch(rate -> rate <= 0)) {
            throw new IllegalArgumentException("an owner's rate is above zero");
        }
    }

    /** Whether endpoints that lie in that shard are this worker's to scan. */
    public boolean owns(int shard) {
        return shard % workers == rank;
    }
}
