package io.tlsfleet.bench;

import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.api.ApiServer;
import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code AlertingBench URL [ENDPOINTS [CLIENTS]]}: how long the pages of the UI wait while notices storm (bar 23). An empty
 * database gets so many endpoints (100,000) with one expiring intermediate, and 2,000 more alerts of their own; one receiver
 * answers, five take the connection and are silent, one is not there. So many clients (4) ask what the pages ask, first while
 * nothing happens, then from the events on until the one notice is delivered and all events are routed, 20 s at least.
 */
public final class AlertingBench implements AutoCloseable {
    private static final List<String> ASKED = List.of(
            "/summary",
            "/alerts?state=open",
            "/findings?state=open",
            "/findings/causes?state=open",
            "/endpoints",
            "/notifications",
            "/receivers",
            "/routes",
            "/silences",
            "/certificates");
    private static final int ALONE = 2000;
    private static final long QUIET_SECONDS = 15;
    private static final long LEAST_SECONDS = 20;
    private static final long MOST_SECONDS = 300;

    private final Vertx vertx = Vertx.vertx();
    private final Database database;
    private final ApiServer server;
    private final ApiToken token = ApiToken.random(new SecureRandom());
    private final URI base;
    private final HttpServer answers;
    private final ServerSocket silent = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    private final Map<String, Integer> delivered = new ConcurrentHashMap<>();
    private final int endpoints;
    private final int clients;

    private AlertingBench(DatabaseAddress address, int endpoints, int clients) throws Exception {
        this.endpoints = endpoints;
        this.clients = clients;
        database = Database.open(vertx, address, 12);
        answers = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answers.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            delivered.merge(
                    Json.parse(body).path("data").path("title").asText() + ", endpoints "
                            + Json.parse(body).path("data").path("endpoints").asInt(),
                    1,
                    Integer::sum);
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        answers.start();
        SecretBox box =
                SecretBox.open(Files.createTempDirectory("alerting-bench").resolve("key"));
        fill(box);
        CurrentPolicies policies = CurrentPolicies.of(database);
        Judging judging = (target, observation, memory, at) -> {
            throw new IllegalStateException("nothing is scanned here");
        };
        InstantSource clock = InstantSource.system();
        server = new ApiServer(
                vertx,
                ApiConfig.loopback(0),
                new ApiServer.Parts(
                        database,
                        policies,
                        judging,
                        Reach.of(AddressGate.local()),
                        box,
                        new FileWatch(null, Map.of(), database, box, clock),
                        new ScanCounters(),
                        KnownClients.shipped(),
                        "local",
                        "bench",
                        "bench",
                        clock));
        server.admit(token);
        base = URI.create("http://127.0.0.1:" + server.start() + "/api/v1");
    }

    public static void main(String[] args) throws Exception {
        DatabaseAddress address = DatabaseAddress.parse(args[0]);
        Migrations.run(address);
        int endpoints = args.length > 1 ? Integer.parseInt(args[1]) : 100_000;
        int clients = args.length > 2 ? Integer.parseInt(args[2]) : 4;
        try (AlertingBench bench = new AlertingBench(address, endpoints, clients)) {
            bench.measure("quiet", () -> false, QUIET_SECONDS);
            bench.happen();
            bench.measure("storm", bench::isTold, LEAST_SECONDS);
            bench.report();
        }
    }

    private void fill(SecretBox box) {
        database.doInTransaction(sql -> {
            sql.run("SET LOCAL statement_timeout = '10min'");
            sql.run(
                    "INSERT INTO target (site_id, host, port, owner) SELECT 1, 'h' || i || '.example', 443, 'team-' || i % 7"
                            + " FROM generate_series(1, " + endpoints + ") i;"
                            + "INSERT INTO endpoint (id, first_scan_at) SELECT id, now() - interval '30 days' FROM target;");
        });
        database.sql().run("ANALYZE target, endpoint");
        String up = "http://127.0.0.1:" + answers.getAddress().getPort();
        receiver(box, "answers", up);
        for (int i = 1; i <= 5; i++) {
            receiver(box, "silent-" + i, "http://127.0.0.1:" + silent.getLocalPort());
        }
        receiver(box, "not-there", "http://127.0.0.1:1");
    }

    private void receiver(SecretBox box, String name, String url) {
        database.sql()
                .change(
                        "INSERT INTO receiver (name, kind, secret) VALUES ($1, 'webhook', $2)",
                        name,
                        box.seal(Json.bytes(Map.of("url", url))));
    }

