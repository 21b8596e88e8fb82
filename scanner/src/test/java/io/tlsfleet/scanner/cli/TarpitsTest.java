package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Two lanes: servers that take a connection and say nothing keep nobody waiting but themselves. */
class TarpitsTest {
    private static final int GOOD = Integer.getInteger("tarpits.good", 400);
    private static final int TARPITS = Integer.getInteger("tarpits.tarpits", 200);
    private static final int CONCURRENCY = 20;

    @TempDir
    Path directory;

    @Test
    @Timeout(300)
    void goodServersAreDoneWhileEveryTarpitIsStillHeld() throws Exception {
        PeerProcess.certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        List<ServerSocket> silent = new ArrayList<>();
        try (PeerProcess nginx = nginx(PeerProcess.freePort())) {
            for (int i = 0; i < TARPITS; i++) {
                // never accepted: the kernel shakes hands for it, and a hello lies there for ever
                ServerSocket socket = new ServerSocket();
                silent.add(socket);
                socket.bind(new InetSocketAddress(address(78, i), 0), 8);
            }
            // the tarpits first: with one lane they would hold every place
            List<String> targets = new ArrayList<>();
            silent.forEach(s -> targets.add(s.getInetAddress().getHostAddress() + ":" + s.getLocalPort()));
            IntStream.range(0, GOOD).forEach(i -> targets.add(name(77, i) + ":" + nginx.port()));
            Path list = Files.write(directory.resolve("targets"), targets);

            Reports reports = new Reports();
            CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(
                    () -> new CommandLine(new ScanCommand(InstantSource.system(), "test").described())
                            .setOut(new PrintWriter(reports))
                            .setErr(new PrintWriter(Writer.nullWriter()))
                            .execute(
                                    "--targets",
                                    list.toString(),
                                    "--depth",
                                    "certificate",
                                    "--format",
                                    "ndjson",
                                    "--no-network-fetch",
                                    "--concurrency",
                                    Integer.toString(CONCURRENCY),
                                    "--read-timeout",
                                    "10m",
                                    "--deadline",
                                    "10m"));
            assertThat(reports.good.await(240, TimeUnit.SECONDS))
                    .as("good servers done: " + reports.outcomes)
                    .isTrue();
            assertThat(reports.outcomes).hasSize(GOOD);
            assertThat(exit).isNotDone();

            for (ServerSocket socket : silent) {
                socket.close();
            }
            assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(3);
            assertThat(reports.outcomes).hasSize(GOOD + TARPITS);
            assertThat(reports.outcomes.entrySet())
                    .allSatisfy(one -> assertThat(one.getValue())
                            .isEqualTo(one.getKey().startsWith("127.77.") ? "complete" : "unreachable"));
        } finally {
            for (ServerSocket socket : silent) {
                socket.close();
            }
        }
    }

    /** Takes the lines as they are written; opens the latch when the good ones are all there. */
    private static final class Reports extends Writer {
        final Map<String, String> outcomes = new ConcurrentHashMap<>();
        final CountDownLatch good = new CountDownLatch(GOOD);
        private final StringBuilder line = new StringBuilder();

        @Override
        public synchronized void write(char[] text, int from, int length) {
            for (int i = from; i < from + length; i++) {
                if (text[i] != '\n') {
                    line.append(text[i]);
                    continue;
                }
                JsonNode report = Json.parse(line.toString());
                line.setLength(0);
                String outcome = report.at("/scan/outcome").asText();
                outcomes.put(report.at("/endpoint/host").asText(), outcome);
                if (outcome.equals("complete")) {
                    good.countDown();
                }
            }
        }

        @Override
        public void flush() {
            // nothing is kept back
        }

        @Override
        public void close() {
            // the test reads what was written
        }
    }

    private PeerProcess nginx(int port) throws IOException {
        String listen = IntStream.range(0, GOOD)
                .mapToObj(i -> "listen " + name(77, i) + ":" + port + " ssl;")
                .reduce("listen 127.0.0.1:" + port + " ssl;", (a, b) -> a + "\n" + b);
        String text = """
                daemon off; pid DIR/nginx.pid; error_log stderr crit; worker_processes 1;
                events { worker_connections CONNECTIONS; }
                http {
                  access_log off;
                  client_body_temp_path DIR/t1; proxy_temp_path DIR/t2; fastcgi_temp_path DIR/t3;
                  uwsgi_temp_path DIR/t4; scgi_temp_path DIR/t5;
                  server { LISTEN
                    ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem; }
                }
                """.replace("LISTEN", listen)
                .replace("CONNECTIONS", Integer.toString(1024 + 2 * GOOD))
                .replace("DIR", directory.toString());
        Path file = Files.writeString(directory.resolve("nginx.conf"), text);
        return PeerProcess.start(directory, port, List.of("nginx", "-c", file.toString()));
    }

    private static String name(int second, int i) {
        return "127." + second + "." + i / 250 + "." + (1 + i % 250);
    }

    private static InetAddress address(int second, int i) throws IOException {
        return InetAddress.getByName(name(second, i));
    }
}
