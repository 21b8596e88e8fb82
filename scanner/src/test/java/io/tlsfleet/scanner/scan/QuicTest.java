package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QUIC beside TCP on the same port: caddy (quic-go), Netty (quiche with BoringSSL), and ports where nobody speaks it. */
@Timeout(120)
class QuicTest {
    @TempDir
    static Path directory;

    private static Path other;
    private static Rig rig;
    private static PeerProcess nginx;

    @BeforeAll
    static void start() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
        other = Files.createDirectory(directory.resolve("other"));
        // 400 names: a flight that no server may send whole before its client has shown its address
        String names = IntStream.range(0, 400)
                .mapToObj(i -> "DNS:name-%03d.localhost".formatted(i))
                .collect(Collectors.joining(","));
        PeerProcess.run(
                other,
                "openssl",
                "req",
                "-x509",
                "-nodes",
                "-days",
                "30",
                "-newkey",
                "rsa:2048",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=" + names);
        nginx = nginx();
        rig = new Rig();
    }

    @AfterAll
    static void stop() {
        rig.close();
        nginx.close();
    }

    @Test
    void findsCaddysHttp3AndTheSameCertificate() throws IOException {
        int port = PeerProcess.freePort();
        Path config = directory.resolve("caddy.json");
        Files.writeString(config, """
                {"admin": {"disabled": true}, "apps": {
                  "http": {"servers": {"s": {"listen": ["127.0.0.1:%d"], "automatic_https": {"disable": true},
                    "tls_connection_policies": [{}], "routes": [{"handle": [{"handler": "static_response", "body": "ok"}]}]}}},
                  "tls": {"certificates": {"load_files": [{"certificate": "%2$s/cert.pem", "key": "%2$s/key.pem"}]}}}}
                """.formatted(port, directory));
        try (PeerProcess caddy =
                PeerProcess.start(directory, port, List.of("caddy", "run", "--config", config.toString()))) {
            Observation seen = rig.scan(caddy.port(), Depth.FULL);
            Observation.Quic quic = Objects.requireNonNull(seen.quic());
            assertThat(quic.state()).isEqualTo(FactState.ACCEPTED);
            assertThat(quic.versions()).startsWith("1");
            assertThat(quic.alpn()).containsExactly("h3");
            assertThat(quic.sameCertificate()).isTrue();
            assertThat(facts(seen)).noneMatch(fact -> fact.startsWith("/quic"));
            assertThat(Objects.requireNonNull(seen.http()).altSvcH3()).isTrue();
        }
    }

    @Test
    void seesAnotherCertificateBehindARetry() throws Exception {
        try (QuicServer _ = QuicServer.start(nginx.port(), other, true, "h3", "doq")) {
            Observation.Quic quic = quic();
            assertThat(quic)
                    .isEqualTo(new Observation.Quic(FactState.ACCEPTED, List.of("1"), List.of("h3", "doq"), false));
        }
    }

    @Test
    void sendsOnWhenALongChainWantsAcknowledgements() throws Exception {
        try (QuicServer _ = QuicServer.start(nginx.port(), other, false, "h3")) {
            assertThat(quic().state()).isEqualTo(FactState.ACCEPTED);
        }
    }

    @Test
    void callsAnAlertARefusal() throws Exception {
        try (QuicServer _ = QuicServer.start(nginx.port(), directory, false, "something-else")) {
            assertThat(quic()).isEqualTo(new Observation.Quic(FactState.REFUSED, List.of(), List.of(), null));
        }
    }

    @Test
    void neverTakesSilenceForARefusal() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(nginx.port(), InetAddress.getLoopbackAddress())) {
            assertThat(silent.isBound()).isTrue();
            Observation seen = rig.scan(nginx.port(), Depth.FULL);
            assertThat(seen.quic()).isEqualTo(new Observation.Quic(FactState.UNKNOWN, List.of(), List.of(), null));
            assertThat(seen.coverage()).contains(Observation.Coverage.unknown("/quic/state", Reason.READ_TIMEOUT));
        }
    }

    @Test
    void refusesAPortOfWhichTheKernelSaysTwiceThatNobodyListens() {
        Observation seen = rig.scan(nginx.port(), Depth.FULL);
        assertThat(seen.quic()).isEqualTo(new Observation.Quic(FactState.REFUSED, List.of(), List.of(), null));
        assertThat(facts(seen)).noneMatch(fact -> fact.startsWith("/quic"));
    }

    @Test
    void namesTheVersionsOfAServerThatSpeaksNoneOfOurs() throws Exception {
        try (DatagramSocket socket = new DatagramSocket(nginx.port(), InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> negotiate(socket));
            assertThat(quic())
                    .isEqualTo(new Observation.Quic(
                            FactState.REFUSED, List.of("draft-29", "0xBABABAB0"), List.of(), null));
        }
    }

    @Test
    void staysWithinItsLimitsWhenAnsweredByNonsense() throws Exception {
        try (DatagramSocket socket = new DatagramSocket(nginx.port(), InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> echo(socket));
            assertThat(quic().state()).isEqualTo(FactState.UNKNOWN);
        }
    }

    private static Observation.Quic quic() {
        return Objects.requireNonNull(rig.scan(nginx.port(), Depth.FULL).quic());
    }

    private static List<String> facts(Observation seen) {
        return seen.coverage().stream().map(Observation.Coverage::fact).toList();
    }

    /** Answers any long header with two versions that nobody speaks any more. */
    private static void negotiate(DatagramSocket socket) {
        serve(socket, query -> {
            byte[] answer = new byte[5 + 9 + 9 + 8];
            answer[0] = (byte) 0x80;
            System.arraycopy(query, 14, answer, 5, 9);
            System.arraycopy(query, 5, answer, 14, 9);
            byte[] versions = {(byte) 0xff, 0, 0, 0x1d, (byte) 0xba, (byte) 0xba, (byte) 0xba, (byte) 0xb0};
            System.arraycopy(versions, 0, answer, 23, 8);
            return answer;
        });
    }

    private static void echo(DatagramSocket socket) {
        serve(socket, query -> query);
    }

    private static void serve(DatagramSocket socket, UnaryOperator<byte[]> answer) {
        byte[] buffer = new byte[2048];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] said = answer.apply(Arrays.copyOf(buffer, packet.getLength()));
                socket.send(new DatagramPacket(said, said.length, packet.getSocketAddress()));
            }
        } catch (SocketException e) {
            // closed with the test
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PeerProcess nginx() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl;
                  ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem; location / { return 200 ok; } } }
                """.formatted(directory, port));
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }
}
