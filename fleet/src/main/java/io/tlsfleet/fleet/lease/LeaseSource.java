package io.tlsfleet.fleet.lease;

import io.tlsfleet.fleet.observation.Observation;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * Where a worker's work comes from and its results go. Two sources, one contract test: the database, and the API over
 * HTTPS. Calls complete exceptionally when the source is away; the worker keeps results and tries again.
 */
public interface LeaseSource {
    /** At most {@code limit} leases of that lane, none when nothing is due. */
    CompletionStage<List<Lease>> lease(int lane, int limit);

    /** Pushes the end of these leases forward; answers the tokens that are still ours. */
    CompletionStage<List<UUID>> renew(List<UUID> tokens);

    /** Hands in results; answers, in order, whether each was taken (false: the lease was lost, the result is dropped). */
    CompletionStage<List<Boolean>> complete(List<Completed> results);

    /** Gives back what was not begun. */
    CompletionStage<Void> release(List<UUID> tokens);

    /** One result per address that was scanned; usually one. */
    record Completed(long endpointId, UUID token, List<Observation> observations) {
        public Completed {
            Objects.requireNonNull(token);
            observations = List.copyOf(observations);
        }
    }
}
