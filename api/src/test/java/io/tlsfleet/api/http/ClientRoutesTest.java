package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.RunningApi.Got;
import io.tlsfleet.api.Scanned;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against a real PostgreSQL: what sensors hand in, who may look at it, what a change would break. */
class ClientRoutesTest {
    private static final String MODERN = "t13d1516h2_8daaf6152771_e5627efa2ab1";
    private static final String OLD = "t12d190800_d83cc789557e_7af1ed941c26";
    private static final String RARE = "t10d070600_c50f5591e341_1a3805c3aa63";

    private static RunningApi api;
    private static String today;

    @BeforeAll
    static void start() {
        api = new RunningApi();
        today = LocalDate.now(ZoneOffset.UTC).toString();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void countsWhatSensorsSawAndHidesWhatIsRare() {
        long id = target("counted.example");
        Got added = lines(
                sighting(today, "counted.example:443", MODERN, 40)
                        + sighting(today, "counted.example:443", MODERN, 2)
                        + sighting(today, "counted.example:443", OLD, 5)
                        + sighting(today, "counted.example:443", RARE, 4)
                        + sighting("2020-01-01", "counted.example:443", MODERN, 9)
                        + "no json\n"
                        + sighting(today, "elsewhere.example:443", OLD, 77),
                api.admin.text());
        assertThat(added.status()).isEqualTo(200);
        assertThat(added.json().path("counted").asLong()).isEqualTo(128);
        assertThat(added.json().path("rejectedCount").asLong()).isEqualTo(2);
        assertThat(added.json().path("rejected").get(0).path("line").asInt()).isEqualTo(5);
        assertThat(added.json().path("rejected").get(0).path("reason").asText()).contains("older than 30 days");

        JsonNode seen = api.get("/api/v1/endpoints/" + id + "/clients").json();
        assertThat(seen.path("items")).hasSize(2);
        assertThat(seen.path("items").get(0).path("fingerprint").asText()).isEqualTo(MODERN);
        assertThat(seen.path("items").get(0).path("count").asLong()).isEqualTo(42);
        assertThat(seen.path("items").get(1).path("count").asLong()).isEqualTo(5);
        assertThat(seen.path("hidden").asLong()).isEqualTo(1);
        assertThat(seen.toString()).doesNotContain(RARE);
        assertThat(api.get("/api/v1/clients?fingerprint=" + OLD)
                        .json()
                        .path("items")
                        .get(0)
                        .path("count")
                        .asLong())
                .as("over all endpoints, those of other tests too")
                .isGreaterThanOrEqualTo(82);
        assertThat(api.get("/api/v1/clients?q=counted.example&fingerprint=" + OLD)
                        .json()
                        .path("items")
                        .get(0)
                        .path("count")
                        .asLong())
                .isEqualTo(5);
        JsonNode page = api.get("/api/v1/endpoints/" + id + "/clients?limit=1").json();
        assertThat(page.path("items")).hasSize(1);
        assertThat(api.get("/api/v1/endpoints/" + id + "/clients?limit=1&cursor="
                                + page.path("nextCursor").asText())
                        .json()
                        .path("items")
                        .get(0)
                        .path("fingerprint")
                        .asText())
                .isEqualTo(OLD);
    }

    @Test
    void saysWhatIsWrongWithALineWithoutWordsOfTheParser() {
        Got added = lines(
                "{\"day\": \n{\"day\": nope}\n"
                        + sighting(today, "a.example:443", MODERN, 1).strip().replaceAll("}$", "")
                        + ", \"profile\": {\"versions\": 7}}\n"
                        + sighting(today, "a.example:443", MODERN, 1).strip().replaceAll("}$", "")
                        + ", \"profile\": {\"groups\": [\"x25519\"]}}\n",
                api.admin.text());
        assertThat(added.json().path("rejectedCount").asInt()).isEqualTo(4);
        assertThat(added.body())
                .doesNotContain("Source", "java.", "io.tlsfleet", "deserialize", "construct", "\\n", "code 1")
                .contains("profile: expected lists of texts", "is no code point like");
    }

    @Test
    void keepsNoAddressOfAClientFromALog() {
        long id = target("logged.example");
        StringBuilder eve = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            eve.append(
                    "{\"timestamp\":\"%sT10:00:00.000000+0000\",\"event_type\":\"tls\",\"src_ip\":\"192.0.2.%d\",\"dest_ip\":\"198.51.100.1\",\"dest_port\":443,\"tls\":{\"sni\":\"logged.example\",\"ja3\":{\"hash\":\"%s\",\"string\":\"771,47-53,0-10-11,23-24,0\"}}}\n"
                            .formatted(today, i, "ab".repeat(16)));
        }
        assertThat(lines(eve.toString(), api.admin.text()).status()).isEqualTo(200);
        JsonNode item = api.get("/api/v1/endpoints/" + id + "/clients")
                .json()
                .path("items")
                .get(0);
        assertThat(item.path("kind").asText()).isEqualTo("ja3");
        assertThat(item.path("profile").path("cipherSuites").get(0).asText()).isEqualTo("0x002F");
        for (String table : new String[] {"client_fingerprint", "client_profile", "audit"}) {
            assertThat(io.tlsfleet.store.Columns.number(
                            api.database
                                    .sql()
                                    .one("SELECT count(*) AS n FROM " + table + " t WHERE t::text LIKE '%192.0.2.%'"),
                            "n"))
                    .as(table)
                    .isZero();
        }
    }

