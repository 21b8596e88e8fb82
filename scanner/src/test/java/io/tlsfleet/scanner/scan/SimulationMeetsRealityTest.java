package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.simulate.NegotiatedBy;
import io.tlsfleet.fleet.simulate.Selection;
import io.tlsfleet.fleet.simulate.ServerOffer;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a scan lets us say of a client against what the server says to that client: hellos drawn by lot, and those of real
 * clients, word for word.
 */
class SimulationMeetsRealityTest {
    private static final int DRAWN = 60;

    @TempDir
    static Path directory;

    private static Rig rig;
    private static KeyShares shares;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        shares = new KeyShares(new SecureRandom());
        for (String kind : List.of("rsa", "ec", "p384", "ed")) {
            Files.createDirectory(directory.resolve(kind));
        }
        PeerProcess.certificate(directory.resolve("rsa"), "-newkey", "rsa:2048");
        PeerProcess.certificate(directory.resolve("ec"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        PeerProcess.certificate(directory.resolve("p384"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384");
        PeerProcess.certificate(directory.resolve("ed"), "-newkey", "ed25519");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void asNginxChoosesInTheIntermediateProfile() throws IOException {
        compare("nginx intermediate", Depth.FULL, nginx("http2", """
                ssl_certificate DIR/rsa/cert.pem; ssl_certificate_key DIR/rsa/key.pem;
                ssl_certificate DIR/ec/cert.pem; ssl_certificate_key DIR/ec/key.pem;
                ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1:secp384r1;
                ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
                ssl_prefer_server_ciphers off;
                """));
    }

    @Test
    void asNginxChoosesInItsOwnOrderDownToTls10() throws IOException {
        compare("nginx old", Depth.STANDARD, nginx("", """
                ssl_certificate DIR/rsa/cert.pem; ssl_certificate_key DIR/rsa/key.pem;
                ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ecdh_curve prime256v1:secp384r1;
                ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256:AES256-SHA:CAMELLIA128-SHA:@SECLEVEL=0;
                ssl_prefer_server_ciphers on;
                """));
    }

    @Test
    void asOpenSslChoosesWithAnEcdsaKeyAndOneCurve() {
        compare(
                "openssl P-384 key, P-256 group",
                Depth.FULL,
                openssl("p384", "-groups", "P-256", "-serverpref", "-prioritize_chacha"));
    }

    @Test
    void asOpenSslChoosesWithAnEdKey() {
        compare("openssl Ed25519 key", Depth.STANDARD, openssl("ed", "-groups", "X25519:P-521"));
    }

    @Test
    void asOpenSslChoosesInTls13Alone() {
        compare(
                "openssl TLS 1.3",
                Depth.STANDARD,
                openssl(
                        "rsa",
                        "-tls1_3",
                        "-groups",
                        "P-384:X25519",
                        "-ciphersuites",
                        "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384",
                        "-serverpref"));
    }

    @Test
    void asGnuTlsChooses() {
        compare(
                "gnutls",
                Depth.FULL,
                PeerProcess.start(
                        directory,
                        "gnutls-serv",
                        "--http",
                        "--port",
                        "{port}",
                        "--x509certfile",
                        "rsa/cert.pem",
                        "--x509keyfile",
                        "rsa/key.pem",
                        "--priority",
                        "NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:%SERVER_PRECEDENCE"));
    }

    @Test
    void asGoChooses() throws IOException {
        int port = PeerProcess.freePort();
        Path config = directory.resolve("caddy.json");
        Files.writeString(config, """
                {"admin": {"disabled": true}, "apps": {
                  "http": {"servers": {"s": {"listen": ["127.0.0.1:%d"], "automatic_https": {"disable": true},
                    "tls_connection_policies": [{"default_sni": "localhost"}], "routes": [{"handle": [{"handler": "static_response", "body": "ok"}]}]}}},
                  "tls": {"certificates": {"load_files": [{"certificate": "%2$s/ec/cert.pem", "key": "%2$s/ec/key.pem"}]}}}}
                """.formatted(port, directory));
        compare(
                "caddy",
                Depth.STANDARD,
                PeerProcess.start(directory, port, List.of("caddy", "run", "--config", config.toString())));
    }

    @Test
    void asHaproxyChooses() throws IOException {
        int port = PeerProcess.freePort();
        Path pem = directory.resolve("both.pem");
        Files.writeString(
                pem,
                Files.readString(directory.resolve("rsa/cert.pem"))
                        + Files.readString(directory.resolve("rsa/key.pem")));
        Path config = directory.resolve("haproxy.cfg");
        Files.writeString(config, """
                defaults
                  mode http
                  timeout client 5s
                  timeout server 5s
                  timeout connect 5s
                frontend f
                  bind 127.0.0.1:%d ssl crt %s ssl-min-ver TLSv1.1 curves X25519:P-256 ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:AES256-SHA:@SECLEVEL=0 alpn http/1.1
                  http-request return status 200
                """.formatted(port, pem));
        compare(
                "haproxy",
                Depth.STANDARD,
                PeerProcess.start(directory, port, List.of("haproxy", "-db", "-f", config.toString())));
    }

    private record Client(String name, byte[] hello) {}

    /** {@code depth} full: then nothing may be left open but what no scan asks. */
    private void compare(String name, Depth depth, PeerProcess running) {
        try (PeerProcess server = running) {
            NegotiatedBy simulated = new NegotiatedBy(ServerOffer.of(rig.scan(server.port(), depth)));
            Map<String, List<String>> differ = new LinkedHashMap<>();
            int agreed = 0;
            int connecting = 0;
            int open = 0;
            for (Client client : clients(name.hashCode())) {
                ClientOffer offer = ClientOffer.of(client.hello());
                Selection told = simulated.choose(offer);
                Replay.Real real = Replay.ask(server.port(), client.hello(), shares);
                connecting += real.connects() ? 1 : 0;
                String said = said(told, real);
                if (told.connects() == null || told.connects() && told.cipherSuite() == null) {
                    open++;
                } else if (said.isEmpty()) {
                    agreed++;
                } else {
                    differ.computeIfAbsent(said, s -> new ArrayList<>()).add(client.name());
                }
            }
            System.out.printf(
                    "%-28s at depth %-8s %4d clients asked, %2d connect: %4d as simulated, %d not, %d cannot be told%n",
                    name, depth, agreed + open + differ.size(), connecting, agreed, differ.size(), open);
            assertThat(differ).as(name).isEmpty();
            assertThat(connecting).as("that some connect, or nothing was shown").isGreaterThan(5);
            assertThat(open).as("that little is left open").isLessThanOrEqualTo(agreed / 20);
        } catch (IOException | MalformedMessage e) {
            throw new AssertionError(name, e);
        }
    }

    private static String said(Selection told, Replay.Real real) {
        if (!Objects.equals(told.connects(), real.connects())) {
            return "told " + told + ", is " + real;
        }
        return !real.connects()
                        || Objects.equals(told.version(), real.version())
                                && Objects.equals(told.cipherSuite(), real.suite())
                                && Objects.equals(told.group(), real.group())
                                && told.helloRetry() == real.retry()
                ? ""
                : "told " + told + ", is " + real;
    }

    private static List<Client> clients(int seed) throws MalformedMessage {
        List<Client> clients = new ArrayList<>();
        Random random = new Random(seed);
        for (int i = 0; i < DRAWN; i++) {
            clients.add(new Client("drawn " + i + " of seed " + seed, DrawnHello.body(random, shares)));
        }
        for (JsonNode client : Vectors.json("client-hellos/testssl-client-simulation.json.gz")) {
            clients.add(new Client(
                    client.get("name").asText(),
                    body(client.get("handshakebytes").asText(), 9)));
        }
        Map<String, byte[]> recorded = new LinkedHashMap<>();
        for (String set : List.of("ja4-foxio", "tls-arkime")) {
            for (JsonNode stream : Vectors.jsonLines(set + "/hellos.jsonl.gz")) {
                for (JsonNode hello : stream.get("client_hello")) {
                    recorded.putIfAbsent(
                            stream.path("expected")
                                    .path("ja4")
                                    .asText(stream.get("id").asText()),
                            body(hello.asText(), 4));
                }
            }
        }
        recorded.forEach((ja4, hello) -> clients.add(new Client(ja4, hello)));
        return clients;
    }

    private static byte[] body(String hex, int from) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    private static PeerProcess nginx(String listenOptions, String settings) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx-" + port + ".conf");
        Files.writeString(
                conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl %3$s; server_name localhost;
                %4$s location / { return 200 ok; } } }
                """.formatted(directory, port, listenOptions, settings.replace("DIR", directory.toString())));
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }

    private static PeerProcess openssl(String kind, String... options) {
        List<String> words = new ArrayList<>(List.of(
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:{port}",
                "-key",
                kind + "/key.pem",
                "-cert",
                kind + "/cert.pem",
                "-www"));
        words.addAll(List.of(options));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }
}
