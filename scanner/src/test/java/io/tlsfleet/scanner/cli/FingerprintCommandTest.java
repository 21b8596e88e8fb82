package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FingerprintCommandTest {
    /** TLS 1.2, one suite, no extensions. */
    private static final String HELLO = "01000029" + "0303" + "00".repeat(32) + "00" + "0002002f" + "0100";

    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void answersEveryGoodLineAndNamesEveryBadOne() throws IOException {
        Path file = dir.resolve("hellos.ndjson");
        Files.writeString(file, """
                {"id": 1, "hello": "%s"}
                {"id": "cut", "hello": "0100"}
                {"id": "udp", "hello": "%s", "transport": "udp"}
                nonsense
                {"id": "no"}
                """.formatted(HELLO, HELLO));
        assertThat(run(file.toString())).isEqualTo(2);
        assertThat(out.toString())
                .contains("\"id\":1,\"kind\":\"client\",\"transport\":\"tcp\"")
                .contains("\"ja4\":\"t12i010000_ba72b8082249_000000000000\"")
                .contains("\"ja3Text\":\"771,47,,,\"")
                .contains("\"version\":\"TLSv1.2\"")
                .doesNotContain("sni");
        assertThat(err.toString())
                .contains("line 2: hello: ends within")
                .contains("line 3: transport 'udp'")
                .contains("line 4: no JSON")
                .contains("line 5");
        assertThat(err.toString().lines()).allMatch(l -> l.startsWith("tlsfleet: "));
    }

    @Test
    void readsRecordsAsWellAsMessages() throws IOException {
        Path file = dir.resolve("hellos.ndjson");
        Files.writeString(file, "{\"id\":\"r\",\"hello\":\"160301002d" + HELLO + "\",\"transport\":\"quic\"}\n");
        assertThat(run(file.toString())).isZero();
        assertThat(out.toString()).contains("\"ja4\":\"q12i010000_ba72b8082249_000000000000\"");
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(run(dir.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("none: no such file");
        assertThat(run("--fingerprints", "ja5", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("there are ja4plus and jarm");
    }

    private int run(String... args) {
        return new CommandLine(new FingerprintCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
