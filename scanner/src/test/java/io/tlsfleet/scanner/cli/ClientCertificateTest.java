package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --client-cert} and {@code --client-key} against servers that check them. */
class ClientCertificateTest {
    @TempDir
    static Path directory;

    private static final Map<String, List<String>> KEYS = Map.of(
            "rsa", List.of("-newkey", "rsa:2048"),
            "p256", List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            "p384", List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
            "ed25519", List.of("-newkey", "ed25519"));

    @BeforeAll
    static void certificates() throws IOException {
        for (String name : List.of("server", "ca", "other-ca")) {
            PeerProcess.certificate(Files.createDirectory(directory.resolve(name)), "-newkey", "rsa:2048");
        }
        for (Map.Entry<String, List<String>> kind : KEYS.entrySet()) {
            client(kind.getKey(), "ca", kind.getValue());
        }
        client("stranger", "other-ca", Objects.requireNonNull(KEYS.get("rsa")));
        PeerProcess.run(
                directory.resolve("rsa"), "openssl", "rsa", "-traditional", "-in", "key.pem", "-out", "pkcs1.pem");
        PeerProcess.run(directory.resolve("p256"), "openssl", "ec", "-in", "key.pem", "-out", "sec1.pem");
    }

    private static void client(String name, String authority, List<String> newKey) throws IOException {
        Path at = Files.createDirectory(directory.resolve(name));
        List<String> words = new ArrayList<>(List.of("openssl", "req", "-nodes", "-new"));
        words.addAll(newKey);
        words.addAll(List.of("-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=client " + name));
        PeerProcess.run(at, words.toArray(String[]::new));
        PeerProcess.run(
                at,
                "openssl",
                "x509",
                "-req",
                "-in",
                "csr.pem",
                "-CA",
                "../" + authority + "/cert.pem",
                "-CAkey",
                "../" + authority + "/key.pem",
                "-days",
                "30",
                "-set_serial",
                "7",
                "-out",
                "cert.pem");
    }

    private static final List<String> SERVER = List.of(
            "openssl",
            "s_server",
            "-accept",
            "127.0.0.1:{port}",
            "-key",
            "server/key.pem",
            "-cert",
            "server/cert.pem",
            "-CAfile",
            "ca/cert.pem",
            "-Verify",
            "1",
            "-verify_return_error");

    private static PeerProcess server(String... options) {
        List<String> words = new ArrayList<>(SERVER);
        words.add("-www");
        words.addAll(List.of(options));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }

    private static JsonNode scanned(PeerProcess server, String name, String key) {
        Said said = Said.scan(
                "127.0.0.1:" + server.port(),
                "--sni",
                "localhost",
                "--format",
                "json",
                "--no-network-fetch",
                "--client-cert",
                directory.resolve(name).resolve("cert.pem").toString(),
                "--client-key",
                directory.resolve(name).resolve(key).toString());
        assertThat(said.exit()).as(said.err()).isZero();
        return said.report().path("clientAuthentication");
    }

    @Test
    void isTakenInTls13WithEveryKindOfKey() {
        try (PeerProcess server = server("-tls1_3")) {
            for (String kind : KEYS.keySet()) {
                JsonNode part = scanned(server, kind, "key.pem");
                assertThat(part.path("mode").asText()).as(kind).isEqualTo("required");
                assertThat(part.path("given").asText()).as(kind).isEqualTo("accepted");
            }
            assertThat(scanned(server, "stranger", "key.pem").path("given").asText())
                    .isEqualTo("refused");
        }
    }

    @Test
    void isNotKnownToBeTakenByATls13ServerThatKeepsSilentAfterTheHandshake() {
        List<String> words = new ArrayList<>(SERVER);
        words.addAll(List.of("-quiet", "-tls1_3", "-num_tickets", "0"));
        try (PeerProcess server = PeerProcess.start(directory, words.toArray(String[]::new))) {
            assertThat(scanned(server, "rsa", "key.pem").path("given").asText()).isEqualTo("unknown");
        }
    }

    @Test
    void isTakenInTls12WithEveryKindOfSignature() {
        Map<String, String> schemes = Map.of(
                "RSA-PSS+SHA256", "rsa",
                "RSA+SHA384", "rsa",
                "ECDSA+SHA256", "p256",
                "ECDSA+SHA384", "p384",
                "ed25519", "ed25519");
        schemes.forEach((scheme, kind) -> {
            try (PeerProcess server = server("-tls1_2", "-client_sigalgs", scheme)) {
                assertThat(scanned(server, kind, "key.pem").path("given").asText())
                        .as(scheme)
                        .isEqualTo("accepted");
            }
        });
        try (PeerProcess server = server("-tls1_2")) {
            assertThat(scanned(server, "rsa", "pkcs1.pem").path("given").asText())
                    .isEqualTo("accepted");
            assertThat(scanned(server, "p256", "sec1.pem").path("given").asText())
                    .isEqualTo("accepted");
            JsonNode stranger = scanned(server, "stranger", "key.pem");
            assertThat(stranger.path("mode").asText()).isEqualTo("required");
            assertThat(stranger.path("given").asText()).isEqualTo("refused");
        }
    }

    @Test
    void isTakenInTls10() {
        try (PeerProcess server = server("-tls1", "-cipher", "AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0")) {
            assertThat(scanned(server, "rsa", "key.pem").path("given").asText()).isEqualTo("accepted");
            assertThat(scanned(server, "p256", "key.pem").path("given").asText())
                    .isEqualTo("accepted");
        }
    }

    @Test
    void isTakenAboveTheHandshakeOfNginx() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl; ssl_certificate %1$s/server/cert.pem;
                  ssl_certificate_key %1$s/server/key.pem; ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client on;
                  ssl_client_certificate %1$s/ca/cert.pem; location / { return 200 ok; } } }
                """.formatted(directory, port));
        try (PeerProcess nginx = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()))) {
            JsonNode taken = scanned(nginx, "rsa", "key.pem");
            assertThat(taken.path("enforcement").asText()).isEqualTo("application");
            assertThat(taken.path("given").asText()).isEqualTo("accepted");
            assertThat(scanned(nginx, "stranger", "key.pem").path("given").asText())
                    .isEqualTo("refused");
        }
    }

    @Test
    void saysWhatIsWrongWithTheFiles() throws IOException {
        String certificate = directory.resolve("rsa/cert.pem").toString();
        assertThat(Said.scan("localhost:1", "--client-cert", certificate, "--client-key", "none.pem"))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("no such file: none.pem"));
        assertThat(Said.scan(
                        "localhost:1",
                        "--client-cert",
                        certificate,
                        "--client-key",
                        directory.resolve("p256/key.pem").toString()))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("the key is not that of the certificate"));
        assertThat(Said.scan("localhost:1", "--client-cert", certificate))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("no private key in it"));
        assertThat(Said.scan("localhost:1", "--client-key", certificate))
                .satisfies(said -> assertThat(said.exit()).isEqualTo(2))
                .satisfies(said -> assertThat(said.err()).contains("needs --client-cert"));
    }
}
