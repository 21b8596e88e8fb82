package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bar 22 with real processes: a notifier is killed (SIGKILL) while each of its receivers has a notice of it in hand,
 * half of them before they answered, half of them around the commit that follows the answer. Larger: {@code
 * -Dsurvival.kills=85 -Dsurvival.receivers=14} cuts more than 1,000 sends; {@code -Dsurvival.seed=N} cuts elsewhere.
 */
class KilledNotifierTest {
    private static final int KILLS = Integer.getInteger("survival.kills", 15);
    private static final long SEED = Long.getLong("survival.seed", 20261121);
    private static final int RECEIVERS = Integer.getInteger("survival.receivers", 8);
    /** More than one a kill: what is answered in time goes through, and the next one with it. */
    private static final int EACH = 3 * KILLS;

    @TempDir
    Path dir;

    private final TestEstate estate = new TestEstate();
    private final Random random = new Random(SEED);
    private final Map<String, List<String>> took = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Process> processes = new ArrayList<>();
    private final HttpServer server;
    private volatile Ambush ambush = new Ambush(0);

    KilledNotifierTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    /** What one process runs into: receivers that hold on to a notice which nobody was killed over yet. */
    private static final class Ambush {
        final Set<String> seen = ConcurrentHashMap.newKeySet();
        final CountDownLatch full;
        final CountDownLatch mayAnswer = new CountDownLatch(1);
        final CountDownLatch over = new CountDownLatch(1);

        Ambush(int receivers) {
            full = new CountDownLatch(receivers);
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        server.stop(0);
        threads.shutdownNow();
        estate.close();
    }

    @Test
    void eachNoticeArrivesOnceOrTwiceUnderItsIdHoweverOftenTheNotifierIsKilled() throws Exception {
        SecretBox box = SecretBox.open(dir.resolve("key"));
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
        for (int i = 0; i < RECEIVERS; i++) {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/" + i;
            long id = estate.database
                    .sql()
                    .one(
                            "INSERT INTO receiver (name, kind, secret) VALUES ($1, 'webhook', $2) RETURNING id",
                            "r" + i,
                            box.seal(Json.bytes(Map.of("url", url))))
                    .getLong("id");
            estate.database.sql().change("""
                    INSERT INTO notification (dedup_key, receiver_id, payload)
                    SELECT 'n' || i || '-r' || $1, $1, $3::text::jsonb FROM generate_series(1, $2::int) i""", id, EACH, Json.write(Channels.test(Instant.now())));
        }
        long begin = System.nanoTime();
        int interrupted = 0;
        Process next = process();
        for (int kill = 0; kill < KILLS; kill++) {
            Process victim = next;
            next = process();
            interrupted += strike(victim);
        }
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        assertThat(interrupted)
                .as("sends that were cut between POST and commit")
                .isGreaterThan(KILLS * RECEIVERS / 3);
        ambush = new Ambush(0);
        go(next);
        until(() -> estate.count("notification WHERE state <> 'delivered'") == 0);
        long twice = took.values().stream().filter(n -> n.size() == 2).count();
        System.err.printf(
                "bar 22: seed %d, %d processes killed in %d s, %d sends cut between POST and commit; of %d notices %d arrived twice%n",
                SEED, KILLS, seconds, interrupted, took.size(), twice);
        assertThat(took).hasSize(EACH * RECEIVERS).allSatisfy((id, bodies) -> {
            assertThat(bodies).as(id).hasSizeBetween(1, 2);
            assertThat(new HashSet<>(bodies)).as("the same under one id").hasSize(1);
        });
        assertThat(twice).as("what was cut was sent again").isGreaterThanOrEqualTo(interrupted);
    }

    /** Kills one process while every receiver has a notice of it; answers how many of them it had not noted as delivered. */
    private int strike(Process victim) throws Exception {
        Ambush set = new Ambush(RECEIVERS);
        ambush = set;
        go(victim);
        assertThat(set.full.await(180, TimeUnit.SECONDS))
                .as(() -> "a notice in every receiver's hand; there are " + set.seen + "\n" + log())
                .isTrue();
        set.mayAnswer.countDown();
        Thread.sleep(Duration.ofNanos(random.nextLong(40_000_000)));
        victim.destroyForcibly().waitFor();
        ambush = new Ambush(0);
        set.over.countDown();
        // what the dead one had begun in the database is over, one way or the other
        until(() -> estate.count(
                        "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'")
                == 0);
        // a minute goes by: its leases run out
        estate.database.sql().run("UPDATE notification SET lease_until = '-infinity' WHERE state = 'pending'");
        return (int) set.seen.stream().filter(this::isPending).count();
    }

    private boolean isPending(String id) {
        return Columns.text(
                        estate.database.sql().one("SELECT state FROM notification WHERE dedup_key = $1", id), "state")
                .equals("pending");
    }

    private void take(HttpExchange exchange) throws IOException {
        Ambush current = ambush;
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String id = String.valueOf(exchange.getRequestHeaders().getFirst("webhook-id"));
        List<String> bodies = took.computeIfAbsent(id, i -> new CopyOnWriteArrayList<>());
        bodies.add(body);
        current.seen.add(id);
        boolean holds = bodies.size() == 1 && current.full.getCount() > 0; // nobody was killed over it yet
        try {
            if (holds) {
                boolean answers;
                synchronized (random) {
                    answers = random.nextBoolean();
                }
                current.full.countDown();
                (answers ? current.mayAnswer : current.over).await();
            }
            exchange.sendResponseHeaders(200, -1);
        } catch (IOException e) {
            // the one that asked is dead
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    private Process process() throws IOException {
        var a = estate.address;
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        NotifierProcess.class.getName(),
                        "postgresql://%s:%s@%s:%d/%s?sslmode=%s"
                                .formatted(a.user(), a.password(), a.host(), a.port(), a.database(), a.sslMode()),
                        dir.resolve("key").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        dir.resolve("processes.log").toFile()))
                .start();
        processes.add(process);
        return process;
    }

    private String log() {
        try {
            return Files.readString(dir.resolve("processes.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void go(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
    }
}
