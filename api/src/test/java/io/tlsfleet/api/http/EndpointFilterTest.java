package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import io.tlsfleet.store.query.Estate;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The numbers of the summary open lists that hold as many. */
class EndpointFilterTest {
    private final RunningApi api = new RunningApi();

    @BeforeEach
    void scan() {
        Scanned worker = new Scanned(api);
        api.post("/api/v1/targets", "[{\"host\":\"a.example\"},{\"host\":\"b.example\"},{\"host\":\"c.example\"}]");
        worker.accepting("SSLv3", "TLSv1.0", "TLSv1.2");
        api.post("/api/v1/targets", "[{\"host\":\"fine.example\"},{\"host\":\"low.example\"}]");
        worker.accepting("TLSv1.2", "TLSv1.3");
        // one has findings of low only, one what somebody knows of
        api.database.sql().change("""
                UPDATE finding SET severity = 'low' WHERE endpoint_id = (SELECT id FROM target WHERE host = 'low.example')""");
        api.database.sql().change("""
                INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, text_id, first_seen, last_seen)
                SELECT t.id, 'test', rule, 'low', f.policy, f.cause, f.title, f.detail, f.text_id, f.first_seen, f.last_seen
                FROM target t, (SELECT * FROM finding ORDER BY id LIMIT 1) f WHERE t.host = 'low.example'""");
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void listsAsManyAsNeedAttention() {
        for (JsonNode finding : api.get("/api/v1/findings?q=c.example").json().path("items")) {
            assertThat(api.post(
                                    "/api/v1/findings/" + finding.path("id").asLong() + "/acknowledge",
                                    "{\"reason\":\"known\",\"until\":\""
                                            + Instant.now().plus(Duration.ofDays(1)) + "\"}")
                            .status())
                    .isEqualTo(200);
        }
        long counted = api.get("/api/v1/summary")
                .json()
                .path("needAttention")
                .path("now")
                .asLong();
        assertThat(counted).isEqualTo(2);
        assertThat(names("atLeast=medium&sort=worst")).containsExactlyInAnyOrder("a.example:443", "b.example:443");
        assertThat(names("atLeast=low")).contains("low.example:443").doesNotContain("c.example:443");
        assertThat(api.get("/api/v1/endpoints?atLeast=grave")
                        .json()
                        .path("field")
                        .asText())
                .isEqualTo("atLeast");
    }

    @Test
    void listsAsManyAsACauseHas() {
        api.database.sql().change("""
                UPDATE finding SET cause = 'other' WHERE rule = 'protocol.sslv3-accepted'
                  AND endpoint_id = (SELECT id FROM target WHERE host = 'b.example')""");
        api.database.sql().change("""
                UPDATE finding SET state = 'acknowledged' WHERE rule = 'protocol.sslv3-accepted'
                  AND endpoint_id = (SELECT id FROM target WHERE host = 'c.example')""");
        JsonNode causes = api.get("/api/v1/summary").json().path("causes");
        assertThat(causes).hasSizeGreaterThan(2);
        for (JsonNode cause : causes) {
            String query = "rule=" + cause.path("rule").asText() + "&cause="
                    + URLEncoder.encode(cause.path("cause").asText(), StandardCharsets.UTF_8);
            assertThat(names(query)).as(query).hasSize(cause.path("endpoints").asInt());
        }
        assertThat(names("rule=protocol.sslv3-accepted&cause=other")).containsExactly("b.example:443");
        assertThat(names("cause=other")).containsExactly("b.example:443");
    }

    @Test
    void refusesAFilterThatItDoesNotKnow() {
        for (String query : List.of(
                "endpoints?nosuch=1",
                "endpoints?protocol=TLSv9",
                "endpoints?grade=Q",
                "endpoints?rule=no.such",
                "endpoints?policy=no-such",
                "endpoints?cipherSuite=TLS_NO_SUCH",
                "endpoints?group=nosuch",
                "endpoints?site=nosuch",
                "endpoints?owned=maybe",
                "http_sd?policy=no-such",
                "changes?kind=nosuch",
                "alerts?rule=no.such",
                "findings?site=nosuch",
                "progress?site=nosuch",
                "endpoints/1?limit=5",
                "endpoints?expiresBefore=%2B999999999-12-31T23:59:59Z",
                "progress?since=%2B999999999-12-31T23:59:59Z",
                "endpoints/1?nosuch=",
                "findings?rule=no.such",
                "findings/causes?rule=no.such",
                "findings?Severity=high",
                "summary?nosuch=1",
                "events?nosuch=1")) {
            RunningApi.Got got = api.get("/api/v1/" + query);
            assertThat(got.status()).as(query).isEqualTo(400);
            assertThat(got.json().path("field").asText())
                    .isEqualTo(query.substring(query.indexOf('?') + 1, query.indexOf('=')));
        }
        assertThat(api.get("/api/v1/endpoints?nosuch=1").json().path("detail").asText())
                .contains("'nosuch' is no parameter here")
                .contains("severity, site");
        assertThat(api.get("/api/v1/findings?rule=protocol.tls1")
                        .json()
                        .path("detail")
                        .asText())
                .as("what there is of that kind")
                .contains("protocol.tls10-accepted")
                .doesNotContain("cipher.");
        for (String query : List.of(
                "endpoints?grade=A%2B&protocol=SSLv3&rule=certificate.expired",
                "endpoints?cipherSuite=TLS_AES_128_GCM_SHA256&group=X25519MLKEM768&policy=public-web&site=local",
                "endpoints?cipherSuite=0xFAFA",
                "changes?kind=cipher-suite",
                "alerts?rule=fleet.scanning-stopped",
                "alerts?rule=certificate.expired",
                "progress?since=0000-01-01T00:00:00Z&site=local")) {
            assertThat(api.get("/api/v1/" + query).status()).as(query).isEqualTo(200);
        }
        assertThat(api.get("/api/v1/http_sd?state=findings").status()).isEqualTo(200);
        for (String list : List.of("receivers?limit=5", "policies?limit=5&cursor=", "findings?rule=&owner=&tag=")) {
            assertThat(api.get("/api/v1/" + list).status()).as(list).isEqualTo(200);
        }
        assertThat(api.send("GET", "/metrics?collect=x", null).status()).isEqualTo(200);
        assertThat(api.send("GET", "/probe?target=a.example:443&debug=true", null)
                        .status())
                .isEqualTo(200);
        assertThat(api.send("GET", "/api/v1/endpoints?nosuch=1", null).status())
                .as("no token")
                .isEqualTo(401);
    }

    @Test
    void saysHowManyThereAreWithTheFirstPage() {
        JsonNode first = api.get("/api/v1/endpoints?limit=2").json();
        assertThat(first.path("total").asLong()).isEqualTo(5);
        JsonNode second = api.get("/api/v1/endpoints?limit=2&cursor="
                        + first.path("nextCursor").asText())
                .json();
        assertThat(second.has("total")).isFalse();
        assertThat(second.path("items")).hasSize(2);
        assertThat(api.get("/api/v1/endpoints?atLeast=medium&limit=1")
                        .json()
                        .path("total")
                        .asLong())
                .isEqualTo(3);
        assertThat(api.get("/api/v1/endpoints?state=unreachable")
                        .json()
                        .path("total")
                        .asLong())
                .isZero();
    }

    @Test
    void listsWhatNobodyOwns() {
        api.post("/api/v1/targets", "{\"host\":\"a.example\",\"owner\":\"web\"}");
        assertThat(names("owned=true")).containsExactly("a.example:443");
        assertThat(names("owned=false")).hasSize(4).doesNotContain("a.example:443");
        for (JsonNode finding : api.get("/api/v1/findings?owned=false").json().path("items")) {
            assertThat(finding.path("owner").isNull()).isTrue();
        }
        assertThat(api.get("/api/v1/findings?owned=true").json().path("items")).isNotEmpty();
    }

    @Test
    void givesShortListsInPartsToWhoAsksForParts() {
        List<String> whole = api.get("/api/v1/policies").json().path("items").findValuesAsText("name");
        List<String> parts = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = api.get("/api/v1/policies?limit=5" + cursor).json();
            assertThat(page.path("items").size()).isBetween(1, 5);
            parts.addAll(page.path("items").findValuesAsText("name"));
            cursor = page.path("nextCursor").isNull()
                    ? ""
                    : "&cursor=" + page.path("nextCursor").asText();
        } while (!cursor.isEmpty());
        assertThat(parts).isEqualTo(whole).hasSizeGreaterThan(10);
        assertThat(api.get("/api/v1/policies?limit=0").json().path("field").asText())
                .isEqualTo("limit");
        assertThat(api.get("/api/v1/receivers?cursor=x").json().path("field").asText())
                .isEqualTo("cursor");
    }

