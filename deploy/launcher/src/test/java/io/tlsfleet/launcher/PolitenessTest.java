package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.fleet.lease.SharedClock;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.scanner.worker.Worker;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.store.site.Blocks;
import io.tlsfleet.store.site.SiteSettings;
import io.tlsfleet.store.site.Sites;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Bars 17 and 18, counted at the servers: four workers share the caps of their site, and a block reaches all of them. */
class PolitenessTest {
    private static final int PER_HOST = 5;
    private static final int PER_NETWORK = 20;
    private static final int PER_OWNER = 12;
    private static final int NETWORKS = 12;
    private static final int HOSTS = 8;

    @Test
    @SuppressWarnings("try") // the workers stop before their servers are counted
    void fourWorkersKeepTheCapsOfTheirSiteAndABlockReachesThemAll() throws Exception {
        List<String> addresses = new ArrayList<>();
        for (int network = 1; network <= NETWORKS; network++) {
            for (int host = 1; host <= HOSTS; host++) {
                addresses.add("127.61." + network + "." + host);
            }
        }
        Vertx vertx = Vertx.vertx();
        try (CountingServers servers = new CountingServers(addresses);
                TestEstate estate = new TestEstate();
                Halt halt = new Halt()) {
            new Sites(estate.database.sql())
                    .put(
                            "local",
                            null,
                            null,
                            null,
                            new SiteSettings(
                                    List.of(),
                                    List.of(),
                                    2,
                                    (double) PER_HOST,
                                    (double) PER_NETWORK,
                                    null,
                                    Map.of("capped", (double) PER_OWNER),
                                    List.of()));
            List<Target> targets = new ArrayList<>();
            for (String address : addresses) {
                // the first network is all of one owner
                String owner = address.startsWith("127.61.1.") ? "capped" : "free";
                for (int name = 0; name < 3; name++) {
                    targets.add(new Target(
                            "n" + name + "." + address.replace('.', '-') + ".example",
                            servers.port(),
                            null,
                            null,
                            List.of(address),
                            Depth.CERTIFICATE,
                            Map.of(),
                            owner,
                            "local",
                            null,
                            1));
                }
            }
            estate.put(targets);
            List<Worker> workers = new ArrayList<>();
            for (String name : List.of("a", "b", "c", "d")) {
                DatabaseLeases leases =
                        new DatabaseLeases(estate.database, estate.ingest, "local", name, LeaseSettings.DEFAULT);
                workers.add(Scanning.begin(
                        halt,
                        vertx,
                        new SharedClock(InstantSource.system(), System::nanoTime),
                        new Scanning.Plan(
                                leases,
                                leases.link(name),
                                AddressGate.local(),
                                null,
                                SiteJudging.by(List.of()),
                                8,
                                new ScanCounters(),
                                Scanning.extras(null),
                                List.of())));
            }
            // more than one must have had something to do: who came first holds its networks a minute longer than it is
            // in them
            await(
                    () -> servers.came().size() > 700
                            && workers.stream().filter(w -> w.scanned() > 0).count() > 1,
                    Duration.ofMinutes(5),
                    () -> servers.came().size() + " came; scanned by each: "
                            + workers.stream().map(Worker::scanned).toList());

            String blocked = "127.61.2";
            new Blocks(estate.database.sql()).add(blocked + ".0/24", "asked to be left alone", "test", null);
            Thread.sleep(Duration.ofSeconds(16));
            long since = System.nanoTime();
            int before = servers.came().size();
            await(
                    () -> servers.came().size() > before + 100,
                    Duration.ofMinutes(2),
                    () -> servers.came().size() - before + " came");
            assertThat(servers.came())
                    .filteredOn(c -> c.after() >= since)
                    .as("after the block was heard")
                    .noneMatch(c -> c.address().startsWith(blocked + "."));
            halt.close();

            assertThat(servers.mostOpen()).as("at a time to one host").isLessThanOrEqualTo(2);
            assertThat(servers.mostInASecond(a -> a)).as("a second to one host").isLessThanOrEqualTo(PER_HOST);
            assertThat(servers.mostInASecond(CountingServers::network))
                    .as("a second into one network")
                    .isLessThanOrEqualTo(PER_NETWORK);
            assertThat(servers.mostInASecond(a -> a.startsWith("127.61.1.") ? "capped" : a))
                    .as("a second to one owner")
                    .isLessThanOrEqualTo(PER_OWNER);
            assertThat(servers.mostInASecond(CountingServers::network))
                    .as("the cap is used, or this shows nothing")
                    .isGreaterThan(PER_NETWORK / 3);
        } finally {
            vertx.close().await();
        }
    }

    private static void await(BooleanSupplier condition, Duration within, Supplier<String> soFar)
            throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(soFar).isLessThan(end);
            Thread.sleep(50);
        }
    }
}
