package io.tlsfleet.tls.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FingerprinterTest {
    private final Fingerprinter fingerprinter = new Fingerprinter();

    @Test
    void agreesWithEveryRecordedStream() throws MalformedMessage {
        int compared = 0;
        for (JsonNode stream : Stream.of("ja4-foxio/hellos.jsonl.gz", "tls-arkime/hellos.jsonl.gz")
                .flatMap(f -> Vectors.jsonLines(f).stream())
                .toList()) {
            JsonNode expected = stream.get("expected");
            String id = stream.get("id").asText();
            if (!stream.get("client_hello").isEmpty()) {
                ClientFingerprint client =
                        fingerprinter.client(body(stream.get("client_hello").get(0)), Transport.TCP);
                compared += compare(id, expected, "ja3", client.ja3())
                        + compare(id, expected, "ja4", client.ja4())
                        + compare(id, expected, "ja4_r", client.ja4Raw());
            }
            if (!stream.get("server_hello").isEmpty()) {
                compared += compare(
                        id,
                        expected,
                        "ja3s",
                        fingerprinter
                                .server(body(stream.get("server_hello").get(0)))
                                .ja3s());
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(71 + 70 + 35 + 37 + 35);
    }

    @Test
    void takesHexDigitsForAnAlpnThatIsNotAlphanumeric() throws MalformedMessage {
        // the eight examples of the text of JA4
        String[][] examples = {
            {"ab", "ab"},
            {"20", "20"},
            {"abcd", "ad"},
            {"2061", "21"},
            {"30ab", "3b"},
            {"6120", "60"},
            {"3031abcd", "3d"},
            {"30abcd31", "01"}
        };
        for (String[] example : examples) {
            String name = new String(HexFormat.of().parseHex(example[0]), java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(ja4(hello(List.of(0x1301), Extensions.alpn(List.of(name))))
                            .substring(8, 10))
                    .as(example[0])
                    .isEqualTo(example[1]);
        }
        assertThat(ja4(hello(List.of(0x1301), Extensions.alpn(List.of("x")))).substring(8, 10))
                .isEqualTo("xx");
        assertThat(ja4(hello(List.of(0x1301))).substring(8, 10)).isEqualTo("00");
    }

    @Test
    void countsNoMoreThanNinetyNineAndNoGrease() throws MalformedMessage {
        List<Integer> suites = IntStream.range(1, 1200).boxed().toList();
        assertThat(ja4(hello(suites))).startsWith("t12i9900");
        assertThat(ja4(hello(List.of(0x0A0A, 0x1301, 0xFAFA), Extensions.empty(0x2A2A))))
                .startsWith("t12i010000_");
    }

    @Test
    void saysNoneWithZeros() throws MalformedMessage {
        assertThat(ja4(hello(List.of()))).isEqualTo("t12i000000_000000000000_000000000000");
        assertThat(ja4(hello(List.of(), Extensions.serverName("a.example"))))
                .isEqualTo("t12d000100_000000000000_000000000000");
    }

    @Test
    void prefersSupportedVersionsOverTheLegacyVersion() throws MalformedMessage {
        Extension versions = Extensions.supportedVersions(
                List.of(new ProtocolVersion(0x7A7A), ProtocolVersion.TLS_1_2, ProtocolVersion.TLS_1_3));
        assertThat(fingerprinter
                        .client(hello(List.of(0x1301), versions), Transport.QUIC)
                        .ja4())
                .startsWith("q13i");
    }

    @Test
    void refusesHellosCutAnywhereOrReadsWhatIsLeft() {
        byte[] whole =
                hello(List.of(0x1301, 0xC02F), Extensions.serverName("a.example"), Extensions.alpn(List.of("h2")));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (length < 43) {
                assertThatThrownBy(() -> fingerprinter.client(cut, Transport.TCP))
                        .isInstanceOf(MalformedMessage.class);
            } else {
                survives(cut);
            }
            for (int bit = 0; bit < 8 && length > 0; bit++) {
                byte[] flipped = whole.clone();
                flipped[length] ^= (byte) (1 << bit);
                survives(flipped);
            }
        }
    }

    private void survives(byte[] bytes) {
        try {
            assertThat(fingerprinter.client(bytes, Transport.TCP).ja4()).isNotEmpty();
        } catch (MalformedMessage e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    private String ja4(byte[] body) throws MalformedMessage {
        return fingerprinter.client(body, Transport.TCP).ja4();
    }

    private static byte[] hello(List<Integer> suites, Extension... extensions) {
        return new ClientHello(
                        ProtocolVersion.TLS_1_2,
                        new byte[32],
                        new byte[0],
                        suites.stream().map(CipherSuite::new).toList(),
                        new byte[] {0},
                        new ArrayList<>(List.of(extensions)))
                .encode()
                .body();
    }

    private static byte[] body(JsonNode message) {
        byte[] bytes = HexFormat.of().parseHex(message.asText());
        return Arrays.copyOfRange(bytes, 4, bytes.length);
    }

    private static int compare(String id, JsonNode expected, String key, String value) {
        JsonNode wanted = expected.get(key);
        if (wanted == null || wanted.isNull()) {
            return 0;
        }
        assertThat(value).as(id + " " + key).isEqualTo(wanted.asText());
        return 1;
    }
}