    @Test
    void isLookedUpUnderARoleAndAudited() {
        String viewer = token("looker", "viewer");
        String sensor = token("tap", "sensor");
        String operator = token("owner", "operator");
        assertThat(as(viewer, "/api/v1/clients").status()).isEqualTo(403);
        assertThat(as(sensor, "/api/v1/clients").status()).isEqualTo(403);
        assertThat(as(sensor, "/api/v1/endpoints").status()).isEqualTo(403);
        assertThat(lines(sighting(today, "a.example:443", OLD, 9), viewer).status())
                .isEqualTo(403);
        assertThat(lines(sighting(today, "a.example:443", OLD, 9), sensor).status())
                .isEqualTo(200);
        assertThat(as(operator, "/api/v1/clients?kind=ja4").status()).isEqualTo(200);
        JsonNode audit = api.get("/api/v1/audit").json().path("items");
        assertThat(audit.get(0).path("action").asText()).isEqualTo("clients.read");
        assertThat(audit.get(0).path("actor").asText()).isEqualTo("owner");
        assertThat(audit.get(1).path("action").asText()).isEqualTo("clients.add");
        assertThat(audit.get(1).path("actor").asText()).isEqualTo("tap");
        assertThat(audit.toString()).doesNotContain(OLD);
    }

    @Test
    void tellsWhoWouldBreak() {
        long id = target("changing.example");
        assertThat(new Scanned(api).accepting("TLSv1.2", "TLSv1.3")).isPositive();
        lines(
                sighting(today, "changing.example:443", MODERN, 30)
                        + sighting(today, "changing.example:443", OLD, 12)
                        + sighting(today, "changing.example:443", RARE, 3),
                api.admin.text());
        JsonNode only13 = api.get("/api/v1/endpoints/" + id + "/whatif?proposal=tls13-only")
                .json();
        assertThat(only13.path("seen").get(0).path("fingerprint").asText()).isEqualTo(OLD);
        assertThat(only13.path("seen").get(0).path("outcome").asText()).isEqualTo("breaks");
        assertThat(only13.path("seen").get(0).path("proposed").path("reason").asText())
                .contains("no common protocol");
        assertThat(only13.path("totals").path("breaks").asLong()).isEqualTo(12);
        assertThat(only13.path("totals").path("hidden").asLong()).isEqualTo(1);
        assertThat(only13.path("known").size()).isGreaterThan(20);

        JsonNode all = api.get("/api/v1/clients/whatif?q=changing.example&proposal=tls13-only")
                .json();
        assertThat(all.path("items").get(0).path("fingerprint").asText()).isEqualTo(OLD);
        assertThat(all.path("items").get(0).path("breaks").asLong()).isEqualTo(12);
        assertThat(all.path("items").get(0).path("places").get(0).path("id").asLong())
                .isEqualTo(id);
        assertThat(all.toString()).doesNotContain(RARE);

        Got wrong = api.get("/api/v1/endpoints/" + id + "/whatif?proposal=tls14-only");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.json().path("field").asText()).isEqualTo("proposal");
        assertThat(wrong.json().path("detail").asText()).contains("tls13-only");
        assertThat(api.get("/api/v1/endpoints/" + id + "/whatif?denySuites=TLS_RSB_*")
                        .status())
                .isEqualTo(400);
        assertThat(api.get("/api/v1/endpoints/" + id + "/whatif").status()).isEqualTo(400);
    }

    private static long target(String host) {
        return api.post("/api/v1/targets", "{\"host\":\"" + host + "\"}")
                .json()
                .path("id")
                .asLong();
    }

    private static String sighting(String day, String endpoint, String ja4, long count) {
        return "{\"day\":\"%s\",\"endpoint\":\"%s\",\"kind\":\"ja4\",\"fingerprint\":\"%s\",\"count\":%d}\n"
                .formatted(day, endpoint, ja4, count);
    }

    private static String token(String name, String role) {
        return api.post("/api/v1/tokens", "{\"name\":\"%s\",\"role\":\"%s\"}".formatted(name, role))
                .json()
                .path("token")
                .asText();
    }

    private static Got as(String token, String path) {
        return api.send("GET", path, null, "Authorization", "Bearer " + token);
    }

    private static Got lines(String lines, String token) {
        return api.send(
                "POST",
                "/api/v1/clients",
                lines,
                "Authorization",
                "Bearer " + token,
                "Content-Type",
                "application/x-ndjson");
    }
}
