package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Facts against what each server's configuration says. */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class RealServersTest {
    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
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

    /** Mozilla's intermediate profile with both kinds of key. */
    private static final String INTERMEDIATE = """
            ssl_certificate DIR/rsa/cert.pem; ssl_certificate_key DIR/rsa/key.pem;
            ssl_certificate DIR/ec/cert.pem; ssl_certificate_key DIR/ec/key.pem;
            ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1:secp384r1;
            ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
            ssl_prefer_server_ciphers off; ssl_session_tickets off;
            """;

    @Test
    void knowsNginxWithMozillasIntermediateProfile() throws IOException {
        try (PeerProcess nginx = nginx("http2", INTERMEDIATE)) {
            Observation seen = rig.scan(nginx.port(), Depth.STANDARD);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(seen.coverage()).isEmpty();
            assertThat(seen.scan().connections()).isLessThanOrEqualTo(24);
            assertThat(seen.protocols())
                    .isEqualTo(Map.of(
                            "SSLv2", FactState.REFUSED,
                            "SSLv3", FactState.REFUSED,
                            "TLSv1.0", FactState.REFUSED,
                            "TLSv1.1", FactState.REFUSED,
                            "TLSv1.2", FactState.ACCEPTED,
                            "TLSv1.3", FactState.ACCEPTED));
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .containsExactlyInAnyOrder(
                            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
            assertThat(Rig.suites(seen, "TLSv1.3"))
                    .containsExactlyInAnyOrder(
                            "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
            assertThat(seen.cipherSuites().get("TLSv1.2").order()).isEqualTo("client");
            assertThat(seen.cipherSuites().get("TLSv1.3").order()).isEqualTo("client");
            assertThat(Rig.groups(seen, "TLSv1.2")).containsExactlyInAnyOrder("x25519", "secp256r1", "secp384r1");
            assertThat(Rig.groups(seen, "TLSv1.3")).containsExactlyInAnyOrder("x25519", "secp256r1", "secp384r1");
            assertThat(seen.groups().get("TLSv1.3").prefersOfferedShare()).isTrue();
            assertThat(seen.served())
                    .hasSize(2)
                    .allSatisfy(chain -> assertThat(chain.servedOn()).containsExactly("TLSv1.2", "TLSv1.3"));
            assertThat(seen.alpn().accepted()).contains("h2", "http/1.1");
            assertThat(seen.alpn().onMismatch()).isEqualTo("alert");
            assertThat(seen.clientAuthentication().mode()).isEqualTo("none");
            assertThat(seen.negotiated().protocol()).isEqualTo("TLSv1.3");
            assertThat(seen.negotiated().alpn()).isEqualTo("h2");
            assertThat(seen.fingerprints().ja3s()).isNotEmpty();
        }
    }

    /** A client without a name gets the default server, which has another kind of key. */
    @Test
    void tellsWhichChainIsServedWithoutAName() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("names.conf");
        String listen = "listen 127.0.0.1:" + port + " ssl; ssl_protocols TLSv1.2 TLSv1.3; ";
        Files.writeString(
                conf,
                nginxConf(listen + "server_name other; " + key("ec") + "} server { " + listen
                        + "server_name localhost; " + key("rsa")));
        try (PeerProcess nginx = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()))) {
            Observation named = rig.scan(nginx.port(), Depth.FULL, "localhost");
            assertThat(named.served()).hasSize(2);
            assertThat(named.served().get(0).servedWithoutSni()).isFalse();
            assertThat(named.served().get(0).servedOn()).containsExactly("TLSv1.2", "TLSv1.3");
            assertThat(named.served().get(1).servedWithoutSni()).isTrue();
            assertThat(named.served().get(1).servedOn()).isEmpty();
            Observation other = rig.scan(nginx.port(), Depth.FULL, "other");
            assertThat(other.served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedWithoutSni()).isTrue());
            Observation nameless = rig.scan(nginx.port(), Depth.STANDARD, null);
            assertThat(nameless.served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedWithoutSni()).isTrue());
        }
    }

    /** Of the questions that have a Host, that of the page and that of clients' certificates. */
    @Test
    void namesItselfToTheServerAsABrowserDoes() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("host.conf");
        String ask = """
                ssl_verify_client optional_no_ca;
                if ($http_host ~ "^(\\[::1\\]|localhost)$") { return 204; }
                if ($http_host !~ "^(\\[::1\\]|localhost):%d$") { return 403; }
                """.formatted(port);
        Files.writeString(conf, nginxConf("listen 127.0.0.1:" + port + " ssl; " + key("rsa") + ask));
        try (PeerProcess nginx = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()))) {
            for (String host : List.of("::1", "localhost")) {
                Observation seen = rig.scan(host, nginx.port(), port);
                assertThat(seen.http().status()).as(host).isEqualTo(200);
                assertThat(seen.clientAuthentication().enforcement()).isEqualTo("none");
                assertThat(rig.scan(host, nginx.port(), 443).http().status()).isEqualTo(204);
            }
            Observation stranger = rig.scan("::2", nginx.port(), port);
            assertThat(stranger.http().status()).isEqualTo(403);
            assertThat(stranger.clientAuthentication().enforcement()).isEqualTo("application");
        }
    }

    @Test
    void writesTheHostOfARequestWithItsPort() {
        assertThat(Rig.question("::1", 9443, 9443, null).authority()).isEqualTo("[::1]:9443");
        assertThat(Rig.question("fe80::1%eth0", 443, 443, null).authority()).isEqualTo("[fe80::1]");
        assertThat(Rig.question("192.0.2.1", 9443, 443, null).authority()).isEqualTo("192.0.2.1");
        assertThat(Rig.question("192.0.2.1", 9443, 9443, "shop.example").authority())
                .isEqualTo("shop.example:9443");
    }

    private static String key(String kind) {
        return "ssl_certificate %1$s/%2$s/cert.pem; ssl_certificate_key %1$s/%2$s/key.pem; ".formatted(directory, kind);
    }

    @Test
    void asksForTheCertificateInOneConnection() throws IOException {
        try (PeerProcess nginx = nginx("", INTERMEDIATE)) {
            Observation seen = rig.scan(nginx.port(), Depth.CERTIFICATE);
            assertThat(seen.scan().connections()).isEqualTo(1);
            assertThat(seen.served()).hasSize(1);
            assertThat(seen.negotiated().protocol()).isEqualTo("TLSv1.3");
            assertThat(seen.protocols()).isNull();
        }
    }

    @Test
    void readsTheServersOrderAndWhoChecksClientCertificates() throws IOException {
        try (PeerProcess nginx = nginx("", """
                ssl_certificate DIR/rsa/cert.pem; ssl_certificate_key DIR/rsa/key.pem;
                ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_prefer_server_ciphers on; ssl_verify_client on;
                ssl_client_certificate DIR/rsa/cert.pem;
                ssl_ciphers AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:CAMELLIA256-SHA:@SECLEVEL=0;
                """)) {
            Observation seen = rig.scan(nginx.port(), Depth.STANDARD);
            assertThat(seen.protocols())
                    .containsEntry("TLSv1.0", FactState.ACCEPTED)
                    .containsEntry("TLSv1.1", FactState.ACCEPTED)
                    .containsEntry("TLSv1.2", FactState.ACCEPTED)
                    .containsEntry("TLSv1.3", FactState.REFUSED);
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .containsExactly(
                            "TLS_RSA_WITH_AES_128_CBC_SHA",
                            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                            "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA");
            assertThat(seen.cipherSuites().get("TLSv1.2").order()).isEqualTo("server");
            assertThat(seen.cipherSuites().get("TLSv1.2").chachaWhenPreferred()).isFalse();
            assertThat(Rig.suites(seen, "TLSv1.0"))
                    .containsExactly("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA");
            assertThat(seen.clientAuthentication().mode()).isEqualTo("requested");
            assertThat(seen.clientAuthentication().enforcement()).isEqualTo("application");
            assertThat(seen.clientAuthentication().authorities()).containsExactly("CN=localhost");
            assertThat(seen.served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedOn()).containsExactly("TLSv1.0", "TLSv1.1", "TLSv1.2"));
        }
    }

    @Test
    void findsChaChaForThoseWhoPreferItAndDhe() throws IOException {
        try (PeerProcess server = server(
                "rsa",
                "-serverpref",
                "-prioritize_chacha",
                "-tls1_2",
                "-cipher",
                "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256")) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .containsExactly(
                            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                            "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");
            assertThat(seen.cipherSuites().get("TLSv1.2").order()).isEqualTo("server");
            assertThat(seen.cipherSuites().get("TLSv1.2").chachaWhenPreferred()).isTrue();
            assertThat(seen.finiteFieldDh()).singleElement().satisfies(dh -> {
                assertThat(dh.bits()).isEqualTo(2048);
                // What OpenSSL takes by itself for a certificate of 2048 bits (RFC 3526 group 14).
                assertThat(dh.prime()).isEqualTo("modp2048");
            });
        }
    }

    @Test
    void knowsTls13WithOneGroupAndTheStaple() {
        try (PeerProcess server = server(
                "p384", "-tls1_3", "-serverpref", "-groups", "P-521", "-ciphersuites", "TLS_AES_256_GCM_SHA384")) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.protocols())
                    .containsEntry("TLSv1.3", FactState.ACCEPTED)
                    .containsEntry("TLSv1.2", FactState.REFUSED);
            assertThat(Rig.suites(seen, "TLSv1.3")).containsExactly("TLS_AES_256_GCM_SHA384");
            assertThat(Rig.groups(seen, "TLSv1.3")).containsExactly("secp521r1");
            assertThat(seen.cipherSuites().get("TLSv1.3").order()).isNull();
            assertThat(seen.signatureSchemes()).containsEntry("TLSv1.3", List.of("ecdsa_secp384r1_sha384"));
            assertThat(seen.alpn().onMismatch()).isEqualTo("ignored");
        }
    }

    @Test
    void knowsAnEd25519ServerOfTls12() {
        try (PeerProcess server = server("ed", "-tls1_2")) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(seen.signatureSchemes()).containsEntry("TLSv1.2", List.of("ed25519"));
            assertThat(seen.served()).hasSize(1);
        }
    }

    @Test
    void seesThroughARequiredClientCertificate() {
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            try (PeerProcess server = server("rsa", "-Verify", "1", "-verify_return_error", version)) {
                Observation seen = rig.scan(server.port(), Depth.STANDARD);
                String label = version.equals("-tls1_2") ? "TLSv1.2" : "TLSv1.3";
                assertThat(seen.protocols()).as(version).containsEntry(label, FactState.ACCEPTED);
                assertThat(Rig.suites(seen, label)).hasSizeGreaterThan(2);
                assertThat(seen.clientAuthentication().mode()).as(version).isEqualTo("required");
                assertThat(seen.clientAuthentication().enforcement()).isEqualTo("handshake");
                assertThat(seen.served()).hasSize(1);
                assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            }
        }
    }

    @Test
    void knowsGnuTlsWithItsOwnGroups() {
        try (PeerProcess server = PeerProcess.start(
                directory,
                "gnutls-serv",
                "--port",
                "{port}",
                "--x509keyfile",
                "rsa/key.pem",
                "--x509certfile",
                "rsa/cert.pem",
                "--priority",
                "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL:+GROUP-FFDHE3072",
                "--quiet")) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .isNotEmpty()
                    .allMatch(name -> name.startsWith("TLS_DHE_RSA_"))
                    .contains("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_DHE_RSA_WITH_AES_128_CCM");
            assertThat(seen.finiteFieldDh())
                    .singleElement()
                    .satisfies(dh -> assertThat(dh.prime()).isEqualTo("ffdhe3072"));
        }
    }

    /**
     * It says protocol_version to a hello for TLS 1.1 whatever is below that, even in supported_versions: so each version is asked for
     * by itself.
     */
    @Test
    void findsTheVersionBelowOneThatIsSwitchedOff() {
        try (PeerProcess server = PeerProcess.start(
                directory,
                "gnutls-serv",
                "--port",
                "{port}",
                "--x509keyfile",
                "rsa/key.pem",
                "--x509certfile",
                "rsa/cert.pem",
                "--priority",
                "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.0",
                "--quiet")) {
            assertThat(rig.scan(server.port(), Depth.STANDARD).protocols())
                    .containsEntry("TLSv1.2", FactState.ACCEPTED)
                    .containsEntry("TLSv1.1", FactState.REFUSED)
                    .containsEntry("TLSv1.0", FactState.ACCEPTED);
        }
    }

    /** Its own client agrees on each of these with a user's name and password. */
    @Test
    void knowsGnuTlsWithSrp() {
        PeerProcess.run(
                directory,
                "sh",
                "-c",
                "srptool --create-conf srp.conf && (echo secret; echo secret) | srptool --passwd srp --passwd-conf srp.conf -u user");
        String priority =
                "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+SRP:+SRP-RSA:+ECDHE-RSA:-CIPHER-ALL:+AES-128-CBC:+AES-128-GCM";
        String[] command = {
            "gnutls-serv",
            "--port",
            "{port}",
            "--x509keyfile",
            "rsa/key.pem",
            "--x509certfile",
            "rsa/cert.pem",
            "--srppasswd",
            "srp",
            "--srppasswdconf",
            "srp.conf",
            "--priority",
            priority,
            "--quiet"
        };
        try (PeerProcess server = PeerProcess.start(directory, command)) {
            Observation seen = rig.scan(server.port(), Depth.FULL);
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .containsExactlyInAnyOrder(
                            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                            "TLS_SRP_SHA_WITH_AES_128_CBC_SHA",
                            "TLS_SRP_SHA_RSA_WITH_AES_128_CBC_SHA");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(rig.verify(server.port(), seen).difference()).isEmpty();
        }
        command[command.length - 2] = priority.replace("+ECDHE-RSA:", "");
        try (PeerProcess server = PeerProcess.start(directory, command)) {
            Observation seen = rig.attack(server.port());
            assertThat(seen.protocols()).containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(seen.vulnerabilities())
                    .extracting(Observation.Vulnerability::id, Observation.Vulnerability::state)
                    .contains(tuple("padding-oracle", "unknown"), tuple("poodle-tls", "unknown"))
                    .doesNotContain(tuple("heartbleed", "not-vulnerable"), tuple("ccs-injection", "not-vulnerable"));
        }
    }

    @Test
    void knowsHaproxy() throws IOException {
        Files.writeString(
                directory.resolve("both.pem"),
                Files.readString(directory.resolve("rsa/cert.pem"))
                        + Files.readString(directory.resolve("rsa/key.pem")));
        int port = PeerProcess.freePort();
        Files.writeString(directory.resolve("haproxy.cfg"), """
                global
                  maxconn 100
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 5s
                  timeout server 5s
                frontend tls
                  bind 127.0.0.1:%d ssl crt %s alpn h2,http/1.1 ssl-min-ver TLSv1.2 ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305 curves X25519:P-256
                  http-request return status 200
                """.formatted(port, directory.resolve("both.pem")));
        try (PeerProcess haproxy = PeerProcess.start(
                directory,
                port,
                List.of("haproxy", "-db", "-f", directory.resolve("haproxy.cfg").toString()))) {
            Observation seen = rig.scan(haproxy.port(), Depth.STANDARD);
            assertThat(seen.coverage()).isEmpty();
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .containsExactly(
                            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
            assertThat(seen.cipherSuites().get("TLSv1.2").order()).isEqualTo("server");
            assertThat(seen.cipherSuites().get("TLSv1.2").chachaWhenPreferred()).isTrue();
            assertThat(Rig.groups(seen, "TLSv1.2")).containsExactlyInAnyOrder("x25519", "secp256r1");
            assertThat(seen.alpn().accepted()).containsExactlyInAnyOrder("h2", "http/1.1");
        }
    }

    @Test
    void saysThatNobodyListens() {
        Observation seen = rig.scan(PeerProcess.freePort(), Depth.STANDARD);
        assertThat(seen.scan().outcome()).isEqualTo(Outcome.UNREACHABLE);
        assertThat(seen.scan().reason()).isEqualTo(Reason.CONNECT_REFUSED);
        assertThat(seen.protocols()).isNull();
    }

    @Test
    void saysThatHttpIsNoTls() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("plain.conf");
        Files.writeString(conf, nginxConf("listen 127.0.0.1:" + port + ";"));
        try (PeerProcess nginx = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()))) {
            Observation seen = rig.scan(nginx.port(), Depth.STANDARD);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.NOT_TLS);
            assertThat(seen.scan().reason()).isEqualTo(Reason.NOT_TLS);
        }
    }

    @Test
    void givesTheSameFactsTwice() throws IOException {
        try (PeerProcess nginx = nginx("http2", INTERMEDIATE)) {
            Observation first = rig.scan(nginx.port(), Depth.STANDARD);
            Observation second = rig.scan(nginx.port(), Depth.STANDARD);
            assertThat(second.protocols()).isEqualTo(first.protocols());
            assertThat(second.cipherSuites()).isEqualTo(first.cipherSuites());
            assertThat(second.groups()).isEqualTo(first.groups());
            assertThat(second.signatureSchemes()).isEqualTo(first.signatureSchemes());
            assertThat(second.alpn()).isEqualTo(first.alpn());
            assertThat(second.fingerprints()).isEqualTo(first.fingerprints());
            assertThat(second.scan().connections()).isEqualTo(first.scan().connections());
        }
    }

    private static PeerProcess nginx(String listenOptions, String settings) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx-" + port + ".conf");
        Files.writeString(
                conf,
                nginxConf("listen 127.0.0.1:" + port + " ssl " + listenOptions + "; server_name localhost;\n"
                        + settings.replace("DIR", directory.toString())));
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }

    private static String nginxConf(String server) {
        return """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { %2$s location / { return 200 ok; } } }
                """.formatted(directory, server);
    }

    private static PeerProcess server(String kind, String... options) {
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
