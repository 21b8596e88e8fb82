package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tlsfleet.fleet.target.AddressGate;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Servers that are asked: whom they prove to be, and what becomes of those that do not answer. */
class OutgoingTest {
    private static final Duration SOON = Duration.ofMillis(500);
    private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path dir;

    private static Keys keys;
    private static SSLContext good;
    private final Vertx vertx = Vertx.vertx();
    private final Logger library = (Logger) LoggerFactory.getLogger("io.vertx");
    private final ListAppender<ILoggingEvent> heard = new ListAppender<>();

    @BeforeAll
    static void make() throws Exception {
        keys = new Keys(dir);
        good = keys.server("localhost", "-validity", "2");
    }

    @BeforeEach
    void listen() {
        heard.start();
        library.addAppender(heard);
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        library.detachAppender(heard);
        assertThat(heard.list)
                .as("a peer's fault is no error of ours")
                .noneMatch(e -> e.getLevel().isGreaterOrEqual(Level.WARN));
    }

    @Test
    void believesTheOperatorsAuthorityBesideThoseOfTheJdk() throws Exception {
        HttpServer server = https(good);
        try {
            assertThat(fault(Anchors.OF_THE_JDK, server))
                    .startsWith("TLS: its certificate stands on no certification authority known here; --outgoing-ca");
            Anchors own = Anchors.and(List.of(keys.authority()));
            assertThat(outgoing(own, SOON.multipliedBy(30))
                            .send("POST", url("https", server.getAddress().getPort()), Map.of(), BODY)
                            .status())
                    .isEqualTo(204);
            assertThat(((X509TrustManager) own.trustManagers()[0]).getAcceptedIssuers())
                    .hasSize(
                            ((X509TrustManager) Anchors.OF_THE_JDK.trustManagers()[0]).getAcceptedIssuers().length + 1);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void saysWhatIsWrongWithACertificate() throws Exception {
        Anchors own = Anchors.and(List.of(keys.authority()));
        HttpServer expired = https(keys.server("localhost", "-startdate", "2025/01/01 00:00:00", "-validity", "30"));
        HttpServer other = https(keys.server("other.example", "-validity", "2"));
        try {
            assertThat(fault(own, expired))
                    .startsWith("TLS: its certificate has expired (")
                    .contains("2025");
            assertThat(fault(own, other))
                    .startsWith("TLS: its certificate is refused: ")
                    .contains("localhost");
        } finally {
            expired.stop(0);
            other.stop(0);
        }
    }

    @Test
    void saysThatNoTlsIsSpoken() throws Exception {
        try (ServerSocket server = listening()) {
            CompletableFuture<Integer> plain = CompletableFuture.supplyAsync(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    return readToTheEnd(socket);
                } catch (IOException e) {
                    return -1;
                }
            });
            assertThat(Unanswered.words(catchThrowable(() -> outgoing(Anchors.OF_THE_JDK, SOON.multipliedBy(30))
                            .send("POST", url("https", server.getLocalPort()), Map.of(), BODY))))
                    .isEqualTo("TLS: what answers there is no TLS");
            plain.join();
        }
    }

    @Test
    void saysThatANameHasNoAddress() {
        assertThat(Unanswered.words(catchThrowable(() -> outgoing(Anchors.OF_THE_JDK, SOON)
                        .send("POST", "https://nowhere.invalid/hook", Map.of(), BODY))))
                .isEqualTo("nowhere.invalid has no address");
    }

    @Test
    void namesTheFileThatHoldsNoAuthority() throws Exception {
        Path empty = Files.createFile(dir.resolve("empty.pem"));
        Path broken = Files.writeString(
                dir.resolve("broken.pem"), "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        Path key = Files.writeString(
                dir.resolve("key.pem"), "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n");
        Path absent = dir.resolve("absent.pem");
        assertThatThrownBy(() -> Anchors.and(List.of(absent))).hasMessage(absent + ": no such file");
        assertThatThrownBy(() -> Anchors.and(List.of(empty))).hasMessage(empty + ": no certificate in it");
        assertThatThrownBy(() -> Anchors.and(List.of(key))).hasMessage(key + ": no certificate in it");
        assertThatThrownBy(() -> Anchors.and(List.of(broken)))
                .hasMessage(broken + ": certificate 1 in it cannot be read");
    }