    @Test
    void countsNoDeletedTargetOfASite() {
        assertThat(local().path("endpoints").asInt()).isEqualTo(5);
        assertThat(api.delete("/api/v1/targets/"
                                + api.get("/api/v1/targets?q=a.example")
                                        .json()
                                        .at("/items/0/id")
                                        .asLong())
                        .status())
                .isEqualTo(204);
        assertThat(local().path("endpoints").asInt()).isEqualTo(4);
    }

    private JsonNode local() {
        for (JsonNode site : api.get("/api/v1/sites").json().path("items")) {
            if (site.path("name").asText().equals("local")) {
                return site;
            }
        }
        throw new AssertionError("no site local");
    }

    /** At depth certificate nobody is asked for versions: what was not asked is no share of what was refused. */
    @Test
    void sharesOfProtocolsAreOfThoseThatWereAsked() {
        assertThat(new Estate(api.database.sql()).keyExchange().total()).isEqualTo(5);
        api.database.sql().change("""
                INSERT INTO configuration (sha256, body, protocols, suites, groups, fingerprints, hybrid) VALUES ('x', '{}', '{}', '{}', '{}', '{}', false)""");
        api.database.sql().change("""
                UPDATE endpoint SET configuration_id = (SELECT id FROM configuration WHERE sha256 = 'x')
                WHERE id = (SELECT id FROM target WHERE host = 'a.example')""");
        assertThat(new Estate(api.database.sql()).keyExchange().total()).isEqualTo(4);
    }

