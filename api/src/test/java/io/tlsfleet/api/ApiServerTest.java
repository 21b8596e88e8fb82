package io.tlsfleet.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi.Got;
import io.tlsfleet.store.access.Audit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ApiServerTest {
    private static RunningApi api;

    @BeforeAll
    static void start() {
        api = new RunningApi();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void addsATargetAndShowsItAsAnEndpointThatWasNeverScanned() {
        Got added = api.post(
                "/api/v1/targets",
                "{\"host\":\"Shop.Example\",\"port\":8443,\"tags\":{\"env\":\"prod\"},\"owner\":\"web\",\"intervalSeconds\":3600}");
        assertThat(added.status()).isEqualTo(201);
        long id = added.json().path("id").asLong();
        assertThat(added.json().path("ids").get(0).asLong()).isEqualTo(id).isPositive();
        assertThat(added.header("Location")).isEqualTo("/api/v1/targets/" + id);

        Got again = api.post(
                "/api/v1/targets",
                "{\"host\":\"shop.example\",\"port\":8443,\"tags\":{\"env\":\"prod\"},\"owner\":\"shop\"}");
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.json().path("id").asLong()).isEqualTo(id);
        assertThat(api.get("/api/v1/targets/" + id).json().path("owner").asText())
                .isEqualTo("shop");

        JsonNode endpoint = api.get("/api/v1/endpoints/" + id).json();
        assertThat(endpoint.path("state").asText()).isEqualTo("never-scanned");
        assertThat(endpoint.path("name").asText()).isEqualTo("shop.example:8443");
        assertThat(endpoint.path("nextScanAt").asText()).isNotEmpty();
        assertThat(api.get("/api/v1/targets?tag=env:prod&q=shop").json().path("items"))
                .hasSize(1);
        assertThat(api.get("/api/v1/targets?tag=env:test&q=shop").json().path("items"))
                .isEmpty();
        assertThat(api.get("/api/v1/endpoints?state=never-scanned&q=shop.example")
                        .json()
                        .path("items"))
                .hasSize(1);
    }

    @Test
    void refusesATargetAndNamesTheField() {
        Got bad = api.post("/api/v1/targets", "{\"host\":\"a.example\",\"port\":70000}");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(bad.json().path("field").asText()).isEqualTo("port");
        assertThat(bad.json().path("detail").asText()).contains("70000").contains("65535");

        Got several = api.post(
                "/api/v1/targets",
                "[{\"host\":\"ok.example\"},{\"host\":\"bad host\"},{\"port\":1},{\"host\":\"x.example\",\"depht\":\"full\"}]");
        assertThat(several.status()).isEqualTo(400);
        List<String> fields = new ArrayList<>();
        several.json()
                .path("errors")
                .forEach(error -> fields.add(error.path("field").asText()));
        assertThat(fields).containsExactly("1/host", "2/host", "3/depht");
        assertThat(api.get("/api/v1/targets?q=ok.example").json().path("items")).isEmpty();

        Got broken = api.post("/api/v1/targets", "{\"host\": \"a.example\",}");
        assertThat(broken.status()).isEqualTo(400);
        assertThat(broken.json().path("detail").asText()).contains("line 1, column");
        assertThat(api.post("/api/v1/targets", "").json().path("field").asText())
                .isEqualTo("body");
        assertThat(api.send(
                                "POST",
                                "/api/v1/targets",
                                "host=a",
                                "Authorization",
                                "Bearer " + api.admin.text(),
                                "Content-Type",
                                "text/plain")
                        .status())
                .isEqualTo(415);
        assertThat(api.post("/api/v1/targets", "{\"host\":\"a.example\",\"site\":\"mars\"}")
                        .json()
                        .path("detail")
                        .asText())
                .contains("mars")
                .contains("internet");
    }

    @Test
    void importsWhatItCanAndTellsEachLineThatItCannot() {
        String csv =
                "host,port,env\r\none.import,443,prod\r\nbad host,443,prod\r\ntwo.import,99999,prod\r\n\"three.import\",8443,\"a, b\"\r\n";
        Got dry = csv("?dryRun=true", csv);
        assertThat(dry.status()).isEqualTo(200);
        assertThat(dry.json().path("added").asInt()).isEqualTo(2);
        assertThat(api.get("/api/v1/targets?q=.import").json().path("items")).isEmpty();

        Got atomic = csv("?atomic=true", csv);
        assertThat(atomic.json().path("added").asInt()).isZero();
        assertThat(atomic.json().path("rejected")).hasSize(2);
        assertThat(api.get("/api/v1/targets?q=.import").json().path("items")).isEmpty();

        Got done = csv("", csv);
        assertThat(done.json().path("added").asInt()).isEqualTo(2);
        List<Integer> lines = new ArrayList<>();
        done.json().path("rejected").forEach(line -> lines.add(line.path("line").asInt()));
        assertThat(lines).containsExactly(3, 4);
        assertThat(done.json().path("rejected").get(1).path("reason").asText()).contains("99999");
        assertThat(api.get("/api/v1/targets?tag=env:a,%20b").json().path("items"))
                .hasSize(1);
        assertThat(csv("", csv).json().path("unchanged").asInt()).isEqualTo(2);
        assertThat(csv("", "name,port\r\nx,1\r\n").status()).isEqualTo(400);

        Got lines2 = api.send(
                "POST",
                "/api/v1/targets/import",
                "{\"host\":\"nd.import2\"}\n\n{\"host\":1}\nnonsense\n",
                "Authorization",
                "Bearer " + api.admin.text(),
                "Content-Type",
                "application/x-ndjson");
        assertThat(lines2.json().path("added").asInt()).isEqualTo(1);
        assertThat(lines2.json().path("rejected")).hasSize(2);
    }

    private static Got csv(String query, String body) {
        return api.send(
                "POST",
                "/api/v1/targets/import" + query,
                body,
                "Authorization",
                "Bearer " + api.admin.text(),
                "Content-Type",
                "text/csv");
    }

    @Test
    void changesOnlyWhatIsGivenAndNeverWhatATargetIs() {
        long id = api.post("/api/v1/targets", "{\"host\":\"patch.example\",\"owner\":\"a\",\"policy\":\"iot\"}")
                .json()
                .path("id")
                .asLong();
        Got changed = api.patch("/api/v1/targets/" + id, "{\"owner\":null,\"intervalSeconds\":600}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().path("owner").isNull()).isTrue();
        assertThat(changed.json().path("policy").asText()).isEqualTo("iot");
        assertThat(changed.json().path("intervalSeconds").asInt()).isEqualTo(600);
        assertThat(api.patch("/api/v1/targets/" + id, "{\"port\":444}")
                        .json()
                        .path("field")
                        .asText())
                .isEqualTo("port");
        assertThat(api.post("/api/v1/targets/" + id + "/scan", "").status()).isEqualTo(202);
        assertThat(api.delete("/api/v1/targets/" + id).status()).isEqualTo(204);
        assertThat(api.get("/api/v1/targets/" + id).status()).isEqualTo(404);
        assertThat(api.get("/api/v1/endpoints/" + id).status()).isEqualTo(404);
        assertThat(api.delete("/api/v1/targets/" + id).status()).isEqualTo(404);
    }

    @Test
    void mergesTagsWhereThePatchSaysSo() {
        long id = api.post("/api/v1/targets", "{\"host\":\"merge.example\",\"tags\":{\"env\":\"prod\",\"team\":\"a\"}}")
                .json()
                .path("id")
                .asLong();
        Got merged = api.send(
                "PATCH",
                "/api/v1/targets/" + id,
                "{\"tags\":{\"team\":null,\"tier\":\"1\"}}",
                "Authorization",
                "Bearer " + api.admin.text(),
                "Content-Type",
                "application/merge-patch+json");
        assertThat(merged.status()).as(merged.body()).isEqualTo(200);
        assertThat(merged.json().path("tags").toString()).isEqualTo("{\"env\":\"prod\",\"tier\":\"1\"}");
        assertThat(api.patch("/api/v1/targets/" + id, "{\"tags\":{\"only\":\"this\"}}")
                        .json()
                        .path("tags")
                        .toString())
                .isEqualTo("{\"only\":\"this\"}");
    }

    /** Two people change two members of one target: both are kept. */
    @Test
    void keepsWhatIsChangedAtTheSameTime() throws Exception {
        long id = api.post("/api/v1/targets", "{\"host\":\"both.example\"}")
                .json()
                .path("id")
                .asLong();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                String word = "v" + i;
                var owner = threads.submit(() -> api.patch("/api/v1/targets/" + id, "{\"owner\":\"" + word + "\"}"));
                var tags =
                        threads.submit(() -> api.patch("/api/v1/targets/" + id, "{\"tags\":{\"t\":\"" + word + "\"}}"));
                assertThat(owner.get().status()).isEqualTo(200);
                assertThat(tags.get().status()).isEqualTo(200);
                JsonNode now = api.get("/api/v1/targets/" + id).json();
                assertThat(now.path("owner").asText()).isEqualTo(word);
                assertThat(now.path("tags").path("t").asText()).isEqualTo(word);
            }
        }
    }

    @Test
    void walksAListByCursor() {
        StringBuilder all = new StringBuilder("[");
        for (int i = 0; i < 25; i++) {
            all.append(i == 0 ? "" : ",").append("{\"host\":\"h").append(i).append(".cursor.example\"}");
        }
        api.post("/api/v1/targets", all.append("]").toString());
        for (String list : List.of(
                "targets", "endpoints", "endpoints?sort=worst", "endpoints?sort=expiry", "endpoints?sort=lastScan")) {
            List<Long> ids = new ArrayList<>();
            String cursor = "";
            do {
                JsonNode page = api.get("/api/v1/" + list + (list.contains("?") ? "&" : "?")
                                + "q=cursor.example&limit=10" + cursor)
                        .json();
                page.path("items").forEach(item -> ids.add(item.path("id").asLong()));
                cursor = page.path("nextCursor").isNull()
                        ? ""
                        : "&cursor=" + page.path("nextCursor").asText();
            } while (!cursor.isEmpty());
            assertThat(ids).as(list).hasSize(25).doesNotHaveDuplicates();
        }
        assertThat(api.get("/api/v1/endpoints?cursor=nonsense").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/endpoints?limit=0").json().path("field").asText())
                .isEqualTo("limit");
    }

    @Test
    void answersEveryListOfAnEmptyEstate() {
        for (String path : List.of(
                "findings",
                "findings/causes",
                "findings?state=resolved&severity=high&rule=certificate.expired&owner=o&tag=a:b&q=z",
                "certificates",
                "certificates?expiresBefore=2030-01-01T00:00:00Z&issuer=x&q=y&served=true&owner=o",
                "changes?kind=group&owner=y&q=z",
                "fingerprints",
                "fingerprints?kind=jarm",
                "sites",
                "workers",
                "tokens",
                "audit",
                "http_sd",
                "search?q=shop",
                "summary",
                "endpoints?protocol=TLSv1.0&cipherSuite=TLS_RSA_WITH_AES_128_CBC_SHA&group=x25519&grade=A&rule=certificate.expired&severity=high&fingerprint=f&policy=iot&owner=o&site=local&tag=a:b&expiresBefore=2030-01-01T00:00:00Z&certificate="
                        + "ab".repeat(32))) {
            Got got = api.get("/api/v1/" + path);
            assertThat(got.status()).as(path + " " + got.body()).isEqualTo(200);
        }
        assertThat(api.get("/api/v1/findings/1").status()).isEqualTo(404);
        assertThat(api.get("/api/v1/certificates/" + "ab".repeat(32)).status()).isEqualTo(404);
        assertThat(api.get("/api/v1/certificates/xyz").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/endpoints/abc").json().path("field").asText())
                .isEqualTo("id");
    }

    @Test
    void writesAnAuditLogWhoseLinesAreChained() {
        api.post("/api/v1/targets", "{\"host\":\"audited.example\"}");
        JsonNode first = api.get("/api/v1/audit?limit=1").json().path("items").get(0);
        assertThat(first.path("actor").asText()).isEqualTo("admin");
        assertThat(first.path("address").asText()).isEqualTo("127.0.0.1");
        assertThat(new Audit(api.database.sql()).broken()).isEmpty();
        api.database
                .sql()
                .run(
                        "ALTER TABLE audit DISABLE TRIGGER audit_append_only; UPDATE audit SET actor = 'someone' WHERE id = "
                                + first.path("id").asLong() + "; ALTER TABLE audit ENABLE TRIGGER audit_append_only");
        assertThat(new Audit(api.database.sql()).broken())
                .contains(first.path("id").asLong());
        api.database
                .sql()
                .run("ALTER TABLE audit DISABLE TRIGGER audit_append_only; UPDATE audit SET actor = 'admin' WHERE id = "
                        + first.path("id").asLong() + "; ALTER TABLE audit ENABLE TRIGGER audit_append_only");
    }
}
