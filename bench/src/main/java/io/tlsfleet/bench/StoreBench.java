package io.tlsfleet.bench;

import com.sun.management.OperatingSystemMXBean;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.target.CsvTargets;
import io.tlsfleet.fleet.target.ImportLine;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.store.query.Endpoints;
import io.tlsfleet.store.query.Findings;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.StringReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * {@code StoreBench URL TARGETS WHAT…}: {@code fill} makes an estate of that size in an empty database, {@code import}
 * reads 100,000 CSV lines, {@code lease} takes and ends leases without results, {@code ingest} puts unchanged results in,
 * {@code cycle} leases and puts them in, of what {@code ingest} made known, {@code list} asks for pages by filters. Warms up
 * before it counts; all times are of this process's monotonic clock.
 */
public final class StoreBench implements AutoCloseable {
    private static final int BATCH = 100;
    private static final Duration RUN = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final Database database;
    private final int targets;

    private StoreBench(DatabaseAddress address, int targets) {
        this.database = Database.open(vertx, address, 8);
        this.targets = targets;
    }

    public static void main(String[] args) {
        DatabaseAddress address = DatabaseAddress.parse(args[0]);
        Migrations.run(address);
        try (StoreBench bench = new StoreBench(address, Integer.parseInt(args[1]))) {
            for (String what : Arrays.asList(args).subList(2, args.length)) {
                switch (what) {
                    case "fill" -> bench.fill();
                    case "import" -> bench.importLines(100_000);
                    case "lease" -> bench.lease(1);
                    case "lease4" -> bench.lease(4);
                    case "ingest" -> bench.ingest(1);
                    case "ingest4" -> bench.ingest(4);
                    case "cycle4" -> bench.cycle(4);
                    case "list" -> bench.list();
                    default ->
                        throw new IllegalArgumentException(
                                "'" + what + "' is none of fill, import, list, lease, lease4, ingest, ingest4, cycle4");
                }
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Targets of a thousand owners, due at random over the coming day; half the endpoints with findings. */
    private void fill() {
        long begin = System.nanoTime();
        int step = 20_000;
        for (int from = 0; from < targets; from += step) {
            database.sql().change("""
                            WITH made AS (INSERT INTO target (site_id, host, port, tags, owner)
                              SELECT 1, 'h' || n || '.example', 443, jsonb_build_object('env', (ARRAY['prod','test','dev'])[1 + n % 3], 'app', 'a' || n % 5000),
                                'team-' || n % 1000 FROM generate_series($1::int, $2::int) AS n RETURNING id),
                            due AS (INSERT INTO schedule (endpoint_id, next_at, interval_seconds, site_id)
                              SELECT id, now() - interval '1 day' * random(), 86400, 1 FROM made)
                            INSERT INTO endpoint (id, state, outcome, grade, worst, open_high, protocols, min_protocol, max_protocol, not_before, not_after,
                              first_scan_at)
                            SELECT id, CASE WHEN id % 2 = 0 THEN 'ok' ELSE 'findings' END, 'complete', (ARRAY['A','A','A','B','C','F'])[1 + id % 6],
                              CASE WHEN id % 2 = 1 THEN 'high'::severity END, id % 2, '{TLSv1.2,TLSv1.3}',
                              CASE WHEN id % 50 = 0 THEN 'TLSv1.0' ELSE 'TLSv1.2' END, 'TLSv1.3', now() - interval '30 days',
                              now() + interval '1 day' * (id % 90), now() FROM made""", from, Math.min(targets, from + step) - 1);
        }
        database.sql().run("INSERT INTO finding_text (sha256, body) VALUES ('x', '{}')");
        for (int from = 0; from < targets; from += step) {
            database.sql().change("""
                            INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, text_id, first_seen, last_seen)
                            SELECT id, 'protocol.tls10-accepted', CASE WHEN id % 10 = 1 THEN 'cipher.rc4' ELSE 'protocol.tls10-accepted' END, 'high',
                              'public-web 1', 'configuration:' || id % 100, 'TLS 1.0 is accepted', 'the server agrees on TLS 1.0', 1, now(), now()
                            FROM target WHERE id > $1 AND id <= $2 AND id % 2 = 1""", from, from + step);
        }
        say(String.format(Locale.ROOT, "fill: %d targets in %.1f s", targets, seconds(begin)));
        for (String table : List.of("target", "schedule", "endpoint", "finding")) {
            database.sql().run("ANALYZE " + table);
        }
    }

    private void importLines(int lines) {
        StringBuilder csv = new StringBuilder("host,port,owner,env,app\n");
        for (int i = 0; i < lines; i++) {
            csv.append("import")
                    .append(i)
                    .append(".example,443,team-")
                    .append(i % 300)
                    .append(",prod,app")
                    .append(i % 900)
                    .append('\n');
        }
        for (String round : List.of("new", "unchanged")) {
            long begin = System.nanoTime();
            CsvTargets read = new CsvTargets(new StringReader(csv.toString()));
            List<Target> batch = new ArrayList<>();
            while (read.hasNext()) {
                if (read.next() instanceof ImportLine.Good good) {
                    batch.add(good.target());
                }
                if (batch.size() == 5_000 || !read.hasNext()) {
                    List<Target> now = List.copyOf(batch);
                    database.inTransaction(sql -> new Targets(sql).put(now, "local", "bench"));
                    batch.clear();
                }
            }
            say(String.format(Locale.ROOT, "import: %d lines (%s) in %.1f s", lines, round, seconds(begin)));
        }
    }

    /** Without results, for a while. */
    private void lease(int workers) {
        dueAgain();
        long before = hot();
        long begin = System.nanoTime();
        turns(
                "lease+complete",
                workers,
                new Ingest(database, judging()),
                done -> seconds(begin) < RUN.toSeconds(),
                lease -> List.of());
        say("HOT updates " + (hot() - before));
    }

    /** A batch a turn, leased and completed with what {@code seen} says of each; both are committed, the completion to disk. */
    private void turns(
            String what, int workers, Ingest ingest, LongPredicate goesOn, Function<Lease, List<Observation>> seen) {
        AtomicLong done = new AtomicLong();
        Spent spent = new Spent();
        long begin = System.nanoTime();
        inParallel(workers, () -> {
            DatabaseLeases leases = new DatabaseLeases(
                    database, ingest, "local", new LeaseSettings(Duration.ofMinutes(1), false, Duration.ofDays(7)));
            while (goesOn.test(done.get())) {
                List<Lease> some = leases.lease(0, BATCH).toCompletableFuture().join();
                if (some.isEmpty()) {
                    return;
                }
                leases.complete(some.stream()
                                .map(l -> new Completed(l.endpointId(), l.token(), seen.apply(l)))
                                .toList())
                        .toCompletableFuture()
                        .join();
                done.addAndGet(some.size());
            }
        });
        double wall = seconds(begin);
        say(String.format(
                Locale.ROOT,
                "%s, batch %d, %d workers: %.0f/s (%d in %.1f s); %s",
                what,
                BATCH,
                workers,
                done.get() / wall,
                done.get(),
                wall,
                spent.since(done.get(), wall)));
    }

    /** The same results twice: the second time is counted. */
    private void ingest(int workers) {
        dueAgain();
        int endpoints = Math.min(targets, Integer.getInteger("bench.endpoints", 60_000));
        Ingest ingest = new Ingest(database, judging());
        // what an earlier run put in is put in again: only then is the first round as long as the others
        List<Long> ids = new ArrayList<>(
                database
                        .sql()
                        .rows("SELECT DISTINCT endpoint_id AS id FROM address ORDER BY 1 LIMIT $1", endpoints)
                        .stream()
                        .map(row -> Columns.number(row, "id"))
                        .toList());
        for (int round = 1; round <= Integer.getInteger("bench.rounds", 6); round++) {
            first(ids);
            // a table of leases of its own begins at the beginning, and so with the same endpoints each round
            DatabaseLeases leases = new DatabaseLeases(
                    database, ingest, "local", new LeaseSettings(Duration.ofMinutes(10), false, Duration.ofDays(7)));
            List<List<Completed>> batches = new ArrayList<>();
            for (int taken = 0; taken < endpoints; taken += BATCH) {
                List<Lease> some = leases.lease(0, BATCH).toCompletableFuture().join();
                if (some.isEmpty()) {
                    throw new IllegalStateException("nothing is due: fill first");
                }
                some.forEach(lease -> ids.add(lease.endpointId()));
                batches.add(some.stream()
                        .map(l -> new Completed(
                                l.endpointId(),
                                l.token(),
                                List.of(observation(l.target().host(), l.endpointId()))))
                        .toList());
            }
            long wal = wal();
            Spent spent = new Spent();
            long begin = System.nanoTime();
            AtomicLong next = new AtomicLong();
            inParallel(workers, () -> {
                for (int i = (int) next.getAndIncrement(); i < batches.size(); i = (int) next.getAndIncrement()) {
                    ingest.complete(1, batches.get(i));
                }
            });
            double seconds = seconds(begin);
            say(String.format(
                    Locale.ROOT,
                    "ingest, batch %d, %d workers, round %d: %.0f results/s, %d B WAL each; %s",
                    BATCH,
                    workers,
                    round,
                    endpoints / seconds,
                    (wal() - wal) / endpoints,
                    spent.since(endpoints, seconds)));
        }
    }

    /** A fleet that does not change: leased, and completed with what is known of each. */
    private void cycle(int workers) {
        Ingest ingest = new Ingest(database, judging());
        Map<Long, Observation> known = new LinkedHashMap<>();
        for (Row row : database.sql().rows("""
                SELECT id, host FROM target WHERE id IN (SELECT DISTINCT endpoint_id FROM address ORDER BY 1 LIMIT $1)""", Integer.getInteger("bench.endpoints", 60_000))) {
            long id = Columns.number(row, "id");
            known.put(id, observation(Columns.text(row, "host"), id));
        }
        for (int round = 1; round <= Integer.getInteger("bench.rounds", 6); round++) {
            first(new ArrayList<>(known.keySet()));
            turns(
                    "lease+unchanged result, round " + round,
                    workers,
                    ingest,
                    done -> done < known.size(),
                    lease -> Stream.ofNullable(known.get(lease.endpointId())).toList());
        }
    }

    private void list() {
        Endpoints endpoints = new Endpoints(database.sql());
        Findings findings = new Findings(database.sql());
        measure(
                "endpoints, worst first",
                () -> endpoints.list(Endpoints.Filter.none(), Endpoints.Sort.WORST, 50, null));
        String second = endpoints
                .list(Endpoints.Filter.none(), Endpoints.Sort.WORST, 50, null)
                .nextCursor();
        measure(
                "endpoints, worst first, second page",
                () -> endpoints.list(Endpoints.Filter.none(), Endpoints.Sort.WORST, 50, second));
        measure("endpoints, by name", () -> endpoints.list(Endpoints.Filter.none(), Endpoints.Sort.NAME, 50, null));
        measure(
                "endpoints, q=team-77",
                () -> endpoints.list(Endpoints.Filter.matching("team-77"), Endpoints.Sort.WORST, 50, null));
        measure(
                "endpoints, q=nothing",
                () -> endpoints.list(Endpoints.Filter.matching("no-such-host"), Endpoints.Sort.WORST, 50, null));
        measure(
                "endpoints, tag app:a77 env:prod",
                () -> endpoints.list(Endpoints.Filter.tagged("app:a77"), Endpoints.Sort.WORST, 50, null));
        measure(
                "endpoints, q=h4711",
                () -> endpoints.list(Endpoints.Filter.matching("h4711"), Endpoints.Sort.WORST, 50, null));
        measure("endpoints, by expiry", () -> endpoints.list(Endpoints.Filter.none(), Endpoints.Sort.EXPIRY, 50, null));
        measure("findings, open", () -> findings.list(Findings.Filter.none(), 50, null));
    }

    private static void measure(String what, Runnable question) {
        int runs = 60;
        double[] millis = new double[runs];
        for (int i = -5; i < runs; i++) {
            long begin = System.nanoTime();
            question.run();
            if (i >= 0) {
                millis[i] = seconds(begin) * 1000;
            }
        }
        Arrays.sort(millis);
        say(String.format(
                Locale.ROOT, "list: %s: p50 %.1f ms, p95 %.1f ms", what, millis[runs / 2], millis[runs * 95 / 100]));
    }

    private void dueAgain() {
        for (int from = 0; from <= targets * 2; from += 50_000) {
            database.sql()
                    .change(
                            "UPDATE schedule SET next_at = now() - interval '1 day' * random(), lease_until = '-infinity', lease_token = NULL,"
                                    + " attempts = 0 WHERE endpoint_id > $1 AND endpoint_id <= $2 AND next_at > now()",
                            from,
                            from + 50_000);
        }
    }

    private void first(List<Long> ids) {
        for (int from = 0; from < ids.size(); from += 10_000) {
            database.sql()
                    .change(
                            "UPDATE schedule SET next_at = '2001-01-01', attempts = 0 WHERE endpoint_id = ANY ($1)",
                            ids.subList(from, Math.min(ids.size(), from + 10_000)));
        }
        ids.clear();
    }

    private static Judging judging() {
        return (target, observation, memory, at) -> new Judging.Judged(
                Judge.judge(observation, List.of(Policies.standard()), List.of(), memory, at),
                at.plus(Duration.ofHours(12)));
    }

    private static void inParallel(int workers, Runnable work) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                all.add(CompletableFuture.runAsync(work, threads));
            }
            all.forEach(CompletableFuture::join);
        }
    }

