package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Many addresses behind one way that carries sixty connections a second: whoever asks all at once brings all past their time. */
class CongestedScanTest {
    private static final int ADDRESSES = 800;
    private static final int MILLIS_EACH = 16;

    @TempDir
    Path directory;

    @Test
    @Timeout(120)
    void aWayThatIsSlowForAllIsGivenNoMoreThanItCarries() throws Exception {
        Semaphore way = new Semaphore(1, true);
        List<Relay> relays = new ArrayList<>();
        try (PeerProcess server = PeerProcess.openssl(directory)) {
            for (int i = 0; i < ADDRESSES; i++) {
                InetAddress address = InetAddress.getByName("127.79." + i / 250 + "." + (1 + i % 250));
                relays.add(new Relay(address, (in, out) -> {
                    carry(way);
                    return server.port();
                }));
            }
            Path list = Files.write(
                    directory.resolve("targets"), relays.stream().map(Relay::at).toList());
            StringWriter out = new StringWriter();
            new CommandLine(new ScanCommand(InstantSource.system(), "test").described())
                    .setOut(new PrintWriter(out))
                    .execute(
                            "--targets",
                            list.toString(),
                            "--depth",
                            "certificate",
                            "--format",
                            "ndjson",
                            "--no-network-fetch",
                            "--concurrency",
                            "50",
                            "--read-timeout",
                            "4s");
            Map<String, Long> outcomes = out.toString()
                    .lines()
                    .collect(Collectors.groupingBy(
                            line -> Json.parse(line).at("/scan/outcome").asText(), Collectors.counting()));
            assertThat(outcomes).isEqualTo(Map.of("complete", (long) ADDRESSES));
        } finally {
            for (Relay relay : relays) {
                relay.close();
            }
        }
    }

    private static void carry(Semaphore way) throws IOException {
        way.acquireUninterruptibly();
        try {
            Thread.sleep(MILLIS_EACH);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        } finally {
            way.release();
        }
    }
}