    /** One more was left open at each attempt, for days. */
    @Test
    void hangsUpOnWhoDoesNotAnswer() throws Exception {
        try (ServerSocket server = listening()) {
            CompletableFuture<Integer> end = CompletableFuture.supplyAsync(() -> {
                try (Socket socket = server.accept()) {
                    return readToTheEnd(socket);
                } catch (IOException e) {
                    return -1;
                }
            });
            Outgoing outgoing = outgoing(Anchors.OF_THE_JDK, SOON);
            assertThatThrownBy(() -> outgoing.send("POST", url("http", server.getLocalPort()), Map.of(), BODY))
                    .isInstanceOf(TimeoutException.class);
            assertThat(end.get(20, TimeUnit.SECONDS))
                    .as("the request, then the end")
                    .isPositive();
        }
    }

    /** A notice that was taken is not told again for three days because the text behind the status does not end. */
    @Test
    void aStatusCountsWhateverBecomesOfTheBody() throws Exception {
        try (ServerSocket server = listening()) {
            CompletableFuture<Integer> end = CompletableFuture.supplyAsync(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().read();
                    socket.getOutputStream()
                            .write("HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\ntaken"
                                    .getBytes(StandardCharsets.US_ASCII));
                    return readToTheEnd(socket);
                } catch (IOException e) {
                    return -1;
                }
            });
            Outgoing.Answer answer =
                    outgoing(Anchors.OF_THE_JDK, SOON).send("POST", url("http", server.getLocalPort()), Map.of(), BODY);
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.text()).isEqualTo("taken");
            assertThat(end.get(20, TimeUnit.SECONDS)).isPositive();
        }
    }

    @Test
    void whatWasGivenUpIsNotSentAfterwards() throws Exception {
        CompletableFuture<Boolean> givenUp = new CompletableFuture<>();
        try (ServerSocket server = listening()) {
            CompletableFuture<Integer> got = CompletableFuture.supplyAsync(() -> {
                try (Socket socket = server.accept()) {
                    givenUp.join();
                    SSLSocket over = (SSLSocket) good.getSocketFactory().createSocket(socket, null, false);
                    over.setUseClientMode(false);
                    return readToTheEnd(over);
                } catch (IOException e) {
                    return 0;
                }
            });
            Outgoing outgoing = outgoing(Anchors.and(List.of(keys.authority())), SOON);
            assertThatThrownBy(() -> outgoing.send("POST", url("https", server.getLocalPort()), Map.of(), BODY))
                    .isInstanceOf(TimeoutException.class);
            givenUp.complete(true);
            assertThat(got.get(20, TimeUnit.SECONDS)).as("bytes of a request").isZero();
        }
    }

    @Test
    void aConnectionThatIsResetIsSaidToBe() throws Exception {
        try (ServerSocket server = listening()) {
            CompletableFuture<Void> done = CompletableFuture.runAsync(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().read();
                    socket.setSoLinger(true, 0);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            Throwable fault = catchThrowable(() -> outgoing(Anchors.OF_THE_JDK, SOON.multipliedBy(20))
                    .send("POST", url("http", server.getLocalPort()), Map.of(), BODY));
            done.get(20, TimeUnit.SECONDS);
            assertThat(Unanswered.words(fault)).isEqualTo("Connection reset");
        }
    }

    private Outgoing outgoing(Anchors anchors, Duration patience) {
        return new Outgoing(vertx, new Reach(AddressGate.local(), anchors), Instant::now, null, patience);
    }

    private String fault(Anchors anchors, HttpServer server) {
        return Unanswered.words(catchThrowable(() -> outgoing(anchors, SOON.multipliedBy(30))
                .send("POST", url("https", server.getAddress().getPort()), Map.of(), BODY)));
    }

    private static String url(String scheme, int port) {
        return scheme + "://localhost:" + port + "/hook";
    }

    private static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 5, InetAddress.getByName("localhost"));
    }

    private static int readToTheEnd(Socket socket) throws IOException {
        return socket.getInputStream().readAllBytes().length;
    }

    private static HttpServer https(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }
}
