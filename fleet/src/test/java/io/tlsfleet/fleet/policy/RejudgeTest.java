package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import java.util.List;
import org.junit.jupiter.api.Test;

class RejudgeTest {
    /** 100,000 stored observations in a minute on two cores is 1.2 ms of one core each; ten times that is a defect anywhere. */
    @Test
    void judgesAStoredObservationCheaply() {
        byte[] stored = Json.bytes(Facts.good()
                .accepts("TLSv1.0", "TLS_RSA_WITH_AES_128_CBC_SHA")
                .served(Pki.served(l -> {}))
                .build());
        judge(stored, 300);
        long begin = System.nanoTime();
        int findings = judge(stored, 1_000);
        double millis = (System.nanoTime() - begin) / 1e6 / 1_000;

        System.getLogger("rejudge").log(System.Logger.Level.INFO, "one stored observation: {0} ms", millis);
        assertThat(findings).isPositive();
        assertThat(millis).isLessThan(12);
    }

    private static int judge(byte[] stored, int times) {
        int findings = 0;
        for (int i = 0; i < times; i++) {
            Observation observation = Json.read(stored, Observation.class);
            findings += Judge.judge(
                            observation, List.of(Policies.standard()), List.of(Pki.PRIVATE), Memory.NONE, Facts.AT)
                    .findings()
                    .size();
        }
        return findings;
    }
}
