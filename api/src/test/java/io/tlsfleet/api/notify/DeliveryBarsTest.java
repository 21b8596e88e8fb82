package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.TestPostgres;
import io.tlsfleet.store.alert.Deliveries;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bars that delivery is held to: nothing lost, at most one repetition and that under the same id, nobody delayed. */
class DeliveryBarsTest {
    @TempDir
    Path dir;

    private final TestEstate estate = new TestEstate();
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
    private SecretBox box;
    private Notifier notifier;

    @BeforeEach
    void start() throws Exception {
        box = SecretBox.open(dir.resolve("key"));
        notifier = notifier(estate.database);
    }

    private Notifier notifier(Database database) {
        Outgoing outgoing = new Outgoing(estate.vertx, Reach.of(AddressGate.local()), Instant::now);
        Notifier made = new Notifier(
                database,
                new AlertRouter(database, Instant::now, null),
                new Channels(estate.vertx, outgoing, box, Instant::now),
                Instant::now,
                (receiver, outcome) -> {});
        open.add(outgoing);
        open.add(made);
        return made;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        estate.close();
    }

    /** A receiver that answers as it is told, and counts what it took by id. */
    private final class Receiver {
        final Map<String, Integer> took = new ConcurrentHashMap<>();
        final java.util.concurrent.atomic.AtomicInteger posted = new java.util.concurrent.atomic.AtomicInteger();
        final java.util.concurrent.atomic.AtomicInteger tries = new java.util.concurrent.atomic.AtomicInteger();
        volatile int status = 200;
        volatile long hangs;
        volatile String refuses = "";
        volatile String retryAfter = "";
        final HttpServer server;

