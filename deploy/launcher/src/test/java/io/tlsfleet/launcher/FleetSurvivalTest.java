package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.TestPostgres;
import io.tlsfleet.store.site.SiteSettings;
import io.tlsfleet.store.site.Sites;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bars 1, 3, 5, 14 and 16 with the product's own workers, processes that scan real TLS servers: in the end each endpoint
 * was scanned, none twice, none wrongly called unreachable. Larger: {@code -Dsurvival.networks=200} (10,000 endpoints),
 * {@code -Dsurvival.tarpits=10000}, {@code -Dsurvival.away=600} (seconds that the database is away).
 */
class FleetSurvivalTest {
    private static final int NETWORKS = Integer.getInteger("survival.networks", 5);
    private static final int TARPITS = Integer.getInteger("survival.tarpits", 60);
    private static final int AWAY = Integer.getInteger("survival.away", 15);
    private static final Duration LONG = Duration.ofMinutes(4 + NETWORKS / 5);

    @TempDir
    private Path folder;

    @Test
    void aKilledWorkersLeasesAreTakenOver() throws Exception {
        try (LoopbackFleet fleet = new LoopbackFleet(folder.resolve("fleet"), 71, NETWORKS, 0);
                TestEstate estate = new TestEstate(TestPostgres.shared().database())) {
            slowly(estate);
            estate.put(fleet.good());
            int all = fleet.good().size();
            try (Product one = worker("one", estate);
                    Product two = worker("two", estate)) {
                one.awaitSaying("scanning for site local", Duration.ofMinutes(1));
                two.awaitSaying("scanning for site local", Duration.ofMinutes(1));
                one.await(() -> done(estate) > all / 5, LONG, "a fifth scanned");
                long held = estate.count("schedule WHERE lease_until > now()");
                one.process().destroyForcibly();
                long killed = System.nanoTime();
                one.process().waitFor(10, TimeUnit.SECONDS);
                two.await(
                        () -> estate.count("schedule WHERE lease_until < now() AND last_at IS NULL") == 0
                                && done(estate) == all,
                        LONG,
                        "all scanned");
                Duration took = Duration.ofNanos(System.nanoTime() - killed);
                assertThat(held).as("leases in force when it was killed").isPositive();
                assertThat(took)
                        .as("lease 60 s, sweep 10 s, poll 5 s, and the scans themselves at 10 a second and network")
                        .isLessThan(Duration.ofSeconds(75 + 15 + all / (10L * NETWORKS)));
                assertOnceEach(estate, all);
            }
        }
    }

    @Test
    void workersWaitForADatabaseThatIsAwayAndLeaveNothingBehind() throws Exception {
        try (LoopbackFleet fleet = new LoopbackFleet(folder.resolve("fleet"), 73, NETWORKS, 0);
                TestPostgres postgres = TestPostgres.own();
                TestEstate estate = new TestEstate(postgres.database())) {
            slowly(estate);
            estate.put(fleet.good());
            int all = fleet.good().size();
            try (Product worker = worker("only", estate)) {
                worker.await(() -> done(estate) > all / 5, LONG, "a fifth scanned");
                postgres.stop("immediate");
                Thread.sleep(Duration.ofSeconds(AWAY));
                assertThat(worker.process().isAlive()).isTrue();
                postgres.start();
                long back = System.nanoTime();
                long before = 0;
                while (before == 0) {
                    before = quietlyDone(estate);
                }
                long then = before;
                worker.await(() -> quietlyDone(estate) > then || then == all, Duration.ofSeconds(30), "going on");
                assertThat(Duration.ofNanos(System.nanoTime() - back))
                        .as("usable again; a worker that could not lease asks again within two idle times")
                        .isLessThan(Duration.ofSeconds(30));
                worker.await(() -> quietlyDone(estate) == all, LONG, "all scanned");
                assertOnceEach(estate, all);

                // and again, until SIGTERM
                estate.database.sql().change("UPDATE schedule SET next_at = now()");
                worker.await(
                        () -> estate.count("address_now WHERE scans > 1") > all / 10, LONG, "a tenth scanned again");
                assertThat(worker.terminate(Duration.ofSeconds(20))).isLessThan(Duration.ofSeconds(20));
                assertThat(estate.count("schedule WHERE lease_until > now()"))
                        .as("leases that a worker on its way out kept")
                        .isZero();
                assertThat(estate.count("address_now WHERE scans > 2")).isZero();
                assertThat(estate.count("worker WHERE last_seen > now() - interval '60 s'"))
                        .as("it said farewell")
                        .isZero();
            }
        }
    }

