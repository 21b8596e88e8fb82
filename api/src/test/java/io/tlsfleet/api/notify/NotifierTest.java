package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.alert.Deliveries;
import io.tlsfleet.store.alert.Directory;
import io.tlsfleet.store.alert.Estate;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerting against a real PostgreSQL and a real HTTP server; only the clock of the group wait is moved. */
class NotifierTest {
    private record Received(String id, String signature, String timestamp, JsonNode body, byte[] raw) {
        String alert() {
            return body.path("data").path("alert").asText();
        }
    }

    @TempDir
    Path dir;

    private final TestEstate estate = new TestEstate();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger pings = new AtomicInteger();
    private volatile int status = 200;
    private Duration ahead = Duration.ZERO;
    private HttpServer server;
    private Outgoing outgoing;
    private SecretBox box;
    private Notifier notifier;
    private DatabaseLeases leases;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/hook", this::receive);
        server.start();
        outgoing = new Outgoing(estate.vertx, Reach.of(AddressGate.local()), Instant::now);
        box = SecretBox.open(dir.resolve("key"));
        Channels channels = new Channels(estate.vertx, outgoing, box, Instant::now);
        notifier = new Notifier(
                estate.database,
                new AlertRouter(estate.database, () -> Instant.now().plus(ahead), "http://127.0.0.1:8080"),
                channels,
                () -> Instant.now().plus(ahead),
                (receiver, outcome) -> {});
        leases = estate.leases(LeaseSettings.DEFAULT);
    }

    @AfterEach
    void stop() {
        notifier.close();
        outgoing.close();
        server.stop(0);
        estate.close();
    }

    @Test
    void tellsOnceOfACriticalFindingAndOnceOfItsEnd() throws Exception {
        long receiver = receiver("webhook", "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0");
        estate.target("old.example");
        scan("old.example", "SSLv3", "TLSv1.2", "TLSv1.3");
        turns(3, Duration.ofSeconds(10));
        scan("old.example", "SSLv3", "TLSv1.2", "TLSv1.3");
        turns(3, Duration.ofSeconds(60));
        List<Received> firing = ofRule("protocol.sslv3-accepted");
        assertThat(firing).hasSize(1);
        JsonNode data = firing.getFirst().body().path("data");
        assertThat(data.path("severity").asText()).isEqualTo("critical");
        assertThat(data.path("kind").asText()).isEqualTo("firing");
        assertThat(data.path("examples").path(0).asText()).isEqualTo("old.example:443");
        assertThat(data.path("remedy").asText()).isNotEmpty();
        assertThat(firing.getFirst().signature())
                .isEqualTo(Channels.signature(
                        "whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
                        firing.getFirst().id(),
                        Long.parseLong(firing.getFirst().timestamp()),
                        firing.getFirst().raw()));

        scan("old.example", "TLSv1.2", "TLSv1.3");
        scan("old.example", "TLSv1.2", "TLSv1.3");
        turns(4, Duration.ofSeconds(60));
        List<Received> all = ofRule("protocol.sslv3-accepted");
        assertThat(all)
                .extracting(r -> r.body().path("type").asText())
                .containsExactly("alert.firing", "alert.resolved");
        assertThat(estate.count("notification WHERE receiver_id = " + receiver + " AND state <> 'delivered'"))
                .isZero();
    }

    /** Another estate at the same receiver counts its alerts and notices from one, too. */
    @Test
    void namesAlertsAndNoticesByTheEstate() {
        String id = Estate.of(estate.database.sql()).id();
        receiver("webhook", "key");
        estate.target("old.example");
        scan("old.example", "SSLv3", "TLSv1.2");
        turns(3, Duration.ofSeconds(10));
        assertThat(received).isNotEmpty().allMatch(r -> r.id().endsWith("-" + id));
        assertThat(ofRule("protocol.sslv3-accepted").getFirst().alert()).matches("alert-[0-9]+-" + id);
        assertThat(received.stream().map(Received::alert))
                .as("digests and what is of the watching itself, too")
                .allMatch(name -> name.endsWith("-" + id));
    }

    /** What an older version opened at a receiver is known there by its number alone. */
    @Test
    void whatWasOpenBeforeTheEstateHadAnIdKeepsItsNameUntilItEnds() {
        receiver("webhook", "key");
        named("now() + interval '1 hour'");
        estate.target("old.example");
        scan("old.example", "SSLv3", "TLSv1.2");
        turns(3, Duration.ofSeconds(10));
        named("(SELECT max(since) + interval '1 ms' FROM alert)");
        scan("old.example", "TLSv1.2");
        scan("old.example", "TLSv1.2");
        turns(4, Duration.ofSeconds(60));
        assertThat(ofRule("protocol.sslv3-accepted"))
                .extracting(
                        r -> r.body().path("type").asText() + " " + r.alert().matches("alert-[0-9]+"))
                .containsExactly("alert.firing true", "alert.resolved true");
        received.clear();
        scan("old.example", "SSLv3", "TLSv1.2");
        turns(3, Duration.ofSeconds(10));
        assertThat(ofRule("protocol.sslv3-accepted").getFirst().alert())
                .endsWith("-" + Estate.of(estate.database.sql()).id());
    }

    /** {@code since}: an SQL expression. */
    private void named(String since) {
        estate.database
                .sql()
                .run("UPDATE setting SET value = value || jsonb_build_object('since', " + since
                        + ") WHERE name = 'estate'");
    }

    @Test
    void namesReceiversWhoseSecretsAnotherKeySealed() throws Exception {
        receiver("webhook", "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0");
        assertThat(notifier.sealedElsewhere()).isEmpty();
        insert("webhook", SecretBox.open(dir.resolve("of another server")).seal("{}".getBytes(StandardCharsets.UTF_8)));
        assertThat(notifier.sealedElsewhere()).hasSize(1);
        long id =
                estate.database.sql().one("SELECT max(id) AS id FROM receiver").getLong("id");
        assertThat(notifier.test(id))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).contains("copy secrets.key from"));
    }

    /** A mail server may look for a while at what it took: who came next sent it once more. */
    @Test
    void aMailIsHeldForAsLongAsItMayTake() {
        estate.database.sql().run("""
                INSERT INTO receiver (name, kind, secret) VALUES ('mail', 'email', '');
                INSERT INTO notification (dedup_key, receiver_id, payload) SELECT 'k', id, '{}' FROM receiver""");
        Deliveries deliveries = new Deliveries(estate.database);
        Deliveries.Leased leased = deliveries.lease(1, List.of()).getFirst();
        Duration patience = Channels.patience(
                new Directory(estate.database.sql()).receiver(leased.receiver()).orElseThrow());
        assertThat(patience).isGreaterThan(Duration.ofSeconds(60));
        deliveries.hold(leased, patience);
        assertThat(estate.count("notification WHERE lease_until > now() + interval '90 s'"))
                .isEqualTo(1);
    }

    @Test
    void losesNothingWhileAReceiverIsDown() {
        long receiver = receiver("webhook", "key");
        status = 503;
        estate.target("down.example");
        scan("down.example", "SSLv3", "TLSv1.2");
        turns(3, Duration.ofSeconds(10));
        assertThat(ofRule("protocol.sslv3-accepted")).isNotEmpty();
        assertThat(estate.count("notification WHERE receiver_id = " + receiver + " AND state = 'pending'"))
                .isPositive();
        received.clear();
        turns(2, Duration.ZERO);
        assertThat(received).as("one probe a minute, not one a second").isEmpty();

        status = 200;
        estate.database
                .sql()
                .run(
                        "UPDATE receiver SET probe_at = now(); UPDATE notification SET next_at = now() WHERE state = 'pending'");
        turns(3, Duration.ZERO);
        assertThat(ofRule("protocol.sslv3-accepted")).hasSize(1);
        assertThat(estate.count("notification WHERE receiver_id = " + receiver + " AND state = 'pending'"))
                .isZero();
        assertThat(estate.count("receiver WHERE failing_since IS NOT NULL")).isZero();
    }

    @Test
    void sendsAgainUnderTheSameIdWhatWasSentButNotNoted() {
        receiver("webhook", "key");
        estate.target("crash.example");
        scan("crash.example", "SSLv3", "TLSv1.2");
        turns(3, Duration.ofSeconds(10));
        assertThat(ofRule("protocol.sslv3-accepted")).hasSize(1);
        // as a process killed between the POST and the commit leaves it
        estate.database
                .sql()
                .run(
                        "UPDATE notification SET state = 'pending', lease_until = now() - interval '1 s', next_at = now()");
        turns(2, Duration.ZERO);
        assertThat(ofRule("protocol.sslv3-accepted"))
                .hasSize(2)
                .extracting(Received::id)
                .containsOnly(received.getFirst().id());
    }

    @Test
    void makesOneNoticeOfManyEndpointsWithOneCauseAndADigestOfAFirstScan() {
        receiver("webhook", "key");
        for (int i = 0; i < 12; i++) {
            estate.target("tls10-" + i + ".example");
            scan("tls10-" + i + ".example", "TLSv1.0", "TLSv1.2", "TLSv1.3");
        }
        turns(2, Duration.ofSeconds(35));
        assertThat(received)
                .as("high findings of a first scan wait for the digest")
                .isEmpty();
        turns(2, Duration.ofSeconds(90));
        assertThat(received).hasSize(1);
        assertThat(received.getFirst().body().path("type").asText()).isEqualTo("alert.digest");
        assertThat(received.getFirst().body().path("data").path("lines").toString())
                .contains("12 endpoints");
        turns(2, Duration.ofMinutes(5));
        assertThat(received).hasSize(1);
    }

    @Test
    void staysSilentWhereASilenceSaysSoAndStopsWhenTheReceiverIsGone() {
        long receiver = receiver("webhook", "key");
        estate.database
                .sql()
                .run(
                        "INSERT INTO silence (matchers, reason, created_by, ends_at) VALUES "
                                + "('[{\"name\":\"rule\",\"operator\":\"=~\",\"value\":\"protocol.*\"}]', 'known', 'me', now() + interval '1 h')");
        estate.target("silent.example");
        scan("silent.example", "SSLv3", "TLSv1.2");
        turns(3, Duration.ofSeconds(10));
        assertThat(ofRule("protocol.sslv3-accepted")).isEmpty();

        status = 410;
        estate.database.sql().run("DELETE FROM silence");
        estate.target("gone.example");
        scan("gone.example", "SSLv3", "SSLv2", "TLSv1.2");
        turns(3, Duration.ofSeconds(10));
        assertThat(estate.count("receiver WHERE disabled_at IS NOT NULL AND id = " + receiver))
                .isEqualTo(1);
    }

    @Test
    void saysThatScanningHasStoppedAndThatItGoesOn() {
        receiver("webhook", "key");
        estate.target("stalled.example");
        scan("stalled.example", "TLSv1.2", "TLSv1.3");
        estate.database
                .sql()
                .run("UPDATE schedule SET next_at = now() - interval '1 h', last_at = now() - interval '1 h'");
        turns(2, Duration.ofSeconds(1));
        assertThat(ofRule("fleet.scanning-stopped"))
                .singleElement()
                .satisfies(r ->
                        assertThat(r.body().path("data").path("kind").asText()).isEqualTo("dead-man"));
        scan("stalled.example", "TLSv1.2", "TLSv1.3");
        turns(2, Duration.ofSeconds(1));
        assertThat(ofRule("fleet.scanning-stopped")).hasSize(2);
    }

    @Test
    void pingsWhoWaitsForOurHeartbeatWhileAllIsWellAndFallsSilentWhenScanningStops() {
        receiver("heartbeat", "");
        estate.target("beat.example");
        scan("beat.example", "TLSv1.2", "TLSv1.3");
        notifier.feed();
        assertThat(pings).hasValue(1);
        estate.database
                .sql()
                .run("UPDATE schedule SET next_at = now() - interval '1 h', last_at = now() - interval '1 h'");
        notifier.feed();
        assertThat(pings).as("somebody else raises the alarm now").hasValue(1);
    }

    @Test
    void keepsARealAlertmanagerInformed() throws Exception {
        try (RealAlertmanager alertmanager = RealAlertmanager.start(dir)) {
            byte[] secret =
                    box.seal(Json.bytes(java.util.Map.of("urls", List.of(alertmanager.url(), "http://127.0.0.1:9"))));
            insert("alertmanager", secret);
            estate.target("am.example");
            estate.database.sql().run("UPDATE target SET owner = 'web'");
            scan("am.example", "SSLv3", "TLSv1.2");
            turns(2, Duration.ofSeconds(10));
            ahead = Duration.ZERO;
            notifier.feed();
            JsonNode alerts = alertmanager.alerts();
            assertThat(alerts.findValuesAsText("alertname")).contains("protocol.sslv3-accepted");
            assertThat(alerts.findValuesAsText("severity")).contains("critical");
            assertThat(alerts.findValuesAsText("team")).contains("web");

            scan("am.example", "TLSv1.2", "TLSv1.3");
            scan("am.example", "TLSv1.2", "TLSv1.3");
            turns(1, Duration.ZERO);
            notifier.feed();
            assertThat(alertmanager.alerts().findValuesAsText("alertname"))
                    .as("ended under the labels that it began with, not four minutes later")
                    .doesNotContain("protocol.sslv3-accepted");
        }
    }

    @Test
    void neverDialsWhatTheGateRefuses() {
        byte[] secret = box.seal(Json.bytes(Json.parse("{\"url\":\"http://169.254.169.254/latest\"}")));
        long id = insert("webhook", secret);
        assertThat(notifier.test(id))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).contains("not allowed"));
        long good = receiver("webhook", "key");
        assertThat(notifier.test(good)).isInstanceOf(Delivery.Delivered.class);
        assertThat(received).hasSize(1);
    }

    private void turns(int count, Duration later) {
        notifier.turn(); // what happened is taken in at its time
        ahead = ahead.plus(later);
        for (int i = 0; i < count; i++) {
            notifier.turn();
        }
    }

    private void scan(String host, String... accepted) {
        estate.database.sql().run("UPDATE schedule SET next_at = now() - interval '1 s', lease_until = '-infinity'");
        List<Lease> due = leases.lease(0, 100).toCompletableFuture().join();
        for (Lease lease : due) {
            if (lease.target().host().equals(host)) {
                Observation seen = TestEstate.complete(host, accepted);
                assertThat(leases.complete(List.of(new Completed(lease.endpointId(), lease.token(), List.of(seen))))
                                .toCompletableFuture()
                                .join())
                        .containsExactly(true);
            }
        }
    }

    private List<Received> ofRule(String rule) {
        return received.stream()
                .filter(r -> r.body().path("data").path("rule").asText().equals(rule))
                .toList();
    }

    private long receiver(String kind, String signingKey) {
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
        return insert(kind, box.seal(Json.bytes(java.util.Map.of("url", url, "secret", signingKey))));
    }

    private long insert(String kind, byte[] secret) {
        return estate.database
                .sql()
                .one(
                        "INSERT INTO receiver (name, kind, secret) VALUES ('r' || nextval('receiver_id_seq'), $1, $2) RETURNING id",
                        kind,
                        io.vertx.core.buffer.Buffer.buffer(secret))
                .getLong("id");
    }

    private void receive(HttpExchange exchange) throws IOException {
        byte[] raw = exchange.getRequestBody().readAllBytes();
        if (raw.length == 0) {
            pings.incrementAndGet();
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
            return;
        }
        received.add(new Received(
                String.valueOf(exchange.getRequestHeaders().getFirst("webhook-id")),
                String.valueOf(exchange.getRequestHeaders().getFirst("webhook-signature")),
                String.valueOf(exchange.getRequestHeaders().getFirst("webhook-timestamp")),
                Json.parse(new String(raw, StandardCharsets.UTF_8)),
                raw));
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }
}
