package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers that say something, but not what was asked; and what an operator reads of it. */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class InOtherWordsTest {
    private static final int TLS_ALERT = 21;

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

    @ParameterizedTest
    @CsvSource({
        "* OK ready, 'in the clear: \"* OK ready\"; --starttls imap may lead to TLS'",
        "220 mail.example ESMTP, 'in the clear: \"220 mail.example ESMTP\"; --starttls smtp or ftp may lead to TLS'",
        "SSH-2.0-OpenSSH_9.2, 'in the clear: \"SSH-2.0-OpenSSH_9.2\"'",
        "PACKET, record: content type 3"
    })
    void quotesWhatSpeaksNoTls(String greeting, String detail) throws IOException {
        Observation seen = greetedBy(greeting.replace("PACKET", "\3\0\0\t") + "\r\n", null);
        assertThat(seen.scan().outcome()).isEqualTo(Outcome.NOT_TLS);
        assertThat(seen.scan().detail()).isEqualTo(detail);
    }

    @Test
    void tellsStarttlsThatIsNotOfferedFromStarttlsThatIsRefused() throws IOException {
        Observation missing = greetedBy("220 mail\r\n250-mail\r\n250 8BITMIME\r\n", "smtp");
        assertThat(missing.scan().reason()).isEqualTo(Reason.STARTTLS_REFUSED);
        assertThat(missing.scan().detail()).isEqualTo("STARTTLS is not offered: 250-mail; 250 8BITMIME");
        assertThat(greetedBy("220 mail\r\n250 STARTTLS\r\n502 no\r\n", "smtp")
                        .scan()
                        .detail())
                .isEqualTo("STARTTLS refused: 502 no");
    }

    @Test
    void saysThatStarttlsHadBeenAgreed() throws IOException {
        for (boolean resets : new boolean[] {false, true}) {
            try (Front front = new Front((client, number) -> {
                client.getOutputStream().write("220 ftp\r\n234 go\r\n".getBytes(StandardCharsets.US_ASCII));
                client.getInputStream().readNBytes("AUTH TLS\r\n".length());
                Front.firstRecord(client);
                if (resets) {
                    Front.reset(client);
                }
            })) {
                Observation seen = rig.scan(front.port(), Depth.CERTIFICATE, "localhost", "ftp");
                assertThat(seen.scan().outcome()).isEqualTo(Outcome.UNREACHABLE);
                assertThat(seen.scan().reason()).isEqualTo(resets ? Reason.RESET : Reason.CLOSED);
                assertThat(seen.scan().detail())
                        .isEqualTo("agreed to STARTTLS, then hung up without a word on every hello");
            }
        }
        assertThat(hungUpOn("ftp").scan().detail()).isEqualTo("ftp preamble: ended after 0 bytes");
        assertThat(hungUpOn(null).scan().detail()).isEqualTo("hung up without a word on every hello");
    }

    /** A service that is away for a while (RFC 3977 section 5.1, RFC 5321 section 3.8) has said nothing of TLS. */
    @ParameterizedTest
    @CsvSource({
        "nntp, 400 no news today, 'turned away before STARTTLS: 400 no news today'",
        "nntp, 502 no news for you, 'STARTTLS refused: 502 no news for you'",
        "smtp, 421-closing|421 for tonight, 'turned away before STARTTLS: 421-closing; 421 for tonight'"
    })
    void quotesWhoTurnsUsAway(String protocol, String greeting, String detail) throws IOException {
        Observation seen = greetedBy(greeting.replace("|", "\r\n") + "\r\n", protocol);
        assertThat(seen.scan().reason())
                .isEqualTo(detail.startsWith("turned") ? Reason.RATE_LIMITED : Reason.STARTTLS_REFUSED);
        assertThat(seen.scan().detail()).isEqualTo(detail);
    }

    /** OpenSMTPD without access to its key: the alert that everybody gets is no wish for a certificate. */
    @ParameterizedTest
    @CsvSource({"40, required", "42, required", "51, unknown", "20, unknown"})
    void knowsWhoseFaultAHandshakeFailsBy(int alert, String mode) throws IOException {
        try (PeerProcess server = server("-verify");
                Front front = new Front((client, number) -> failsAfterTheFlight(client, server.port(), () -> alert))) {
            assertThat(clientsOf(front.port())).isEqualTo(mode);
        }
    }

    /** A hang-up is a no where it comes twice, or an alert behind it says so; not where that is about the keys. */
    @ParameterizedTest
    @CsvSource({"0, required", "40, required", "51, unknown", "20, unknown", "21, unknown"})
    void takesAFaultOfKeysBehindAHangUpForNoWish(int alert, String mode) throws IOException {
        AtomicInteger fails = new AtomicInteger();
        try (PeerProcess server = server("-verify");
                Front front = new Front((client, number) ->
                        failsAfterTheFlight(client, server.port(), () -> fails.incrementAndGet() > 1 ? alert : 0))) {
            assertThat(clientsOf(front.port())).isEqualTo(mode);
        }
    }

    @Test
    void knowsWhetherAServerWithItsKeyWantsACertificate() {
        try (PeerProcess asks = server("-verify");
                PeerProcess insists = server("-Verify")) {
            assertThat(clientsOf(asks.port())).isEqualTo("requested");
            assertThat(clientsOf(insists.port())).isEqualTo("required");
        }
    }

    private static String clientsOf(int port) {
        return rig.scan(port, Depth.STANDARD).clientAuthentication().mode();
    }

    private static PeerProcess server(String asksForCertificates) {
        String command = "openssl s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -tls1_2 -quiet "
                + asksForCertificates + " 1";
        return PeerProcess.start(directory, command.split(" "));
    }

    private static Observation hungUpOn(@Nullable String starttls) {
        try (Front front = new Front((client, number) -> {})) {
            return rig.scan(front.port(), Depth.CERTIFICATE, "localhost", starttls);
        }
    }

    private static Observation greetedBy(String replies, @Nullable String starttls) throws IOException {
        try (Front front = new Front((client, number) -> {
            client.getOutputStream().write(replies.getBytes(StandardCharsets.ISO_8859_1));
            client.getInputStream().readAllBytes();
        })) {
            return rig.scan(front.port(), Depth.CERTIFICATE, "localhost", starttls);
        }
    }

    /** The hello and its flight go through; what a client says to that is answered with an alert, with a reset where it is 0. */
    private static void failsAfterTheFlight(Socket client, int port, IntSupplier alert)
            throws IOException, InterruptedException {
        byte[] hello = Front.firstRecord(client);
        try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), port)) {
            upstream.getOutputStream().write(hello);
            Thread down = Thread.ofVirtual().start(() -> Front.pump(upstream, client, 65536, 0));
            if (client.getInputStream().read() >= 0) {
                int description = alert.getAsInt();
                if (description == 0) {
                    Front.reset(client);
                } else {
                    client.getOutputStream().write(new byte[] {TLS_ALERT, 3, 3, 0, 2, 2, (byte) description});
                    client.getOutputStream().flush();
                    Thread.sleep(100);
                }
            }
            Front.closeQuietly(upstream);
            down.join();
        }
    }
}
