package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Why clients fail at a real nginx, asked with no word on how deep to look. */
class DiagnoseCommandTest {
    @TempDir
    static Path directory;

    private static PeerProcess nginx;
    private static int strict;
    private static int odd;
    private static ServerSocket yesterday;

    @BeforeAll
    static void start() throws IOException {
        PeerProcess.certificate(Files.createDirectory(directory.resolve("own")), "-newkey", "rsa:2048");
        yesterday = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(DiagnoseCommandTest::answerAsOfLastYear);
        int port = PeerProcess.freePort();
        strict = PeerProcess.freePort();
        odd = PeerProcess.freePort();
        Path conf = Files.writeString(
                directory.resolve("nginx.conf"), """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; ssl_certificate own/cert.pem; ssl_certificate_key own/key.pem;
                  server { listen 127.0.0.1:%2$d ssl; server_name localhost;
                    location / { proxy_pass http://127.0.0.1:%3$d; proxy_pass_header Date; } }
                  server { listen 127.0.0.1:%4$d ssl default_server; ssl_reject_handshake on; }
                  server { listen 127.0.0.1:%4$d ssl; server_name localhost; }
                  server { listen 127.0.0.1:%5$d ssl; server_name localhost;
                    ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ARIA128-GCM-SHA256; } }
                """.formatted(directory, port, yesterday.getLocalPort(), strict, odd));
        nginx = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }

    @AfterAll
    static void stop() throws IOException {
        nginx.close();
        yesterday.close();
    }

    @Test
    void aRefusedNameIsNoMissingSuite() {
        assertThat(causes("other.example:" + strict, "--connect-to", "127.0.0.1:" + strict))
                .containsExactly("unrecognised-name");
        assertThat(causes("localhost:" + strict, "--connect-to", "127.0.0.1:" + strict))
                .doesNotContain("unrecognised-name");
    }

    @Test
    void looksAtTheClockWithoutBeingAsked() {
        assertThat(causes("localhost:" + nginx.port(), "--connect-to", "127.0.0.1:" + nginx.port()))
                .contains("clock-skew");
        assertThat(causes("localhost:" + nginx.port(), "--connect-to", "127.0.0.1:" + nginx.port(), "--depth=standard"))
                .doesNotContain("clock-skew");
    }

    @Test
    void suitesThatNoBrowserHasAreNamed() {
        assertThat(causes("localhost:" + odd, "--connect-to", "127.0.0.1:" + odd))
                .contains("no-common-suite");
        assertThat(causes("localhost:" + nginx.port(), "--connect-to", "127.0.0.1:" + nginx.port()))
                .doesNotContain("no-common-suite");
    }

    @Test
    void takesAnyOptionOfScanInFrontOfItsTarget() {
        assertThat(causes("--sni", "other.example", "--connect-to", "127.0.0.1:" + strict, "localhost:" + strict))
                .containsExactly("unrecognised-name");
    }

    @Test
    void readsRotatedLogs() throws IOException {
        Path log = directory.resolve("error.log.2.gz");
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(log))) {
            packed.write("curl: (28) SSL connection timeout\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(causes("--log", log.toString())).containsExactly("timeout");
    }

    @Test
    void saysInOneLineWhatItCannotRead() {
        for (String words : List.of("x:0", "--nope x", "--starttls nope x", "a b", "--deadline soon x", "")) {
            StringWriter err = new StringWriter();
            int exit = new CommandLine(new DiagnoseCommand(InstantSource.system(), "test"))
                    .setErr(new PrintWriter(err))
                    .setParameterExceptionHandler((e, args) -> {
                        e.getCommandLine().getErr().println("usage: " + e.getMessage());
                        return 2;
                    })
                    .execute(words.isEmpty() ? new String[0] : words.split(" "));
            assertThat(exit).as(words).isEqualTo(2);
            assertThat(err.toString().strip().lines())
                    .as(words)
                    .hasSize(1)
                    .allMatch(line -> line.startsWith("usage: "));
        }
    }

    private static void answerAsOfLastYear() {
        while (!yesterday.isClosed()) {
            try (Socket socket = yesterday.accept()) {
                int read = socket.getInputStream().read(new byte[4096]);
                assertThat(read).isPositive();
                socket.getOutputStream().write("""
                        HTTP/1.0 200 OK\r
                        Date: Fri, 21 Nov 2025 08:00:00 GMT\r
                        Content-Length: 2\r
                        \r
                        ok""".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // the next one, or the end
            }
        }
    }

    private static List<String> causes(String... words) {
        StringWriter out = new StringWriter();
        new CommandLine(new DiagnoseCommand(InstantSource.system(), "test"))
                .setUnmatchedArgumentsAllowed(true)
                .setOut(new PrintWriter(out))
                .execute(java.util.stream.Stream.concat(
                                java.util.Arrays.stream(words),
                                List.of(words).contains("--log")
                                        ? java.util.stream.Stream.of("--format", "json")
                                        : java.util.stream.Stream.of("--format", "json", "--no-network-fetch"))
                        .toArray(String[]::new));
        JsonNode causes = Json.parse(out.toString()).path("causes");
        return causes.findValuesAsText("cause");
    }
}
