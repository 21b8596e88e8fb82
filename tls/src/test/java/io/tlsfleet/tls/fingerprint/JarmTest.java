package io.tlsfleet.tls.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class JarmTest {
    private static final List<String> PROBES = List.of(
            "tls1_2_forward",
            "tls1_2_reverse",
            "tls1_2_top_half",
            "tls1_2_bottom_half",
            "tls1_2_middle_out",
            "tls1_1_middle_out",
            "tls1_3_forward",
            "tls1_3_reverse",
            "tls1_3_invalid",
            "tls1_3_middle_out");

    @Test
    void sendsTheHellosOfTheReferenceByteForByte() {
        JsonNode pinned = Vectors.json("jarm/probe-bytes.json");
        List<byte[]> hellos = Jarm.hellos(
                pinned.get("host").asText(),
                HexFormat.of().parseHex(pinned.get("fixed_random_hex").asText()));
        for (int i = 0; i < PROBES.size(); i++) {
            assertThat(HexFormat.of().formatHex(hellos.get(i)))
                    .as(PROBES.get(i))
                    .isEqualTo(pinned.get("probes").get(PROBES.get(i)).asText());
        }
    }

    @Test
    void hashesRawAnswersAsTheReferenceDoes() {
        for (JsonNode vector : Vectors.json("jarm/hash-vectors.json").get("raw_to_jarm")) {
            assertThat(Jarm.hash(List.of(vector.get("raw").asText().split(","))))
                    .isEqualTo(vector.get("jarm").asText());
        }
    }

    @Test
    void readsEveryOddAnswerAsTheReferenceDoes() {
        List<JsonNode> corpus = Vectors.jsonLines("jarm/serverhello-fuzz-corpus.jsonl.gz");
        List<String> wrong = new ArrayList<>();
        for (JsonNode reply : corpus) {
            String raw = Jarm.raw(HexFormat.of().parseHex(reply.get("hex").asText()));
            String expected = reply.get("salesforce_raw").asText();
            if (!raw.equals(expected)) {
                wrong.add(reply.get("file").asText() + ": " + raw + " not " + expected);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(corpus).hasSizeGreaterThan(500);
    }

    @Test
    void agreesWithTheReferenceOnLocalServers() {
        for (JsonNode server : Vectors.json("jarm-local/local.json.gz")) {
            List<String> raws = new ArrayList<>();
            server.get("probes")
                    .forEach(p -> raws.add(Jarm.raw(
                            HexFormat.of().parseHex(p.get("response_hex").asText()))));
            assertThat(Jarm.hash(raws))
                    .as(server.get("id").asText())
                    .isEqualTo(server.get("expected_jarm").asText());
        }
    }

    @Test
    void isZeroWhenNothingAnswers() {
        assertThat(Jarm.hash(java.util.Collections.nCopies(10, Jarm.NO_ANSWER))).isEqualTo(Jarm.ZERO);
    }
}
