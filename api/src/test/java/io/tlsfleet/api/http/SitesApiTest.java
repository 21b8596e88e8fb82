package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SitesApiTest {
    private final RunningApi api = new RunningApi();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aSiteWithoutAWorkerIsSilentAndItsEndpointsAreStaleNotUnreachable() {
        api.post("/api/v1/targets", "{\"host\": \"a.example\", \"intervalSeconds\": 60}");
        assertThat(site("local").path("state").asText()).isEqualTo("silent");
        assertThat(site("internet").path("state").asText()).isEqualTo("idle");
        new Scanned(api).accepting("TLSv1.3");
        api.database
                .sql()
                .change("UPDATE schedule SET last_at = now() - interval '1 hour', next_at = now() - interval '59 min'");
        assertThat(site("local").path("stale").asLong()).isOne();
        JsonNode endpoint = api.get("/api/v1/endpoints").json().path("items").path(0);
        assertThat(endpoint.path("stale").asBoolean()).isTrue();
        assertThat(endpoint.path("state").asText()).isNotEqualTo("unreachable");
        api.database
                .sql()
                .change(
                        "INSERT INTO worker (id, site_id, version, started_at) SELECT 'w', id, '1', now() FROM site WHERE name = 'local'");
        assertThat(site("local").path("state").asText()).isEqualTo("scanning");
        api.database.sql().change("UPDATE worker SET last_seen = now() - interval '2 min'");
        api.database
                .sql()
                .change(
                        "UPDATE schedule SET interval_seconds = 86400, last_at = now() - interval '1 day', next_at = now() - interval '1 min'");
        assertThat(site("local").path("stale").asLong())
                .as("due, and nobody is there to scan it")
                .isOne();
        assertThat(api.get("/api/v1/endpoints").json().at("/items/0/stale").asBoolean())
                .isTrue();
        api.database.sql().change("UPDATE schedule SET next_at = now() + interval '1 hour'");
        assertThat(site("local").path("stale").asLong()).isZero();
        JsonNode silent = site("local");
        assertThat(silent.path("state").asText()).isEqualTo("silent");
        assertThat(silent.path("lastHeard").asText()).isNotEmpty();
    }

    @Test
    void settingsOfASiteAreKeptCheckedAndAudited() {
        String rules = """
                {"description": "the cellar", "settings": {"deny": ["10.9.0.0/16"], "ratePerHost": 4, "ownerRates": {"shop": 2.5},
                 "windows": [{"tag": "app:shop", "from": "22:00", "to": "06:00", "zone": "Europe/Berlin", "days": ["sat"]}]}}""";
        assertThat(api.put("/api/v1/sites/cellar", rules).status()).isEqualTo(200);
        JsonNode kept = api.get("/api/v1/sites/cellar").json();
        assertThat(kept.path("settings").path("ratePerHost").asDouble()).isEqualTo(4);
        assertThat(kept.path("settings").path("windows").path(0).path("zone").asText())
                .isEqualTo("Europe/Berlin");
        assertThat(api.put("/api/v1/sites/cellar", "{\"paused\": true}")
                        .json()
                        .path("settings")
                        .path("ratePerHost")
                        .asDouble())
                .as("what is not given stays")
                .isEqualTo(4);
        for (String wrong : new String[] {
            "{\"settings\": {\"ratePerHost\": 0}}",
            "{\"settings\": {\"deny\": [\"example.org\"]}}",
            "{\"settings\": {\"windows\": [{\"from\": \"22:00\"}]}}",
            "{\"settings\": {\"windows\": [{\"from\": \"22:00\", \"to\": \"06:00\", \"zone\": \"Europe/Atlantis\"}]}}",
            "{\"settings\": {\"ratePerHots\": 4}}",
            "{\"colour\": \"red\"}"
        }) {
            RunningApi.Got got = api.put("/api/v1/sites/cellar", wrong);
            assertThat(got.status()).as(wrong + got.body()).isEqualTo(400);
        }
        assertThat(api.get("/api/v1/sites/cellar")
                        .json()
                        .path("settings")
                        .path("ratePerHost")
                        .asDouble())
                .isEqualTo(4);
        assertThat(api.get("/api/v1/audit").body()).contains("site.put");
    }

    @Test
    void blocksAreKeptInOneFormAndLifted() {
        RunningApi.Got made = api.post("/api/v1/blocks", "{\"pattern\": \"*.Example.ORG\", \"reason\": \"asked\"}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().path("pattern").asText()).isEqualTo("example.org");
        assertThat(api.post("/api/v1/blocks", "{\"pattern\": \"not a name\", \"reason\": \"x\"}")
                        .status())
                .isEqualTo(400);
        assertThat(api.post("/api/v1/blocks", "{\"pattern\": \"192.0.2.0/33\", \"reason\": \"x\"}")
                        .status())
                .isEqualTo(400);
        assertThat(api.get("/api/v1/blocks").json().path("items")).hasSize(1);
        assertThat(api.delete("/api/v1/blocks/" + made.json().path("id").asLong())
                        .status())
                .isEqualTo(204);
        assertThat(api.get("/api/v1/blocks").json().path("items")).isEmpty();
        assertThat(api.delete("/api/v1/blocks/77").status()).isEqualTo(404);
    }

    @Test
    void progressCountsWhatWasDoneSinceThen() {
        api.post(
                "/api/v1/targets",
                "[{\"host\": \"a.example\", \"tags\": {\"app\": \"shop\"}}, {\"host\": \"b.example\"}]");
        JsonNode before = api.get("/api/v1/progress").json();
        assertThat(before.path("endpoints").asLong()).isEqualTo(2);
        assertThat(before.path("due").asLong()).isEqualTo(2);
        assertThat(before.path("done").asLong()).isZero();
        assertThat(before.path("etaSeconds").isNull()).as("nothing is done yet").isTrue();
        assertThat(api.get("/api/v1/progress?tag=app:shop")
                        .json()
                        .path("endpoints")
                        .asLong())
                .isOne();
        new Scanned(api).accepting("TLSv1.3");
        JsonNode after = api.get("/api/v1/progress").json();
        assertThat(after.path("done").asLong()).isEqualTo(2);
        assertThat(after.path("scansPerSecond").asDouble()).isPositive();
        assertThat(after.path("etaSeconds").asDouble()).isZero();
        assertThat(api.get("/api/v1/progress?since=2100-01-01T00:00:00Z")
                        .json()
                        .path("done")
                        .asLong())
                .isZero();
    }

    private JsonNode site(String name) {
        for (JsonNode site : api.get("/api/v1/sites").json().path("items")) {
            if (site.path("name").asText().equals(name)) {
                return site;
            }
        }
        throw new AssertionError("no site " + name);
    }
}