    /** As ingest leaves them: findings and events. */
    private void happen() {
        long begin = System.nanoTime();
        database.doInTransaction(sql -> {
            sql.run("SET LOCAL statement_timeout = '10min'");
            sql.run("""
                    INSERT INTO finding_text (sha256, body) VALUES ('\\x00', '{"why": "it breaks", "remedy": "renew it"}');
                    INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, text_id, first_seen, last_seen)
                    SELECT id, 'i', 'certificate.intermediate-expires-first', 'high', 'public-web', 'intermediate:ab', 'Intermediate ends', 'Detail.',
                      (SELECT min(id) FROM finding_text), now() - interval '1 minute', now() FROM target;
                    INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, text_id, first_seen, last_seen)
                    SELECT id, 'h', 'http.hsts-missing', 'high', 'public-web', 'endpoint:' || id, 'Alone', 'Detail.',
                      (SELECT min(id) FROM finding_text), now() - interval '1 minute', now() FROM target ORDER BY id LIMIT %d;
                    INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause)
                    SELECT id, endpoint_id, 'opened', rule, severity, cause FROM finding""".formatted(ALONE));
        });
        database.sql().run("ANALYZE finding, alert_event");
        System.out.printf(Locale.ROOT, "events written in %.1f s%n", (System.nanoTime() - begin) / 1e9);
    }

    private boolean isTold() {
        return delivered.containsKey("Intermediate ends, endpoints " + endpoints)
                && count("alert_event WHERE routed_at IS NULL") == 0;
    }

    private long count(String what) {
        return Columns.number(database.sql().one("SELECT count(*) AS n FROM " + what), "n");
    }

    private void measure(String name, java.util.function.BooleanSupplier over, long least) throws InterruptedException {
        Map<String, ConcurrentLinkedQueue<Long>> times = new ConcurrentHashMap<>();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> asking = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < clients; i++) {
            int first = i;
            asking.add(Thread.ofPlatform().start(() -> ask(first, times, stop)));
        }
        double toldAfter = -1;
        while (true) {
            double passed = (System.nanoTime() - begin) / 1e9;
            if (toldAfter < 0 && over.getAsBoolean()) {
                toldAfter = passed;
            }
            boolean waits = !name.equals("quiet") && toldAfter < 0 && passed < MOST_SECONDS;
            if (passed > least && !waits) {
                break;
            }
            Thread.sleep(200);
        }
        stop.set(true);
        for (Thread one : asking) {
            one.join();
        }
        List<Long> all = new ArrayList<>();
        ASKED.forEach(path -> {
            List<Long> some = times.getOrDefault(path, new ConcurrentLinkedQueue<>()).stream()
                    .sorted()
                    .toList();
            all.addAll(some);
            print(name, path, some);
        });
        print(name, "all", all.stream().sorted().toList());
        if (toldAfter >= 0) {
            System.out.printf(Locale.ROOT, "%s: routed and delivered after %.1f s%n", name, toldAfter);
        }
    }

    private static void print(String name, String path, List<Long> micros) {
        if (!micros.isEmpty()) {
            System.out.printf(
                    Locale.ROOT,
                    "%-6s %-30s %5d requests  p50 %7.1f ms  p95 %7.1f ms  worst %7.1f ms%n",
                    name,
                    path,
                    micros.size(),
                    micros.get(micros.size() / 2) / 1e3,
                    micros.get(Math.min(micros.size() - 1, micros.size() * 95 / 100)) / 1e3,
                    micros.getLast() / 1e3);
        }
    }

    private void ask(int first, Map<String, ConcurrentLinkedQueue<Long>> times, AtomicBoolean stop) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = first; !stop.get(); i++) {
                String path = ASKED.get(i % ASKED.size());
                HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                        .header("Authorization", "Bearer " + token.text())
                        .build();
                long begin = System.nanoTime();
                int status = client.send(request, BodyHandlers.ofByteArray()).statusCode();
                if (status != 200) {
                    throw new IllegalStateException(path + " answered " + status);
                }
                times.computeIfAbsent(path, p -> new ConcurrentLinkedQueue<>()).add((System.nanoTime() - begin) / 1000);
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void report() {
        delivered.forEach((what, times) -> System.out.println("delivered " + times + " times: " + what));
        database.sql()
                .rows(
                        "SELECT r.name || ': ' || n.state || ' ' || count(*) AS line FROM notification n JOIN receiver r ON r.id = n.receiver_id GROUP BY r.name, n.state ORDER BY 1")
                .forEach(row -> System.out.println("notices of " + Columns.text(row, "line")));
    }

    @Override
    public void close() throws IOException {
        server.close();
        database.close();
        answers.stop(0);
        silent.close();
        vertx.close().await();
    }
}
