package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.scanner.connect.Route;
import io.tlsfleet.tls.PeerProcess;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where dialling takes its time, which a slow proxy plays, the next connections are dialled while one is asked. */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class DistantServersTest {
    private static final Duration FAR = Duration.ofMillis(60);

    @TempDir
    static Path directory;

    private static PeerProcess server;

    @BeforeAll
    static void start() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        server = PeerProcess.start(
                directory,
                "openssl s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -quiet -www -groups X25519:P-256"
                        .split(" "));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void dialsAheadOnALongWayAlone() {
        Seen near = scan(Duration.ZERO, Distance::relay);
        Seen far = scan(FAR, Distance::relay);
        assertThat(near.unused()).isZero();
        assertThat(far.unused()).isBetween(1, 2);
        assertSameFacts(far.report(), near.report());
        assertThat(far.accepted()).isBetween(near.accepted(), near.accepted() + 2);
        assertThat(far.report().scan().connections()).isEqualTo(far.accepted());
    }

    /** It takes the next connection and hangs up: that connection came too early, its question was not refused. */
    @Test
    void blamesNoServerThatServesOneAtATimeForItsOwnHaste() {
        AtomicInteger turnedAway = new AtomicInteger();
        Seen usual = scan(Duration.ZERO, Distance::relay);
        Seen seen = scan(FAR, (client, hello, atOnce) -> {
            if (atOnce > 1) {
                turnedAway.incrementAndGet();
            } else {
                Distance.relay(client, hello, atOnce);
            }
        });
        assertThat(turnedAway.get()).isPositive();
        assertSameFacts(seen.report(), usual.report());
    }

    /** What it refuses by hanging up stays refused. */
    @Test
    void hearsARefusalOnAConnectionThatWaited() {
        Distance.Behaviour refusesOldHellos = (client, hello, atOnce) -> {
            String text = new String(hello, StandardCharsets.ISO_8859_1);
            if (text.contains("\0+\0\3\2\3\4") || text.contains("\0+\0\5\4\3\4\3\3")) {
                Front.relay(client, server.port(), hello);
            }
        };
        Seen near = scan(Duration.ZERO, refusesOldHellos);
        Seen far = scan(FAR, refusesOldHellos);
        assertThat(far.unused()).isPositive();
        assertThat(far.report().protocols())
                .containsKey("TLSv1.2")
                .isEqualTo(near.report().protocols());
        assertSameFacts(far.report(), near.report());
    }

    private record Seen(Observation report, int accepted, int unused) {}

    private static Seen scan(Duration way, Distance.Behaviour behaviour) {
        AtomicInteger unused = new AtomicInteger();
        try (Distance distance = new Distance(way, behaviour, unused);
                Rig rig = new Rig(new Route(null, distance.proxy()))) {
            Observation seen = rig.scan(server.port(), Depth.FULL);
            return new Seen(seen, distance.front.accepted(), unused.get());
        }
    }

    /** A proxy that says yes only after a while. */
    private record Distance(Front front) implements AutoCloseable {
        interface Behaviour {
            void serve(Socket client, byte[] hello, int atOnce) throws IOException, InterruptedException;
        }

        Distance(Duration way, Behaviour behaviour, AtomicInteger unused) {
            AtomicInteger now = new AtomicInteger();
            this(new Front((client, number) -> {
                for (int last = 0, newlines = 0; newlines < 2; ) {
                    last = client.getInputStream().read();
                    newlines = last == '\n' ? newlines + 1 : last == '\r' ? newlines : 0;
                }
                unused.incrementAndGet();
                Thread.sleep(way);
                int atOnce = now.incrementAndGet(); // by now it has heard that the one before is done with
                try {
                    client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    byte[] hello = Front.firstRecord(client);
                    if (hello.length > 0) {
                        unused.decrementAndGet();
                        behaviour.serve(client, hello, atOnce);
                    }
                } finally {
                    now.decrementAndGet();
                }
            }));
        }

        static void relay(Socket client, byte[] hello, int atOnce) throws IOException, InterruptedException {
            Front.relay(client, server.port(), hello);
        }

        ProxyOptions proxy() {
            return new ProxyOptions()
                    .setType(ProxyType.HTTP)
                    .setHost("127.0.0.1")
                    .setPort(front.port());
        }

        @Override
        public void close() {
            front.close();
        }
    }

    private static void assertSameFacts(Observation seen, Observation usual) {
        assertThat(seen.scan().outcome())
                .as(String.valueOf(seen.scan().detail()))
                .isEqualTo(Outcome.COMPLETE);
        assertThat(seen.protocols()).isEqualTo(usual.protocols());
        assertThat(seen.cipherSuites()).isEqualTo(usual.cipherSuites());
        assertThat(seen.groups()).isEqualTo(usual.groups());
        assertThat(seen.features()).isEqualTo(usual.features());
        assertThat(seen.tolerance()).isEqualTo(usual.tolerance());
        assertThat(Objects.requireNonNull(seen.fingerprints()).jarm())
                .isEqualTo(Objects.requireNonNull(usual.fingerprints()).jarm());
        assertThat(seen.coverage()).isEqualTo(usual.coverage());
    }
}
