package io.tlsfleet.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ProgressCommandTest {
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
    void saysHowFarTheScanningIs() throws IOException {
        api.post("/api/v1/targets", "[{\"host\": \"a.example\"}, {\"host\": \"b.example\", \"owner\": \"web\"}]");
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("0 of 2 done (0 %), 2 due, 0 under way, 0 failing");
        new Scanned(api).accepting("TLSv1.3");
        assertThat(run("--watch", "--owner", "web")).isZero();
        assertThat(out.toString())
                .contains("1 of 1 done (100 %), 0 due, 0 under way, 0 failing")
                .contains("0s left");
        assertThat(run("--format", "json")).isZero();
        assertThat(io.tlsfleet.fleet.json.Json.parse(out.toString())
                        .path("done")
                        .asLong())
                .isEqualTo(2);
    }

    @Test
    void saysWhoAnsweredWhatWhenItCannot() throws IOException {
        assertThat(run("--since", "yesterday")).isEqualTo(2);
        assertThat(err.toString()).contains("answered 400").contains("yesterday");
        assertThat(run("--api", "http://127.0.0.1:1")).isEqualTo(3);
        assertThat(err.toString()).contains("nothing answers there");
        assertThat(run("--format", "xml")).isEqualTo(2);
    }

    private int run(String... more) throws IOException {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        Path token = Files.writeString(folder.resolve("token"), api.admin.text() + "\n");
        List<String> arguments =
                new ArrayList<>(List.of("--api", api.base.toString(), "--token-file", token.toString()));
        arguments.addAll(List.of(more));
        return new CommandLine(new ProgressCommand())
                .setOverwrittenOptionsAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }
}
