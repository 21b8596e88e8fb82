package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server of TLS 1.2 and 1.3 behind fronts that misbehave: what it has is never called refused. */
class FrontsTest {
    @TempDir
    static Path directory;

    private static PeerProcess server;
    private static Rig rig;

    /** What a scan says that stands before no front. */
    private static FactSheet truth;

    @BeforeAll
    static void start() {
        PeerProcess.certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        server = PeerProcess.start(
                directory,
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:{port}",
                "-key",
                "key.pem",
                "-cert",
                "cert.pem",
                "-www",
                "-cipher",
                "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384",
                "-groups",
                "X25519:P-256");
        rig = Rig.impatient();
        try (Rig patient = new Rig()) {
            truth = FactSheet.of(patient.scan(server.port(), Depth.STANDARD));
        }
    }

    @AfterAll
    static void stop() {
        rig.close();
        server.close();
    }

    /** One after the other: s_server is like that itself. */
    private static final Semaphore TURN = new Semaphore(1);

    private static void forward(Socket client, byte[] first) throws IOException, InterruptedException {
        TURN.acquire();
        try {
            Front.relay(client, server.port(), first);
        } finally {
            TURN.release();
        }
    }

    @Test
    void servesOneConnectionAtATime() {
        AtomicInteger open = new AtomicInteger();
        try (Front front = new Front((client, number) -> {
            try {
                if (open.incrementAndGet() > 1) {
                    Front.reset(client);
                } else {
                    forward(client, new byte[0]);
                }
            } finally {
                open.decrementAndGet();
            }
        })) {
            assertWhole(rig.scan(front.port(), Depth.STANDARD));
        }
    }

    @Test
    void resetsAllButTenConnectionsASecond() {
        AtomicLong window = new AtomicLong();
        AtomicInteger inWindow = new AtomicInteger();
        try (Front front = new Front((client, number) -> {
            boolean taken;
            synchronized (window) {
                long second = System.nanoTime() / 1_000_000_000L;
                if (window.getAndSet(second) != second) {
                    inWindow.set(0);
                }
                taken = inWindow.incrementAndGet() <= 10;
            }
            if (taken) {
                forward(client, new byte[0]);
            } else {
                Front.reset(client);
            }
        })) {
            assertNothingWrong(rig.scan(front.port(), Depth.STANDARD));
        }
    }

