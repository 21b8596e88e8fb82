package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Preambles that are slow, long, broken or not in Debian, with a real TLS server behind them. */
@Timeout(120)
class StarttlsFrontsTest {
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    static Path directory;

    private static PeerProcess server;
    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
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
                    ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256;
                  }
                }
                """.replace("DIR", directory.toString()).replace("PORT", "" + port));
        server = PeerProcess.start(
                directory,
                port,
                List.of("nginx", "-e", directory.resolve("error.log").toString(), "-c", conf.toString()));
        rig = new Rig();
    }

    @AfterAll
    static void stop() {
        rig.close();
        server.close();
    }

    @Test
    void waitsForAGreetingThatIsHeldBack() {
        try (Front front = new Front((client, number) -> {
            Thread.sleep(6000); // as postscreen does; inside TLS five seconds of silence are the end
            smtp(client, "220 go ahead\r\n");
        })) {
            Observation seen = rig.scan(front.port(), Depth.CERTIFICATE, "localhost", "smtp");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(Objects.requireNonNull(seen.served())).hasSize(1);
            assertThat(front.accepted()).isOne();
        }
    }

    @Test
    void opensTheNextConnectionsWhileGreetingsAreHeldBack() throws InterruptedException {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Front prompt = new Front((client, number) -> smtp(client, "220 go ahead\r\n"));
                Front slow = new Front((client, number) -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    try {
                        Thread.sleep(700);
                        smtp(client, "220 go ahead\r\n");
                    } finally {
                        atOnce.decrementAndGet();
                    }
                })) {
            Observation usual = rig.scan(prompt.port(), Depth.STANDARD, "localhost", "smtp");
            Observation seen = rig.scan(slow.port(), Depth.STANDARD, "localhost", "smtp");
            assertSameFacts(seen, usual);
            assertThat(most.get()).isBetween(3, 6); // four of ours; the front hears of a reset a little later
            assertThat(slow.accepted()).isBetween(prompt.accepted(), prompt.accepted() + 3);
            assertThat(seen.scan().connections()).isEqualTo(slow.accepted());
            assertThat(prompt.accepted()).isEqualTo(usual.scan().connections());
            while (atOnce.get() > 0) { // none is left open, or the class' time is up
                Thread.sleep(10);
            }
        }
    }

    @Test
    void blamesNoServerThatServesOneAtATimeForItsOwnHaste() {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger turnedAway = new AtomicInteger();
        try (Front prompt = new Front((client, number) -> smtp(client, "220 go ahead\r\n"));
                Front narrow = new Front((client, number) -> {
                    try {
                        if (atOnce.incrementAndGet() > 1) {
                            turnedAway.incrementAndGet();
                            say(client, "421 too many connections\r\n");
                            return;
                        }
                        Thread.sleep(600);
                        smtp(client, "220 go ahead\r\n");
                    } finally {
                        atOnce.decrementAndGet();
                    }
                })) {
            Observation usual = rig.scan(prompt.port(), Depth.STANDARD, "localhost", "smtp");
            Observation seen = rig.scan(narrow.port(), Depth.STANDARD, "localhost", "smtp");
            assertThat(turnedAway.get()).isBetween(1, 9);
            assertSameFacts(seen, usual);
        }
    }

    @Test
    void hearsAllOfAServerThatTakesOneConnectionAfterTheOther() {
        Lock only = new ReentrantLock();
        try (Front prompt = new Front((client, number) -> smtp(client, "220 go ahead\r\n"));
                Front sequential = new Front((client, number) -> {
                    only.lockInterruptibly();
                    try {
                        Thread.sleep(510);
                        smtp(client, "220 go ahead\r\n");
                    } finally {
                        only.unlock();
                    }
                })) {
            Observation usual = rig.scan(prompt.port(), Depth.STANDARD, "localhost", "smtp");
            assertSameFacts(rig.scan(sequential.port(), Depth.STANDARD, "localhost", "smtp"), usual);
        }
    }

    /** A machine that is busy leaves a consent unused for longer than a connection stands: nobody hung up on us. */
    @Test
    void blamesNoServerForAPlaceThatThisMachineDidNotHave() {
        AtomicInteger waits = new AtomicInteger();
        Lane busy = new Lane() {
            @Override
            public void waits() {}

            @Override
            public boolean over(boolean inTime) {
                return waits.getAndIncrement() == 0;
            }

            @Override
            public void giveWay() {}

            @Override
            public void goOn() throws InterruptedException {
                Thread.sleep(16_000);
            }

            @Override
            public boolean hasRoom() {
                return true;
            }
        };
        try (Front front = new Front((client, number) -> smtp(client, "220 go ahead\r\n"))) {
            Question question = Rig.question("localhost", front.port(), 25, "localhost", "smtp");
            Line line = new Line(rig.connector(), question, Limits.STANDARD, Duration.ofSeconds(60), busy);
            Talk<?> talk = line.talk(new HelloExchange(Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(0xC02B))));
            assertThat(talk)
                    .isInstanceOfSatisfying(
                            Talk.Held.class, held -> assertThat(held.ending()).isEqualTo(Ending.FINISHED));
            assertThat(front.accepted()).isEqualTo(2);
        }
    }

    private static void assertSameFacts(Observation seen, Observation usual) {
        assertThat(seen.scan().outcome())
                .as(String.valueOf(seen.scan().detail()))
                .isEqualTo(Outcome.COMPLETE);
        assertThat(seen.protocols()).isEqualTo(usual.protocols());
        assertThat(seen.cipherSuites()).isEqualTo(usual.cipherSuites());
        assertThat(seen.groups()).isEqualTo(usual.groups());
        assertThat(seen.coverage()).isEqualTo(usual.coverage());
    }

    @Test
    void callsAGreetingThatNeverComesNoRefusal() {
        try (Front front = new Front((client, number) -> Thread.sleep(60_000));
                Rig impatient = Rig.impatient()) {
            Observation seen = impatient.scan(front.port(), Depth.CERTIFICATE, "localhost", "smtp");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.UNREACHABLE);
            assertThat(seen.scan().reason()).isEqualTo(Reason.READ_TIMEOUT);
            assertThat(seen.scan().durationMillis()).isLessThan(35_000);
        }
    }

    @Test
    void readsGreetingsOfManyLinesInSmallPieces() {
        try (Front front = new Front((client, number) -> {
            OutputStream out = client.getOutputStream();
            for (byte b : ascii("220-unsolicited mail is unwelcome\r\n".repeat(20))) {
                out.write(b);
            }
            smtp(client, "220-TLS\r\n220 go ahead\r\n");
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD, "localhost", "smtp");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(Objects.requireNonNull(seen.protocols()))
                    .containsEntry("TLSv1.3", FactState.ACCEPTED)
                    .containsEntry("TLSv1.2", FactState.ACCEPTED)
                    .containsEntry("TLSv1.1", FactState.REFUSED);
            assertThat(Rig.suites(seen, "TLSv1.2")).containsExactly("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
        }
    }

    @Test
    void tellsARefusalFromBeingTurnedAway() {
        try (Front front = new Front((client, number) -> {
            say(client, "220 here\r\n");
            line(client);
            say(client, "250-here\r\n250 SIZE\r\n");
            client.getInputStream().read();
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD, "localhost", "smtp");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.UNREACHABLE);
            assertThat(seen.scan().reason()).isEqualTo(Reason.STARTTLS_REFUSED);
            assertThat(seen.scan().detail()).contains("250 SIZE");
        }
        try (Front front = new Front((client, number) -> say(client, "421 too many connections\r\n"))) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD, "localhost", "smtp");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.UNREACHABLE);
            assertThat(seen.scan().reason()).isEqualTo(Reason.RATE_LIMITED);
            assertThat(seen.scan().detail()).contains("421 too many");
        }
    }

    /** Turned away now and then: what was answered before stays, and nothing becomes a refusal. */
    @Test
    void neverReadsATurnedAwayConnectionAsARefusal() {
        try (Front front = new Front((client, number) -> {
            if (number % 4 == 0) {
                say(client, "421 too many connections\r\n");
            } else {
                smtp(client, "220 go\r\n");
            }
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD, "localhost", "smtp");
            assertThat(Objects.requireNonNull(seen.protocols()))
                    .containsEntry("TLSv1.3", FactState.ACCEPTED)
                    .containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(Rig.suites(seen, "TLSv1.2")).containsExactly("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
            assertThat(Rig.groups(seen, "TLSv1.3")).contains("x25519", "secp256r1");
        }
    }

    @Test
    void noticesWhatComesInTheClearBehindTheConsent() {
        try (Front front = new Front((client, number) -> smtp(client, "220 go ahead\r\n250 injected\r\n"))) {
            Observation seen = rig.scan(front.port(), Depth.FULL, "localhost", "smtp");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(Objects.requireNonNull(seen.vulnerabilities()))
                    .filteredOn(v -> v.id().equals("starttls-injection"))
                    .singleElement()
                    .satisfies(v -> {
                        assertThat(v.state()).isEqualTo("vulnerable");
                        assertThat(v.evidence()).contains("in the clear");
                    });
        }
        try (Front front = new Front((client, number) -> smtp(client, "220 go ahead\r\n"))) {
            Observation seen = rig.scan(front.port(), Depth.FULL, "localhost", "smtp");
            assertThat(Objects.requireNonNull(seen.vulnerabilities()))
                    .filteredOn(v -> v.id().equals("starttls-injection"))
                    .singleElement()
                    .satisfies(v -> assertThat(v.state()).isEqualTo("not-asked"));
        }
    }

    @Test
    void speaksNntp() {
        try (Front front = new Front((client, number) -> {
            say(client, "200 news\r\n");
            assertThat(line(client)).isEqualTo("STARTTLS");
            say(client, "382 continue\r\n");
            Front.relay(client, server.port(), new byte[0]);
        })) {
            assertReadsTheCertificate(front, "nntp");
        }
    }

    @Test
    void speaksTelnet() {
        try (Front front = new Front((client, number) -> {
            client.getOutputStream().write(HEX.parseHex("fffd18fffd2e"));
            client.getOutputStream().flush();
            byte[] said = client.getInputStream().readNBytes(9);
            assertThat(said).isEqualTo(HEX.parseHex("fffb2efffa2e01fff0"));
            client.getOutputStream().write(HEX.parseHex("fffa2e01fff0"));
            client.getOutputStream().flush();
            Front.relay(client, server.port(), new byte[0]);
        })) {
            assertReadsTheCertificate(front, "telnet");
        }
        // knows the option no more than RFC 854 asks for
        try (Front front = new Front((client, number) -> {
            say(client, "login: ");
            client.getInputStream().readNBytes(3);
            client.getOutputStream().write(HEX.parseHex("fffe2e"));
            client.getOutputStream().flush();
            client.getInputStream().read();
        })) {
            assertThat(rig.scan(front.port(), Depth.CERTIFICATE, "localhost", "telnet")
                            .scan()
                            .reason())
                    .isEqualTo(Reason.STARTTLS_REFUSED);
        }
    }

    /** TDS 7: the handshake in PRELOGIN packets, and bare TLS behind it. */
    @Test
    void speaksTds7() {
        try (Front front = new Front((client, number) -> {
            DataInputStream in = new DataInputStream(client.getInputStream());
            tds(in);
            byte[] answer = HEX.parseHex("0000" + "0b0006" + "01" + "001100" + "01" + "ff" + "0f0000000000" + "03");
            client.getOutputStream().write(packet(0x04, answer, answer.length));
            client.getOutputStream().flush();
            try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                Thread up = Thread.ofVirtual().start(() -> fromClient(in, upstream));
                byte[] buffer = new byte[4000];
                InputStream from = upstream.getInputStream();
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                    client.getOutputStream().write(packet(0x12, buffer, n));
                }
                client.close();
                up.join();
            }
        })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD, "localhost", "mssql");
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(Objects.requireNonNull(seen.protocols()))
                    .containsEntry("TLSv1.3", FactState.ACCEPTED)
                    .containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(Rig.suites(seen, "TLSv1.2")).containsExactly("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
        }
    }

    private static void fromClient(DataInputStream in, Socket upstream) {
        try {
            while (true) {
                upstream.getOutputStream().write(tds(in));
            }
        } catch (IOException e) {
            Front.closeQuietly(upstream);
        }
    }

    /** The payload of one packet. */
    private static byte[] tds(DataInputStream in) throws IOException {
        assertThat(in.readUnsignedByte()).isEqualTo(0x12);
        in.readUnsignedByte();
        byte[] payload = new byte[in.readUnsignedShort() - 8];
        in.readFully(new byte[4]);
        in.readFully(payload);
        return payload;
    }

    private static byte[] packet(int type, byte[] payload, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) type, 1, (byte) (length + 8 >>> 8), (byte) (length + 8), 0, 0, 1, 0});
        out.write(payload, 0, length);
        return out.toByteArray();
    }

    private static void assertReadsTheCertificate(Front front, String protocol) {
        Observation seen = rig.scan(front.port(), Depth.CERTIFICATE, "localhost", protocol);
        assertThat(seen.scan().outcome())
                .as(String.valueOf(seen.scan().detail()))
                .isEqualTo(Outcome.COMPLETE);
        assertThat(Objects.requireNonNull(seen.served())).hasSize(1);
    }

    private static void smtp(Socket client, String consent) throws IOException, InterruptedException {
        say(client, "220 here\r\n");
        line(client);
        say(client, "250-here\r\n250-SIZE\r\n250 STARTTLS\r\n");
        line(client);
        say(client, consent);
        Front.relay(client, server.port(), new byte[0]);
    }

    private static void say(Socket client, String text) throws IOException {
        client.getOutputStream().write(ascii(text));
        client.getOutputStream().flush();
    }

    private static String line(Socket client) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = client.getInputStream().read();
                b != '\n';
                b = client.getInputStream().read()) {
            if (b < 0) {
                throw new IOException("gone");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
