package io.tlsfleet.api.alertfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.alerting.Receivers;
import io.tlsfleet.store.alerting.RoutingTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
    private static final String TWO = """
            receivers:
              - {name: web, kind: webhook, urlFile: %s}
              - {name: logs, kind: syslog, host: 127.0.0.1}
            routes:
              - {receiver: web, minSeverity: high, continue: true}
              - {receiver: logs}
            """;

    @TempDir
    Path dir;

    private final TestEstate estate = new TestEstate();
    private Path file;
    private Path secret;
    private SecretBox box;
    private FileWatch watch;

    @BeforeEach
    void start() throws IOException {
        box = SecretBox.open(dir.resolve("key"));
        secret = Files.writeString(dir.resolve("url"), "https://hooks.example/one\n");
        file = dir.resolve("alerting.yaml");
        Files.writeString(file, TWO.formatted(secret));
        watch = new FileWatch(file, Map.of(), estate.database, box, Instant::now);
    }

    @AfterEach
    void stop() {
        watch.close();
        estate.close();
    }

    private List<String> routes() {
        return new RoutingTable(estate.database.sql())
                .routes().stream().map(RoutingTable.Route::receiver).toList();
    }

    @Test
    void appliesAFileAgainOnlyWhenItSaysSomethingElse() throws Exception {
        assertThat(watch.look()).isTrue();
        assertThat(routes()).containsExactly("web", "logs");
        List<Long> before = ids();
        assertThat(watch.look()).isFalse();
        assertThat(ids()).as("nothing was put anew").isEqualTo(before);
        // as Kubernetes does it: another file is moved there, of the same length and time
        Path other = Files.writeString(
                dir.resolve("next"), TWO.formatted(secret).replace("minSeverity: high", "minSeverity: info"));
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        assertThat(watch.look()).isTrue();
        assertThat(new RoutingTable(estate.database.sql())
                        .routes()
                        .getFirst()
                        .settings()
                        .path("minSeverity")
                        .asText())
                .isEqualTo("info");
        assertThat(watch.timesApplied()).isEqualTo(2);
    }

    private List<Long> ids() {
        return new RoutingTable(estate.database.sql())
                .routes().stream().map(RoutingTable.Route::id).toList();
    }

    @Test
    void takesASecretThatChangedInItsOwnFile() throws Exception {
        watch.look();
        Files.writeString(secret, "https://hooks.example/two");
        assertThat(watch.look()).isTrue();
        byte[] sealed = new Receivers(estate.database.sql())
                .list().stream()
                        .filter(r -> r.name().equals("web"))
                        .findFirst()
                        .orElseThrow()
                        .sealed();
        assertThat(new String(box.open(sealed), StandardCharsets.UTF_8)).contains("hooks.example/two");
    }

    @Test
    void keepsWhatWasInForceWhileTheFileIsWrongOrGoneAndSaysSo() throws Exception {
        watch.look();
        String good = Files.readString(file);
        Files.writeString(file, good + "  - {receiver: nobody}\n");
        assertThat(watch.look()).isFalse();
        assertThat(watch.look()).isFalse();
        assertThat(routes()).containsExactly("web", "logs");
        assertThat(watch.state().isValid()).isFalse();
        assertThat(watch.state().problems().getFirst().message()).contains("nobody");
        assertThat(watch.state().problems().getFirst().line()).isEqualTo(7);
        assertThat(watch.timesInvalid()).as("once for one fault").isEqualTo(1);
        Files.delete(file);
        watch.look();
        assertThat(watch.state().problems())
                .singleElement()
                .satisfies(p -> assertThat(p.message()).contains("no such file"));
        assertThat(watch.timesInvalid()).isEqualTo(2);
        assertThat(routes()).containsExactly("web", "logs");
        Files.writeString(file, good);
        assertThat(watch.look()).as("it says what is in force").isFalse();
        assertThat(watch.state().isValid()).isTrue();
        assertThat(watch.timesApplied()).isEqualTo(1);
    }

    @Test
    void silencesAreTheFilesToBeginAndToEnd() throws Exception {
        RoutingTable table = new RoutingTable(estate.database.sql());
        Instant now = Instant.now();
        table.addSilence(
                io.tlsfleet.fleet.json.Json.parse("[{\"name\":\"rule\",\"operator\":\"=\",\"value\":\"x\"}]"),
                "by hand",
                "admin",
                now,
                now.plus(Duration.ofHours(1)));
        String end = now.plus(Duration.ofDays(2))
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                .toString();
        String silences = """
                silences:
                  - {matchers: ['tag.env=test'], reason: rebuild, author: ops, endsAt: "%s"}
                """.formatted(end);
        Files.writeString(file, TWO.formatted(secret) + silences);
        assertThat(watch.look()).isTrue();
        List<RoutingTable.Silence> standing = table.silences();
        assertThat(standing).extracting(RoutingTable.Silence::createdBy).containsExactly("alerting file, ops", "admin");
        assertThat(standing.getFirst().endsAt()).isEqualTo(Instant.parse(end));
        assertThat(standing.getFirst().startsAt()).isBefore(now);
        Files.writeString(file, TWO.formatted(secret) + silences + "\n# a remark\n");
        watch.look();
        Files.writeString(file, TWO.formatted(secret).replace("high", "low") + silences);
        assertThat(watch.look()).isTrue();
        assertThat(table.silences()).as("the same one goes on").isEqualTo(standing);
        Files.writeString(file, TWO.formatted(secret));
        assertThat(watch.look()).isTrue();
        assertThat(table.silences())
                .filteredOn(s -> s.endsAt().isAfter(Instant.now()))
                .extracting(RoutingTable.Silence::reason)
                .containsExactly("by hand");
    }

    @Test
    void refusesSilencesWithoutEndReasonOrBounds() {
        assertThat(problems("- {matchers: [rule=a], reason: x}")).containsExactly("endsAt is missing");
        assertThat(problems("- {matchers: [rule=a], endsAt: \"2026-12-01T00:00:00Z\"}"))
                .containsExactly("reason is missing");
        assertThat(problems("- {reason: x, endsAt: \"2026-12-01T00:00:00Z\"}"))
                .containsExactly("a silence needs matchers: one of everything is not possible");
        assertThat(problems("- {matchers: [rule=a], reason: x, endsAt: tomorrow}"))
                .singleElement()
                .asString()
                .startsWith("'tomorrow' is no time like");
        assertThat(
                        problems(
                                "- {matchers: [rule=a], reason: x, startsAt: \"2026-01-01T00:00:00Z\", endsAt: \"2026-12-01T00:00:00Z\"}"))
                .containsExactly("endsAt must be after startsAt, and at most 90 days after it");
    }

    private static List<String> problems(String silence) {
        try {
            AlertingFile.parse("silences:\n  " + silence, Map.of());
            return List.of();
        } catch (InvalidAlertingFile e) {
            return e.problems().stream().map(FileProblem::message).toList();
        }
    }
}
