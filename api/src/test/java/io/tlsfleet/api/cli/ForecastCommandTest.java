package io.tlsfleet.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Both commands that ask the API about judgement, against one that runs. */
class ForecastCommandTest {
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
    void saysWhatFailsByAnotherPolicyAndWhatStaysAsItIs() throws IOException {
        api.post("/api/v1/targets", "[{\"host\": \"a.example\"}, {\"host\": \"b.example\"}]");
        new Scanned(api).accepting("TLSv1.2", "TLSv1.3");
        assertThat(run(new ForecastCommand(), "2027-03-15")).isZero();
        assertThat(out.toString()).contains("On 2027-03-15T00:00:00.000Z, of 2 endpoints:");
        assertThat(run(new ForecastCommand(), "2027-03-15", "--policy", "high-security"))
                .isZero();
        assertThat(out.toString()).contains("protocol.not-in-policy: 2 (will be found)", "a.example:443: TLS 1.2");
        assertThat(run(new ForecastCommand(), "2027-03-15", "--policy", "high-security", "--format", "json"))
                .isZero();
        assertThat(Json.parse(out.toString()).path("endpoints").asInt()).isEqualTo(2);
    }

    @Test
    void saysWhatIsNoDateAndWhenNothingAnswers() throws IOException {
        assertThat(run(new ForecastCommand(), "soon")).isEqualTo(2);
        assertThat(err.toString()).contains("answered 400", "is no RFC 3339 time");
        assertThat(run(new ForecastCommand(), "2027-03-15", "--api", "http://127.0.0.1:1"))
                .isEqualTo(3);
        assertThat(err.toString()).contains("nothing answers there");
        assertThat(run(new ForecastCommand(), "2027-03-15", "--format", "xml")).isEqualTo(2);
    }

    @Test
    void aFindingIsMendedOnceAScanSaysSo() throws Exception {
        api.post("/api/v1/targets", "{\"host\": \"a.example\"}");
        Scanned worker = new Scanned(api);
        worker.accepting("TLSv1.0", "TLSv1.3");
        String finding = finding();
        assertThat(verify(worker, finding, "TLSv1.0", "TLSv1.3")).isOne();
        assertThat(out.toString()).contains("still there: protocol.tls10-accepted at a.example:443");
        assertThat(verify(worker, finding, "TLSv1.3")).isZero();
        assertThat(out.toString()).contains("mended: protocol.tls10-accepted");
        assertThat(run(new VerifyCommand(), finding, "--wait", "1")).isEqualTo(3);
        assertThat(err.toString()).contains("is a worker at work");
        assertThat(run(new VerifyCommand(), "999999")).isEqualTo(2);
    }

    /** While the command waits, the worker scans what it asked for. */
    private int verify(Scanned worker, String finding, String... accepted) throws Exception {
        Thread scanning = Thread.ofVirtual().start(() -> {
            int done = 0;
            while (done == 0 && !Thread.currentThread().isInterrupted()) {
                done = worker.accepting(accepted);
                try {
                    Thread.sleep(50);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        try {
            return run(new VerifyCommand(), finding, "--wait", "60");
        } finally {
            scanning.interrupt();
            scanning.join();
        }
    }

    private String finding() {
        for (JsonNode finding :
                api.get("/api/v1/findings?rule=protocol.tls10-accepted").json().path("items")) {
            return finding.path("id").asText();
        }
        throw new IllegalStateException("no such finding");
    }

    private int run(Callable<Integer> command, String... more) throws IOException {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        Path token = Files.writeString(folder.resolve("token"), api.admin.text() + "\n");
        List<String> arguments =
                new ArrayList<>(List.of("--api", api.base.toString(), "--token-file", token.toString()));
        arguments.addAll(List.of(more));
        return new CommandLine(command)
                .setOverwrittenOptionsAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }
}
