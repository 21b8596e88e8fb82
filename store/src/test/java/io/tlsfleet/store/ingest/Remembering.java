package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** An estate whose endpoints are scanned at two sites and judged from what the store remembers of them. */
abstract class Remembering {
    private static final Observation.ServedChain SERVED = Pki.served(l -> {});
    private static final Judging JUDGING = (target, observation, memory, at) -> new Judging.Judged(
            Judge.judge(observation, List.of(Policies.standard()), List.of(Pki.PRIVATE), memory, at),
            at.plus(Duration.ofHours(1)));

    final TestEstate estate = new TestEstate();
    final Ingest ingest = new Ingest(estate.database, JUDGING);
    private final LeaseSource source = new DatabaseLeases(estate.database, ingest, "local", LeaseSettings.DEFAULT);
    private final LeaseSource outside = new DatabaseLeases(estate.database, ingest, "internet", LeaseSettings.DEFAULT);

    @AfterEach
    void close() {
        estate.close();
    }

    long target(String host, String owner) {
        return target(host, 443, owner);
    }

    long target(String host, int port, String owner) {
        return estate.put(
                        List.of(new Target(host, port, null, null, List.of(), null, Map.of(), owner, null, null, null)))
                .getFirst();
    }

    void scanned(long id, UnaryOperator<Facts> facts) {
        scanned(id, List.of(facts));
    }

    /** One scan of several addresses. */
    void scanned(long id, List<UnaryOperator<Facts>> members) {
        estate.database
                .sql()
                .change(
                        "UPDATE schedule SET next_at = CASE WHEN endpoint_id = $1 THEN now() ELSE now() + interval '1 day' END, lane = 0",
                        id);
        boolean local = Columns.text(
                        estate.database
                                .sql()
                                .one("SELECT s.name FROM target t JOIN site s ON s.id = t.site_id WHERE t.id = $1", id),
                        "name")
                .equals("local");
        LeaseSource source = local ? this.source : this.outside;
        Lease lease = source.lease(0, 1).toCompletableFuture().join().getFirst();
        List<Observation> seen = members.stream().map(Remembering::observation).toList();
        assertThat(source.complete(List.of(new Completed(id, lease.token(), seen)))
                        .toCompletableFuture()
                        .join())
                .containsExactly(true);
    }

    private static Observation observation(UnaryOperator<Facts> facts) {
        Observation seen = facts.apply(Facts.good()).build();
        return seen.served() == null || seen.served().isEmpty()
                ? facts.apply(Facts.good().served(SERVED)).build()
                : seen;
    }

    /** Severity of an open finding as ingest kept it; empty when there is none. */
    String finding(long id, String rule) {
        return estate.database
                .sql()
                .row(
                        "SELECT severity::text AS s FROM finding WHERE endpoint_id = $1 AND rule = $2 AND state = 'open'",
                        id,
                        rule)
                .map(row -> Columns.text(row, "s"))
                .orElse("");
    }

    /** What the rule says of what is stored; empty when it is silent. */
    String judged(long id, String rule) {
        Latest.Seen seen = new Latest(estate.database.sql()).of(id, null, null).orElseThrow();
        return JUDGING.judge(seen.target(), seen.observation(), seen.memory(), seen.at()).report().findings().stream()
                .filter(f -> f.rule().equals(rule))
                .map(f -> f.detail())
                .findFirst()
                .orElse("");
    }
}
