package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scan --depth verify --baseline}, as a user calls it, against an openssl server that changes. */
class VerifyTest {
    @TempDir
    static Path directory;

    @BeforeAll
    static void certificate() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    private static PeerProcess server(int port, String... options) {
        List<String> words = new java.util.ArrayList<>(List.of(
                "openssl", "s_server", "-accept", "127.0.0.1:" + port, "-key", "key.pem", "-cert", "cert.pem", "-www"));
        words.addAll(List.of(options));
        return PeerProcess.start(directory, port, words);
    }

    @Test
    void namesEveryDriftAndIsSilentWithoutOne() throws IOException {
        int port = PeerProcess.freePort();
        Path baseline = directory.resolve("baseline.json");
        String suites = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384";
        try (PeerProcess server = server(port, "-cipher", suites)) {
            Said whole = Said.scan(
                    "127.0.0.1:" + server.port(), "--sni", "localhost", "--format", "json", "--no-network-fetch");
            assertThat(whole.exit()).isZero();
            Files.writeString(baseline, whole.out());

            Said same = verify(server, baseline);
            assertThat(same.exit()).as(same.err()).isZero();
            assertThat(same.err()).isEmpty();
            JsonNode report = same.report();
            assertThat(report.path("scan").path("depth").asText()).isEqualTo("verify");
            assertThat(report.path("scan").path("outcome").asText()).isEqualTo("complete");
            assertThat(report.path("scan").path("connections").asInt()).isLessThanOrEqualTo(10);
            assertThat(report.path("drift").isArray()).isTrue();
            assertThat(report.path("drift")).isEmpty();
            JsonNode before = whole.report();
            for (String part : List.of("protocols", "cipherSuites", "groups", "negotiated", "findings")) {
                assertThat(report.path(part)).as(part).isEqualTo(before.path(part));
            }
            assertThat(report.path("coverage")).anySatisfy(line -> {
                assertThat(line.path("fact").asText()).isEqualTo("/cipherSuites/TLSv1.2");
                assertThat(line.path("inferred").asBoolean()).isTrue();
            });
        }
        try (PeerProcess server =
                server(port, "-cipher", suites + ":AES128-SHA:@SECLEVEL=0", "-no_tls1_3", "-min_protocol", "TLSv1")) {
            Said changed = verify(server, baseline);
            assertThat(changed.exit()).isEqualTo(1);
            assertThat(changed.err()).contains("drift: protocol TLSv1.3: refused, was accepted");
            assertThat(changed.report().path("drift").findValuesAsText("text"))
                    .anyMatch(text -> text.contains("TLSv1.3") && text.contains("refused"))
                    .anyMatch(text -> text.contains("TLS_RSA_WITH_AES_128_CBC_SHA"));
            assertThat(changed.report().path("protocols").path("TLSv1.3").asText())
                    .isEqualTo("refused");
        }
    }

    private static Said verify(PeerProcess server, Path baseline) {
        return Said.scan(
                "127.0.0.1:" + server.port(),
                "--sni",
                "localhost",
                "--format",
                "json",
                "--no-network-fetch",
                "--depth",
                "verify",
                "--baseline",
                baseline.toString());
    }

    @Test
    void saysWhatIsWrongWithTheBaseline() throws IOException {
        assertThat(Said.scan("localhost:1", "--depth", "verify"))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("needs --baseline"));
        Path none = directory.resolve("none.json");
        assertThat(Said.scan("localhost:1", "--depth", "verify", "--baseline", none.toString()))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("no such file"));
        Path broken = Files.writeString(directory.resolve("broken.json"), "{\"schema\": 1");
        assertThat(Said.scan("localhost:1", "--depth", "verify", "--baseline", broken.toString()))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("no report in JSON"));
        assertThat(Said.scan("localhost:1", "--baseline", none.toString()))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("goes with --depth verify"));
    }
}
