package io.tlsfleet.store.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.store.query.Estate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private final TestEstate estate = new TestEstate();
    private final Retention retention = new Retention(estate.database, RetentionSettings.DEFAULT);

    @AfterEach
    void close() {
        estate.close();
    }

    @Test
    void dropsWeeksThatAreOlderThanHistoryGoesBack() {
        estate.database
                .sql()
                .run("CREATE TABLE change_old PARTITION OF change FOR VALUES FROM ('2020-01-06') TO ('2020-01-13')");
        long before = estate.count("pg_inherits");
        assertThat(retention.daily().partitions()).isEqualTo(1);
        assertThat(estate.count("pg_inherits WHERE inhrelid = to_regclass('change_old')"))
                .isZero();
        assertThat(estate.count("pg_inherits")).isLessThan(before);
        assertThat(retention.daily().partitions()).isZero();
    }

    @Test
    void rowsThatFellThroughMoveToTheirWeekWhenItIsMade() {
        estate.database.sql().run("DROP TABLE change_" + week());
        estate.database
                .sql()
                .run(
                        "INSERT INTO change (at, endpoint_id, address, kind, fact, title) VALUES (now(), 1, '', 'protocol', '/x', 'x')");
        assertThat(estate.count("change_default")).isEqualTo(1);
        retention.daily();
        assertThat(estate.count("change_default")).isZero();
        assertThat(estate.count("change_" + week())).isEqualTo(1);
    }

    private String week() {
        return io.tlsfleet.store.Columns.text(
                estate.database.sql().one("SELECT to_char(now() AT TIME ZONE 'UTC', 'IYYY\"w\"IW') AS week"), "week");
    }

    @Test
    void forgetsClientFingerprintsAfterThirtyDays() {
        estate.database.sql().run("""
                        INSERT INTO client_fingerprint (day, endpoint, kind, fingerprint, count)
                        SELECT (now() AT TIME ZONE 'UTC')::date - n, 'a.example:443', 'ja4', 'x', 1 FROM generate_series(0, 40) AS n""");
        assertThat(retention.daily().clientFingerprints()).isEqualTo(11);
        assertThat(estate.count("client_fingerprint")).isEqualTo(30);
        assertThatThrownBy(() -> new RetentionSettings(400, 90, 90, 31, 7)).hasMessageContaining("30 days");
    }

    @Test
    void keepsWhatIsShownAndForgetsWhatIsNot() {
        estate.target("a.example");
        DatabaseLeases leases = estate.leases(LeaseSettings.DEFAULT);
        Lease lease = leases.lease(0, 1).toCompletableFuture().join().getFirst();
        leases.complete(List.of(new Completed(
                        lease.endpointId(), lease.token(), List.of(TestEstate.complete("a.example", "TLSv1.2")))))
                .toCompletableFuture()
                .join();
        estate.database
                .sql()
                .run(
                        "INSERT INTO observation (sha256, body, first_seen) VALUES ('x', '{}', now() - interval '500 days')");
        estate.database.sql().run("UPDATE observation SET first_seen = now() - interval '500 days'");
        estate.database.sql().run("UPDATE endpoint_observation SET last_seen = now() - interval '500 days'");
        assertThat(retention.daily().observations()).isEqualTo(1);
        assertThat(estate.count("observation")).isEqualTo(1);
        assertThat(estate.count("trend WHERE numbers->'protocols'->>'TLSv1.2' = '1'"))
                .isEqualTo(1);
    }

    @Test
    void keepsTheStapleThatAnAddressShows() {
        long id = estate.target("a.example");
        estate.database.sql().run("""
                        INSERT INTO blob (sha256, bytes, last_used) SELECT sha256(n::text::bytea), 'x', now() - interval '30 days' FROM generate_series(1, 3) n;
                        INSERT INTO address (endpoint_id, address, first_seen, last_at, started_at, duration_millis, connections, bytes_sent,
                          bytes_received, handshakes, depth, outcome, scanner, run_at, proofs)
                        SELECT %d, '192.0.2.1', now(), now(), now(), 1, 1, 1, 1, 1, 'standard', 'complete', 'x', now(),
                          jsonb_build_object('leaf', jsonb_build_object('staples', jsonb_build_object('TLSv1.2', encode(sha256('2'::bytea), 'hex'))))""".formatted(id));
        assertThat(retention.daily().blobs()).isEqualTo(2);
        assertThat(estate.count("blob WHERE sha256 = sha256('2'::bytea)")).isEqualTo(1);
    }

    @Test
    void anAcceptanceThatRanOutIsOpenAgainAndTold() {
        long id = estate.target("a.example");
        DatabaseLeases leases = estate.leases(LeaseSettings.DEFAULT);
        Lease lease = leases.lease(0, 1).toCompletableFuture().join().getFirst();
        leases.complete(List.of(new Completed(id, lease.token(), List.of(TestEstate.complete("a.example", "TLSv1.0")))))
                .toCompletableFuture()
                .join();
        estate.database.sql().run("UPDATE finding SET state = 'acknowledged', ack_until = now() + interval '1 hour'");
        assertThat(retention.minutely()).isZero();
        estate.database.sql().run("DELETE FROM alert_event");
        estate.database
                .sql()
                .run(
                        "UPDATE finding SET ack_until = now() - interval '1 second' WHERE rule = 'protocol.tls10-accepted'");
        assertThat(retention.minutely()).isEqualTo(1);
        assertThat(estate.count("finding WHERE state = 'open'")).isEqualTo(1);
        assertThat(estate.count("alert_event WHERE kind = 'opened'")).isEqualTo(1);
        assertThat(estate.count("endpoint WHERE open_high = 1")).isEqualTo(1);
    }

    /** A dump over night kept everything from being cleaned up, day after day. */
    @Test
    void aWeekThatSomebodyReadsKeepsNothingElse() {
        estate.database
                .sql()
                .run("CREATE TABLE change_old PARTITION OF change FOR VALUES FROM ('2020-01-06') TO ('2020-01-13'); "
                        + "INSERT INTO alert (rule, cause, severity, state, title, endpoints, since, resolved_at) VALUES "
                        + "('r', 'long ago', 'low', 'resolved', 't', 1, now() - interval '200 days', now() - interval '100 days'), "
                        + "('r', 'of late', 'low', 'resolved', 't', 1, now() - interval '200 days', now() - interval '10 days'), "
                        + "('r', 'not over', 'low', 'firing', 't', 1, now() - interval '200 days', NULL)");
        estate.database.doInTransaction(dump -> {
            dump.rows("SELECT 1 FROM change_old");
            assertThatThrownBy(retention::daily).hasMessageContaining("lock timeout");
        });
        assertThat(estate.count("alert WHERE cause = 'long ago'")).isZero();
        assertThat(estate.count("alert")).isEqualTo(2);
        assertThat(retention.daily().partitions()).isEqualTo(1);
    }

    @Test
    void countsForTheTrendWhoWasAskedForVersions() {
        estate.target("a.example");
        estate.target("b.example");
        DatabaseLeases leases = estate.leases(LeaseSettings.DEFAULT);
        for (Lease lease : leases.lease(0, 2).toCompletableFuture().join()) {
            boolean whole = lease.target().host().startsWith("a");
            leases.complete(List.of(new Completed(
                            lease.endpointId(),
                            lease.token(),
                            List.of(TestEstate.observation(
                                    lease.target().host(),
                                    "192.0.2.1",
                                    Outcome.COMPLETE,
                                    null,
                                    whole ? Depth.STANDARD : Depth.CERTIFICATE,
                                    whole ? List.of("TLSv1.3") : null,
                                    List.of())))))
                    .toCompletableFuture()
                    .join();
        }
        retention.daily();
        assertThat(new Estate(estate.database.sql()).trend(2)).singleElement().satisfies(day -> {
            assertThat(day.endpoints()).isEqualTo(2);
            assertThat(day.asked()).isEqualTo(1);
            assertThat(day.protocols().path("TLSv1.3").asInt()).isEqualTo(1);
        });
    }
}
