package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.quic.CryptoStream;
import io.tlsfleet.tls.quic.InitialKeys;
import io.tlsfleet.tls.quic.InitialPacket;
import io.tlsfleet.tls.quic.QuicVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QUIC where datagrams are lost, spoilt or followed by silence, and servers that turn a client away: Netty's, and scripted ones. */
@Timeout(120)
class QuicWeatherTest {
    private static final String[] FOUR = {"h3", "doq", "smb", "hq-interop"};
    private static final int CONNECTION_REFUSED = 0x02;
    private static final int HANDSHAKE_FAILURE = 0x128;

    @TempDir
    static Path directory;

    private static Rig rig;
    private static PeerProcess nginx;
    private static int behind;

    @BeforeAll
    static void start() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
        nginx = nginx();
        behind = PeerProcess.freePort();
        rig = new Rig();
    }

    @AfterAll
    static void stop() {
        rig.close();
        nginx.close();
    }

    @Test
    void dropsWhatIsNoPacketOfItsServers() throws Exception {
        byte[] noise = HexFormat.of().parseHex("c300000001ff0102030405060708");
        try (QuicServer _ = QuicServer.start(behind, directory, false, "h3");
                QuicWay _ = new QuicWay(
                        nginx.port(),
                        behind,
                        (said, client, number) ->
                                List.of(noise, new byte[] {(byte) 0x80}, Arrays.copyOf(said, said.length / 2), said))) {
            assertThat(quic().state()).isEqualTo(FactState.ACCEPTED);
        }
    }

    @Test
    void callsNothingButNoiseMalformed() throws Exception {
        byte[] noise = {(byte) 0x80};
        try (QuicServer _ = QuicServer.start(behind, directory, false, "h3");
                QuicWay _ = new QuicWay(nginx.port(), behind, (said, client, number) -> List.of(noise))) {
            assertThat(unknowns()).containsExactly(Observation.Coverage.unknown("/quic/state", Reason.MALFORMED));
        }
    }

    @Test
    void callsSilenceAfterAnAnswerATimeout() throws Exception {
        Path other = Files.createDirectory(directory.resolve("long"));
        String words = "nsComment=" + "more than a datagram holds ".repeat(200);
        PeerProcess.certificate(other, "-newkey", "rsa:2048", "-addext", words);
        try (QuicServer _ = QuicServer.start(behind, other, false, "h3");
                QuicWay _ = new QuicWay(
                        nginx.port(), behind, (said, client, number) -> number == 0 ? List.of(said) : List.of())) {
            assertThat(unknowns()).containsExactly(Observation.Coverage.unknown("/quic/state", Reason.READ_TIMEOUT));
        }
    }

    @Test
    void namesEveryApplicationProtocolThatIsTaken() throws Exception {
        try (QuicServer _ = QuicServer.start(nginx.port(), directory, false, FOUR)) {
            Observation seen = rig.scan(nginx.port(), Depth.FULL);
            assertThat(Objects.requireNonNull(seen.quic()).alpn()).containsExactlyInAnyOrder(FOUR);
            assertThat(unknowns(seen)).isEmpty();
        }
    }

    @Test
    void doesNotTakeSilenceForTheEndOfTheApplicationProtocols() throws Exception {
        try (QuicServer _ = QuicServer.start(behind, directory, false, FOUR);
                QuicWay _ = new QuicWay(
                        nginx.port(), behind, (said, client, number) -> client == 1 ? List.of() : List.of(said))) {
            Observation seen = rig.scan(nginx.port(), Depth.FULL);
            assertThat(Objects.requireNonNull(seen.quic()).alpn()).hasSize(1);
            assertThat(unknowns(seen)).containsExactly(Observation.Coverage.unknown("/quic/alpn", Reason.READ_TIMEOUT));
        }
    }

    @Test
    void asksAServerThatTurnsItAwayOnceMore() throws Exception {
        AtomicReference<byte[]> asked = new AtomicReference<>(new byte[0]);
        try (QuicServer _ = QuicServer.start(behind, directory, false, "h3");
                QuicWay _ = new QuicWay(
                        nginx.port(),
                        behind,
                        (said, client, number) ->
                                List.of(client == 0 ? closing(asked.get(), CONNECTION_REFUSED) : said),
                        asked::set)) {
            assertThat(quic().state()).isEqualTo(FactState.ACCEPTED);
        }
        try (Scripted server = scripted(hello -> CONNECTION_REFUSED)) {
            assertThat(server.socket().isBound()).isTrue();
            assertThat(quic().state()).isEqualTo(FactState.REFUSED);
        }
    }

    /** GnuTLS with FFDHE alone answers so to who does not name it. */
    @Test
    void namesEveryGroupThatAServerMayHaveAlone() throws Exception {
        List<String> hellos = new CopyOnWriteArrayList<>();
        try (Scripted server = scripted(hello -> {
            hellos.add(HexFormat.of().formatHex(hello));
            return HANDSHAKE_FAILURE;
        })) {
            assertThat(server.socket().isBound()).isTrue();
            assertThat(quic().state()).isEqualTo(FactState.REFUSED);
        }
        assertThat(hellos).hasSize(1).first().asString().contains("001d").contains("01000101010201030104");
    }

    private static Observation.Quic quic() {
        return Objects.requireNonNull(rig.scan(nginx.port(), Depth.FULL).quic());
    }

    private static List<Observation.Coverage> unknowns() {
        return unknowns(rig.scan(nginx.port(), Depth.FULL));
    }

    private static List<Observation.Coverage> unknowns(Observation seen) {
        return seen.coverage().stream()
                .filter(line -> line.fact().startsWith("/quic"))
                .toList();
    }

    /** A server that hangs up on each hello with the code that it is given for it. */
    private static Scripted scripted(ToIntFunction<byte[]> code) throws SocketException {
        DatagramSocket socket = new DatagramSocket(nginx.port(), InetAddress.getLoopbackAddress());
        Thread reader = Thread.startVirtualThread(() -> {
            byte[] buffer = new byte[2048];
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    socket.receive(packet);
                    byte[] asked = Arrays.copyOf(buffer, packet.getLength());
                    byte[] said = closing(asked, code.applyAsInt(hello(asked)));
                    socket.send(new DatagramPacket(said, said.length, packet.getSocketAddress()));
                }
            } catch (SocketException e) {
                // closed with the test
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new Scripted(socket, reader);
    }

    private record Scripted(DatagramSocket socket, Thread reader) implements AutoCloseable {
        @Override
        public void close() {
            QuicWay.close(socket, reader);
        }
    }

    private static byte[] hello(byte[] datagram) {
        try {
            InitialPacket.Header header = InitialPacket.header(datagram, 0).orElseThrow();
            CryptoStream stream = new CryptoStream();
            InitialPacket.open(datagram, 0, header, InitialKeys.client(header.version(), header.destinationId()))
                    .orElseThrow()
                    .cryptoFrames()
                    .forEach(stream::add);
            return stream.prefix();
        } catch (MalformedMessage e) {
            throw new IllegalStateException(e);
        }
    }

    /** CONNECTION_CLOSE in an Initial packet (RFC 9000 section 19.19). */
    private static byte[] closing(byte[] datagram, int code) {
        try {
            InitialPacket.Header header = InitialPacket.header(datagram, 0).orElseThrow();
            byte[] payload = new byte[40];
            payload[0] = 0x1C;
            payload[1] = (byte) (0x40 | code >>> 8);
            payload[2] = (byte) code;
            return new InitialPacket(QuicVersion.V1, header.sourceId(), new byte[8], new byte[0], 0, payload)
                    .seal(InitialKeys.server(QuicVersion.V1, header.destinationId()));
        } catch (MalformedMessage e) {
            throw new IllegalStateException(e);
        }
    }

    private static PeerProcess nginx() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl; ssl_protocols TLSv1.3;
                  ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem; location / { return 200 ok; } } }
                """.formatted(directory, port));
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }
}