        Receiver() {
            try {
                server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                byte[] body = exchange.getRequestBody().readAllBytes();
                tries.incrementAndGet();
                if (hangs > 0) {
                    try {
                        Thread.sleep(hangs);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                String id = String.valueOf(exchange.getRequestHeaders().getFirst("webhook-id"));
                int answer = !refuses.isEmpty() && id.startsWith(refuses) ? 400 : status;
                if (!retryAfter.isEmpty()) {
                    exchange.getResponseHeaders().add("Retry-After", retryAfter);
                }
                if (exchange.getRequestURI().getPath().equals("/hangs")) {
                    return; // for ever
                }
                if (answer == 200) {
                    JsonNode read = Json.parse(new String(body, StandardCharsets.UTF_8));
                    posted.addAndGet(read.isArray() ? read.size() : 0);
                    took.merge(id, 1, Integer::sum);
                }
                exchange.sendResponseHeaders(answer, -1);
                exchange.close();
            });
            server.start();
            open.add(() -> server.stop(0));
        }

        /** Alerts that were posted to this Alertmanager; its requests have no id, so the bodies are counted as they come. */
        int posted() {
            return posted.get();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        long register(String name) {
            return insert(name, "webhook", Map.of("url", url()));
        }
    }

    private long insert(String name, String kind, Map<String, Object> secret) {
        return estate.database
                .sql()
                .one(
                        "INSERT INTO receiver (name, kind, secret) VALUES ($1, $2, $3) RETURNING id",
                        name,
                        kind,
                        box.seal(Json.bytes(secret)))
                .getLong("id");
    }

    private void queue(long receiver, int count) {
        estate.database.sql().change("""
                INSERT INTO notification (dedup_key, receiver_id, payload)
                SELECT 'n' || i || '-r' || $1, $1, $3::text::jsonb FROM generate_series(1, $2::int) i""", receiver, count, Json.write(Channels.test(Instant.now())));
    }

    private void turns(String untilNone) {
        for (int i = 0; i < 400 && estate.count(untilNone) > 0; i++) {
            notifier.turn();
        }
        assertThat(estate.count(untilNone)).isZero();
    }

    /** As if so many seconds had gone by for the queues. */
    private void later(int seconds) {
        estate.database
                .sql()
                .run(
                        "UPDATE notification SET next_at = next_at - interval '%1$d s', created_at = created_at - interval '%1$d s';"
                                        .formatted(seconds)
                                + "UPDATE receiver SET probe_at = probe_at - interval '%1$d s', failing_since = failing_since - interval '%1$d s'"
                                        .formatted(seconds));
    }

    @Test
    void bar21AReceiverThatIsDownForAnHourLosesNothingAndDelaysNobody() {
        Receiver down = new Receiver();
        Receiver up = new Receiver();
        down.status = 503;
        long first = down.register("down");
        long second = up.register("up");
        queue(first, 1000);
        queue(second, 1000);
        long begin = System.nanoTime();
        turns("notification WHERE state = 'pending' AND receiver_id = " + second);
        assertThat((System.nanoTime() - begin) / 1_000_000_000)
                .as("seconds for 1,000 to the other")
                .isLessThan(30);
        assertThat(up.took).hasSize(1000).allSatisfy((id, n) -> assertThat(n).isEqualTo(1));
        for (int minute = 0; minute < 60; minute++) {
            later(60);
            notifier.turn();
            notifier.turn();
        }
        assertThat(down.tries.get()).as("one probe a minute").isBetween(55, 66);
        assertThat(estate.count("notification WHERE state <> 'pending' AND receiver_id = " + first))
                .as("given up")
                .isZero();
        down.status = 200;
        later(60);
        turns("notification WHERE state = 'pending' AND receiver_id = " + first);
        assertThat(down.took).hasSize(1000).allSatisfy((id, n) -> assertThat(n).isEqualTo(1));
    }

    @Test
    void bar21AReceiverThatHangsDelaysNobody() throws Exception {
        Receiver hangs = new Receiver();
        hangs.hangs = 4_000;
        Receiver up = new Receiver();
        queue(hangs.register("hangs"), 5);
        notifier.start();
        Thread.sleep(1500);
        queue(up.register("up"), 20);
        long begin = System.nanoTime();
        while (up.took.size() < 20 && System.nanoTime() - begin < 10_000_000_000L) {
            Thread.sleep(20);
        }
        assertThat(up.took).hasSize(20);
        assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(3_000);
    }

    @Test
    void whatAReceiverRefusesHoldsUpNothingElse() {
        Receiver receiver = new Receiver();
        receiver.refuses = "n1-";
        long id = receiver.register("strict");
        queue(id, 50);
        notifier.turn();
        notifier.turn();
        notifier.turn();
        assertThat(receiver.took).as("all but the one").hasSize(49);
        assertThat(estate.count("receiver WHERE failing_since IS NOT NULL")).isZero();
        assertThat(estate.count(
                        "notification WHERE state = 'pending' AND last_error LIKE 'answered 400%' AND next_at > now()"))
                .as("tried again later")
                .isEqualTo(1);
    }

    @Test
    void aReceiverThatAsksForTimeGetsIt() {
        Receiver receiver = new Receiver();
        receiver.status = 429;
        receiver.retryAfter = "900";
        long id = receiver.register("limited");
        queue(id, 3);
        notifier.turn();
        for (int minute = 0; minute < 14; minute++) {
            later(60);
            notifier.turn();
        }
        assertThat(receiver.tries)
                .as("for 14 minutes, though the probe is a minute")
                .hasValue(1);
        receiver.status = 200;
        later(61);
        turns("notification WHERE state = 'pending' AND receiver_id = " + id);
        assertThat(receiver.took).hasSize(3);
    }

    @Test
    void aReceiverThatIsGoneComesBackWhenATestReachesIt() {
        Receiver receiver = new Receiver();
        receiver.status = 410;
        long id = receiver.register("gone");
        Receiver other = new Receiver();
        other.register("other");
        queue(id, 2);
        notifier.turn();
        assertThat(estate.count("receiver WHERE disabled_at IS NOT NULL")).isEqualTo(1);
        notifier.turn();
        assertThat(
                        estate.count(
                                "notification WHERE payload->>'kind' = 'dead-man' AND payload->>'summary' = "
                                        + "'1 notice was given up within the last day. It answered that nothing is wanted there any more (410) and is switched off; "
                                        + "a test that it takes switches it on. What was given up can be sent again from the delivery log.'"))
                .as("the other hears of it")
                .isEqualTo(1);
        receiver.status = 200;
        later(600);
        notifier.turn();
        assertThat(receiver.took).as("nothing by itself").isEmpty();
        assertThat(notifier.test(id)).isInstanceOf(Delivery.Delivered.class);
        notifier.turn();
        assertThat(receiver.took.keySet()).contains("n2-r" + id);
        assertThat(estate.count("receiver WHERE disabled_at IS NOT NULL")).isZero();
    }

    @Test
    void manyThatHangOnOneHostLeaveRoomForTheOthers() throws Exception {
        Receiver host = new Receiver();
        for (int i = 0; i < 20; i++) {
            queue(insert("hangs" + i, "webhook", Map.of("url", host.url() + "/hangs")), 1);
        }
        notifier.start();
        until(() -> host.tries.get() == 20);
        queue(insert("up", "webhook", Map.of("url", host.url() + "/up")), 5);
        until(() -> host.took.size() == 5);
        assertThat(host.tries).as("all of them have their request").hasValue(25);
    }

    private static void until(java.util.function.BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    /** Also where the database reads them in another order: what resolves must not come before what it resolves. */
    @Test
    void theOldestGoesFirst() {
        Receiver receiver = new Receiver();
        queue(receiver.register("ops"), 20);
        for (int i = 20; i > 0; i--) {
            estate.database
                    .sql()
                    .change("UPDATE notification SET attempts = 1 WHERE dedup_key = 'n' || $1::int || '-r1'", i);
        }
        estate.database.sql().run("""
                DO $$ BEGIN
                  EXECUTE format('ALTER DATABASE %I SET enable_nestloop = off', current_database());
                  EXECUTE format('ALTER DATABASE %I SET enable_mergejoin = off', current_database());
                END $$""");
        try (Database fresh = Database.open(estate.vertx, estate.address, 1)) {
            assertThat(new Deliveries(fresh).lease(20, List.of()))
                    .extracting(Deliveries.Leased::id)
                    .hasSize(20)
                    .isSorted();
        }
    }

    /**
     * Each commit after a POST is lost once, as when the process is killed between the two: a sequence, which no rollback
     * takes back, lets every other one fail.
     */
    @Test
    void bar22ANotifierThatDiesBetweenSendAndCommitAThousandTimesRepeatsEachAtMostOnceUnderItsId() {
        Receiver receiver = new Receiver();
        queue(receiver.register("ops"), 1000);
        estate.database.sql().run("""
                CREATE SEQUENCE deaths;
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF nextval('deaths') % 2 = 1 THEN RAISE EXCEPTION 'killed'; END IF; RETURN NEW; END $$;
                CREATE TRIGGER die BEFORE UPDATE ON notification FOR EACH ROW WHEN (NEW.state = 'delivered') EXECUTE FUNCTION die()""");
        for (int i = 0; i < 1100 && estate.count("notification WHERE state = 'pending'") > 0; i++) {
            notifier.turn();
            // another process finds them when the lease of the dead one has run out
            estate.database.sql().run("UPDATE notification SET lease_until = '-infinity' WHERE state = 'pending'");
        }
        assertThat(estate.count("notification WHERE state = 'delivered'")).isEqualTo(1000);
        assertThat(estate.count("deaths WHERE last_value = 2000"))
                .as("1,000 of them")
                .isEqualTo(1);
        assertThat(receiver.took)
                .hasSize(1000)
                .allSatisfy((key, n) -> assertThat(n).isBetween(1, 2));
    }

    @Test
    void bar25OneOfThreeAlertmanagersIsDeadAndTheOthersHearEverything() throws Exception {
        Receiver a = new Receiver();
        Receiver b = new Receiver();
        Receiver dead = new Receiver();
        dead.hangs = 3_000;
        dead.status = 500;
        long id = insert("am", "alertmanager", Map.of("urls", List.of(dead.url(), a.url(), b.url())));
        estate.targets(200);
        estate.database.sql().run("""
                INSERT INTO finding_text (sha256, body) VALUES ('\\x00', '{}');
                UPDATE endpoint SET first_scan_at = now() - interval '30 days';
                INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, text_id, first_seen, last_seen)
                SELECT t.id, 'x', 'http.hsts-missing', 'high', 'p', 'endpoint:' || t.id, 'T', 'D', (SELECT min(id) FROM finding_text), now(), now() FROM target t;
                INSERT INTO alert (rule, cause, severity, state, title, endpoints, since) SELECT rule, cause, severity, 'firing', title, 1, now() FROM finding;
                """);
        long begin = System.nanoTime();
        Thread feeding = Thread.startVirtualThread(notifier::feed);
        while ((a.posted() < 200 || b.posted() < 200) && System.nanoTime() - begin < 20_000_000_000L) {
            Thread.sleep(20);
        }
        assertThat(List.of(a.posted(), b.posted())).containsExactly(200, 200);
        assertThat((System.nanoTime() - begin) / 1_000_000)
                .as("not behind the dead one")
                .isLessThan(2_900);
        feeding.join();
        dead.hangs = 0;
        dead.status = 200;
        notifier.feed();
        assertThat(dead.posted()).as("it catches up with the next resend").isEqualTo(200);
        assertThat(estate.count("notification WHERE receiver_id = " + id)).isZero();
    }

    @Test
    void bar29ARestoredBackupRepeatsNothingThatWasSent() throws Exception {
        Receiver receiver = new Receiver();
        receiver.register("ops");
        estate.targets(3);
        estate.database.sql().run("""
                INSERT INTO finding_text (sha256, body) VALUES ('\\x00', '{}');
                UPDATE endpoint SET first_scan_at = now() - interval '30 days';
                UPDATE schedule SET next_at = now() + interval '1 day', last_at = now();
                INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, text_id, first_seen, last_seen)
                SELECT t.id, 'x', 'protocol.sslv3-accepted', 'critical', 'p', 'endpoint:' || t.id, 'T', 'D', (SELECT min(id) FROM finding_text), now(), now() FROM target t;
                INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause) SELECT id, endpoint_id, 'opened', rule, severity, cause FROM finding;
                """);
        notifier.turn();
        estate.database.sql().run("UPDATE alert SET due_at = now()");
        notifier.turn();
        assertThat(receiver.took).hasSize(3);
        notifier.close();
        estate.database.close();
        DatabaseAddress restored = TestPostgres.shared().copyOf(estate.address);
        try (Database database = Database.open(estate.vertx, restored, 4)) {
            Notifier again = notifier(database);
            database.sql().run("UPDATE alert SET due_at = now()");
            // scanning resumes and finds the same
            database.sql()
                    .run("INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause) "
                            + "SELECT id, endpoint_id, 'changed', rule, severity, cause FROM finding");
            for (int i = 0; i < 5; i++) {
                again.turn();
            }
            assertThat(receiver.took)
                    .hasSize(3)
                    .allSatisfy((id, n) -> assertThat(n).isEqualTo(1));
        }
    }
}