    @Test
    void resetsEverythingAfterTheThird() {
        try (Rig patient = new Rig();
                Front front = new Front((client, number) -> {
                    if (number <= 3) {
                        forward(client, new byte[0]);
                    } else {
                        Front.reset(client);
                    }
                })) {
            Observation seen = patient.scan(front.port(), Depth.STANDARD);
            assertNothingWrong(seen);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.PARTIAL);
            assertThat(seen.coverage()).extracting(Coverage::reason).contains(Reason.RATE_LIMITED);
            // what was under way when it began to reset, twice each: 7 to 17; a scan that went on would make sixty
            assertThat(front.accepted()).as("does not go on for ever").isLessThan(30);
        }
    }

    @Test
    void answersOneByteASecond() {
        try (Front front = new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            TURN.acquire();
            try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                upstream.getOutputStream().write(hello);
                Front.bothWays(client, upstream, 1, 300);
            } finally {
                TURN.release();
            }
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertNothingWrong(seen);
            assertThat(seen.scan().durationMillis()).isLessThan(31_000);
            assertThat(seen.coverage()).isNotEmpty();
        }
    }

    @Test
    void sendsTinySegments() {
        try (Front front = new Front((client, number) -> {
            client.setTcpNoDelay(true);
            TURN.acquire();
            try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                Front.bothWays(client, upstream, 3, 0);
            } finally {
                TURN.release();
            }
        })) {
            assertWhole(rig.scan(front.port(), Depth.STANDARD));
        }
    }

    @Test
    void dropsHellosOfMoreThan255Bytes() {
        try (Front front = new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            if (hello.length - 5 > 255) {
                Thread.sleep(Duration.ofSeconds(20));
            } else {
                forward(client, hello);
            }
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertNothingWrong(seen);
            assertThat(seen.protocols()).containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .containsExactlyInAnyOrder(
                            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
            assertThat(seen.coverage()).contains(Coverage.unknown("/groups/TLSv1.3", Reason.UNSUPPORTED));
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
        }
    }

    /** Once its one curve is found it must be named with all that is left, or the other suites seem refused. */
    @Test
    void dropsHellosOfMoreThan255BytesBeforeAServerOfOneCurve(@TempDir Path keys) {
        PeerProcess.certificate(keys, "-newkey", "rsa:2048");
        try (PeerProcess one = PeerProcess.start(
                        keys,
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:{port}",
                        "-key",
                        "key.pem",
                        "-cert",
                        "cert.pem",
                        "-www",
                        "-tls1_2",
                        "-cipher",
                        "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-SHA256",
                        "-groups",
                        "X25519");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    if (hello.length - 5 > 255) {
                        Thread.sleep(Duration.ofSeconds(20));
                        return;
                    }
                    TURN.acquire();
                    try {
                        Front.relay(client, one.port(), hello);
                    } finally {
                        TURN.release();
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(Rig.suites(seen, "TLSv1.2")).hasSize(4);
            assertThat(Rig.groups(seen, "TLSv1.2")).containsExactly("x25519");
            // the many that a short hello has no room for are not refused
            assertThat(seen.coverage()).contains(Coverage.unknown("/groups/TLSv1.2", Reason.UNSUPPORTED));
        }
    }

    @Test
    void dropsHellosThatOfferTls13() {
        try (Front front = new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            if (offersTls13(hello)) {
                Thread.sleep(Duration.ofSeconds(20));
            } else {
                forward(client, hello);
            }
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertNothingWrong(seen);
            assertThat(seen.protocols())
                    .containsEntry("TLSv1.2", FactState.ACCEPTED)
                    .containsEntry("TLSv1.3", FactState.UNKNOWN)
                    .containsEntry("TLSv1.1", FactState.REFUSED);
            assertThat(seen.coverage()).contains(Coverage.unknown("/protocols/TLSv1.3", Reason.READ_TIMEOUT));
            assertThat(Rig.suites(seen, "TLSv1.2")).hasSize(2);
        }
    }

    @Test
    void resetsHellosThatOfferTls13() {
        try (Front front = new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            if (offersTls13(hello)) {
                Front.reset(client);
            } else {
                forward(client, hello);
            }
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols())
                    .containsEntry("TLSv1.2", FactState.ACCEPTED)
                    .as("twice the same reset, with a control answered in between")
                    .containsEntry("TLSv1.3", FactState.REFUSED);
        }
    }

    /** As s2n does. */
    @Test
    void refusesWithCloseNotify() {
        try (Front front = new Front((client, number) -> withoutAlerts(client, new byte[] {21, 3, 3, 0, 2, 1, 0}));
                Front silent = new Front((client, number) -> withoutAlerts(client, new byte[0]))) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertWhole(seen);
            assertWhole(rig.scan(silent.port(), Depth.STANDARD));
            assertThat(front.accepted()).isLessThan(silent.accepted() - 20);
        }
    }

    /** What the server answers, but {@code instead} of an alert. */
    private static void withoutAlerts(Socket client, byte[] instead) throws IOException, InterruptedException {
        byte[] hello = Front.firstRecord(client);
        TURN.acquire();
        try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            upstream.getOutputStream().write(hello);
            byte[] type = upstream.getInputStream().readNBytes(1);
            boolean isAlert = type.length == 0 || type[0] == 21;
            client.getOutputStream().write(isAlert ? instead : type);
            if (!isAlert) {
                Front.bothWays(client, upstream, 65536, 0);
            }
        } finally {
            TURN.release();
        }
    }

    /** supported_versions with 0x0304. */
    private static boolean offersTls13(byte[] hello) {
        for (int i = 0; i + 6 < hello.length; i++) {
            if (hello[i] == 0 && hello[i + 1] == 43 && hello[i + 5] == 3 && hello[i + 6] == 4) {
                return true;
            }
        }
        return false;
    }

    private static void assertWhole(Observation seen) {
        assertNothingWrong(seen);
        assertThat(seen.coverage()).isEmpty();
        assertThat(seen.protocols())
                .containsEntry("TLSv1.2", FactState.ACCEPTED)
                .containsEntry("TLSv1.3", FactState.ACCEPTED);
        assertThat(Rig.suites(seen, "TLSv1.2")).hasSize(2);
        assertThat(Rig.suites(seen, "TLSv1.3")).hasSize(3);
        assertThat(Rig.groups(seen, "TLSv1.3")).containsExactlyInAnyOrder("x25519", "secp256r1");
    }

    /** What the server has is accepted or unknown; where a list is not whole, that is said. */
    private static void assertNothingWrong(Observation seen) {
        assertThat(FactSheet.of(seen).liesAgainst(truth)).isEmpty();
        assertThat(seen.coverage()).allSatisfy(c -> assertThat(c.reason()).isNotNull());
        Map<String, FactState> protocols = Objects.requireNonNullElse(seen.protocols(), Map.of());
        assertThat(protocols.get("TLSv1.2")).isNotEqualTo(FactState.REFUSED);
        assertThat(protocols.get("TLSv1.3")).isNotEqualTo(FactState.REFUSED);
        for (String old : new String[] {"SSLv2", "SSLv3"}) {
            assertThat(protocols.get(old)).isNotEqualTo(FactState.ACCEPTED);
        }
        for (String version : protocols.keySet()) {
            boolean doubted = seen.coverage().stream().anyMatch(c -> c.fact().equals("/cipherSuites/" + version));
            if (protocols.get(version) == FactState.ACCEPTED && !doubted) {
                assertThat(Rig.suites(seen, version)).as(version).hasSize(version.equals("TLSv1.3") ? 3 : 2);
            }
        }
    }

    @Test
    void waitsForAWordThatComesLateAfterFinished() {
        try (PeerProcess strict = PeerProcess.start(
                        directory,
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:{port}",
                        "-key",
                        "key.pem",
                        "-cert",
                        "cert.pem",
                        "-Verify",
                        "1",
                        "-verify_return_error",
                        "-tls1_3");
                Rig patient = new Rig();
                Front late = new Front((client, number) -> laterFromTheSecondOn(client, strict.port(), 800))) {
            Observation seen = patient.scan(late.port(), Depth.STANDARD);
            assertThat(clientAuthentication(seen).mode()).isEqualTo("required");
            assertThat(clientAuthentication(seen).enforcement()).isEqualTo("handshake");
        }
        try (Front never = new Front((client, number) -> laterFromTheSecondOn(client, server.port(), 20_000))) {
            Observation seen = rig.scan(never.port(), Depth.STANDARD);
            assertThat(clientAuthentication(seen).mode()).isEqualTo("none");
        }
    }

    private static Observation.ClientAuthentication clientAuthentication(Observation seen) {
        return Objects.requireNonNull(seen.clientAuthentication());
    }

    private static void laterFromTheSecondOn(Socket client, int port, long millis)
            throws IOException, InterruptedException {
        try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread up = Thread.ofVirtual().start(() -> {
                Front.pump(client, upstream, 65536, 0);
                Front.closeQuietly(upstream);
            });
            byte[] chunk = new byte[65536];
            boolean first = true;
            int length = upstream.getInputStream().read(chunk);
            while (length > 0) {
                if (!first) {
                    Thread.sleep(millis);
                }
                client.getOutputStream().write(chunk, 0, length);
                first = false;
                length = upstream.getInputStream().read(chunk);
            }
            up.interrupt();
        }
    }
}
