package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.wire.ByteWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Servers like those of Go and rustls: they ask for another key share before they look at the protocols, the name and their own
 * certificates, so that what they mind comes behind a HelloRetryRequest.
 */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class RefusedAfterRetryTest {
    private static final int NO_CERTIFICATE_FOR_IT = 80;
    private static final int UNRECOGNIZED_NAME = 112;
    private static final int NO_APPLICATION_PROTOCOL = 120;

    /** The first bytes of a HelloRetryRequest's random (RFC 8446 section 4.1.3). */
    private static final String RETRY = "\u00cf!\u00adt\u00e5\u009aa\u0011";

    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        Path ec = Files.createDirectory(directory.resolve("ec"));
        PeerProcess.certificate(ec, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void finishesWithoutTheProtocolsThatAreRefused() {
        try (PeerProcess server = server("-tls1_3 -groups X25519:P-256 -www");
                Front front = before(server, NO_APPLICATION_PROTOCOL, hello -> hello.contains("http/1.1"))) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
            assertThat(seen.negotiated().protocol()).isEqualTo("TLSv1.3");
            assertThat(seen.alpn().onMismatch()).isEqualTo("alert");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    /** rustls has said its ServerHello by then. */
    @Test
    void finishesWithoutTheProtocolsThatAreRefusedBehindAServerHello() {
        try (PeerProcess server = server("-groups X25519:P-256 -www");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    if (!offersTls13(text(hello)) || !text(hello).contains("http/1.1")) {
                        Front.relay(client, server.port(), hello);
                        return;
                    }
                    try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                        upstream.getOutputStream().write(hello);
                        client.getOutputStream().write(Front.firstRecord(upstream));
                    }
                    alert(client, NO_APPLICATION_PROTOCOL);
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
            assertThat(seen.negotiated().protocol()).isEqualTo("TLSv1.3");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    @Test
    void takesNoRefusalOfAProtocolForIgnoringIt() {
        try (PeerProcess server = server("-tls1_3 -groups X25519:P-256 -www -alpn h2,http/1.1");
                Front front = before(
                        server,
                        NO_APPLICATION_PROTOCOL,
                        hello -> hello.contains("tlsfleet-unknown") && !hello.contains("http/1.1"))) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.alpn().accepted()).containsExactly("h2", "http/1.1");
            assertThat(seen.alpn().onMismatch()).isEqualTo("alert");
        }
    }

    /** Go with h2 alone lets clients of HTTP/1.1 pass, and no others. */
    @Test
    void takesLettingHttp1PassForNoIgnoringOfOthers() {
        try (PeerProcess speaking = server("-tls1_2 -www -alpn h2");
                PeerProcess ignoring = server("-tls1_2 -www");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    if (text(hello).contains("\2h2")) {
                        Front.relay(client, speaking.port(), hello);
                    } else if (text(hello).contains("tlsfleet-unknown")
                            && !text(hello).contains("http/1.1")) {
                        alert(client, NO_APPLICATION_PROTOCOL);
                    } else {
                        Front.relay(client, ignoring.port(), hello);
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.alpn().accepted()).containsExactly("h2");
            assertThat(seen.alpn().onMismatch()).isEqualTo("alert");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    /** Go's configurations by name: versions too. */
    @ParameterizedTest
    @CsvSource({"-tls1_3, -tls1_2", "-tls1_2, -tls1_3"})
    void hasTheChainWithoutANameOfAVersionThatTheNameHasNot(String named, String nameless) {
        String other = " -cert ec/cert.pem -key ec/key.pem";
        try (PeerProcess server = server("-www " + named);
                PeerProcess without = server("-www " + nameless + other);
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    boolean hasName = text(hello).contains("localhost");
                    Front.relay(client, hasName ? server.port() : without.port(), hello);
                })) {
            assertThat(rig.scan(front.port(), Depth.FULL).served())
                    .hasSize(2)
                    .anySatisfy(chain -> {
                        assertThat(chain.servedOn()).hasSize(1);
                        assertThat(chain.servedWithoutSni()).isFalse();
                    })
                    .anySatisfy(chain -> {
                        assertThat(chain.servedOn()).isEmpty();
                        assertThat(chain.servedWithoutSni()).isTrue();
                    });
        }
    }

    @Test
    void takesAnAlertForTheRefusalOfTheVersion() {
        try (PeerProcess server = server("-groups X25519:P-256 -www");
                Front front = before(server, NO_CERTIFICATE_FOR_IT, RefusedAfterRetryTest::offersTls13)) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.REFUSED);
            assertThat(seen.protocols()).containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(seen.coverage()).extracting(Coverage::fact).doesNotContain("/protocols/TLSv1.3");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    /** OpenSMTPD without access to its key: who has said a ServerHello and then fails in itself has not refused the version. */
    @ParameterizedTest
    @CsvSource({"80, UNKNOWN, PARTIAL", "40, REFUSED, COMPLETE"})
    void takesAFaultBehindAServerHelloForNoRefusal(int description, FactState state, Outcome outcome) {
        try (PeerProcess server = server("-groups X25519:P-256 -www");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    if (!offersTls13(text(hello))) {
                        Front.relay(client, server.port(), hello);
                        return;
                    }
                    try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                        upstream.getOutputStream().write(hello);
                        byte[] answer = Front.firstRecord(upstream);
                        client.getOutputStream().write(answer);
                        if (text(answer).contains(RETRY)) {
                            client.getInputStream().read();
                        } else {
                            alert(client, description);
                        }
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", state).containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(seen.coverage())
                    .filteredOn(c -> c.fact().equals("/protocols/TLSv1.3"))
                    .hasSize(state == FactState.UNKNOWN ? 1 : 0);
            assertThat(seen.scan().outcome()).isEqualTo(outcome);
        }
    }

    @Test
    void knowsThatItsOwnNameIsRefused() {
        try (Front front = new Front((client, number) -> {
            String hello = text(Front.firstRecord(client));
            if (offersTls13(hello)) {
                retry(client);
            }
            alert(client, UNRECOGNIZED_NAME);
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.REFUSED);
            assertThat(seen.sni().unknownName()).isEqualTo("alert");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    @Test
    void seesAnUnknownNameRefused() {
        try (PeerProcess server = server("-tls1_3 -groups X25519:P-256 -www");
                Front front = before(server, NO_CERTIFICATE_FOR_IT, hello -> hello.contains("unknown-name"))) {
            assertThat(rig.scan(front.port(), Depth.FULL).sni().unknownName()).isEqualTo("alert");
        }
        try (PeerProcess server = server("-tls1_3 -groups P-256 -www")) {
            assertThat(rig.scan(server.port(), Depth.FULL).sni().unknownName()).isEqualTo("default-certificate");
        }
    }

    /** What is minded gets a HelloRetryRequest where it has brought a share, and the alert. */
    private static Front before(PeerProcess server, int alert, Predicate<String> minded) {
        return new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            if (minded.test(text(hello))) {
                retry(client);
                alert(client, alert);
            } else {
                Front.relay(client, server.port(), hello);
            }
        });
    }

    private static void retry(Socket client) throws IOException {
        ByteWriter extensions =
                new ByteWriter().u16(43).vec16(new byte[] {3, 4}).u16(51).vec16(new byte[] {0, 0x17});
        client.getOutputStream()
                .write(HostileFlights.handshake(
                        HandshakeMessage.SERVER_HELLO,
                        HostileFlights.serverHello(HostileFlights.TLS_1_2, 0x1302, true, extensions)));
        Front.firstRecord(client);
    }

    private static void alert(Socket client, int description) throws IOException {
        client.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, (byte) description});
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