    @Test
    void neitherTarpitsNorStarvationAreHeldAgainstGoodEndpoints() throws Exception {
        try (LoopbackFleet fleet = new LoopbackFleet(folder.resolve("fleet"), 75, NETWORKS, TARPITS);
                TestEstate estate = new TestEstate(TestPostgres.shared().database())) {
            estate.put(fleet.silent());
            estate.put(fleet.good());
            int all = fleet.good().size();
            try (Product worker = worker("only", estate)) {
                worker.awaitSaying("scanning for site local", Duration.ofMinutes(1));
                long begin = System.nanoTime();
                worker.await(() -> goodDone(estate) == all, LONG, "all good ones scanned");
                assertThat(Duration.ofNanos(System.nanoTime() - begin))
                        .as("the last good one, with a tarpit for each few good ones")
                        .isLessThan(Duration.ofSeconds(60 + all / 50));
                assertThat(unreachableOfGood(estate)).isZero();
                worker.await(
                        () -> estate.count("endpoint WHERE state = 'unreachable'") == TARPITS,
                        LONG,
                        "all tarpits told apart");

                // a twentieth of a processor: what times out now is our own doing
                estate.database.sql().change("UPDATE schedule SET next_at = now(), lane = 0, failures = 0");
                Process starve = new ProcessBuilder(
                                "sh",
                                "-c",
                                "while kill -STOP $0 2>/dev/null; do sleep 0.38; kill -CONT $0; sleep 0.02; done",
                                String.valueOf(worker.process().pid()))
                        .start();
                try {
                    worker.await(
                            () -> estate.count("worker WHERE overloaded") == 1,
                            Duration.ofSeconds(60),
                            "said to be overloaded");
                    Thread.sleep(Duration.ofSeconds(20));
                } finally {
                    starve.destroyForcibly();
                    starve.waitFor(5, TimeUnit.SECONDS);
                    new ProcessBuilder(
                                    "kill",
                                    "-CONT",
                                    String.valueOf(worker.process().pid()))
                            .start()
                            .waitFor();
                }
                assertThat(unreachableOfGood(estate))
                        .as("turned down by starvation")
                        .isZero();
                worker.await(
                        () -> estate.count(
                                        "address_now a JOIN target t ON t.id = a.endpoint_id WHERE t.tags->>'kind' = 'good' AND a.scans < 2")
                                == 0,
                        LONG,
                        "all good ones scanned again");
                assertThat(unreachableOfGood(estate)).isZero();
            }
        }
    }

    private Product worker(String name, TestEstate estate) {
        return Product.start(folder, name, "worker", "--site", "local", "--database-url", Product.url(estate.address));
    }

    /** Ten connections a second into each network of 50: the run lasts long enough to be disturbed. */
    private static void slowly(TestEstate estate) {
        new Sites(estate.database.sql())
                .put(
                        "local",
                        null,
                        null,
                        null,
                        new SiteSettings(List.of(), List.of(), 2, 10.0, 10.0, null, Map.of(), List.of()));
    }

    private static void assertOnceEach(TestEstate estate, int all) {
        assertThat(estate.count("address")).as("lost").isEqualTo(all);
        assertThat(estate.count("address_now WHERE scans <> 1 OR outcome = 'unreachable'"))
                .as("doubled, or wrongly unreachable")
                .isZero();
        assertThat(estate.count("scan_run")).isEqualTo(all);
        assertThat(estate.count("schedule WHERE lease_token IS NOT NULL OR next_at <= now()"))
                .isZero();
    }

    private static long done(TestEstate estate) {
        return estate.count("schedule WHERE last_at IS NOT NULL");
    }

    private static long quietlyDone(TestEstate estate) {
        try {
            return done(estate);
        } catch (DatabaseAway e) {
            return 0;
        }
    }

    private static long goodDone(TestEstate estate) {
        return estate.count(
                "schedule s JOIN target t ON t.id = s.endpoint_id WHERE t.tags->>'kind' = 'good' AND s.last_at IS NOT NULL");
    }

    private static long unreachableOfGood(TestEstate estate) {
        return estate.count(
                "endpoint e JOIN target t ON t.id = e.id WHERE t.tags->>'kind' = 'good' AND e.state = 'unreachable'");
    }
}
