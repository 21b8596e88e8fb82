package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
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
    void refusesASecondValueAndAMemberGivenTwice() throws IOException {
        Path file = dir.resolve("hellos.ndjson");
        Files.writeString(file, """
                {"id": 1, "hello": "%1$s"}{"id": 2, "hello": "%1$s"}
                {"id": 3, "id": 4, "hello": "%1$s"}
                {"id": 5, "hello": "%1$s"}
                """.formatted(HELLO));
        assertThat(run(file.toString())).isEqualTo(2);
        assertThat(out.toString().lines()).singleElement().asString().startsWith("{\"id\":5,");
        assertThat(err.toString())
                .contains("line 1: holds more than one value", "line 2: no JSON: Duplicate field 'id'");
    }

    @Test
    void readsPastAByteOrderMark() throws IOException {
        Path file = dir.resolve("hellos.ndjson");
        Files.writeString(file, "\uFEFF{\"id\": 1, \"hello\": \"%s\"}\n".formatted(HELLO));
        assertThat(run(file.toString())).as(err.toString()).isZero();
        assertThat(out.toString()).startsWith("{\"id\":1,");
        Files.writeString(file, "\n\uFEFF{\"id\": 1, \"hello\": \"%s\"}\n".formatted(HELLO));
        assertThat(run(file.toString())).as("in the midst").isEqualTo(2);
    }

    @Test
    void leavesTheTerminalAlone() throws IOException {
        Path file = dir.resolve("a\u001b[31m.ndjson");
        Files.writeString(file, """
                {"hello": "%s", "transport": "\\u001b[2J"}
                \u001b]0;x\u0007
                """.formatted(HELLO));
        assertThat(run(file.toString())).isEqualTo(2);
        assertThat(err.toString().replace("\n", "")).matches("\\P{Cntrl}*").contains("transport '\\u001b[2J'");
    }

    @Test
    void saysWhatIsLeftOutOfACutFile() throws IOException {
        Path file = dir.resolve("cut.pcap");
        Files.write(file, HexFormat.of().parseHex("a1b2c3d4" + "00".repeat(19) + "01" + "0000"));
        assertThat(run(file.toString())).isZero();
        assertThat(err.toString()).isEqualTo("tlsfleet: " + file + ": ends within frame 1\n");
        Files.write(file, HexFormat.of().parseHex("a1b2c3d4" + "00".repeat(9)));
        assertThat(run(file.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("cut.pcap: is cut: it ends too early")
                .doesNotContain("null");
    }

    @Test
    void saysWhatItCannotUnpackAndWhereNothingWasFound() throws IOException {
        Path file = dir.resolve("a.pcap.zst");
        Files.write(file, HexFormat.of().parseHex("28b52ffd0458"));
        assertThat(run(file.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("a.pcap.zst")
                .contains("unpack it first: zstd -dc")
                .hasLineCount(1);
        Path bare = dir.resolve("bare.pcap");
        Files.write(bare, HexFormat.of().parseHex("a1b2c3d4" + "00".repeat(20)));
        assertThat(run(bare.toString())).isZero();
        assertThat(err.toString()).contains("bare.pcap: no hello of TLS, QUIC or DTLS was found in it");
        Path empty = Files.createFile(dir.resolve("empty"));
        assertThat(run(empty.toString())).isZero();
        assertThat(err.toString()).contains("empty: is empty");
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
