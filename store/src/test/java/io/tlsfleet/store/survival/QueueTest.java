package io.tlsfleet.store.survival;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.TestPostgres;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Bars 7, 8, 9 and 11, small. What a poll costs is counted in entries of the index that the server reads, not in time, so
 * that a busy machine changes nothing. At the bars' own size {@code StoreBench} runs them; bar 9 larger:
 * {@code -Dsurvival.cycles=1000000}, on a tenth as many targets, each due again a second after it was completed.
 */
class QueueTest {
    private static final int CYCLES = Integer.getInteger("survival.cycles", 6_000);
    private static final int TARGETS = Math.max(10_000, CYCLES / 10);
    private static final int BATCH = 100;
    private static final int LONG_SINCE = 86_400;

    private final TestPostgres postgres = TestPostgres.own("autovacuum_naptime=1s");
    private final TestEstate estate = new TestEstate(postgres.database());
    /** One connection, so that what it has counted can be asked of it at once. */
    private final Database one = Database.open(estate.vertx, estate.address, 1);

    private final LeaseSource source = new DatabaseLeases(
            one,
            new Ingest(one, TestEstate.judging()),
            "local",
            new LeaseSettings(Duration.ofMinutes(10), false, Duration.ofDays(7)));

    @AfterEach
    void close() {
        one.close();
        estate.close();
        postgres.close();
    }

