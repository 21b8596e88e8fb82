package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SensorCommandTest {
    private static final String JA3 = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();

    @Test
    void saysTheSameToAProgramAndToAPerson() throws IOException {
        Path log = dir.resolve("proxy.log");
        String line = "time=2026-11-21T08:00:00Z sni=shop.example port=443 ja3=" + JA3 + "\n";
        Files.writeString(log, line + line);
        assertThat(run(log.toString())).isZero();
        assertThat(Json.parse(out.toString()).path("count").asInt()).isEqualTo(2);
        assertThat(run(log.toString(), "--format", "json")).isZero();
        assertThat(Json.parse(out.toString()).path(0).path("fingerprint").asText())
                .isEqualTo(JA3);
        assertThat(run(log.toString(), "--format", "text")).isZero();
        assertThat(out.toString()).containsPattern("(?m)^2026-11-21 +2 +ja3 +" + JA3 + " +shop\\.example:443$");
        assertThat(run(log.toString(), "--format", "xml")).isEqualTo(2);
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        return new CommandLine(new SensorCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(arguments);
    }
}
