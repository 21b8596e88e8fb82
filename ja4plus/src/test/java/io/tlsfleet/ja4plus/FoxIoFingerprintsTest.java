package io.tlsfleet.ja4plus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.fingerprint.Ja4Plus;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FoxIoFingerprintsTest {
    private final Ja4Plus fingerprints =
            Ja4Plus.find(FoxIoFingerprintsTest.class.getClassLoader()).orElseThrow();

    @Test
    void agreesWithEveryRecordedStream() throws MalformedMessage {
        int servers = 0;
        int chains = 0;
        for (JsonNode stream : Vectors.jsonLines("ja4-foxio/hellos.jsonl.gz")) {
            JsonNode expected = stream.get("expected");
            if (expected.hasNonNull("ja4s")) {
                byte[] hello = HexFormat.of()
                        .parseHex(stream.get("server_hello").get(0).asText());
                Ja4Plus.Ja4s ja4s = fingerprints.ja4s(Arrays.copyOfRange(hello, 4, hello.length), Transport.TCP);
                assertThat(ja4s.hash())
                        .as(stream.get("id").asText())
                        .isEqualTo(expected.get("ja4s").asText());
                if (expected.hasNonNull("ja4s_r")) {
                    assertThat(ja4s.raw()).isEqualTo(expected.get("ja4s_r").asText());
                }
                servers++;
            }
            if (expected.hasNonNull("ja4x")) {
                for (int i = 0; i < expected.get("ja4x").size(); i++) {
                    byte[] der = Base64.getDecoder()
                            .decode(stream.get("certificates").get(i).asText());
                    assertThat(fingerprints.ja4x(der))
                            .isEqualTo(expected.get("ja4x").get(i).asText());
                }
                chains++;
            }
        }
        assertThat(servers).isGreaterThanOrEqualTo(11);
        assertThat(chains).isGreaterThanOrEqualTo(9);
    }

    @Test
    void refusesWhatIsNoCertificate() {
        assertThatThrownBy(() -> fingerprints.ja4x(new byte[] {0x30, 3, 1, 1, 0}))
                .isInstanceOf(MalformedMessage.class);
    }
}