    @Test
    void anOpenSnapshotDoesNotMakeLeasesDearer() throws Exception {
        dueAtRandom();
        cycles(10); // the first poll reads from the beginning
        double quiet = readPerLease(15);
        try (Connection reader = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/" + estate.address.database(),
                        estate.address.user(),
                        estate.address.password());
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.executeQuery("SELECT count(*) FROM schedule").close();
            cycles(20); // dead versions that nobody may remove
            assertThat(readPerLease(15))
                    .as("entries read for a lease with a snapshot open, %s before", quiet)
                    .isLessThan(quiet * 2 + 2);
            reader.rollback();
        }
    }

    @Test
    void leasesInFlightDoNotMakeTheNextOnesDearer() {
        dueAtRandom();
        cycles(5);
        double few = readPerLease(10);
        int inFlight = 0;
        while (inFlight < 6_000) {
            inFlight += now(source.lease(0, BATCH)).size();
        }
        assertThat(readPerLease(10))
                .as("entries read for a lease with %s in flight, %s before", inFlight, few)
                .isLessThan(few * 2 + 2);
    }

    @Test
    void cyclesLeaveTheTableAsSmallAsItWas() throws InterruptedException {
        dueAtRandom();
        one.sql().change("UPDATE schedule SET interval_seconds = 1");
        estate.database.sql().run("VACUUM FULL ANALYZE schedule"); // as it was before we made all of it due
        long heap = size("pg_relation_size('schedule')");
        long index = size("pg_relation_size('schedule_due')");
        long updates = stat("n_tup_upd");
        long hot = stat("n_tup_hot_upd");
        int leases = 0;
        while (leases < CYCLES) {
            int some = cycle();
            leases += some;
            if (some == 0) {
                Thread.sleep(20); // until the first are due again
            }
        }
        assertThat(size("pg_relation_size('schedule')")).as("heap").isLessThanOrEqualTo(heap * 11 / 10 + 8192);
        assertThat(size("pg_relation_size('schedule_due')"))
                .as("index of what is due")
                .isLessThanOrEqualTo(index * 2);
        // a lease and its end are an update each; the end moves next_at, which is indexed
        long all = stat("n_tup_upd") - updates;
        assertThat(all).isGreaterThanOrEqualTo(2L * leases);
        assertThat(stat("n_tup_hot_upd") - hot).as("HOT of " + all).isGreaterThan(leases * 95L / 100);
    }

    @Test
    void aWorkersClockMovesNothing() {
        List<Long> ids = estate.targets(3);
        Instant before = databaseNow();
        List<Lease> leases = now(source.lease(0, 3));
        List<Instant> clocks = List.of(
                before.minus(Duration.ofDays(3650)),
                before.plus(Duration.ofHours(1)),
                before.minus(Duration.ofHours(1)));
        for (int i = 0; i < 3; i++) {
            Observation seen = TestEstate.complete(leases.get(i).target().host(), "TLSv1.2", "TLSv1.3");
            assertThat(now(source.complete(List.of(new Completed(
                            leases.get(i).endpointId(), leases.get(i).token(), List.of(at(seen, clocks.get(i))))))))
                    .containsExactly(true);
        }
        assertThat(ids).hasSize(3);
        assertThat(estate.count("schedule WHERE last_at BETWEEN now() - interval '1 min' AND now()"))
                .as("done now, as the database has it")
                .isEqualTo(3);
        assertThat(estate.count("schedule WHERE next_at > now() AND next_at < now() + interval '" + LONG_SINCE + " s'"))
                .as("due within the day")
                .isEqualTo(3);
        assertThat(estate.count(
                        "address WHERE last_at BETWEEN now() - interval '1 min' AND now() AND duration_millis >= 0"))
                .isEqualTo(3);
        assertThat(estate.count("scan_run WHERE run_at BETWEEN now() - interval '1 min' AND now()"))
                .as("in the history's present week")
                .isEqualTo(3);
        assertThat(estate.count("finding WHERE first_seen NOT BETWEEN now() - interval '1 min' AND now()"))
                .isZero();
        assertThat(estate.count("finding WHERE rule LIKE 'certificate.exp%' OR rule = 'certificate.not-yet-valid'"))
                .as("a stage that comes of a clock")
                .isZero();
    }

    private static Observation at(Observation seen, Instant startedAt) {
        Observation.Scan s = seen.scan();
        return new Observation(
                seen.endpoint(),
                new Observation.Scan(
                        startedAt,
                        s.durationMillis(),
                        s.depth(),
                        s.outcome(),
                        s.connections(),
                        s.bytesSent(),
                        s.bytesReceived(),
                        s.handshakesCompleted(),
                        s.scanner(),
                        s.reason(),
                        s.detail()),
                seen.negotiated(),
                seen.coverage(),
                seen.protocols(),
                seen.cipherSuites(),
                seen.groups(),
                seen.finiteFieldDh(),
                seen.signatureSchemes(),
                seen.served(),
                seen.alpn(),
                seen.sni(),
                seen.resumption(),
                seen.clientAuthentication(),
                seen.features(),
                seen.tolerance(),
                seen.vulnerabilities(),
                seen.fingerprints(),
                seen.timing(),
                seen.dns(),
                seen.quic(),
                seen.http());
    }

    /** As a fleet is: overdue by up to a day, in an order that has nothing to do with where a row lies. */
    private void dueAtRandom() {
        if (estate.count("target") == 0) {
            estate.targets(TARGETS);
        }
        one.sql().change("UPDATE schedule SET next_at = now() - interval '1 s' * (60 + random() * 86000)");
    }

    private void cycles(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(cycle()).isEqualTo(BATCH);
        }
    }

    private int cycle() {
        List<Lease> leases = now(source.lease(0, BATCH));
        now(source.complete(leases.stream()
                .map(l -> new Completed(l.endpointId(), l.token(), List.of()))
                .toList()));
        return leases.size();
    }

    /** The median of so many polls: the one in ten seconds that reads everything is not what is meant here. */
    private double readPerLease(int polls) {
        double[] read = new double[polls];
        for (int i = 0; i < polls; i++) {
            long before = index();
            int leases = now(source.lease(0, BATCH)).size();
            assertThat(leases).isEqualTo(BATCH);
            read[i] = (index() - before) / (double) leases;
        }
        Arrays.sort(read);
        return read[polls / 2];
    }

    private long index() {
        return counted("SELECT idx_tup_read AS n FROM pg_stat_user_indexes WHERE indexrelname = 'schedule_due'");
    }

    private long stat(String column) {
        return counted("SELECT " + column + " AS n FROM pg_stat_user_tables WHERE relname = 'schedule'");
    }

    private long counted(String sql) {
        one.sql().one("SELECT pg_stat_force_next_flush()");
        return Columns.number(one.sql().one(sql), "n");
    }

    private long size(String what) {
        return number("SELECT " + what + " AS n");
    }

    private long number(String sql) {
        return Columns.number(estate.database.sql().one(sql), "n");
    }

    private Instant databaseNow() {
        return Columns.instant(estate.database.sql().one("SELECT now() AS now"), "now");
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
