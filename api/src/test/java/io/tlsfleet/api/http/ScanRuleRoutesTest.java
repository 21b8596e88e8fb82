package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScanRuleRoutesTest {
    private final RunningApi api = new RunningApi();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void rulesArePutReplacedAndTakenAway() {
        RunningApi.Got put = api.post(
                "/api/v1/scan-rules",
                "{\"host\": \"*.corp.example\", \"site\": \"local\", \"intervalSeconds\": 600, \"depth\": \"full\"}");
        assertThat(put.status()).as(put.body()).isEqualTo(201);
        long target = api.post("/api/v1/targets", "{\"host\": \"a.corp.example\", \"site\": \"local\"}")
                .json()
                .path("id")
                .asLong();
        JsonNode shown = api.get("/api/v1/targets/" + target).json();
        assertThat(shown.path("intervalSeconds").isNull()).isTrue();
        assertThat(shown.at("/byRule/intervalSeconds").asInt()).isEqualTo(600);
        JsonNode endpoint = api.get("/api/v1/endpoints/" + target).json();
        assertThat(endpoint.path("intervalSeconds").asInt()).isEqualTo(600);
        assertThat(endpoint.path("depth").asText()).isEqualTo("full");
        assertThat(api.patch("/api/v1/targets/" + target, "{\"depth\": \"certificate\"}")
                        .status())
                .isEqualTo(200);
        assertThat(api.get("/api/v1/endpoints/" + target).json().path("depth").asText())
                .as("its own word")
                .isEqualTo("certificate");

        String others = "[{\"intervalSeconds\": 3600}, {\"tag\": \"env:lab\", \"expectIdentity\": \"spiffe://lab/x\"}]";
        assertThat(api.put("/api/v1/scan-rules?dryRun=true", others).status()).isEqualTo(200);
        assertThat(api.get("/api/v1/scan-rules").json().path("items")).hasSize(1);
        assertThat(api.put("/api/v1/scan-rules", others).json().path("items")).hasSize(2);
        JsonNode all = api.get("/api/v1/scan-rules").json().path("items");
        assertThat(all).hasSize(2);
        String first = "/api/v1/scan-rules/" + all.get(0).path("id").asLong();
        assertThat(api.delete(first).status()).isEqualTo(204);
        assertThat(api.delete(first).status()).isEqualTo(404);
        assertThat(api.get("/api/v1/reevaluate").json().path("reason").asText())
                .isEqualTo("a rule of scanning is gone");
    }

    @Test
    void whatIsNoRuleIsRefusedAndChangesNothing() {
        assertThat(api.post("/api/v1/scan-rules", "{\"host\": \"a\"}").body()).contains("give one");
        assertThat(api.post("/api/v1/scan-rules", "{\"intervalSeconds\": null, \"depth\": null}")
                        .body())
                .contains("give one");
        assertThat(api.post("/api/v1/scan-rules", "{\"tag\": \"lab\", \"depth\": \"full\"}")
                        .body())
                .contains("write key:value");
        assertThat(api.post("/api/v1/scan-rules", "{\"site\": \"nowhere\", \"depth\": \"full\"}")
                        .body())
                .contains("none of");
        assertThat(api.post("/api/v1/scan-rules", "{\"depth\": \"deep\"}").body())
                .contains("none of");
        RunningApi.Got list = api.put("/api/v1/scan-rules", "[{\"depth\": \"full\"}, {\"intervalSeconds\": 1}]");
        assertThat(list.status()).isEqualTo(400);
        assertThat(list.body()).contains("1/intervalSeconds");
        assertThat(api.get("/api/v1/scan-rules").json().path("items")).isEmpty();
    }
}
