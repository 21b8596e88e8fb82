package io.tlsfleet.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ImportCommandTest {
    private final RunningApi api = new RunningApi();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aSourceRetiresWhatItNoLongerNamesAndAsksBeforeItRetiresMuch() throws IOException {
        api.post("/api/v1/targets", "{\"host\": \"h3.example\"}");
        assertThat(sync(20)).isZero();
        assertThat(out.toString()).contains("added 19, updated 0, unchanged 1, retired 0, rejected 0");
        assertThat(sync(19)).as("a twentieth").isZero();
        assertThat(out.toString()).contains("added 0, updated 0, unchanged 19, retired 1, rejected 0");
        assertThat(hosts()).doesNotContain("h19.example").hasSize(19);

        assertThat(sync(3)).as("sixteen of nineteen").isEqualTo(1);
        assertThat(err.toString())
                .contains("no longer names 16 of its 19 targets")
                .contains("nothing was changed")
                .contains("--retire-anyway");
        assertThat(hosts()).hasSize(19);
        JsonNode held = source();
        assertThat(held.path("heldRetire").asInt()).isEqualTo(16);
        assertThat(held.path("heldAt").asText()).isNotEmpty();

        assertThat(sync(3, "--dry-run")).isZero();
        assertThat(out.toString()).contains("would add 0").contains("retired 15");
        assertThat(hosts()).hasSize(19);

        assertThat(sync(3, "--retire-anyway")).isZero();
        assertThat(out.toString()).contains("retired 15");
        assertThat(hosts())
                .as("whom somebody added by hand stays")
                .containsExactlyInAnyOrder("h0.example", "h1.example", "h2.example", "h3.example");
        assertThat(source().path("heldAt").isNull()).isTrue();

        assertThat(sync(4)).isZero();
        assertThat(sync(20)).isZero();
        assertThat(out.toString()).as("what was retired comes back").contains("added 16");
        assertThat(hosts()).hasSize(20);
    }

    @Test
    void aProgramIsToldWhatTheApiSaid() throws IOException {
        assertThat(sync(2, "--format", "json")).isZero();
        JsonNode said = Json.parse(out.toString());
        assertThat(said.path("added").asInt()).isEqualTo(2);
        assertThat(said.path("rejected")).isEmpty();
        assertThat(sync(2, "--format", "xml")).isEqualTo(2);
        assertThat(err.toString()).contains("--format xml: want text or json");
    }

    /** A sync writes its targets whole: who changes one elsewhere is told so, not left to find out. */
    @Test
    void whoChangesATargetOfASourceIsToldThatTheNextSyncUndoesIt() throws IOException {
        api.post("/api/v1/targets", "{\"host\": \"hand.example\"}");
        assertThat(sync(1)).isZero();
        JsonNode items = api.get("/api/v1/targets?q=h0.example").json().path("items");
        long synced = items.path(0).path("id").asLong();
        assertThat(items.path(0).path("sources").path(0).asText()).isEqualTo("zone");
        JsonNode changed = api.patch("/api/v1/targets/" + synced, "{\"addresses\": [\"127.0.0.9\"]}")
                .json();
        assertThat(changed.path("addresses").path(0).asText()).isEqualTo("127.0.0.9");
        assertThat(changed.path("note").asText()).contains("next sync", "(zone)", "change it there too");
        assertThat(sync(1)).isZero();
        assertThat(api.get("/api/v1/targets/" + synced).json().path("addresses"))
                .isEmpty();

        long byHand = api.get("/api/v1/targets?q=hand.example")
                .json()
                .path("items")
                .path(0)
                .path("id")
                .asLong();
        JsonNode own =
                api.patch("/api/v1/targets/" + byHand, "{\"owner\": \"web\"}").json();
        assertThat(own.path("sources")).isEmpty();
        assertThat(own.has("note")).isFalse();

        assertThat(api.delete("/api/v1/targets/" + synced).json().path("note").asText())
                .isEqualTo(
                        "deleted, but the next sync of the source that names this target (zone) brings it back: delete it there too");
        assertThat(sync(1)).isZero();
        assertThat(hosts()).contains("h0.example");
        assertThat(api.delete("/api/v1/targets/" + byHand).status()).isEqualTo(204);
    }

    /** It would be without effect, and nobody would know. */
    @Test
    void refusesAnOptionOfAnotherKindOfSource() throws IOException {
        String file = csv(2, "").toString();
        assertThat(run("--from", "csv", "--origin", "a.example", file)).isEqualTo(2);
        assertThat(err.toString()).contains("--origin is for --from zone, not for csv");
        assertThat(run("--from", "ndjson", "--port", "8443", file)).isEqualTo(2);
        assertThat(run("--from", "csv", "--blackbox", file, file)).isEqualTo(2);
        assertThat(err.toString()).contains("--blackbox is for --from prometheus, not for csv");
        assertThat(run("--from", "zone", "--source-ca", file, file)).isEqualTo(2);
        assertThat(err.toString()).contains("--source-ca is for --from consul or kubernetes, not for zone");
        assertThat(run("--from", "consul", "--with-secrets", file)).isEqualTo(2);
        assertThat(run("--from", "csv", "--in-cluster", file)).isEqualTo(2);
        assertThat(run("--from", "prometheus", "--source-token-file", file, file))
                .isEqualTo(2);
        assertThat(run("--from", "excel", file)).isEqualTo(2);
        assertThat(err.toString()).contains("--from excel: want csv, ndjson");
        assertThat(hosts()).isEmpty();
        assertThat(run("--from", "csv", file)).isZero();
        assertThat(hosts()).hasSize(2);
    }

    @Test
    void whatTwoSourcesNameStaysUntilNeitherDoes() throws IOException {
        Path both = csv(20, "");
        assertThat(run("--from", "csv", "--sync", "one", both.toString())).isZero();
        assertThat(run("--from", "csv", "--sync", "two", both.toString())).isZero();
        Path less = csv(19, "");
        assertThat(run("--from", "csv", "--sync", "one", less.toString())).isZero();
        assertThat(out.toString()).contains("retired 0");
        assertThat(run("--from", "csv", "--sync", "two", less.toString())).isZero();
        assertThat(out.toString()).contains("retired 1");
    }

    @Test
    void aLineThatCannotBeReadTakesNothingAway() throws IOException {
        assertThat(sync(20)).isZero();
        Path bad = csv(18, "h18.example,99999\n");
        assertThat(run("--from", "csv", "--sync", "zone", bad.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("line 20: ").contains("99999");
        assertThat(out.toString()).contains("retired 0, rejected 1");
        assertThat(hosts()).hasSize(20);
    }

    @Test
    void whatIsSaidOfEveryTargetIsKept() throws IOException {
        Path zone = Files.writeString(folder.resolve("z"), "www IN A 192.0.2.1\n");
        assertThat(run(
                        "--from",
                        "zone",
                        "--origin",
                        "shop.example",
                        "--owner",
                        "web",
                        "--policy",
                        "iot",
                        "--interval",
                        "600",
                        "--depth",
                        "full",
                        "--tag",
                        "env=prod",
                        "--site",
                        "internet",
                        zone.toString()))
                .isZero();
        JsonNode kept = api.get("/api/v1/targets").json().path("items").path(0);
        assertThat(kept.path("host").asText()).isEqualTo("www.shop.example");
        assertThat(kept.path("policy").asText()).isEqualTo("iot");
        assertThat(kept.path("intervalSeconds").asInt()).isEqualTo(600);
        assertThat(kept.path("depth").asText()).isEqualTo("full");
        assertThat(kept.path("owner").asText()).isEqualTo("web");
        assertThat(kept.path("site").asText()).isEqualTo("internet");
        assertThat(kept.path("tags").path("env").asText()).isEqualTo("prod");
    }

    @Test
    void optionsReachEveryLineOfAFileThatDoesNotSayItself() throws IOException {
        Path csv = Files.writeString(folder.resolve("f.csv"), """
                host,owner,policy,intervalSeconds,depth,env

                own.example,shop,ncsc-nl-2025-05,900,standard,test
                bad host,,,,,
                none.example,,,,,
                """);
        Path ndjson = Files.writeString(folder.resolve("f.ndjson"), """
                {"host":"own.example","owner":"shop","policy":"ncsc-nl-2025-05","intervalSeconds":900,"depth":"standard","tags":{"env":"test"}}

                {"host":"bad host"}
                {"host":"none.example"}
                """);
        for (Path file : List.of(csv, ndjson)) {
            String kind = file.equals(csv) ? "csv" : "ndjson";
            String[] words =
                    ("--owner web&co --site internet --policy iot --interval 600 --depth full --tag env=prod --tag from="
                                    + kind + " --from " + kind + " " + file)
                            .split(" ");
            assertThat(run(words)).isEqualTo(2);
            assertThat(err.toString()).contains(kind.equals("csv") ? "line 4: " : "line 3: ", "bad host");
            JsonNode own = kept("own.example");
            assertThat(own.path("owner").asText()).isEqualTo("shop");
            assertThat(own.path("policy").asText()).isEqualTo("ncsc-nl-2025-05");
            assertThat(own.path("intervalSeconds").asInt()).isEqualTo(900);
            assertThat(own.path("depth").asText()).isEqualTo("standard");
            assertThat(own.path("tags").path("env").asText()).isEqualTo("test");
            assertThat(own.path("tags").path("from").asText()).isEqualTo(kind);
            JsonNode none = kept("none.example");
            assertThat(none.path("owner").asText()).isEqualTo("web&co");
            assertThat(none.path("policy").asText()).isEqualTo("iot");
            assertThat(none.path("intervalSeconds").asInt()).isEqualTo(600);
            assertThat(none.path("depth").asText()).isEqualTo("full");
            assertThat(none.path("tags").path("env").asText()).isEqualTo("prod");
            assertThat(none.path("tags").path("from").asText()).isEqualTo(kind);
            assertThat(none.path("site").asText()).isEqualTo("internet");
        }
    }

    @Test
    void optionsThatAreNoneStopAFileBeforeItsFirstLine() throws IOException {
        String csv = csv(1, "").toString();
        assertThat(run("--from", "csv", "--interval", "-5", csv)).isEqualTo(2);
        assertThat(err.toString()).contains("of every target: intervalSeconds -5 is out of range");
        assertThat(run("--from", "ndjson", "--depth", "verify", csv)).isEqualTo(2);
        assertThat(err.toString()).contains("of every target: depth 'verify' is no depth of a target");
        assertThat(run("--from", "csv", "--policy", "nope", csv)).isEqualTo(2);
        assertThat(err.toString()).contains("policy 'nope' is not known here; there are ");
        assertThat(run("--from", "csv", "--site", "mars", csv)).isEqualTo(2);
        assertThat(err.toString()).contains("site 'mars' is not known here; there are internet");
        assertThat(hosts()).isEmpty();
        assertThat(api.send(
                                "POST",
                                "/api/v1/targets/import?each=%7B%22host%22%3A%22a%22%7D",
                                "host\na.example\n",
                                "Authorization",
                                "Bearer " + api.admin.text(),
                                "Content-Type",
                                "text/csv")
                        .json()
                        .path("detail")
                        .asText())
                .contains("host");
    }

    @Test
    void saysWhichUrlAndWhichTokenFileWillNotDo() throws IOException {
        String csv = csv(1, "").toString();
        for (String url : List.of("ftp://x", "notaurl", "", "http://", "http:// x")) {
            assertThat(execute("--from", "csv", "--api", url, csv)).as(url).isEqualTo(2);
            assertThat(err.toString()).contains("--api", "'" + url + "' is no URL like https://");
        }
        String none = folder.resolve("none").toString();
        assertThat(execute("--from", "csv", "--token-file", none, csv)).isEqualTo(2);
        assertThat(err.toString())
                .contains("tlsfleet import: " + none + ": no such file")
                .doesNotContain(csv);
        assertThat(run("--from", "csv", csv)).isZero();
    }

    @Test
    void waitsLongerForALargeFile() {
        assertThat(ImportCommand.patience(5_000)).isEqualTo(Duration.ofMinutes(2));
        assertThat(ImportCommand.patience(24_000_000)).isEqualTo(Duration.ofMinutes(22));
    }

    @Test
    void saysWhatIsWrongWithTheWords() throws IOException {
        assertThat(run("--from", "dns", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("want csv, ndjson, prometheus, consul, kubernetes or zone");
        assertThat(run("--from", "csv", "--every", "1h", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("go with --sync");
        assertThat(run("--from", "csv", "--sync", "a", "--every", "soon", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("90s, 15m or 6h");
        assertThat(run("--from", "csv", folder.resolve("none.csv").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("no such file");
        assertThat(run("--from", "consul", "http://127.0.0.1:1")).isEqualTo(3);
        assertThat(err.toString()).contains("http://127.0.0.1:1: nothing answers there");
    }

    private JsonNode kept(String host) {
        return api.get("/api/v1/targets?q=" + host).json().path("items").path(0);
    }

    private int sync(int hosts, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--from", "csv", "--sync", "zone"));
        arguments.addAll(List.of(more));
        arguments.add(csv(hosts, "").toString());
        return run(arguments.toArray(String[]::new));
    }

    private Path csv(int hosts, String rest) throws IOException {
        StringBuilder text = new StringBuilder("host,port\n");
        IntStream.range(0, hosts).forEach(i -> text.append("h").append(i).append(".example,443\n"));
        return Files.writeString(folder.resolve("hosts-" + hosts + ".csv"), text + rest);
    }

    private List<String> hosts() {
        List<String> hosts = new ArrayList<>();
        api.get("/api/v1/targets")
                .json()
                .path("items")
                .forEach(t -> hosts.add(t.path("host").asText()));
        return hosts;
    }

    private JsonNode source() {
        return api.get("/api/v1/sources").json().path("items").path(0);
    }

    private int run(String... more) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), api.admin.text() + "\n");
        List<String> arguments =
                new ArrayList<>(List.of("--api", api.base.toString(), "--token-file", token.toString()));
        arguments.addAll(List.of(more));
        return execute(arguments.toArray(String[]::new));
    }

    private int execute(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new ImportCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
