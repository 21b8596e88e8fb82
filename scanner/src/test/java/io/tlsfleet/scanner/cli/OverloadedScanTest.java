package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.PeerProcess;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A machine that does not keep up asks once more before it calls an endpoint unreachable. */
class OverloadedScanTest {
    /** As many connections as one scan tries before it gives up. */
    private static final int SILENT = 3;

    @TempDir
    Path directory;

    @Test
    void whatWasSilentWhileWeWereLateIsAskedAgain() throws Exception {
        AtomicLong leaping = new AtomicLong();
        assertThat(outcomeOfOneThatIsSilentAtFirst(() -> leaping.addAndGet(1_000_000_000)))
                .isEqualTo("complete");
    }

    @Test
    void whatWasSilentWhileWeKeptUpIsUnreachable() throws Exception {
        AtomicLong standing = new AtomicLong();
        assertThat(outcomeOfOneThatIsSilentAtFirst(standing::get)).isEqualTo("unreachable");
    }

    private String outcomeOfOneThatIsSilentAtFirst(LongSupplier nanoTime) throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (PeerProcess server = PeerProcess.openssl(directory);
                Relay relay = new Relay((in, out) -> {
                    if (connections.incrementAndGet() <= SILENT) {
                        in.transferTo(OutputStream.nullOutputStream());
                        return 0;
                    }
                    return server.port();
                })) {
            StringWriter out = new StringWriter();
            new CommandLine(new ScanCommand(InstantSource.system(), "test", nanoTime).described())
                    .setOut(new PrintWriter(out))
                    .execute(
                            "127.0.0.1:" + relay.port(),
                            "--depth",
                            "certificate",
                            "--format",
                            "json",
                            "--no-network-fetch",
                            "--read-timeout",
                            "2s");
            JsonNode report = Json.parse(out.toString());
            return report.path("scan").path("outcome").asText();
        }
    }
}
