package io.tlsfleet.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlsfleet verify FINDING}: scans again, before all that is merely due and no deeper than it takes, and says whether it is mended. */
@Command(
        name = "verify",
        description = "Scans again for one finding alone and says whether it is mended: exit 0 when it is, 1 when not.")
public final class VerifyCommand implements Callable<Integer> {
    private static final Duration PAUSE = Duration.ofMillis(500);

    @Parameters(paramLabel = "FINDING", description = "its number, as the API and the pages show it")
    private long finding;

    @Option(names = "--wait", paramLabel = "SECONDS", description = "for the scan (default: ${DEFAULT-VALUE})")
    private int wait = 120;

    @Mixin
    private ApiConnection api = new ApiConnection();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec own = Objects.requireNonNull(spec, "run by picocli");
        PrintWriter out = own.commandLine().getOut();
        try {
            JsonNode asked = api.get("/findings/" + finding, Map.of());
            String endpoint = "/endpoints/" + asked.path("endpointId").asLong();
            String before = lastScan(endpoint);
            String depth =
                    api.post("/findings/" + finding + "/verify").path("depth").asText();
            long tries = Math.max(1, Duration.ofSeconds(wait).dividedBy(PAUSE));
            for (long i = 0; i < tries; i++) {
                if (!lastScan(endpoint).equals(before)) {
                    JsonNode now = api.get("/findings/" + finding, Map.of());
                    boolean mended = now.path("state").asText().equals("resolved");
                    out.println((mended ? "mended: " : "still there: ")
                            + now.path("rule").asText() + " at "
                            + now.path("endpoint").asText() + " (scanned at depth " + depth + ")"
                            + (mended ? "" : "\n  " + now.path("detail").asText()));
                    return mended ? 0 : 1;
                }
                Thread.sleep(PAUSE);
            }
            throw new ApiConnection.Failed(
                    ApiConnection.AWAY,
                    "not scanned within " + wait + " s; is a worker at work at its site (tlsfleet progress)?");
        } catch (ApiConnection.Failed e) {
            own.commandLine().getErr().println("tlsfleet verify: " + e.getMessage());
            return e.exitCode();
        }
    }

    private String lastScan(String endpoint) throws ApiConnection.Failed, InterruptedException {
        return api.get(endpoint, Map.of()).path("lastScanAt").asText(Instant.EPOCH.toString());
    }
}