    private long hot() {
        return Columns.number(
                database.sql().one("SELECT n_tup_hot_upd AS n FROM pg_stat_user_tables WHERE relname = 'schedule'"),
                "n");
    }

    private long wal() {
        return Columns.number(
                database.sql().one("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS n"), "n");
    }

    /**
     * Processor time of this process and of the database's, which must run on this machine: what a figure is made of, and what
     * it would be on processors that nobody else uses.
     */
    private final class Spent {
        private final double client = client();
        private final Map<Integer, Long> server = server();

        String since(long items, double wall) {
            double own = client() - client;
            double theirs = 0; // of a backend that ended since nothing is known
            for (Map.Entry<Integer, Long> backend : server().entrySet()) {
                theirs += (backend.getValue() - server.getOrDefault(backend.getKey(), 0L)) / 100.0;
            }
            int cores = Runtime.getRuntime().availableProcessors();
            return String.format(
                    Locale.ROOT,
                    "CPU each: client %.1f us, database %.1f us; %.0f %% of %d cores had, so %.0f/s if all were",
                    own * 1e6 / items,
                    theirs * 1e6 / items,
                    100 * (own + theirs) / (wall * cores),
                    cores,
                    items * cores / (own + theirs));
        }

        private static double client() {
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return system.getProcessCpuTime() / 1e9;
        }

