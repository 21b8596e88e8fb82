package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.deep.PickyServer.Seen;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** nginx bears everything; behind a front that hangs up on one thing, that alone is refused. */
class ToleranceTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private static final int PLAIN_GREASE = 0x1A1A;

    @TempDir
    static Path directory;

    private static PeerProcess nginx;

    @BeforeAll
    static void start() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; pid DIR/nginx.pid; error_log DIR/error.log;
                events {}
                http {
                  access_log off; client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f;
                  uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
                  server {
                    listen 127.0.0.1:PORT ssl; ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem;
                    ssl_protocols TLSv1.2 TLSv1.3;
                  }
                }
                """.replace("DIR", directory.toString()).replace("PORT", "" + port));
        nginx = PeerProcess.start(
                directory,
                port,
                List.of("nginx", "-e", directory.resolve("error.log").toString(), "-c", conf.toString()));
    }

    @AfterAll
    static void stop() {
        nginx.close();
    }

    /** {@code refused} are all facts that a front with this dislike makes refused. */
    record Dislike(Set<String> refused, ProtocolVersion version, Predicate<Seen> of) {
        Dislike(String refused, Predicate<Seen> of) {
            this(Set.of(refused), ProtocolVersion.TLS_1_3, of);
        }

        @Override
        public String toString() {
            return refused + " of " + version;
        }
    }

    static Stream<Dislike> dislikes() {
        return Stream.of(
                new Dislike("futureVersion", s -> versions(s).contains(0x0305)),
                new Dislike(
                        Set.of("futureVersion"),
                        ProtocolVersion.TLS_1_2,
                        s -> s.hello().legacyVersion().code() > 0x0303),
                new Dislike("grease", s -> s.hello().cipherSuites().contains(new CipherSuite(PLAIN_GREASE))),
                new Dislike(
                        Set.of("grease"),
                        ProtocolVersion.TLS_1_2,
                        s -> s.hello().extension(PLAIN_GREASE).isPresent()),
                new Dislike("unknownExtension", s -> s.hello().extension(0x7A69).isPresent()),
                new Dislike(
                        Set.of("clientHelloOver256", "largeClientHello"),
                        ProtocolVersion.TLS_1_2,
                        s -> s.length() > 350 && s.length() < 512),
                new Dislike(
                        Set.of("clientHelloOver512", "largeClientHello"),
                        ProtocolVersion.TLS_1_3,
                        s -> s.length() >= 512 && s.length() < 1000),
                new Dislike(
                        Set.of("clientHelloOver1400", "largeClientHello"),
                        ProtocolVersion.TLS_1_3,
                        s -> s.length() > 1400 && s.hello().cipherSuites().size() < 100),
                new Dislike("splitClientHello", s -> s.firstRead() < s.firstRecord()),
                new Dislike(
                        Set.of("longSessionId"),
                        ProtocolVersion.TLS_1_2,
                        s -> s.hello().sessionId().length > 0),
                new Dislike("recordFragmentation", s -> s.firstRecord() < s.length()),
                new Dislike("wideClientHello", s -> s.hello().cipherSuites().size() > 150));
    }

    @ParameterizedTest
    @MethodSource("dislikes")
    void findsTheOneThingThatIsNotBorne(Dislike dislike) throws IOException {
        try (PickyServer front = new PickyServer(nginx.port(), dislike.of, false)) {
            Map<String, FactState> seen = ask(dislike.version, front.port());
            assertThat(seen).hasSize(11);
            assertThat(new TreeMap<>(seen)
                            .entrySet().stream()
                                    .filter(e -> e.getValue() != FactState.ACCEPTED)
                                    .map(e -> e.getKey() + " " + e.getValue().word()))
                    .containsExactlyInAnyOrderElementsOf(dislike.refused.stream()
                            .map(name -> name + " refused")
                            .toList());
        }
    }

    @Test
    void asksAServerThatBearsEverythingFourTimes() throws IOException {
        AtomicInteger hellos = new AtomicInteger();
        try (PickyServer front = new PickyServer(nginx.port(), s -> hellos.incrementAndGet() < 0, false)) {
            assertThat(ask(ProtocolVersion.TLS_1_3, front.port()).values())
                    .hasSize(11)
                    .containsOnly(FactState.ACCEPTED);
        }
        assertThat(hellos).hasValue(4);
    }

    /** F5's devices hung on hellos of 256 to 511 bytes: silence is no answer. */
    @Test
    void callsSilenceUnknown() throws IOException {
        try (PickyServer front =
                new PickyServer(nginx.port(), s -> s.hello().extension(0x7A69).isPresent(), true)) {
            Map<String, FactState> seen = ask(ProtocolVersion.TLS_1_3, front.port());
            assertThat(seen)
                    .containsEntry("unknownExtension", FactState.UNKNOWN)
                    .containsEntry("grease", FactState.ACCEPTED);
        }
    }

    private static Map<String, FactState> ask(ProtocolVersion version, int port) {
        Found found = new Found();
        Tolerance.ask(ground(version), new LoopbackWire(port), found);
        return found.tolerance();
    }

    private static List<Integer> versions(Seen seen) {
        byte[] list = seen.hello().extension(Extensions.SUPPORTED_VERSIONS).orElse(new byte[] {0});
        try {
            return Objects.requireNonNull(
                    ByteReader.of(ByteReader.of(list).vec8("versions")).u16List("versions"));
        } catch (MalformedMessage e) {
            throw new IllegalStateException(e);
        }
    }

    private static Ground ground(ProtocolVersion version) {
        int[] suites =
                version.equals(ProtocolVersion.TLS_1_3) ? new int[] {0x1301, 0x1302} : new int[] {0xC02F, 0xC030};
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                Map.of(version, Arrays.stream(suites).mapToObj(CipherSuite::new).toList()),
                List.of(NamedGroup.named("x25519"), NamedGroup.named("secp256r1")),
                false,
                "localhost",
                "localhost",
                null,
                Set.of(),
                InstantSource.system());
    }
}
