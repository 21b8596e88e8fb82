package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.PeerProcess;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers like tlslite-ng's: one without application protocols of its own stumbles over a hello of TLS 1.3 that names any, and minds
 * groups that TLS 1.3 has no use for. What it has is not called refused for that.
 */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class HangsUpOnProtocolsTest {
    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() {
        rig = new Rig();
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** For other reasons than the protocols the up-to-date client may be refused before they are looked at. */
    private static final String FOR_NOBODY_ELSE = "-groups ffdhe4096:ffdhe3072";

    @Test
    void findsTls13WhereItHangsUpOnProtocols() {
        try (PeerProcess server = server("-groups X25519:P-256 -www");
                Front front = before(server, hello -> offersTls13(hello) && namesProtocols(hello), false)) {
            assertWithoutProtocols(rig.scan(front.port(), Depth.FULL), "x25519");
        }
    }

    @Test
    void findsTls13WhereItHangsUpOnProtocolsBehindItsServerHello() {
        try (PeerProcess server = server("-groups X25519:P-256 -www");
                Front front = before(server, hello -> offersTls13(hello) && namesProtocols(hello), true)) {
            assertWithoutProtocols(rig.scan(front.port(), Depth.FULL), "x25519");
        }
    }

    @Test
    void findsTls13WhereTheFirstHelloHadNoGroupForIt() {
        try (PeerProcess server = server("-tls1_3 -www " + FOR_NOBODY_ELSE);
                Front front = before(
                        server,
                        hello -> offersTls13(hello) && namesProtocols(hello) && hello.contains("\1\2"),
                        false)) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
            assertThat(Rig.groups(seen, "TLSv1.3")).containsExactly("ffdhe4096", "ffdhe3072");
            assertThat(seen.alpn().onMismatch()).isEqualTo("closed");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    @Test
    void findsTls12WhereItHangsUpOnProtocols() {
        try (PeerProcess server = server("-tls1_2 -www");
                Front front = before(server, HangsUpOnProtocolsTest::namesProtocols, false)) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(seen.cipherSuites().get("TLSv1.2").suites()).hasSizeGreaterThan(10);
            assertThat(seen.alpn().onMismatch()).isEqualTo("closed");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    /** OpenSSL with a protocol that we do not know refuses every other with an alert, and lets pass who names none. */
    @Test
    void namesNoProtocolWhereEveryOneIsRefused() {
        for (String version : List.of("-tls1_3", "-tls1_2")) {
            try (PeerProcess server = server(version + " -alpn of-its-own -verify 1 -www")) {
                Observation seen = rig.scan(server.port(), Depth.FULL);
                assertThat(seen.alpn()).isEqualTo(new Observation.Alpn(List.of(), "alert"));
                assertThat(seen.clientAuthentication().mode()).isEqualTo("requested");
                assertThat(seen.clientAuthentication().enforcement()).isEqualTo("none");
                assertThat(seen.http().status()).isEqualTo(200);
                assertThat(seen.coverage()).isEmpty();
            }
            try (PeerProcess server = server(version + " -alpn of-its-own -Verify 1 -www")) {
                Observation seen = rig.scan(server.port(), Depth.FULL);
                assertThat(seen.clientAuthentication().mode()).isEqualTo("required");
                assertThat(seen.clientAuthentication().enforcement()).isEqualTo("handshake");
            }
        }
    }

    /** RFC 8446 section 4.2.7: a client of TLS 1.3 alone must not offer them, and some say illegal_parameter to that. */
    @Test
    void asksForTls13WithoutOldGroupsWhereTheyAreMinded() {
        try (PeerProcess server = server("-groups X25519:P-256 -www");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    // supported_versions with TLS 1.3 alone, and secp256k1 in front of secp224k1
                    if (text(hello).contains("\0+\0\3\2\3\4") && text(hello).contains("\0\26\0\25")) {
                        client.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, 47});
                    } else {
                        Front.relay(client, server.port(), hello);
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.FULL);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
            assertThat(seen.cipherSuites().get("TLSv1.3").suites()).hasSize(3);
            assertThat(Rig.groups(seen, "TLSv1.3")).containsExactly("x25519", "secp256r1");
            assertThat(seen.resumption().tls13()).isNotNull();
            assertThat(seen.coverage()).isEmpty();
        }
    }

    private static void assertWithoutProtocols(Observation seen, String group) {
        assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
        assertThat(seen.protocols()).containsEntry("TLSv1.2", FactState.ACCEPTED);
        assertThat(seen.negotiated().protocol()).isEqualTo("TLSv1.3");
        assertThat(seen.negotiated().group()).isEqualTo(group);
        assertThat(seen.alpn().accepted()).isEmpty();
        assertThat(seen.alpn().onMismatch()).isEqualTo("closed");
        assertThat(seen.http().status()).isEqualTo(200);
        assertThat(seen.coverage()).isEmpty();
        assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
    }

    /** What is minded is hung up on, {@code late}: behind the first record of the answer. */
    private static Front before(PeerProcess server, Predicate<String> minded, boolean late) {
        return new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            if (!minded.test(text(hello))) {
                Front.relay(client, server.port(), hello);
            } else if (late) {
                try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    upstream.getOutputStream().write(hello);
                    client.getOutputStream().write(Front.firstRecord(upstream));
                }
            }
        });
    }

    private static boolean namesProtocols(String hello) {
        return hello.contains("http/1.1") || hello.contains("tlsfleet-unknown");
    }

    /** In supported_versions, alone or before TLS 1.2. */
    private static boolean offersTls13(String hello) {
        return hello.contains("\0+\0\3\2\3\4") || hello.contains("\0+\0\5\4\3\4\3\3");
    }

    private static String text(byte[] record) {
        return new String(record, StandardCharsets.ISO_8859_1);
    }

    private static PeerProcess server(String options) {
        List<String> command = new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:{port}"));
        command.addAll(List.of("-cert", "cert.pem", "-key", "key.pem", "-quiet"));
        command.addAll(List.of(options.split(" ")));
        return PeerProcess.start(directory, command.toArray(String[]::new));
    }
}