        /** Ticks of each backend by its process. */
        private Map<Integer, Long> server() {
            Map<Integer, Long> ticks = new HashMap<>();
            for (Row row : database.sql().rows("SELECT pid FROM pg_stat_activity")) {
                int pid = row.getInteger("pid");
                Path stat = Path.of("/proc", String.valueOf(pid), "stat");
                if (!Files.isReadable(stat)) {
                    continue; // of another user, or ended since
                }
                try {
                    String text = Files.readString(stat);
                    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
                    ticks.put(pid, Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
                } catch (IOException e) {
                    say("a backend ended: " + e.getMessage());
                }
            }
            return ticks;
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** One of two hundred settings; as many facts as a standard scan has. */
    private static Observation observation(String host, long id) {
        Map<String, FactState> protocols = new LinkedHashMap<>();
        Map<String, Observation.Suites> suites = new LinkedHashMap<>();
        for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")) {
            boolean yes = version.compareTo("TLSv1.2") >= 0;
            protocols.put(version, yes ? FactState.ACCEPTED : FactState.REFUSED);
            if (yes) {
                List<Observation.CodePoint> list = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    list.add(new Observation.CodePoint(
                            "0xC0" + (20 + i + id % 25), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
                }
                suites.put(version, new Observation.Suites("server", false, list));
            }
        }
        Map<String, Observation.Groups> groups = Map.of(
                "TLSv1.3",
                new Observation.Groups(
                        "server",
                        true,
                        true,
                        List.of(
                                new Observation.CodePoint("0x11EC", "X25519MLKEM768"),
                                new Observation.CodePoint("0x001D", "x25519"))));
        return new Observation(
                new Observation.Endpoint(host, "192.0.2.1", 443, host, null),
                new Observation.Scan(
                        Instant.EPOCH, 40, Depth.STANDARD, Outcome.COMPLETE, 12, 3000, 9000, 2, "bench", null, null),
                new Observation.Negotiated("TLSv1.3", "TLS_AES_128_GCM_SHA256", "x25519", "rsa_pss_rsae_sha256", "h2"),
                List.of(),
                protocols,
                suites,
                groups,
                List.of(),
                Map.of("TLSv1.2", List.of("rsa_pkcs1_sha256", "rsa_pss_rsae_sha256")),
                null,
                new Observation.Alpn(List.of("h2", "http/1.1"), "ignored"),
                new Observation.Sni("default-certificate"),
                null,
                new Observation.ClientAuthentication("none", "none", List.of(), List.of()),
                Map.of("extendedMasterSecret", "accepted", "compression", "refused", "heartbeat", "refused"),
                null,
                null,
                null,
                new Observation.Timing(200L, Map.of(), Map.of()),
                null,
                null,
                null);
    }

    @Override
    public void close() {
        database.close();
        vertx.close().await();
    }
}
