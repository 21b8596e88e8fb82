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
 * token than the schedule holds is refused. {@code baseline} is the last complete observation, where there is one.
 */
public record Lease(
        long endpointId,
        UUID token,
        Instant until,
        Target target,
        Depth depth,
        int lane,
        @Nullable Observation baseline,
        List<String> allowedAttacks) {}
