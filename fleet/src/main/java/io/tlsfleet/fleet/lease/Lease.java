package io.tlsfleet.fleet.lease;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The right to scan one endpoint until {@code until}. The token is random and fences: a completion that shows another
 * token than the schedule holds is refused. {@code baselines} are what each address showed last, newest first, where a
 * verification will do.
 */
public record Lease(
        long endpointId,
        UUID token,
        Instant until,
        Target target,
        Depth depth,
        int lane,
        List<Observation> baselines,
        List<String> allowedAttacks) {
    public Lease {
        baselines = List.copyOf(baselines);
        allowedAttacks = List.copyOf(allowedAttacks);
    }

    /** What that address showed last; null where that is not known. */
    public @Nullable Observation baseline(String address) {
        return baselines.stream()
                .filter(seen -> address.equals(seen.endpoint().address()))
                .findFirst()
                .orElse(null);
    }
}
