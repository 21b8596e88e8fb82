package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Http;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every fact against real servers whose configuration says what is true. */
class DeepTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    @TempDir
    static Path directory;

    @BeforeAll
    static void certificate() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    @Test
    void readsNginxAsItIsConfigured() throws IOException {
        try (PeerProcess nginx = nginx(
                "",
                "add_header Strict-Transport-Security \"max-age=63072000; includeSubDomains\";"
                        + "add_header Alt-Svc 'h3=\":443\"; ma=86400'; return 200 '<html><img src=\"http://a/b\"><a href=\"http://x\"></html>';")) {
            LoopbackWire wire = new LoopbackWire(nginx.port());
            Found found = Deep.ask(ground(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2), wire);
            assertThat(found.coverage()).isEmpty();
            assertThat(found.features())
                    .containsEntry("extendedMasterSecret", FactState.ACCEPTED)
                    .containsEntry("encryptThenMac", FactState.ACCEPTED)
                    .containsEntry("secureRenegotiation", FactState.ACCEPTED)
                    .containsEntry("clientRenegotiation", FactState.REFUSED)
                    .containsEntry("compression", FactState.REFUSED)
                    .containsEntry("heartbeat", FactState.REFUSED)
                    .containsEntry("fallbackScsv", FactState.ACCEPTED)
                    .containsEntry("npn", FactState.REFUSED)
                    .containsEntry("truncatedHmac", FactState.REFUSED)
                    .containsEntry("maxFragmentLength", FactState.ACCEPTED)
                    .containsEntry("statusRequestV2", FactState.REFUSED)
                    .containsEntry("delegatedCredentials", FactState.REFUSED)
                    .containsEntry("encryptedClientHello", FactState.REFUSED)
                    .containsEntry("recordSizeLimit", FactState.REFUSED)
                    .containsEntry("certificateCompression", List.of())
                    .containsEntry("keyShareReuse", FactState.REFUSED);
            assertThat(found.tolerance())
                    .hasSize(11)
                    .allSatisfy((name, state) -> assertThat(state).as(name).isEqualTo(FactState.ACCEPTED));
            var resumption = Objects.requireNonNull(found.resumption());
            assertThat(Objects.requireNonNull(resumption.tls12()).ticket()).isEqualTo(FactState.ACCEPTED);
            assertThat(resumption.tls12().sessionId()).isEqualTo(FactState.ACCEPTED);
            assertThat(resumption.tls12().ticketLifetimeSeconds()).isEqualTo(300);
            assertThat(resumption.tls12().ticketKeyName()).hasSize(32);
            assertThat(Objects.requireNonNull(resumption.tls13()).psk()).isEqualTo(FactState.ACCEPTED);
            assertThat(resumption.tls13().ticketsPerHandshake()).isEqualTo(2);
            assertThat(resumption.tls13().ticketLifetimeSeconds()).isEqualTo(300);
            assertThat(resumption.tls13().earlyData()).isEqualTo(FactState.REFUSED);
            assertThat(found.unknownName()).isEqualTo("default-certificate");
            Http http = Objects.requireNonNull(found.http());
            assertThat(http.status()).isEqualTo(200);
            assertThat(http.hsts()).isEqualTo(new Http.Hsts(63072000, true, false));
            assertThat(http.server()).startsWith("nginx");
            assertThat(http.clockSkewSeconds()).isBetween(-2L, 2L);
            assertThat(http.altSvcH3()).isTrue();
            assertThat(http.mixedContent()).isEqualTo(1);
            assertThat(http.publicKeyPins()).isFalse();
            assertThat(found.timing().fullHandshakeMicros()).containsOnlyKeys("TLSv1.2", "TLSv1.3");
            assertThat(found.timing().resumedHandshakeMicros()).containsOnlyKeys("TLSv1.2", "TLSv1.3");
            assertThat(wire.connections()).isLessThanOrEqualTo(26);
        }
    }

    @Test
    void seesEarlyDataNoTicketsAndARedirectToPlain() throws IOException {
        try (PeerProcess nginx = nginx(
                "ssl_early_data on; ssl_session_cache shared:a:1m; ssl_verify_client on; ssl_client_certificate cert.pem;",
                "return 301 http://plain.example/;")) {
            Found found =
                    Deep.ask(ground(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2), new LoopbackWire(nginx.port()));
            assertThat(Objects.requireNonNull(found.http()).status()).isEqualTo(400);
        }
        try (PeerProcess nginx =
                nginx("ssl_early_data on; ssl_session_tickets on;", "return 301 http://plain.example/;")) {
            Found found = Deep.ask(ground(ProtocolVersion.TLS_1_3), new LoopbackWire(nginx.port()));
            var tls13 = Objects.requireNonNull(
                    Objects.requireNonNull(found.resumption()).tls13());
            assertThat(tls13.maxEarlyDataSize()).isEqualTo(16384);
            assertThat(tls13.earlyData()).isEqualTo(FactState.ACCEPTED);
            assertThat(Objects.requireNonNull(found.http()).redirect()).isEqualTo("http://plain.example/");
            assertThat(found.features()).containsEntry("fallbackScsv", FactState.NOT_ASKED);
        }
        try (PeerProcess nginx = nginx("ssl_session_tickets off; ssl_session_cache off;", "return 204;")) {
            Found found = Deep.ask(ground(ProtocolVersion.TLS_1_2), new LoopbackWire(nginx.port()));
            var tls12 = Objects.requireNonNull(
                    Objects.requireNonNull(found.resumption()).tls12());
            assertThat(tls12.ticket()).isEqualTo(FactState.REFUSED);
            assertThat(tls12.sessionId()).isEqualTo(FactState.REFUSED);
            assertThat(Objects.requireNonNull(found.http()).status()).isEqualTo(204);
        }
    }

    @Test
    void readsThePageOverEitherVersion() throws IOException {
        try (PeerProcess nginx = nginx(
                "gzip on; gzip_min_length 1; add_header Strict-Transport-Security 'max-age=600; includeSubDomains; preload';"
                        + "add_header Strict-Transport-Security 'max-age=9'; add_header Public-Key-Pins 'x'; default_type text/html;",
                "return 200 '<img src=\"http://a/b\"><script src=\"http://a/c\"></script>" + "x".repeat(3000) + "';")) {
            for (ProtocolVersion version : List.of(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2)) {
                Found found = new Found();
                Page.ask(ground(version), new LoopbackWire(nginx.port()), found);
                Http http = Objects.requireNonNull(found.http());
                assertThat(http.hsts()).isEqualTo(new Http.Hsts(600, true, true));
                assertThat(http.mixedContent()).isEqualTo(2);
                assertThat(http.publicKeyPins()).isTrue();
                assertThat(http.altSvcH3()).isFalse();
                assertThat(http.redirect()).isNull();
                assertThat(found.coverage()).isEmpty();
            }
        }
    }

    @Test
    void knowsThatALongPageWasNotReadToItsEnd() throws IOException {
        // nginx' workers are another user
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(directory.resolve("index.html"), "<p>".repeat(200_000));
        try (PeerProcess nginx = nginx("default_type text/html;", "root DIR;")) {
            Found found = new Found();
            Page.ask(ground(ProtocolVersion.TLS_1_3), new LoopbackWire(nginx.port()), found);
            Http http = Objects.requireNonNull(found.http());
            assertThat(http.status()).isEqualTo(200);
            assertThat(http.mixedContent()).isNull();
            assertThat(found.coverage())
                    .singleElement()
                    .satisfies(c -> assertThat(c.fact()).isEqualTo("/http/mixedContent"));
        }
    }

    @Test
    void seesAStrictServerRefuseInTheHandshake() {
        try (PeerProcess strict = openssl("-Verify", "1", "-www")) {
            Found found =
                    Deep.ask(ground(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2), new LoopbackWire(strict.port()));
            assertThat(found.coverage())
                    .anySatisfy(c -> assertThat(c.fact()).isEqualTo("/resumption/TLSv1.3/psk"))
                    .allSatisfy(
                            c -> assertThat(Objects.requireNonNull(c.reason()).word())
                                    .isEqualTo("client-certificate-required"));
        }
    }

    @Test
    void seesClientRenegotiation() {
        try (PeerProcess willing = openssl("-client_renegotiation")) {
            Found found = Deep.ask(ground(ProtocolVersion.TLS_1_2), new LoopbackWire(willing.port()));
            assertThat(found.features()).containsEntry("clientRenegotiation", FactState.ACCEPTED);
        }
    }

    private static PeerProcess openssl(String... more) {
        List<String> words = new ArrayList<>(
                List.of("openssl", "s_server", "-accept", "{port}", "-cert", "cert.pem", "-key", "key.pem"));
        words.addAll(List.of(more));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }

    private static PeerProcess nginx(String server, String location) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx-" + port + ".conf");
        boolean cached = server.contains("ssl_session_cache");
        Files.writeString(conf, """
                daemon off; pid DIR/nginx-PORT.pid; error_log DIR/error.log;
                events {}
                http {
                  access_log off; client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f;
                  uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
                  CACHE
                  server {
                    listen 127.0.0.1:PORT ssl; ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem;
                    ssl_protocols TLSv1.2 TLSv1.3;
                    SERVER
                    location / { LOCATION }
                  }
                }
                """.replace("SERVER", server.replace("cert.pem", "DIR/cert.pem"))
                .replace("LOCATION", location)
                .replace("CACHE", cached ? "" : "ssl_session_cache shared:all:1m;")
                .replace("DIR", directory.toString())
                .replace("PORT", "" + port));
        return PeerProcess.start(
                directory,
                port,
                List.of("nginx", "-e", directory.resolve("error.log").toString(), "-c", conf.toString()));
    }

    private static Ground ground(ProtocolVersion... versions) {
        Map<ProtocolVersion, List<CipherSuite>> suites = new java.util.TreeMap<>();
        for (ProtocolVersion version : versions) {
            suites.put(
                    version,
                    version.equals(ProtocolVersion.TLS_1_3)
                            ? suites(0x1301, 0x1302, 0x1303)
                            : suites(0xC02F, 0xC030, 0xC013, 0xC014, 0x009C, 0x002F));
        }
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                suites,
                List.of(NamedGroup.named("x25519"), NamedGroup.named("secp256r1")),
                false,
                "localhost",
                "localhost",
                null,
                Set.of(),
                InstantSource.system());
    }

    private static List<CipherSuite> suites(int... codes) {
        return Arrays.stream(codes).mapToObj(CipherSuite::new).toList();
    }
}
