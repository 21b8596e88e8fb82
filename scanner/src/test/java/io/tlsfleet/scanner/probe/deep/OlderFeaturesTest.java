package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features of TLS 1.2, each found where it is and missed where it is not. */
class OlderFeaturesTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private static final Map<String, Integer> EXTENSIONS = new TreeMap<>(Map.of(
            "extendedMasterSecret", Extensions.EXTENDED_MASTER_SECRET,
            "secureRenegotiation", Extensions.RENEGOTIATION_INFO,
            "heartbeat", Extensions.HEARTBEAT,
            "npn", Extensions.NEXT_PROTOCOL_NEGOTIATION,
            "maxFragmentLength", Extensions.MAX_FRAGMENT_LENGTH,
            "statusRequestV2", Extensions.STATUS_REQUEST_V2,
            "encryptThenMac", Extensions.ENCRYPT_THEN_MAC,
            "truncatedHmac", Extensions.TRUNCATED_HMAC));

    /** As s2n and ngircd refuse. */
    private static final byte[] CLOSE_NOTIFY = {21, 3, 3, 0, 2, 1, 0};

    @TempDir
    static Path directory;

    @BeforeAll
    static void certificate() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    @Test
    void tellsEachFeatureFromTheOthers() throws IOException {
        for (Map.Entry<String, Integer> feature : EXTENSIONS.entrySet()) {
            try (EchoingServer server = new EchoingServer(Set.of(feature.getValue()), false)) {
                Map<String, Object> seen = features(server.port());
                EXTENSIONS
                        .keySet()
                        .forEach(name -> assertThat(seen)
                                .as(feature.getKey())
                                .containsEntry(
                                        name, name.equals(feature.getKey()) ? FactState.ACCEPTED : FactState.REFUSED));
                assertThat(seen).containsEntry("compression", FactState.REFUSED);
            }
        }
        try (EchoingServer server = new EchoingServer(Set.of(), true)) {
            assertThat(features(server.port())).containsEntry("compression", FactState.ACCEPTED);
        }
    }

    /** What only CBC suites can have is no question to a server without them, whatever it would echo. */
    @Test
    void asksOfMacsOnlyWhereASuiteHasOne() throws IOException {
        Set<Integer> both = Set.of(Extensions.ENCRYPT_THEN_MAC, Extensions.TRUNCATED_HMAC);
        try (EchoingServer server = new EchoingServer(both, false)) {
            assertThat(features(server.port(), 0xC02F))
                    .containsEntry("encryptThenMac", FactState.NOT_ASKED)
                    .containsEntry("truncatedHmac", FactState.NOT_ASKED)
                    .containsEntry("extendedMasterSecret", FactState.REFUSED);
            assertThat(features(server.port(), 0xC02F, 0xC013))
                    .containsEntry("encryptThenMac", FactState.ACCEPTED)
                    .containsEntry("truncatedHmac", FactState.ACCEPTED);
        }
    }

    /** The one of them that is older than extensions. */
    @Test
    void asksSsl3AloneForCompression() throws IOException {
        for (boolean compresses : new boolean[] {true, false}) {
            try (EchoingServer server = new EchoingServer(Set.of(), compresses)) {
                Found found = new Found();
                OlderFeatures.ask(
                        ground(Map.of(ProtocolVersion.SSL_3, suites(0x002F))), new LoopbackWire(server.port()), found);
                assertThat(found.features())
                        .containsEntry("compression", compresses ? FactState.ACCEPTED : FactState.REFUSED)
                        .containsEntry("heartbeat", FactState.NOT_ASKED);
            }
        }
    }

    @Test
    void findsTheNextProtocolNegotiationOfOpenSsl() {
        try (PeerProcess server = PeerProcess.start(
                directory,
                "openssl",
                "s_server",
                "-accept",
                "{port}",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem",
                "-nextprotoneg",
                "http/1.1")) {
            assertThat(features(server.port()))
                    .containsEntry("npn", FactState.ACCEPTED)
                    .containsEntry("heartbeat", FactState.REFUSED);
        }
    }

    /** A server that answers heartbeats and does not bleed. */
    @Test
    void findsTheHeartbeatOfGnuTls() {
        try (PeerProcess server = PeerProcess.start(
                directory,
                "gnutls-serv",
                "--http",
                "--heartbeat",
                "-p",
                "{port}",
                "--x509certfile",
                "cert.pem",
                "--x509keyfile",
                "key.pem")) {
            assertThat(features(server.port()))
                    .containsEntry("heartbeat", FactState.ACCEPTED)
                    .containsEntry("recordSizeLimit", 16384)
                    .containsEntry("npn", FactState.REFUSED);
            assertThat(Attacks.agreed(
                                    List.of(Heartbleed::once),
                                    ground(Map.of(ProtocolVersion.TLS_1_2, suites(0xC02F, 0xC013))),
                                    new LoopbackWire(server.port()))
                            .state())
                    .isEqualTo(Attacks.Verdict.State.NOT_VULNERABLE);
        }
    }

    @Test
    void findsWhatTls13TakesOverFromBefore() {
        try (PeerProcess server = PeerProcess.start(
                directory,
                "openssl",
                "s_server",
                "-accept",
                "{port}",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem",
                "-tls1_3")) {
            Found found = new Found();
            OlderFeatures.ask(
                    ground(Map.of(ProtocolVersion.TLS_1_3, suites(0x1301))), new LoopbackWire(server.port()), found);
            assertThat(found.features())
                    .containsEntry("maxFragmentLength", FactState.ACCEPTED)
                    .containsEntry("heartbeat", FactState.REFUSED)
                    .containsEntry("compression", FactState.REFUSED)
                    .containsEntry("npn", FactState.NOT_ASKED);
        }
    }

    @Test
    void tellsWhoMindsAFallback() throws IOException {
        Ground both = ground(
                Map.of(ProtocolVersion.TLS_1_2, suites(0xC02F, 0xC013), ProtocolVersion.TLS_1_1, suites(0xC013)));
        try (EchoingServer server = new EchoingServer(Set.of(), false)) {
            Found found = new Found();
            FallbackScsv.ask(both, new LoopbackWire(server.port()), found);
            assertThat(found.features()).containsEntry("fallbackScsv", FactState.REFUSED);
        }
        try (PeerProcess server = PeerProcess.start(
                directory,
                "openssl",
                "s_server",
                "-accept",
                "{port}",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem",
                "-cipher",
                "ALL:@SECLEVEL=0")) {
            Found found = new Found();
            FallbackScsv.ask(both, new LoopbackWire(server.port()), found);
            assertThat(found.features()).containsEntry("fallbackScsv", FactState.ACCEPTED);
        }
    }

    @Test
    void knowsWhoMindsAFallbackByHangingUp() throws IOException {
        Ground both = ground(
                Map.of(ProtocolVersion.TLS_1_2, suites(0xC02F, 0xC013), ProtocolVersion.TLS_1_1, suites(0xC013)));
        try (EchoingServer server = new EchoingServer(Set.of(), false)) {
            for (byte[] word : List.of(new byte[0], CLOSE_NOTIFY)) {
                for (int hangUps : new int[] {1, 2}) {
                    Found found = new Found();
                    FallbackScsv.ask(both, new HangingUp(new LoopbackWire(server.port()), hangUps, word), found);
                    assertThat(found.features())
                            .containsEntry("fallbackScsv", hangUps == 2 ? FactState.ACCEPTED : FactState.UNKNOWN);
                }
            }
        }
    }

    /** On so many hellos with TLS_FALLBACK_SCSV, with that last word. */
    private static final class HangingUp implements BareWire {
        private final Wire wire;
        private final byte[] word;
        private int left;

        HangingUp(Wire wire, int times, byte[] word) {
            this.wire = wire;
            this.left = times;
            this.word = word;
        }

        @Override
        public <R> Heard<R> say(Conversation<R> conversation) {
            boolean fallback = new String(conversation.opening(), StandardCharsets.ISO_8859_1).contains("V\0");
            if (!fallback || left-- <= 0) {
                return wire.say(conversation);
            }
            if (word.length > 0) {
                conversation.receive(word);
            }
            return new Heard.Told<>(conversation.end(Ending.CLOSED), Duration.ZERO);
        }
    }

    @Test
    void tellsWhatBecomesOfANameThatNobodyKnows() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; pid DIR/nginx.pid; error_log DIR/error.log;
                events {}
                http {
                  access_log off; client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f;
                  uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
                  ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem;
                  server { listen 127.0.0.1:PORT ssl default_server; ssl_reject_handshake on; }
                  server { listen 127.0.0.1:PORT ssl; server_name localhost; }
                }
                """.replace("DIR", directory.toString()).replace("PORT", "" + port));
        try (PeerProcess nginx = PeerProcess.start(
                directory,
                port,
                List.of("nginx", "-e", directory.resolve("error.log").toString(), "-c", conf.toString()))) {
            assertThat(unknownName(nginx.port())).isEqualTo("alert");
            try (PickyServer front = new PickyServer(
                    nginx.port(),
                    s -> new String(
                                    s.hello().extension(Extensions.SERVER_NAME).orElse(new byte[0]),
                                    StandardCharsets.US_ASCII)
                            .contains("invalid"),
                    false)) {
                assertThat(unknownName(front.port())).isEqualTo("closed");
            }
        }
    }

    private static String unknownName(int port) {
        Found found = new Found();
        UnknownName.ask(ground(Map.of(ProtocolVersion.TLS_1_2, suites(0xC02F))), new LoopbackWire(port), found);
        return Objects.requireNonNull(found.unknownName());
    }

    private static Map<String, Object> features(int port) {
        return features(port, 0xC02F, 0xC013);
    }

    private static Map<String, Object> features(int port, int... accepted) {
        Found found = new Found();
        OlderFeatures.ask(ground(Map.of(ProtocolVersion.TLS_1_2, suites(accepted))), new LoopbackWire(port), found);
        return found.features();
    }

    private static List<CipherSuite> suites(int... codes) {
        return Arrays.stream(codes).mapToObj(CipherSuite::new).toList();
    }

    private static Ground ground(Map<ProtocolVersion, List<CipherSuite>> suites) {
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                suites,
                List.of(NamedGroup.named("x25519")),
                false,
                "localhost",
                "localhost",
                null,
                Set.of(),
                InstantSource.system());
    }
}
