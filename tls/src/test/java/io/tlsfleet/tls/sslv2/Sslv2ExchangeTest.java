package io.tlsfleet.tls.sslv2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.BlockingTalk;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sslv2ExchangeTest {
    private static final byte[] CERTIFICATE = new byte[300];
    private static final byte[] SERVER_HELLO = serverHello(0x010080, 0x0700C0);

    @Test
    void saysTheHelloOfTheDraft() {
        int ciphers = Sslv2ClientHello.everyCipher().size();
        assertThat(ciphers).isGreaterThanOrEqualTo(9);
        byte[] hello = new Sslv2ClientHello(Sslv2ClientHello.everyCipher(), new byte[16]).encode();
        assertThat(hello).startsWith(0x80, hello.length - 2, 1, 0, 2, 0, 3 * ciphers, 0, 0, 0, 16, 1, 0, 0x80);
        assertThat(hello).hasSize(2 + 9 + 3 * ciphers + 16);
    }

    @Test
    void readsAServerHelloInAnyPieces() {
        for (int piece = 1; piece < SERVER_HELLO.length; piece++) {
            Sslv2Exchange exchange = exchange();
            boolean finished = false;
            for (int at = 0; at < SERVER_HELLO.length; at += piece) {
                assertThat(finished).isFalse();
                finished = exchange.receive(
                                Arrays.copyOfRange(SERVER_HELLO, at, Math.min(at + piece, SERVER_HELLO.length)))
                        .finished();
            }
            Sslv2Answer.ServerHello answer = (Sslv2Answer.ServerHello) exchange.end(Ending.FINISHED);
            assertThat(answer.ciphers().stream().map(CipherSuite::name))
                    .containsExactly("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
            assertThat(answer.certificate()).isEqualTo(CERTIFICATE);
        }
    }

    @Test
    void readsAServerHelloBehindAThreeByteHeader() {
        byte[] body = Arrays.copyOfRange(SERVER_HELLO, 2, SERVER_HELLO.length);
        byte[] padded = new ByteWriter()
                .u16(body.length + 5)
                .u8(5)
                .raw(body)
                .raw(new byte[5])
                .toBytes();
        assertThat(answerTo(padded)).isInstanceOf(Sslv2Answer.ServerHello.class);
    }

    @Test
    void readsAServerHelloWithoutCiphers() {
        Sslv2Answer.ServerHello none = (Sslv2Answer.ServerHello) answerTo(serverHello());
        assertThat(none.ciphers()).isEmpty();
    }

    @Test
    void tellsErrorsAlertsAndStrangersApart() {
        assertThat(answerTo(new byte[] {(byte) 0x80, 3, 0, 0, 1})).isEqualTo(new Sslv2Answer.Sslv2Error(1));
        assertThat(answerTo(new byte[] {21, 3, 1, 0, 2, 2, 70}))
                .isInstanceOfSatisfying(
                        Sslv2Answer.TlsAlert.class,
                        a -> assertThat(a.description().name()).isEqualTo("protocol_version"));
        // s2n's, with the version that it was asked for
        assertThat(answerTo(new byte[] {21, 0, 2, 0, 2, 2, 70})).isInstanceOf(Sslv2Answer.TlsAlert.class);
        assertThat(answerTo(new byte[] {21, 0, 3, 0, 2, 2, 70})).isInstanceOf(Sslv2Answer.Unintelligible.class);
        assertThat(answerTo("HTTP/1.1 400 Bad Request\r\n".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(Sslv2Answer.Unintelligible.class);
        assertThat(answerTo("220 mail.example ESMTP\r\n".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(Sslv2Answer.Unintelligible.class);
        assertThat(answerTo(new byte[] {22, 3, 1, 0, 2, 2, 70})).isInstanceOf(Sslv2Answer.Unintelligible.class);
        assertThat(exchange().end(Ending.RESET)).isEqualTo(new Sslv2Answer.None(Ending.RESET, 0));
    }

    @Test
    void neverThrowsForAFlippedOrCutAnswer() {
        for (int at = 0; at < SERVER_HELLO.length; at++) {
            assertThat(answerTo(Arrays.copyOf(SERVER_HELLO, at))).isInstanceOf(Sslv2Answer.None.class);
            for (int bit = 0; bit < 8; bit++) {
                byte[] broken = SERVER_HELLO.clone();
                broken[at] ^= (byte) (1 << bit);
                assertThat(answerTo(broken)).isNotNull();
            }
        }
    }

    @Test
    void isRefusedByAServerOfToday(@TempDir Path directory) {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        try (PeerProcess server = PeerProcess.start(
                directory, "openssl", "s_server", "-accept", "{port}", "-cert", "cert.pem", "-key", "key.pem")) {
            Sslv2Answer answer = BlockingTalk.run(server.port(), exchange());
            assertThat(answer)
                    .isNotInstanceOf(Sslv2Answer.ServerHello.class)
                    .isNotInstanceOf(Sslv2Answer.Sslv2Error.class);
        }
    }

    private static Sslv2Exchange exchange() {
        return new Sslv2Exchange(new Sslv2ClientHello(Sslv2ClientHello.everyCipher(), new byte[16]));
    }

    private static Sslv2Answer answerTo(byte[] bytes) {
        Sslv2Exchange exchange = exchange();
        exchange.receive(bytes);
        return exchange.end(Ending.CLOSED);
    }

    private static byte[] serverHello(Integer... ciphers) {
        byte[] body = new ByteWriter()
                .u8(4)
                .u8(0)
                .u8(1)
                .u16(2)
                .u16(CERTIFICATE.length)
                .u16(3 * ciphers.length)
                .u16(16)
                .raw(CERTIFICATE)
                .raw(ByteWriter.write(w -> List.of(ciphers).forEach(w::u24)))
                .raw(new byte[16])
                .toBytes();
        return new ByteWriter().u16(0x8000 | body.length).raw(body).toBytes();
    }
}
