package io.tlsfleet.bench;

import io.tlsfleet.api.reevaluate.Reevaluator;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.Policy;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.tls.x509.TrustStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * {@code ReevaluateBench URL ENDPOINTS ROOT.der fill|POLICY…}: {@code fill} scans a {@link StoredEstate} into an empty database,
 * ingested and judged by public-web. The name of a policy, or a policy's file (…yaml), has all that is stored judged by it and
 * says how long that took; with {@code halves:} before it, it is closed in the middle and another goes on.
 */
public final class ReevaluateBench implements AutoCloseable {
    private static final long SEED = 20261121;
    private static final int BATCH = 250;

    private final Vertx vertx = Vertx.vertx();
    private final Database database;
    private final int endpoints;
    private final Path root;

    private ReevaluateBench(DatabaseAddress address, int endpoints, Path root) {
        this.database = Database.open(vertx, address, 8);
        this.endpoints = endpoints;
        this.root = root;
    }

    public static void main(String[] args) throws Exception {
        DatabaseAddress address = DatabaseAddress.parse(args[0]);
        Migrations.run(address);
        try (ReevaluateBench bench = new ReevaluateBench(address, Integer.parseInt(args[1]), Path.of(args[2]))) {
            for (String what : List.of(args).subList(3, args.length)) {
                if (what.equals("fill")) {
                    bench.fill();
                } else if (what.startsWith("halves:")) {
                    bench.again(what.substring(7), true);
                } else {
                    bench.again(what, false);
                }
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private static Policy policy(String name) throws IOException {
        return name.endsWith(".yaml") ? Policies.parse(Files.readString(Path.of(name))) : Policies.named(name);
    }

    private Judging judging(String name) throws IOException {
        Policy policy = policy(name);
        List<TrustStore> stores =
                List.of(TrustStore.mozilla(), TrustStore.of("given", List.of(Files.readAllBytes(root))));
        return (target, observation, memory, at) -> new Judging.Judged(
                Judge.judge(observation, List.of(policy), stores, memory, at), at.plus(Duration.ofHours(12)));
    }

    /** With {@code halves}, the one that judges is closed in the middle and another goes on, as after a restart. */
    private void again(String policy, boolean halves) throws Exception {
        Reevaluations reevaluations = new Reevaluations(database);
        long cpu = cpu();
        long begin = System.nanoTime();
        reevaluations.request("bench", policy);
        if (halves) {
            try (Reevaluator first = new Reevaluator(database, judging(policy))) {
                first.start();
                wait(reevaluations, state -> state.done() > endpoints / 2);
            }
            say("closed at " + reevaluations.latest().orElseThrow().done() + "; another goes on");
        }
        try (Reevaluator reevaluator = new Reevaluator(database, judging(policy))) {
            reevaluator.start();
            wait(reevaluations, state -> state.state().equals("done"));
        }
        Reevaluations.State state = reevaluations.latest().orElseThrow();
        double seconds = (System.nanoTime() - begin) / 1e9;
        say(String.format(
                Locale.ROOT,
                "judged %d endpoints by %s in %.1f s (%.0f/s, %.1f s CPU of this process): %d findings opened, %d resolved, %d failed",
                state.done(),
                policy,
                seconds,
                state.done() / seconds,
                (cpu() - cpu) / 1e9,
                state.opened(),
                state.resolved(),
                state.failed()));
    }

    private static void wait(Reevaluations reevaluations, Predicate<Reevaluations.State> until)
            throws InterruptedException {
        int tenth = 0;
        Reevaluations.State state;
        do {
            Thread.sleep(100);
            state = reevaluations.latest().orElseThrow();
            if (state.total() > 0 && state.done() * 10L / state.total() > tenth) {
                tenth = (int) (state.done() * 10L / state.total());
                say(state.state() + " " + state.done() + " of " + state.total());
            }
        } while (!until.test(state));
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private void fill() throws Exception {
        long begin = System.nanoTime();
        StoredEstate estate = new StoredEstate(SEED, Instant.now());
        Files.write(root, estate.root());
        for (int from = 0; from < endpoints; from += 5_000) {
            List<Target> targets = new ArrayList<>();
            for (int i = from; i < Math.min(endpoints, from + 5_000); i++) {
                targets.add(StoredEstate.target(i));
            }
            database.inTransaction(sql -> new Targets(sql).put(targets, "local", "bench"));
        }
        DatabaseLeases leases = new DatabaseLeases(
                database,
                new Ingest(database, judging("public-web")),
                "local",
                new LeaseSettings(Duration.ofMinutes(10), false, Duration.ofDays(7)));
        int done = 0;
        while (done < endpoints) {
            List<Lease> some = leases.lease(0, BATCH).toCompletableFuture().join();
            List<Completed> results = some.parallelStream()
                    .map(lease -> new Completed(
                            lease.endpointId(), lease.token(), List.of(estate.observation(lease.target()))))
                    .toList();
            leases.complete(results).toCompletableFuture().join();
            done += some.size();
            if (some.isEmpty()) {
                throw new IllegalStateException("only " + done + " endpoints were due");
            }
        }
        database.sql().run("ANALYZE");
        say(String.format(
                Locale.ROOT,
                "fill: %d endpoints, %d open findings, in %.0f s",
                done,
                Columns.number(database.sql().one("SELECT count(*) AS n FROM finding WHERE state = 'open'"), "n"),
                (System.nanoTime() - begin) / 1e9));
    }

    @Override
    public void close() {
        database.close();
        vertx.close().await();
    }
}
