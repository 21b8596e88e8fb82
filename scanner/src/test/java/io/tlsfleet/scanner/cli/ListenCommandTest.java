package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** JSSE is the client; what {@code listen} says of its hello is what {@code fingerprint} says of the same bytes. */
class ListenCommandTest {
    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();

    @Test
    void namesEveryHelloAndRefusesIt() throws Exception {
        PipedReader said = new PipedReader();
        CompletableFuture<Integer> exit;
        try (PipedWriter err = new PipedWriter(said)) {
            exit = CompletableFuture.supplyAsync(
                    () -> run(new PrintWriter(err, true), "--port", "0", "--count", "2", "--format", "ndjson"));
            int port = port(said);
            try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
                plain.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                plain.getInputStream().readAllBytes();
            }
            for (int i = 0; i < 2; i++) {
                try (SSLSocket client = (SSLSocket)
                        SSLSocketFactory.getDefault().createSocket(InetAddress.getLoopbackAddress(), port)) {
                    assertThatThrownBy(client::startHandshake)
                            .isInstanceOf(SSLHandshakeException.class)
                            .hasMessageContaining("handshake_failure");
                }
            }
            assertThat(exit.get()).isZero();
        }
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(2);
        JsonNode first = Json.parse(lines.getFirst());
        assertThat(first.path("kind").asText()).isEqualTo("client");
        assertThat(first.path("version").asText()).isEqualTo("TLSv1.3");
        assertThat(first.path("ja4").asText()).startsWith("t13i");
        JsonNode again = fingerprinted(lines.getFirst());
        for (String name : List.of("id", "transport", "ja3", "ja3Text", "ja4", "ja4Raw", "version")) {
            assertThat(again.get(name)).as(name).isEqualTo(first.get(name));
        }
    }

    @Test
    void saysWhatItCannotDo() {
        StringWriter err = new StringWriter();
        assertThat(run(new PrintWriter(err), "--bind", "192.0.2.1")).isEqualTo(2);
        assertThat(err.toString()).contains("--bind 192.0.2.1 --port 8443: cannot listen there");
        assertThat(run(new PrintWriter(err), "--format", "json")).isEqualTo(2);
        assertThat(run(new PrintWriter(err), "--count", "0")).isEqualTo(2);
    }

    private JsonNode fingerprinted(String line) throws IOException {
        Path file = dir.resolve("hellos.ndjson");
        Files.writeString(file, line + "\n");
        StringWriter print = new StringWriter();
        assertThat(new CommandLine(new FingerprintCommand())
                        .setOut(new PrintWriter(print))
                        .execute(file.toString()))
                .isZero();
        return Json.parse(print.toString());
    }

    private int run(PrintWriter err, String... arguments) {
        return new CommandLine(new ListenCommand())
                .setOut(new PrintWriter(out))
                .setErr(err)
                .execute(arguments);
    }

    private static int port(PipedReader said) {
        String line = new Scanner(said).nextLine();
        return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
    }
}
