package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against BoringSSL, GnuTLS and OpenSSL; delegated credentials, which no server of Debian has, in messages of our own. */
class Tls13FeaturesTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    @TempDir
    static Path directory;

    @BeforeAll
    static void certificate() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    @Test
    void findsEveryCertificateCompression() throws IOException {
        try (BoringServer server = new BoringServer(directory, 1, 2, 3)) {
            Map<String, Object> seen = tls13(server.port()).features();
            assertThat(names(seen)).containsExactlyInAnyOrder("zlib", "brotli", "zstd");
            assertThat(seen)
                    .containsEntry("delegatedCredentials", FactState.REFUSED)
                    .containsEntry("encryptedClientHello", FactState.REFUSED)
                    .containsEntry("recordSizeLimit", FactState.REFUSED);
        }
        try (BoringServer server = new BoringServer(directory, 2)) {
            Found found = tls13(server.port());
            assertThat(names(found.features())).containsExactly("brotli");
            assertThat(found.features()).containsEntry("delegatedCredentials", FactState.REFUSED);
            assertThat(found.coverage()).isEmpty();
        }
        try (PeerProcess server = PeerProcess.start(
                directory, "openssl", "s_server", "-accept", "{port}", "-cert", "cert.pem", "-key", "key.pem")) {
            assertThat(names(tls13(server.port()).features())).isEmpty();
        }
    }

    @Test
    void readsTheRecordSizeLimitOfGnuTls() {
        try (PeerProcess server = PeerProcess.start(
                directory,
                "gnutls-serv",
                "--http",
                "-p",
                "{port}",
                "--x509certfile",
                "cert.pem",
                "--x509keyfile",
                "key.pem",
                "--recordsize",
                "4096")) {
            assertThat(tls13(server.port()).features()).containsEntry("recordSizeLimit", 4097);
        }
        try (PeerProcess server = PeerProcess.start(
                directory, "openssl", "s_server", "-accept", "{port}", "-cert", "cert.pem", "-key", "key.pem")) {
            assertThat(tls13(server.port()).features()).containsEntry("recordSizeLimit", FactState.REFUSED);
        }
    }

    @Test
    void tellsWhoHonoursAMaximumFragmentLength() throws IOException {
        try (PeerProcess server = PeerProcess.start(
                directory, "openssl", "s_server", "-accept", "{port}", "-cert", "cert.pem", "-key", "key.pem")) {
            assertThat(older(server.port()).features()).containsEntry("maxFragmentLength", FactState.ACCEPTED);
        }
        try (BoringServer server = new BoringServer(directory)) {
            assertThat(older(server.port()).features()).containsEntry("maxFragmentLength", FactState.REFUSED);
        }
    }

    @Test
    void readsADelegatedCredential() {
        byte[] credential = ByteWriter.write(
                w -> w.u32(86_400).u16(0x0403).vec24(new byte[91]).u16(0x0804).vec16(new byte[256]));
        assertThat(single(List.of(new Extension(Extensions.DELEGATED_CREDENTIAL, credential))))
                .isEqualTo(FactState.ACCEPTED);
        assertThat(single(List.of())).isEqualTo(FactState.REFUSED);
        assertThat(single(List.of(new Extension(Extensions.DELEGATED_CREDENTIAL, new byte[7]))))
                .isEqualTo(FactState.UNKNOWN);
    }

    private static Object single(List<Extension> extensions) {
        ServerMessage.Certificate certificate = new ServerMessage.Certificate(
                List.of(new ServerMessage.Certificate.Entry(new byte[] {0x30, 0}, extensions)));
        Found found = new Found();
        Tls13Features.single(
                new Tls13Result(
                        Tls13Result.Step.FINISHED,
                        List.of(certificate),
                        List.of(),
                        false,
                        new byte[0],
                        1L,
                        Ending.FINISHED,
                        null,
                        null),
                found);
        return found.features().getOrDefault("delegatedCredentials", "absent");
    }

    private static List<String> names(Map<String, Object> features) {
        List<String> names = new ArrayList<>();
        if (features.get("certificateCompression") instanceof List<?> list) {
            list.forEach(name -> names.add((String) name));
        } else {
            names.add("no list: " + features.get("certificateCompression"));
        }
        return names;
    }

    private static Found tls13(int port) {
        Found found = new Found();
        Tls13Features.ask(ground(ProtocolVersion.TLS_1_3, 0x1301), new LoopbackWire(port), found);
        return found;
    }

    private static Found older(int port) {
        Found found = new Found();
        OlderFeatures.ask(ground(ProtocolVersion.TLS_1_2, 0xC02F), new LoopbackWire(port), found);
        return found;
    }

    private static Ground ground(ProtocolVersion version, int suite) {
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                Map.of(version, List.of(new CipherSuite(suite))),
                List.of(NamedGroup.named("x25519")),
                false,
                "localhost",
                "localhost",
                null,
                Set.of(),
                InstantSource.system());
    }
}
