package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Real proxies, set up as docs/sensors.md says, log real clients; the sensor makes of it what those clients sent. */
class SensorLiveTest {
    private static final Path DOCS = Path.of("../docs/sensors.md");

    /** In the line of a client whose hello HAProxy read: 0x0301 to 0x0304; whoever only waits for it to listen has none. */
    private static final String CLIENT = "hello=7";

    @TempDir
    static Path directory;

    @BeforeAll
    static void certificate() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        Files.writeString(
                directory.resolve("both.pem"),
                Files.readString(directory.resolve("cert.pem")) + Files.readString(directory.resolve("key.pem")));
    }

    @Test
    void haproxysLogGivesTheJa3AndTheListsOfEveryClient() throws IOException, MalformedMessage {
        int port = PeerProcess.freePort();
        Path config = directory.resolve("haproxy.cfg");
        String fields = setting("time=%[date");
        Files.writeString(config, """
                global
                  log stdout format raw local0
                  tune.ssl.capture-buffer-size 512
                defaults
                  mode http
                  log global
                  timeout client 30s
                  timeout server 5s
                  timeout connect 5s
                frontend f
                  bind 127.0.0.1:%d ssl crt both.pem
                  log-format "%s"
                  error-log-format "%s"
                  http-request return status 200
                """.formatted(port, fields, fields));
        // HAProxy 2.6 overlooks an empty extension at the very end
        List<JsonNode> clients = Vectors.json("client-hellos/testssl-client-simulation.json.gz")
                .valueStream()
                .filter(client -> !client.get("handshakebytes").asText().endsWith("0000")
                        || client.at("/recomputed/extensions").toString().endsWith("\"0015\"]"))
                .toList();
        assertThat(clients).hasSize(31);
        Path log = directory.resolve("haproxy-" + port + ".log");
        Map<String, JsonNode> seen = new HashMap<>();
        try (PeerProcess haproxy =
                PeerProcess.start(directory, port, List.of("haproxy", "-db", "-f", config.toString()))) {
            // on a busy machine HAProxy 2.6 loses a line to stdout now and then: who is not in the log says it again
            for (int round = 0; round < 10; round++) {
                List<JsonNode> missing = clients.stream()
                        .filter(client ->
                                !seen.containsKey(client.at("/recomputed/ja3").asText()))
                        .toList();
                long before = lines(log, CLIENT);
                for (JsonNode client : missing) {
                    say(haproxy.port(), hello(client));
                }
                await(log, CLIENT, before + missing.size(), 5);
                seen.putAll(sensor(log));
            }
        }
        for (JsonNode client : clients) {
            String ja3 = client.at("/recomputed/ja3").asText();
            assertThat(seen).as(client.get("name").asText()).containsKey(ja3);
            JsonNode sighting = Objects.requireNonNull(seen.get(ja3));
            assertThat(sighting.get("kind").asText()).isEqualTo("ja3");
            byte[] hello = hello(client);
            ClientOffer offer = ClientOffer.of(Arrays.copyOfRange(hello, 9, hello.length));
            assertThat(sighting.at("/profile/cipherSuites").valueStream().map(JsonNode::asText))
                    .as(client.get("name").asText())
                    .containsExactlyElementsOf(
                            offer.suites().stream().map(CipherSuite::hex).toList());
        }
    }

    @Test
    void nginxsLogGivesTheSuitesAndGroupsOfEachClient() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { %2$s access_log %1$s/clients.log tlsfleet;
                  server { listen 127.0.0.1:%3$d ssl; server_name localhost;
                    ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem; ssl_protocols TLSv1.2 TLSv1.3; location / { return 200 ok; } } }
                """.formatted(directory, setting("log_format tlsfleet"), port));
        try (PeerProcess nginx = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()))) {
            String url = "https://localhost:" + nginx.port() + "/";
            PeerProcess.run(
                    directory,
                    "curl",
                    "-sk4",
                    "--tls-max",
                    "1.2",
                    "--ciphers",
                    "AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384",
                    "--curves",
                    "P-256:X25519",
                    url);
            PeerProcess.run(directory, "curl", "-sk4", "--tlsv1.3", "--curves", "X25519", url);
            await(directory.resolve("clients.log"), "ciphers=", 2, 60);
        }
        Map<String, JsonNode> seen = sensor(directory.resolve("clients.log"));
        assertThat(seen.values()).hasSize(2).allSatisfy(s -> {
            assertThat(s.get("kind").asText()).isEqualTo("suites");
            assertThat(s.get("endpoint").asText()).isEqualTo("localhost:" + port);
        });
        assertThat(seen.values().stream().map(s -> s.get("profile").toString()))
                .anySatisfy(profile -> assertThat(profile)
                        .contains(
                                "\"cipherSuites\":[\"0x002F\",\"0xC030\",\"0x00FF\"]",
                                "\"groups\":[\"0x0017\",\"0x001D\"]"))
                .anySatisfy(profile ->
                        assertThat(profile).contains("[\"0x1302\",\"0x1303\",\"0x1301\"", "\"groups\":[\"0x001D\"]"));
    }

    /** The line of the documentation's table that begins so, up to the backtick. */
    private static String setting(String start) throws IOException {
        String docs = Files.readString(DOCS);
        int at = docs.indexOf('`' + start);
        assertThat(at).as("docs/sensors.md names `" + start).isPositive();
        return docs.substring(at + 1, docs.indexOf('`', at + 1));
    }

    private static byte[] hello(JsonNode client) {
        return HexFormat.of().parseHex(client.get("handshakebytes").asText());
    }

    private static void say(int port, byte[] hello) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(hello);
            socket.getInputStream().read();
        } catch (SocketException e) {
            // refused: logged all the same
        }
    }

    private static Map<String, JsonNode> sensor(Path log) throws IOException {
        Path lines = directory.resolve("lines");
        Files.write(
                lines,
                Files.readAllLines(log).stream()
                        .filter(l -> l.contains("time="))
                        .toList());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new SensorCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(lines.toString());
        assertThat(err.toString()).isEmpty();
        assertThat(exit).isZero();
        Map<String, JsonNode> seen = new HashMap<>();
        out.toString()
                .lines()
                .map(Json::parse)
                .forEach(s -> seen.put(s.get("fingerprint").asText(), s));
        return seen;
    }

    /** Waits until as many lines hold the word, or the time is over: what is missing then, the assertions name. */
    private static void await(Path file, String word, long times, int seconds) throws IOException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (lines(file, word) < times && System.nanoTime() < end) {
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static long lines(Path file, String word) throws IOException {
        return Files.exists(file)
                ? Files.readAllLines(file).stream()
                        .filter(l -> l.contains(word))
                        .count()
                : 0;
    }
}
