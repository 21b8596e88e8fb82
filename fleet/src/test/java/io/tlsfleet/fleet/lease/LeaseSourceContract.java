package io.tlsfleet.fleet.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What a worker may rely on, whichever source it has. A test class of each source implements this. */
public interface LeaseSourceContract {
    /** Fresh endpoints, due now, and nothing else. */
    void due(int endpoints);

    /** The source, as a worker of that site has it. */
    LeaseSource source();

    @Test
    default void givesAnEndpointToOneHolderAtATime() {
        due(5);
        Set<Long> given = new HashSet<>();
        now(source().lease(0, 3))
                .forEach(lease -> assertThat(given.add(lease.endpointId())).isTrue());
        now(source().lease(0, 10))
                .forEach(lease -> assertThat(given.add(lease.endpointId())).isTrue());
        assertThat(given).hasSize(5);
        assertThat(now(source().lease(0, 10))).isEmpty();
    }

    @Test
    default void givesNoMoreThanAskedAndOnlyItsLane() {
        due(5);
        assertThat(now(source().lease(0, 2))).hasSize(2);
        assertThat(now(source().lease(1, 10))).isEmpty();
    }

    @Test
    default void takesAResultOnceInTheOrderGiven() {
        due(2);
        List<Lease> leases = now(source().lease(0, 2));
        Completed first = silent(leases.get(0), leases.get(0).token());
        Completed second = silent(leases.get(1), leases.get(1).token());
        assertThat(now(source().complete(List.of(first)))).containsExactly(true);
        assertThat(now(source().complete(List.of(first, second)))).containsExactly(false, true);
    }

    @Test
    default void refusesATokenThatWasNotGiven() {
        due(1);
        Lease lease = now(source().lease(0, 1)).getFirst();
        UUID forged = new UUID(
                lease.token().getMostSignificantBits() ^ 1, lease.token().getLeastSignificantBits());
        assertThat(now(source().renew(List.of(forged)))).isEmpty();
        assertThat(now(source().complete(List.of(silent(lease, forged))))).containsExactly(false);
        now(source().release(List.of(forged)));
        assertThat(now(source().renew(List.of(lease.token())))).containsExactly(lease.token());
    }

    @Test
    default void givesAnewWhatWasGivenBack() {
        due(1);
        Lease lease = now(source().lease(0, 1)).getFirst();
        now(source().release(List.of(lease.token())));
        Lease again = now(source().lease(0, 1)).getFirst();
        assertThat(again.endpointId()).isEqualTo(lease.endpointId());
        assertThat(again.token()).isNotEqualTo(lease.token());
        assertThat(now(source().complete(List.of(silent(lease, lease.token())))))
                .containsExactly(false);
    }

    @Test
    default void answersNothingToNothing() {
        assertThat(now(source().renew(List.of()))).isEmpty();
        assertThat(now(source().complete(List.of()))).isEmpty();
        now(source().release(List.of()));
        assertThat(now(source().lease(0, 10))).isEmpty();
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static Completed silent(Lease lease, UUID token) {
        Observation nothing = Observation.bare(
                new Observation.Endpoint(
                        lease.target().host(), null, lease.target().port(), null, null),
                new Observation.Scan(
                        Instant.parse("2026-11-21T08:00:00Z"),
                        5,
                        Depth.STANDARD,
                        Outcome.UNREACHABLE,
                        0,
                        0,
                        0,
                        0,
                        "tlsfleet/test",
                        Reason.DNS_FAILURE,
                        "no such name"));
        return new Completed(lease.endpointId(), token, List.of(nothing));
    }
}
