package io.tlsfleet.fleet.lease;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * What the workers of one site share besides leases: that they are there, the rules of the site, and who of them may dial
 * into which part of the address space. Calls complete exceptionally when the source is away.
 */
public interface SiteLink {
    /** Says that this worker is there; answers the rules that hold now. To be called every few seconds. */
    CompletionStage<SiteRules> report(Presence presence);

    /**
     * Asks for these shards of the address space for {@link #HOLD_SECONDS} from now, new or longer; answers those that no
     * other worker of the site holds. What is not asked for again lapses.
     */
    CompletionStage<List<Integer>> hold(List<Integer> shards);

    /** Holds no longer: shards that another worker of the site is to dial into from now on. */
    CompletionStage<Void> letGo(List<Integer> shards);

    /**
     * Gives back leases that this worker may not serve now: the shard is another worker's, which takes them, or has no room for
     * them until later.
     */
    CompletionStage<Void> defer(List<Deferred> leases);

    /** Says farewell: what this worker held and its share of the caps are free. */
    CompletionStage<Void> leave();

    /** As long as a lease. */
    int HOLD_SECONDS = 60;

    /** {@code shard} is where the endpoint was found to be, {@code milliseconds} how long it is left alone. */
    record Deferred(UUID token, int shard, long milliseconds) {
        public Deferred {
            if (milliseconds < 0 || milliseconds > 86_400_000) {
                throw new IllegalArgumentException("left alone for " + milliseconds + " ms: from 0 to a day");
            }
        }
    }
}
