package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Chains that others built, judged as {@code explain} judges them. */
class X509VectorsTest {
    @Test
    void bettertls() {
        int[] hard = {0, 0};
        int[] soft = {0, 0};
        for (String file : List.of("nameconstraints", "pathbuilding")) {
            JsonNode suite = Vectors.json("bettertls/" + file + ".json.gz");
            List<TrustStore> stores = List.of(TrustStore.of("given", List.of(base64(suite.get("trustRoot")))));
            for (JsonNode test : suite.get("testCases")) {
                List<byte[]> chain = new ArrayList<>();
                test.get("certificates").forEach(der -> chain.add(base64(der)));
                ChainVerdict verdict =
                        ChainJudge.judge(ChainQuestion.of(chain, stores, Instant.parse("2026-11-21T07:41:00Z"))
                                .withHost(test.get("hostname").asText()));
                boolean accepted = verdict.trusted()
                        && verdict.hostname() != null
                        && verdict.hostname().matches();
                boolean right = accepted == test.get("expected").asText().equals("ACCEPT");
                boolean warning = test.get("failureIsWarning").asBoolean();
                (warning ? soft : hard)[right ? 0 : 1]++;
                if (!right) {
                    System.err.println(file + " " + test.get("id") + " soft=" + warning + " expected "
                            + test.get("expected") + " "
                            + verdict.trust().getFirst().status() + " "
                            + verdict.trust().getFirst().reason() + " " + verdict.hostname()
                            + " " + test.get("requiredFeatures"));
                }
            }
        }
        System.err.println("bettertls hard " + hard[0] + "/" + (hard[0] + hard[1]) + " soft " + soft[0] + "/"
                + (soft[0] + soft[1]));
        assertThat(hard[1]).isZero();
    }

    static byte[] base64(JsonNode text) {
        return Base64.getDecoder().decode(text.asText());
    }
}
