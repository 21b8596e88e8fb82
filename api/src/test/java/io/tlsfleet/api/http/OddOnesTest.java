package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class OddOnesTest {
    @Test
    void namesThoseThatAnswerUnlikeTheirSiblings() {
        try (RunningApi api = new RunningApi()) {
            for (int i = 0; i < 9; i++) {
                target(api, "a" + i + ".example", "web");
            }
            for (int i = 0; i < 3; i++) {
                target(api, "few" + i + ".example", "small");
            }
            for (int i = 0; i < 6; i++) {
                target(api, "mixed" + i + ".example", "zoo");
            }
            assertThat(new Scanned(api).accepting("TLSv1.3")).isEqualTo(18);
            answers(api, "a%", "ja3s:one", "ja3s:two");
            answers(api, "a7.example", "ja3s:one", "ja3s:other", "jarm:x");
            answers(api, "few%", "ja3s:one");
            answers(api, "few1.example", "ja3s:two");
            for (int i = 0; i < 6; i++) {
                answers(api, "mixed" + i + ".example", "ja3s:" + i % 3);
            }
            JsonNode odd = api.get("/api/v1/fingerprints/odd").json().path("items");
            assertThat(odd).as("three are no cluster, and thirds no majority").hasSize(1);
            JsonNode web = odd.get(0);
            assertThat(web.path("of").asText()).isEqualTo("web");
            assertThat(web.path("alike").asInt()).isEqualTo(8);
            assertThat(web.path("total").asInt()).isEqualTo(9);
            assertThat(web.path("values").toString()).isEqualTo("[\"one\",\"two\"]");
            assertThat(web.path("odd")).hasSize(1);
            assertThat(web.path("odd").get(0).path("name").asText()).startsWith("a7.example");
            assertThat(web.path("odd").get(0).path("sharedWith").asInt()).isEqualTo(1);
            assertThat(api.get("/api/v1/fingerprints/odd?kind=jarm").json().path("items"))
                    .isEmpty();
            assertThat(api.get("/api/v1/fingerprints/odd?by=colour").status()).isEqualTo(400);
        }
    }

    private static void target(RunningApi api, String host, String owner) {
        assertThat(api.post("/api/v1/targets", "{\"host\":\"" + host + "\",\"owner\":\"" + owner + "\"}")
                        .status())
                .isEqualTo(201);
    }

    private static void answers(RunningApi api, String host, String... fingerprints) {
        byte[] key = (host + List.of(fingerprints)).getBytes(StandardCharsets.UTF_8);
        api.database.sql().change("""
                        WITH made AS (INSERT INTO configuration (sha256, body, protocols, suites, groups, fingerprints, hybrid)
                          SELECT $1, body, protocols, suites, groups, $2, hybrid FROM configuration ORDER BY id LIMIT 1 RETURNING id)
                        UPDATE endpoint SET configuration_id = (SELECT id FROM made) WHERE id IN (SELECT id FROM target WHERE host LIKE $3)""", key, List.of(fingerprints), host);
    }
}