    /** Who sends a cursor of his own is told so. */
    @Test
    void refusesACursorThatItDidNotGive() {
        String invented = Base64.getUrlEncoder().encodeToString("[\"x\",\"1\"]".getBytes(StandardCharsets.UTF_8));
        for (String list :
                List.of("findings?", "endpoints?sort=expiry&", "endpoints?sort=worst&", "endpoints/1/history?")) {
            RunningApi.Got got = api.get("/api/v1/" + list + "cursor=" + invented);
            assertThat(got.status()).as(list).isEqualTo(400);
            assertThat(got.json().path("field").asText()).isEqualTo("cursor");
        }
    }

    /** A name that does not answer was not seen, however lately it was asked. */
    @Test
    void countsAsSeenWhatAnswered() {
        Estate estate = new Estate(api.database.sql());
        assertThat(estate.seenLastDay()).isEqualTo(5);
        api.database.sql().change("""
                UPDATE endpoint SET state = 'unreachable', outcome = 'unreachable' WHERE id = (SELECT id FROM target WHERE host = 'a.example')""");
        assertThat(estate.seenLastDay()).isEqualTo(4);
    }

    private List<String> names(String query) {
        return api.get("/api/v1/endpoints?" + query).json().path("items").findValuesAsText("name");
    }
}
