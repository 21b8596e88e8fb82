package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Observation.Http;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpReadingTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            max-age=31536000                                     | 31536000         | false | false
            MAX-AGE=1 ; IncludeSubDomains ; PreLoad              | 1                | true  | true
            max-age="600"; includeSubDomains                     | 600              | true  | false
            includeSubDomains;max-age=0;;                        | 0                | true  | false
            max-age=5; unknown=x; other                          | 5                | false | false
            max-age=99999999999999999999                         | 9007199254740991 | false | false
            """)
    void readsStrictTransportSecurity(String value, long age, boolean subDomains, boolean preload) {
        assertThat(HttpReading.hsts(value)).isEqualTo(new Http.Hsts(age, subDomains, preload));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "includeSubDomains",
                "max-age",
                "max-age=",
                "max-age=-1",
                "max-age=1e9",
                "x-max-age=5",
                "max-age=5; max-age=5",
                "max-age=5; includeSubDomains=true",
                "max-age=5; includeSubDomains; includeSubDomains",
                "max-age=5, max-age=5",
                ""
            })
    void takesWhatBreaksTheSyntaxForNone(String value) {
        assertThat(HttpReading.hsts(value)).isNull();
    }

    @Test
    void countsTheFirstOfTwoFieldsAlone() {
        assertThat(
                        http("HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=5\r\nstrict-transport-security: max-age=9\r\n\r\n")
                                .hsts())
                .isEqualTo(new Http.Hsts(5, false, false));
        assertThat(
                        http("HTTP/1.1 200 OK\r\nStrict-Transport-Security: nonsense\r\nStrict-Transport-Security: max-age=9\r\n\r\n")
                                .hsts())
                .isNull();
    }

    @Test
    void passesOverInterimAnswers() {
        Http http = http(
                "HTTP/1.1 103 Early Hints\r\nServer: early\r\n\r\nHTTP/1.1 100\r\n\r\nHTTP/1.1 404\r\nServer: late\r\n\r\n");
        assertThat(http.status()).isEqualTo(404);
        assertThat(http.server()).isEqualTo("late");
    }

    @Test
    void saysNothingOfAHeadThatBrokeOff() {
        assertThat(HttpReading.of(bytes("HTTP/1.1 200 OK\r\nServer: x\r\n"), true))
                .isEmpty();
        assertThat(HttpReading.isHttp(bytes("HTTP/1.1 200 OK\r\nServer: x\r\n")))
                .isTrue();
        assertThat(HttpReading.of(bytes("* OK IMAP4rev1 ready\r\n\r\n"), true)).isEmpty();
        assertThat(HttpReading.isHttp(bytes("* OK IMAP4rev1 ready\r\n\r\n"))).isFalse();
    }

    @Test
    void measuresTheClockBehindACache() {
        assertThat(http("HTTP/1.1 200 OK\nDate: Sat, 21 Nov 2026 11:50:00 GMT\n\n")
                        .clockSkewSeconds())
                .isEqualTo(-600);
        assertThat(http("HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 11:50:00 GMT\r\nAge: 600\r\n\r\n")
                        .clockSkewSeconds())
                .isZero();
        assertThat(http("HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n").clockSkewSeconds())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            h3=":443"; ma=86400            | true
            h2=":443", h3-29=":443"        | true
            h2=":443"; persist=1           | false
            xh3=":443"                     | false
            clear                          | false
            """)
    void seesHttp3Announced(String value, boolean announced) {
        assertThat(http("HTTP/1.1 200 OK\r\nAlt-Svc: " + value + "\r\n\r\n").altSvcH3())
                .isEqualTo(announced);
    }

    @Test
    void keepsTheLocationOfARedirectAlone() {
        assertThat(http("HTTP/1.1 302 Found\r\nLocation: http://plain.example/\r\n\r\n")
                        .redirect())
                .isEqualTo("http://plain.example/");
        assertThat(http("HTTP/1.1 201 Created\r\nLocation: http://plain.example/\r\n\r\n")
                        .redirect())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            <img src="http://a/b">                                            | 1
            <IMG alt=x SRC = 'HTTP://a/b'><script src=http://a></script>      | 2
            <a href="http://a"><form action="http://a">                       | 0
            <img src="https://a/http://b">                                    | 0
            <img srcset="a.png 1x, http://a/b 2x">                            | 1
            <link rel=canonical href="http://a">                              | 0
            <link rel="stylesheet" href="http://a"><link href=http://a rel=icon> | 2
            <input type=image src=http://a><input type=text src=http://a>     | 1
            <!-- <img src="http://a"> --><img src="http://a">                 | 1
            <script>var s = '<img src="http://a">';</script>                  | 0
            <img title="a > b" src="http://a">                                | 1
            <object data="http://a"></object><video poster=http://a>          | 2
            <img src="http://a                                                | 1
            """)
    void countsWhatThePageLoadsInTheClear(String page, int count) {
        assertThat(http("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page)
                        .mixedContent())
                .isEqualTo(count);
    }

    @Test
    void countsInHtmlAlone() {
        assertThat(http("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"<img src=http://a>\"}")
                        .mixedContent())
                .isZero();
    }

    @Test
    void unpacksChunksAndGzip() throws IOException {
        String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
        assertThat(http(head + "\r\n7;x=y\r\n<img sr\r\nF\r\nc=\"http://a/b\">\r\n0\r\n\r\n")
                        .mixedContent())
                .isEqualTo(1);
        byte[] zipped = zipped(bytes("<img src=\"http://a/b\">"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(
                bytes("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + zipped.length + "\r\n\r\n"));
        out.writeBytes(zipped);
        assertThat(read(out.toByteArray()).mixedContent()).isEqualTo(1);
    }

    @Test
    void doesNotKnowOfWhatItCannotRead() throws IOException {
        String ok = "HTTP/1.1 200 OK\r\n";
        assertThat(HttpReading.of(bytes(ok + "\r\n<img>"), false).orElseThrow().page())
                .isNull();
        assertThat(http(ok + "Content-Length: 500\r\n\r\n<img>").mixedContent()).isNull();
        assertThat(http(ok + "Transfer-Encoding: chunked\r\n\r\nFF\r\n<img>").mixedContent())
                .isNull();
        assertThat(http(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n<img>").mixedContent())
                .isNull();
        assertThat(http(ok + "Content-Encoding: br\r\n\r\n<img>").mixedContent())
                .isNull();
        assertThat(http(ok + "Content-Encoding: gzip\r\n\r\nno gzip").mixedContent())
                .isNull();
        // 64 MiB in 64 KiB
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.writeBytes(bytes(ok + "Content-Encoding: gzip\r\n\r\n"));
        bomb.writeBytes(zipped(new byte[64 << 20]));
        assertThat(read(bomb.toByteArray()).mixedContent()).isNull();
    }

    /** 256 KiB, which is all that we take, made to be slow to read. */
    @Test
    @Timeout(60)
    void readsHostilePagesInLinearTime() {
        for (String piece : new String[] {
            "<img ",
            "<img src=http",
            "<link a=",
            "<!--",
            "<script>",
            "<img a='",
            "<",
            "=",
            "<a b=\"c\" ",
            "</script",
            "\n:"
        }) {
            byte[] page = bytes("HTTP/1.1 200 OK\r\n\r\n" + piece.repeat((256 << 10) / piece.length()));
            read(page);
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                long from = System.nanoTime();
                read(page);
                best = Math.min(best, System.nanoTime() - from);
            }
            assertThat(Duration.ofNanos(best)).as(piece).isLessThan(Duration.ofMillis(200));
        }
    }

    @Test
    void readsAnyBytesWithoutAnEscape() {
        byte[] answer = bytes("""
                HTTP/1.1 200 OK
                Strict-Transport-Security: max-age=5
                Alt-Svc: h3=":1"
                Age: 1
                Date: Sat, 21 Nov 2026 11:50:00 GMT
                Transfer-Encoding: chunked

                5
                <img\s
                0

                """.replace("\n", "\r\n"));
        for (int length = 0; length < answer.length; length++) {
            HttpReading.of(Arrays.copyOf(answer, length), true).ifPresent(r -> r.http(NOW));
        }
        Random random = new Random(9112);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = answer.clone();
            for (int j = 0; j < 3; j++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            read += HttpReading.of(changed, true).map(r -> r.http(NOW)).isPresent() ? 1 : 0;
        }
        assertThat(read).isPositive();
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(plain);
        }
        return out.toByteArray();
    }

    private static Http http(String answer) {
        return read(bytes(answer));
    }

    private static Http read(byte[] answer) {
        return Objects.requireNonNull(HttpReading.of(answer, true).orElseThrow().http(NOW));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
