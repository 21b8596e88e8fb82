package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import io.tlsfleet.store.Columns;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JudgementRoutesTest {
    private static final int ENDPOINTS = 12;
    private final RunningApi api = new RunningApi();
    private final Scanned scanned = new Scanned(api);

    @BeforeEach
    void estate() {
        StringBuilder targets = new StringBuilder();
        for (int i = 0; i < ENDPOINTS; i++) {
            targets.append(i == 0 ? "" : ",")
                    .append("{\"host\": \"h%d.example\", \"owner\": \"%s\", \"tags\": {\"env\": \"%s\"}}"
                            .formatted(i, i < 4 ? "web" : "mail", i % 2 == 0 ? "prod" : "test"));
        }
        assertThat(api.post("/api/v1/targets", "[" + targets + "]").status()).isEqualTo(201);
        assertThat(scanned.accepting("TLSv1.0", "TLSv1.2", "TLSv1.3")).isEqualTo(ENDPOINTS);
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void saysWhatAnotherPolicyWouldFind() {
        JsonNode answer = whatIf("policy=mozilla-modern-6.0");
        assertThat(answer.path("endpoints").asInt()).isEqualTo(ENDPOINTS);
        assertThat(answer.path("total").asInt()).isEqualTo(ENDPOINTS);
        assertThat(answer.path("appear").asInt()).isEqualTo(ENDPOINTS);
        assertThat(answer.path("nextCursor").isNull()).isTrue();
        JsonNode tls12 = group(answer, "protocol.not-in-policy");
        assertThat(tls12.path("kind").asText()).isEqualTo("appears");
        assertThat(tls12.path("endpoints").asInt()).isEqualTo(ENDPOINTS);
        assertThat(tls12.path("examples").path(0).path("endpoint").asText()).isEqualTo("h0.example:443");
        assertThat(api.database.sql().rows("SELECT 1 FROM finding WHERE rule = 'protocol.not-in-policy'"))
                .as("nothing is kept of it")
                .isEmpty();
        assertThat(whatIf("policy=public-web").path("byRule")).isEmpty();
    }

    @Test
    void asksOnlyOfTheEndpointsSelectedAndPageByPage() {
        assertThat(whatIf("policy=mozilla-modern-6.0&owner=web").path("total").asInt())
                .isEqualTo(4);
        assertThat(whatIf("policy=mozilla-modern-6.0&owner=web&tag=env:prod")
                        .path("appear")
                        .asInt())
                .isEqualTo(2);
        assertThat(whatIf("policy=mozilla-modern-6.0&q=h11").path("appear").asInt())
                .isEqualTo(1);
        assertThat(whatIf("policy=mozilla-modern-6.0&q=h_1").path("total").asInt())
                .isZero();
        int judged = 0;
        int pages = 0;
        String cursor = "";
        do {
            JsonNode page = whatIf("policy=mozilla-modern-6.0&limit=5" + cursor);
            judged += page.path("endpoints").asInt();
            cursor = page.path("nextCursor").isNull()
                    ? null
                    : "&cursor=" + page.path("nextCursor").asText();
            pages++;
        } while (cursor != null && pages < 10);
        assertThat(judged).isEqualTo(ENDPOINTS);
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void refusesWhatItCannotAnswerAndNamesTheField() {
        assertThat(api.get("/api/v1/whatif").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/whatif").body()).contains("\"at\"");
        assertThat(api.get("/api/v1/whatif?policy=nonsense").body()).contains("no policy is called 'nonsense'");
        assertThat(api.get("/api/v1/whatif?at=tomorrow").status()).isEqualTo(400);
        assertThat(api.post("/api/v1/reevaluate", "{\"why\": 1}").status()).isEqualTo(400);
    }

    @Test
    void judgesEverythingAgainWithProgress() throws InterruptedException {
        assertThat(api.get("/api/v1/reevaluate").json().path("state").asText()).isEqualTo("idle");
        // as if an older judge had missed one and invented another
        api.database.sql().change("DELETE FROM finding WHERE endpoint_id % 3 = 0");
        api.database.sql().change("""
                UPDATE finding SET rule = 'protocol.sslv3-accepted', dedup_key = 'protocol.sslv3-accepted'
                WHERE id IN (SELECT min(id) FROM finding WHERE endpoint_id % 3 = 1 GROUP BY endpoint_id)""");
        long wrong = count("finding WHERE rule = 'protocol.sslv3-accepted' AND state = 'open'");
        assertThat(wrong).isPositive();
        RunningApi.Got begun = api.post("/api/v1/reevaluate", "{\"reason\": \"a new guide\"}");
        assertThat(begun.status()).isEqualTo(202);
        assertThat(begun.json().path("total").asInt()).isEqualTo(ENDPOINTS);
        JsonNode done = finished();
        assertThat(done.path("done").asInt()).isEqualTo(ENDPOINTS);
        assertThat(done.path("failed").asInt()).isZero();
        assertThat(done.path("resolved").asInt()).isEqualTo((int) wrong);
        assertThat(done.path("opened").asInt()).isPositive();
        assertThat(done.path("reason").asText()).isEqualTo("a new guide");
        assertThat(count("finding WHERE rule = 'protocol.sslv3-accepted' AND state = 'open'"))
                .isZero();
        assertThat(count("audit WHERE action = 'reevaluate'")).isEqualTo(1);
    }

    @Test
    void goesOnWhereAnotherProcessLeftOff() throws InterruptedException {
        long first = Columns.number(api.database.sql().one("SELECT min(id) AS n FROM endpoint"), "n");
        api.database.sql().change("""
                INSERT INTO reevaluation (requested_by, started_at, endpoints, judged, position, lease_token, lease_until)
                VALUES ('gone', now(), $1, 5, $2, gen_random_uuid(), now() - interval '1 second')""", ENDPOINTS, first + 4);
        JsonNode done = finished();
        assertThat(done.path("done").asInt()).isEqualTo(ENDPOINTS);
        assertThat(done.path("requestedBy").asText()).isEqualTo("gone");
    }

    @Test
    void queuesTheScanThatShowsWhetherAFindingIsMended() {
        JsonNode finding = api.get("/api/v1/findings").json().path("items").path(0);
        RunningApi.Got got = api.post("/api/v1/findings/" + finding.path("id").asLong() + "/verify", "{}");
        assertThat(got.status()).isEqualTo(202);
        assertThat(got.json().path("endpointId").asLong())
                .isEqualTo(finding.path("endpointId").asLong());
        assertThat(count("scan_request WHERE endpoint_id = "
                        + finding.path("endpointId").asLong() + " AND depth = '"
                        + got.json().path("depth").asText() + "'"))
                .isEqualTo(1);
        assertThat(api.post("/api/v1/findings/999999/verify", "{}").status()).isEqualTo(404);
    }

    @Test
    void saysWhyClientsCannotConnectAndWhatMendsIt() {
        long id = Columns.number(api.database.sql().one("SELECT min(id) AS n FROM endpoint"), "n");
        JsonNode diagnosis = api.get("/api/v1/endpoints/" + id + "/diagnosis").json();
        assertThat(diagnosis.path("outcome").asText()).isEqualTo("complete");
        assertThat(diagnosis.path("causes")).isEmpty();
        api.database.sql().change("UPDATE schedule SET next_at = now() WHERE endpoint_id = $1", id);
        scanned.accepting("TLSv1.0");
        diagnosis = api.get("/api/v1/endpoints/" + id + "/diagnosis").json();
        assertThat(diagnosis.path("causes").path(0).path("cause").asText()).isEqualTo("no-common-protocol");
        assertThat(diagnosis.path("causes").path(0).path("seenAs").toString()).contains("tlsv1 alert protocol version");
        assertThat(api.get("/api/v1/endpoints/999999/diagnosis").status()).isEqualTo(404);
        JsonNode remedies = api.get("/api/v1/remedies/protocol.tls10-accepted").json();
        assertThat(remedies.path("stacks").path(0).path("lines").path(0).asText())
                .isEqualTo("ssl_protocols TLSv1.2 TLSv1.3;");
        assertThat(api.get("/api/v1/remedies/endpoint.changed").json().path("stacks"))
                .isEmpty();
    }

    private JsonNode whatIf(String query) {
        RunningApi.Got got = api.get("/api/v1/whatif?" + query);
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json();
    }

    private static JsonNode group(JsonNode answer, String rule) {
        for (JsonNode group : answer.path("byRule")) {
            if (group.path("rule").asText().equals(rule)) {
                return group;
            }
        }
        throw new AssertionError(rule + " is not in " + answer);
    }

    private JsonNode finished() throws InterruptedException {
        Instant stop = Instant.now().plus(Duration.ofSeconds(30));
        while (true) {
            JsonNode state = api.get("/api/v1/reevaluate").json();
            if (state.path("state").asText().equals("done")) {
                return state;
            }
            assertThat(Instant.now()).as(state.toString()).isBefore(stop);
            Thread.sleep(100);
        }
    }

    private long count(String from) {
        return Columns.number(api.database.sql().one("SELECT count(*) AS n FROM " + from), "n");
    }
}
