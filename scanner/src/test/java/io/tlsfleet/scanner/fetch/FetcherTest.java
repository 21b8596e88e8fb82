package io.tlsfleet.scanner.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Politeness;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FetcherTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger asked = new AtomicInteger();
    private Instant now = Instant.parse("2026-11-21T08:00:00Z");
    private HttpServer server = start();
    private final InstantSource clock = () -> now;

    private static HttpServer start() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void serve() {
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            switch (exchange.getRequestURI().getPath()) {
                case "/good" -> answer(exchange, 200, "bytes".getBytes(StandardCharsets.US_ASCII));
                case "/large" -> answer(exchange, 200, new byte[100_000]);
                case "/chunked" -> {
                    exchange.sendResponseHeaders(200, 0);
                    for (int i = 0; i < 5; i++) {
                        exchange.getResponseBody().write(new byte[1_000]);
                        exchange.getResponseBody().flush();
                    }
                    exchange.close();
                }
                case "/loop" -> redirect(exchange, "/loop");
                case "/moved" -> redirect(exchange, "/good");
                case "/inside" -> redirect(exchange, "http://169.254.169.254/latest/meta-data");
                case "/file" -> redirect(exchange, "file:///etc/passwd");
                default -> answer(exchange, 404, new byte[] {1});
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        vertx.close();
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().add("Location", to);
        answer(exchange, 302, new byte[] {1});
    }

    private Fetcher fetcher(AddressGate gate) {
        Connector connector = new Connector(vertx, gate, Politeness.COMMAND_LINE);
        return new Fetcher(connector, host -> List.of(InetAddress.getByName(host)), clock);
    }

    private Fetcher.Fetched get(String path) throws InterruptedException {
        return fetcher(AddressGate.local()).get(url(path), 10_000, bytes -> Duration.ofHours(1));
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Test
    void fetchesBytesAndChunks() throws Exception {
        assertThat(get("/good").bytes()).asString().isEqualTo("bytes");
        assertThat(get("/chunked").bytes()).hasSize(5_000);
        assertThat(get("/moved").bytes()).asString().isEqualTo("bytes");
    }

    @Test
    void saysWhyNothingCame() throws Exception {
        assertThat(get("/absent").failure()).isEqualTo("HTTP 404");
        assertThat(get("/large").failure()).contains("larger than 10000");
        assertThat(get("/loop").failure()).contains("more than 3 redirects");
        assertThat(fetcher(AddressGate.local())
                        .get("ldap://127.0.0.1/cn", 1, bytes -> Duration.ZERO)
                        .failure())
                .contains("unsupported scheme ldap");
    }

    @Test
    void everyAddressPassesTheGate() throws Exception {
        assertThat(get("/inside").failure()).startsWith("blocked-by-policy");
        assertThat(get("/file").failure()).contains("unsupported scheme file");
        int before = asked.get();
        assertThat(fetcher(AddressGate.internet())
                        .get(url("/good"), 100, bytes -> Duration.ZERO)
                        .failure())
                .startsWith("blocked-by-policy");
        assertThat(asked.get()).isEqualTo(before);
    }

    @Test
    void keepsAnswersUntilTheyRunOut() throws Exception {
        Fetcher fetcher = fetcher(AddressGate.local());
        for (int i = 0; i < 3; i++) {
            fetcher.get(url("/good"), 100, bytes -> Duration.ofHours(1));
        }
        assertThat(asked.get()).isEqualTo(1);
        now = now.plus(Duration.ofMinutes(61));
        fetcher.get(url("/good"), 100, bytes -> Duration.ofHours(1));
        assertThat(asked.get()).isEqualTo(2);
    }
}
