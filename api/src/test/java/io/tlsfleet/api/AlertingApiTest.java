package io.tlsfleet.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.api.RunningApi.Got;
import io.tlsfleet.fleet.json.Json;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Alerting as a client of the API meets it: from the receiver to the notice, and what a person does about it. */
class AlertingApiTest {
    private RunningApi api;
    private HttpServer hook;
    private final List<JsonNode> got = new CopyOnWriteArrayList<>();
    private final List<String> ids = new CopyOnWriteArrayList<>();
    private volatile int status = 200;

    @BeforeEach
    void start() throws Exception {
        api = new RunningApi();
        hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hook.createContext("/", exchange -> {
            JsonNode body = Json.parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            if (status == 200) {
                got.add(body);
                ids.add(String.valueOf(exchange.getRequestHeaders().getFirst("webhook-id")));
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        hook.start();
    }

    @AfterEach
    void stop() {
        hook.stop(0);
        api.close();
    }

    @Test
    void goesFromTheReceiverToTheNoticeToTheAcknowledgement() {
        long receiver = receiver();
        Got tested = api.post("/api/v1/receivers/" + receiver + "/test", "");
        assertThat(tested.json().path("delivered").asBoolean()).isTrue();
        assertThat(tested.json().path("status").asInt()).isEqualTo(200);
        assertThat(got.getFirst().path("type").asText()).isEqualTo("alert.test");

        Got route = api.post(
                "/api/v1/routes",
                "{\"receiverId\":" + receiver
                        + ",\"minSeverity\":\"high\",\"matchers\":[{\"name\":\"environment\",\"value\":\"prod\"},{\"name\":\"owner\",\"operator\":\"=~\",\"value\":\"web|db\"}]}");
        assertThat(route.status()).as(route.body()).isEqualTo(201);
        api.post("/api/v1/targets", "{\"host\":\"old.example\",\"owner\":\"web\",\"tags\":{\"env\":\"prod\"}}");
        api.post("/api/v1/targets", "{\"host\":\"older.example\",\"owner\":\"mail\",\"tags\":{\"env\":\"prod\"}}");
        new Scanned(api).accepting("SSLv3", "TLSv1.2", "TLSv1.3");
        until(() -> got.stream().anyMatch(g -> rule(g).equals("protocol.sslv3-accepted")));
        JsonNode told = got.stream()
                .filter(g -> rule(g).equals("protocol.sslv3-accepted"))
                .findFirst()
                .orElseThrow()
                .path("data");
        assertThat(told.path("examples").toString())
                .as("the other owner's is not this receiver's")
                .isEqualTo("[\"old.example:443\"]");
        assertThat(told.path("remedy").asText()).isNotEmpty();

        String open = "/api/v1/alerts?state=open&severity=critical&rule=protocol.sslv3-accepted";
        until(() -> !only(open).path("toldTo").isEmpty());
        JsonNode alert = only(open);
        long id = alert.path("id").asLong();
        assertThat(alert.path("state").asText()).isEqualTo("firing");
        assertThat(alert.path("toldTo").toString()).isEqualTo("[\"hook\"]");
        JsonNode detail = api.get("/api/v1/alerts/" + id).json();
        assertThat(detail.path("groups")).hasSize(2);
        assertThat(detail.path("ways").path(0).path("heard").asBoolean()).isTrue();
        assertThat(detail.path("remedy").asText()).isNotEmpty();

        assertThat(api.post("/api/v1/alerts/" + id + "/acknowledge", "{\"reason\":\"x\"}")
                        .status())
                .isEqualTo(400);
        long finding = only("/api/v1/findings?rule=protocol.sslv3-accepted&owner=web")
                .path("id")
                .asLong();
        for (String of : List.of("alerts/" + id, "findings/" + finding)) {
            Got endless = api.post("/api/v1/" + of + "/acknowledge", "{\"reason\":\"x\",\"until\":null}");
            assertThat(endless.status()).as(of).isEqualTo(400);
            assertThat(endless.json().path("field").asText()).isEqualTo("until");
        }
        Got taken = api.post(
                "/api/v1/alerts/" + id + "/acknowledge",
                "{\"reason\":\"OPS-12\",\"until\":\"" + Instant.now().plus(Duration.ofDays(2)) + "\"}");
        assertThat(taken.status()).as(taken.body()).isEqualTo(200);
        assertThat(taken.json().path("state").asText()).isEqualTo("acknowledged");
        assertThat(api.get("/api/v1/alerts/" + id).json().path("ackReason").asText())
                .isEqualTo("OPS-12");
        assertThat(api.delete("/api/v1/alerts/" + id + "/acknowledge").status()).isEqualTo(204);
        until(() ->
                api.get("/api/v1/alerts/" + id).json().path("state").asText().equals("firing"));
        until(() -> got.stream().anyMatch(g -> g.path("type").asText().equals("alert.again")));
        // heard is not yet noted
        until(() -> api.get("/api/v1/notifications?state=delivered&receiver=" + receiver)
                        .json()
                        .path("items")
                        .size()
                >= 2);
    }

    @Test
    void showsWhetherAFileIsInForceAndLeavesItsSilencesToIt() {
        assertThat(api.get("/api/v1/alerting-file").json().path("state").asText())
                .isEqualTo("none");
        api.database
                .sql()
                .run(
                        "INSERT INTO silence (matchers, reason, created_by, ends_at) VALUES ('[]', 'r', 'alerting file, ops', now() + interval '1 h')");
        JsonNode silence = only("/api/v1/silences");
        assertThat(silence.path("fromFile").asBoolean()).isTrue();
        Got refused = api.delete("/api/v1/silences/" + silence.path("id").asLong());
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("from the alerting file");
        assertThat(api.get("/metrics").body())
                .contains(
                        "tlsfleet_alerting_file_valid 1",
                        "tlsfleet_alerting_file_loads_total{outcome=\"applied\"} 0",
                        "tlsfleet_alerting_file_loads_total{outcome=\"invalid\"} 0");
    }

    @Test
    void showsWhatASilenceWouldHideAndHidesIt() {
        receiver();
        api.post("/api/v1/targets", "{\"host\":\"quiet.example\",\"tags\":{\"team\":\"x\"}}");
        String body = "{\"matchers\":[{\"name\":\"tag.team\",\"value\":\"x\"}],\"reason\":\"move\",\"endsAt\":\""
                + Instant.now().plus(Duration.ofHours(1)) + "\"}";
        assertThat(api.post("/api/v1/silences", body).status()).isEqualTo(201);
        new Scanned(api).accepting("SSLv3", "TLSv1.2", "TLSv1.3");
        Got preview = api.post("/api/v1/silences?dryRun=true", body);
        assertThat(preview.json().path("findings").asInt()).isPositive();
        assertThat(preview.json().path("endpoints").asInt()).isEqualTo(1);
        assertThat(api.get("/api/v1/silences").json().path("items"))
                .as("a preview adds none")
                .hasSize(1);
        until(() -> api.get("/api/v1/alerts?state=silenced&rule=protocol.sslv3-accepted")
                        .json()
                        .path("items")
                        .size()
                == 1);
        assertThat(got).isEmpty();
        JsonNode silence = only("/api/v1/silences");
        assertThat(silence.path("createdBy").asText()).isNotEmpty();
        assertThat(api.delete("/api/v1/silences/" + silence.path("id").asLong()).status())
                .isEqualTo(204);
        until(() -> got.stream().anyMatch(g -> rule(g).equals("protocol.sslv3-accepted")));
    }

    @Test
    void sendsAgainWhatWasGivenUpUnderItsId() {
        long receiver = receiver();
        status = 500;
        api.post("/api/v1/targets", "{\"host\":\"dead.example\"}");
        new Scanned(api).accepting("SSLv3", "TLSv1.2");
        until(() -> api
                .get("/api/v1/notifications?state=pending&receiver=" + receiver)
                .json()
                .path("items")
                .findValuesAsText("lastError")
                .stream()
                .anyMatch(e -> e.contains("500")));
        JsonNode waiting = api.get("/api/v1/notifications?state=pending&receiver=" + receiver)
                .json()
                .path("items")
                .path(0);
        long id = waiting.path("id").asLong();
        assertThat(api.post("/api/v1/notifications/" + id + "/replay", "").status())
                .as("it is not given up yet")
                .isEqualTo(409);
        // three days later
        api.database
                .sql()
                .run(
                        "UPDATE notification SET created_at = created_at - interval '4 days', next_at = now(); UPDATE receiver SET probe_at = now()");
        until(() -> api.get("/api/v1/notifications?state=dead&receiver=" + receiver)
                        .json()
                        .path("items")
                        .size()
                > 0);
        assertThat(got).isEmpty();
        status = 200;
        JsonNode dead = api.get("/api/v1/notifications?state=dead&receiver=" + receiver)
                .json()
                .path("items")
                .path(0);
        api.database.sql().run("UPDATE receiver SET probe_at = now()");
        assertThat(api.post("/api/v1/notifications/" + dead.path("id").asLong() + "/replay", "")
                        .status())
                .isEqualTo(202);
        until(() -> ids.contains(dead.path("key").asText()));
    }

    @Test
    void refusesWhatWouldNeverTellAnybodyAndNamesTheField() {
        long receiver = receiver();
        assertThat(api.post("/api/v1/receivers", "{\"name\":\"x\",\"kind\":\"pigeon\",\"url\":\"https://a.example\"}")
                        .body())
                .contains("kind", "pigeon");
        assertThat(api.post("/api/v1/receivers", "{\"name\":\"x\",\"kind\":\"slack\"}")
                        .body())
                .contains("url is missing");
        assertThat(api.post("/api/v1/receivers", "{\"name\":\"x\",\"kind\":\"opsgenie\"}")
                        .body())
                .contains("secret is missing: the API key");
        assertThat(api.post(
                                "/api/v1/receivers",
                                "{\"name\":\"x\",\"kind\":\"jira\",\"url\":\"https://j.example\",\"settings\":{\"project\":\"a b\"}}")
                        .body())
                .contains("settings/project", "no key of a Jira project");
        assertThat(api.post(
                                "/api/v1/receivers",
                                "{\"name\":\"hook\",\"kind\":\"slack\",\"url\":\"https://a.example/x\"}")
                        .status())
                .as("the name is taken")
                .isEqualTo(409);
        assertThat(api.post(
                                "/api/v1/receivers",
                                "{\"name\":\"m\",\"kind\":\"email\",\"settings\":{\"host\":\"mx.example\",\"to\":[\"a@b.example\"],\"digest\":\"weekly\"}}")
                        .body())
                .contains("settings/digest", "weekly", "daily, hourly");
        for (String key : List.of("whsec_", "whsec_no base64!", "whsec_____")) {
            assertThat(api.post(
                                    "/api/v1/receivers",
                                    "{\"name\":\"w\",\"kind\":\"webhook\",\"url\":\"https://a.example\",\"secret\":\""
                                            + key + "\"}")
                            .body())
                    .as("nothing can be signed with %s", key)
                    .contains("\"field\":\"secret\"", "base64");
        }
        assertThat(api.post(
                                "/api/v1/receivers",
                                "{\"name\":\"m\",\"kind\":\"email\",\"settings\":{\"host\":\"mx.example\",\"to\":[\"a@b.example\"],\"caCertificates\":\"/etc/ca.pem\"}}")
                        .body())
                .contains("settings/caCertificates", "PEM is wanted");
        assertThat(api.post("/api/v1/routes", "{\"receiverId\":999}").body()).contains("receiverId");
        assertThat(api.post(
                                "/api/v1/routes",
                                "{\"receiverId\":" + receiver
                                        + ",\"matchers\":[{\"name\":\"ownr\",\"value\":\"x\"}],\"groupBy\":[\"colour\"],\"repeatSeconds\":5}")
                        .body())
                .contains("matchers/0/name", "groupBy", "repeatSeconds");
        assertThat(api.get("/api/v1/receivers/" + receiver).body())
                .as("where it goes, and no secret")
                .contains("/…")
                .doesNotContain("/secret-path");
    }

    @Test
    void servesTheCalendarToWhoHasATokenInItsAddress() {
        Got calendar = api.get("/api/v1/calendar.ics?days=90");
        assertThat(calendar.status()).isEqualTo(200);
        assertThat(calendar.header("content-type")).startsWith("text/calendar");
        assertThat(calendar.body()).startsWith("BEGIN:VCALENDAR\r\n").endsWith("END:VCALENDAR\r\n");
        assertThat(api.get("/api/v1/calendar.ics?days=0").status()).isEqualTo(400);
        assertThat(api.send("GET", "/api/v1/calendar.ics?token=nonsense", null, "Authorization", "")
                        .status())
                .isEqualTo(401);
    }

    private long receiver() {
        Got added = api.post(
                "/api/v1/receivers",
                "{\"name\":\"hook\",\"kind\":\"webhook\",\"url\":\"http://127.0.0.1:"
                        + hook.getAddress().getPort() + "/secret-path\"}");
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        assertThat(added.json().path("secret").asText()).as("shown this once").startsWith("whsec_");
        return added.json().path("id").asLong();
    }

    private static String rule(JsonNode notice) {
        return notice.path("data").path("rule").asText();
    }

    private JsonNode only(String path) {
        JsonNode items = api.get(path).json().path("items");
        assertThat(items).as(path).hasSize(1);
        return items.path(0);
    }

    private static void until(BooleanSupplier condition) {
        Instant end = Instant.now().plusSeconds(90);
        while (!condition.getAsBoolean() && Instant.now().isBefore(end)) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
