package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
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
        assertThat(api.get("/api/v1/endpoints?grade=A%2B&protocol=SSLv3&rule=certificate.expired")
                        .status())
                .isEqualTo(200);
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

    private List<String> names(String query) {
        return api.get("/api/v1/endpoints?" + query).json().path("items").findValuesAsText("name");
    }
}
