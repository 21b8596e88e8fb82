package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import io.tlsfleet.store.Columns;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PolicyRoutesTest {
    private static final String SHOP = """
            name: shop
            version: "1"
            extends: public-web
            protocols: {allow: [TLSv1.3], require: [TLSv1.3]}
            severities: {protocol.not-in-policy: critical}
            """;

    private final RunningApi api = new RunningApi();
    private final Scanned scanned = new Scanned(api);

    @BeforeEach
    void estate() {
        assertThat(api.post("/api/v1/targets", """
                        [{"host": "a.example", "owner": "web", "tags": {"scope": "cards"}}, {"host": "b.example", "owner": "web"},
                         {"host": "c.example", "owner": "mail", "policy": "internal-services, pci-dss-4.0.1"}]""").status()).isEqualTo(201);
        assertThat(scanned.accepting("TLSv1.2", "TLSv1.3")).isEqualTo(3);
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void whatIsAssignedJudgesWithoutANewScan() throws InterruptedException {
        RunningApi.Got kept = yaml("/api/v1/policies", SHOP);
        assertThat(kept.status()).as(kept.body()).isEqualTo(201);
        assertThat(kept.json().path("comparedWith").asText()).isEqualTo("public-web 1.0");
        assertThat(kept.json().path("changes").toString())
                .contains("\"/protocols/allowed\"")
                .contains("TLSv1.2");
        assertThat(count("finding WHERE rule = 'protocol.not-in-policy' AND state = 'open' AND policy LIKE 'shop%'"))
                .isZero();

        RunningApi.Got assigned =
                api.post("/api/v1/policy-assignments", "{\"policy\": \"shop\", \"tag\": \"scope:cards\"}");
        assertThat(assigned.status()).as(assigned.body()).isEqualTo(201);
        api.post(
                "/api/v1/policy-assignments",
                "{\"policy\": \"bsi-tr-02102-2\", \"owner\": \"web\", \"site\": \"local\"}");
        judgedAgain();

        assertThat(
                        api.database
                                .sql()
                                .rows(
                                        "SELECT t.host, f.severity::text AS severity, f.policy FROM finding f JOIN target t ON t.id = f.endpoint_id"
                                                + " WHERE f.rule = 'protocol.not-in-policy' AND f.state = 'open' ORDER BY t.host"))
                .extracting(
                        row -> row.getString("host") + " " + row.getString("severity") + " " + row.getString("policy"))
                .containsExactly("a.example critical shop 1", "c.example medium internal-services 1.0");
        JsonNode report =
                api.get("/api/v1/endpoints/" + id("a.example") + "/report").json();
        assertThat(report.path("judged").path("policies").toString())
                .isEqualTo("[\"bsi-tr-02102-2 2026-01\",\"shop 1\"]");
        assertThat(judges("shop")).isEqualTo(1);
        assertThat(judges("bsi-tr-02102-2")).isEqualTo(2);
        assertThat(judges("pci-dss-4.0.1")).isEqualTo(1);
        assertThat(judges("public-web")).isZero();
        assertThat(api.get("/api/v1/endpoints?policy=bsi-tr-02102-2").json().path("items"))
                .hasSize(2);
        assertThat(api.get("/api/v1/endpoints?policy=public-web").json().path("items"))
                .isEmpty();

        JsonNode byHost = api.post("/api/v1/policy-assignments", "{\"policy\": \"iot\", \"host\": \"A.*\"}")
                .json();
        assertThat(byHost.path("host").asText()).isEqualTo("A.*");
        assertThat(judges("iot")).isEqualTo(1);
        assertThat(api.get("/api/v1/endpoints?policy=iot").json().path("items")).hasSize(1);
        judgedAgain();
        assertThat(api.get("/api/v1/endpoints/" + id("a.example") + "/report")
                        .json()
                        .path("judged")
                        .path("policies")
                        .toString())
                .contains("iot ");
        assertThat(api.delete("/api/v1/policy-assignments/" + byHost.path("id").asLong())
                        .status())
                .isEqualTo(204);

        assertThat(api.delete("/api/v1/policy-assignments/"
                                + assigned.json().path("id").asLong())
                        .status())
                .isEqualTo(204);
        judgedAgain();
        assertThat(count("finding WHERE rule = 'protocol.not-in-policy' AND state = 'open'"))
                .isEqualTo(1);
        assertThat(count("audit WHERE action LIKE 'policy.%'")).isEqualTo(6);
    }

    @Test
    void namesEveryMistakeWithLineAndColumnAndKeepsNothing() {
        RunningApi.Got got =
                yaml("/api/v1/policies", "name: shop\nextends: public-wep\nprotocols:\n  allow: [TLSv1.4]\n");
        assertThat(got.status()).isEqualTo(400);
        assertThat(got.json().path("errors").path(0).path("detail").asText())
                .isEqualTo("line 2, column 10: no policy is called public-wep (did you mean public-web?)");
        assertThat(got.json().path("errors").path(1).path("detail").asText()).startsWith("line 4, column 11: ");
        assertThat(got.json().path("field").asText()).isEqualTo("document");
        assertThat(yaml("/api/v1/policies?dryRun=true", SHOP).status()).isEqualTo(200);
        assertThat(api.get("/api/v1/policies/shop").status()).isEqualTo(404);
        assertThat(api.send(
                                "POST",
                                "/api/v1/policies",
                                SHOP,
                                "Authorization",
                                "Bearer " + api.admin.text(),
                                "Content-Type",
                                "text/csv")
                        .status())
                .isEqualTo(415);
    }

    /** A mistyped site would be judged by something else, and nobody would know. */
    @Test
    void refusesASiteThatIsNotKnown() {
        RunningApi.Got got = api.post("/api/v1/policy-assignments", "{\"policy\": \"iot\", \"site\": \"nowhere\"}");
        assertThat(got.status()).isEqualTo(400);
        assertThat(got.json().path("field").asText()).isEqualTo("site");
        assertThat(got.json().path("detail").asText()).contains("nowhere", "internet, local");
    }

    @Test
    void aVersionOnceKeptStaysAsItWas() {
        assertThat(yaml("/api/v1/policies", SHOP).status()).isEqualTo(201);
        assertThat(yaml("/api/v1/policies", SHOP + "ticketKeyHours: 5\n").status())
                .isEqualTo(409);
        RunningApi.Got second = yaml("/api/v1/policies", SHOP.replace("\"1\"", "\"2\"") + "ticketKeyHours: 5\n");
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.json().path("comparedWith").asText()).isEqualTo("shop 1");
        assertThat(second.json().path("changes").toString()).contains("/ticketKeyHours");
        assertThat(api.get("/api/v1/policies/shop").json().path("version").asText())
                .isEqualTo("2");
        assertThat(yaml("/api/v1/policies", SHOP).status())
                .as("back to the first")
                .isEqualTo(201);
        assertThat(api.get("/api/v1/policies/shop").json().path("version").asText())
                .isEqualTo("1");
        JsonNode versions = api.get("/api/v1/policies/shop/versions").json().path("items");
        assertThat(versions.findValuesAsText("version")).isEqualTo(List.of("1", "2"));
        assertThat(versions.path(0).path("text").asText()).isEqualTo(SHOP);
        JsonNode diff =
                api.get("/api/v1/policies/public-web/diff?with=shop").json().path("items");
        assertThat(diff.toString()).contains("/severities/protocol.not-in-policy");
    }

    @Test
    void refusesWhatWouldLeaveSomebodyWithoutAPolicy() {
        assertThat(yaml("/api/v1/policies", "name: public-web\n").status()).isEqualTo(409);
        assertThat(api.delete("/api/v1/policies/public-web").status()).isEqualTo(409);
        assertThat(api.delete("/api/v1/policies/shop").status()).isEqualTo(404);
        assertThat(yaml("/api/v1/policies", SHOP).status()).isEqualTo(201);
        assertThat(yaml("/api/v1/policies", "name: shop-cards\nextends: shop\n").status())
                .isEqualTo(201);
        assertThat(api.delete("/api/v1/policies/shop").body()).contains("shop-cards extends shop");
        assertThat(api.post("/api/v1/targets", "{\"host\": \"d.example\", \"policy\": \"shop-cards\"}")
                        .status())
                .isEqualTo(201);
        assertThat(api.delete("/api/v1/policies/shop-cards").body()).contains("1 targets name shop-cards");
        JsonNode kept = api.post(
                        "/api/v1/policy-assignments",
                        "{\"policy\": \"shop-cards\", \"owner\": \"web\", \"tag\": \"scope:cards\"}")
                .json();
        assertThat(api.patch(
                                "/api/v1/targets/"
                                        + api.get("/api/v1/targets?q=d.example")
                                                .json()
                                                .path("items")
                                                .path(0)
                                                .path("id")
                                                .asText(),
                                "{\"policy\": null}")
                        .status())
                .isEqualTo(200);
        assertThat(api.delete("/api/v1/policies/shop-cards").body())
                .contains("assigned to owner web and tag scope:cards", "first");
        assertThat(api.delete("/api/v1/policy-assignments/" + kept.path("id").asText())
                        .status())
                .isEqualTo(204);
        assertThat(api.delete("/api/v1/policies/shop-cards").status()).isEqualTo(204);
        assertThat(api.post("/api/v1/targets", "{\"host\": \"e.example\", \"policy\": \"shop,nonsense\"}")
                        .body())
                .contains("'nonsense' is none of");
        assertThat(api.post("/api/v1/policy-assignments", "{\"policy\": \"shop\"}")
                        .body())
                .contains("an owner, a tag or a site");
        assertThat(api.post("/api/v1/policy-assignments", "{\"policy\": \"nonsense\", \"owner\": \"web\"}")
                        .body())
                .contains("no policy is called 'nonsense'");
    }

    private RunningApi.Got yaml(String path, String text) {
        return api.send(
                "POST", path, text, "Authorization", "Bearer " + api.admin.text(), "Content-Type", "application/yaml");
    }

    private long judges(String policy) {
        for (JsonNode one : api.get("/api/v1/policies").json().path("items")) {
            if (one.path("name").asText().equals(policy)) {
                return one.path("endpoints").asLong();
            }
        }
        throw new AssertionError(policy + " is not listed");
    }

    private long id(String host) {
        return Columns.number(api.database.sql().one("SELECT id FROM target WHERE host = $1", host), "id");
    }

    private void judgedAgain() throws InterruptedException {
        Instant stop = Instant.now().plus(Duration.ofSeconds(60));
        while (count("reevaluation WHERE finished_at IS NULL") > 0) {
            assertThat(Instant.now()).isBefore(stop);
            Thread.sleep(100);
        }
    }

    private long count(String from) {
        return Columns.number(api.database.sql().one("SELECT count(*) AS n FROM " + from), "n");
    }
}
