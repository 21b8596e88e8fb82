package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.policy.Rule;
import io.tlsfleet.fleet.policy.Rules;
import io.tlsfleet.store.TestEstate;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResolutionTest {
    private static final Observation ANSWERED = TestEstate.complete("a.example", "TLSv1.2");

    @Test
    void aScanThatAskedAndWasAnsweredCanTell() {
        assertThat(Resolution.couldTell("protocol.tls10-accepted", ANSWERED)).isTrue();
        assertThat(Resolution.couldTell("vulnerability.sweet32", ANSWERED)).isTrue();
    }

    @Test
    void silenceCanNot() {
        Observation unsure = TestEstate.observation(
                "a.example",
                "192.0.2.1",
                Outcome.PARTIAL,
                null,
                Depth.STANDARD,
                List.of("TLSv1.2"),
                List.of(Observation.Coverage.unknown("/protocols/TLSv1.0", Reason.READ_TIMEOUT)));
        assertThat(Resolution.couldTell("protocol.tls10-accepted", unsure)).isFalse();
        assertThat(Resolution.couldTell("protocol.tls10-accepted", TestEstate.unreachable("a.example", Reason.RESET)))
                .isFalse();
        assertThat(Resolution.couldTell("endpoint.unreachable", TestEstate.unreachable("a.example", Reason.RESET)))
                .isFalse();
        Observation plain = TestEstate.observation(
                "a.example", "192.0.2.1", Outcome.NOT_TLS, Reason.NOT_TLS, Depth.STANDARD, null, List.of());
        assertThat(Resolution.couldTell("endpoint.unreachable", plain)).isFalse();
    }

    @Test
    void aScanThatDidNotAskCanNot() {
        assertThat(Resolution.couldTell("vulnerability.heartbleed", ANSWERED)).isFalse();
        assertThat(Resolution.couldTell("certificate.expired", ANSWERED)).isFalse();
        assertThat(Resolution.couldTell("http.hsts-missing", ANSWERED)).isFalse();
    }

    @Test
    void everyRuleBelongsToAFamily() {
        for (Rule rule : Rules.all()) {
            assertThat(Resolution.couldTell(
                            rule.id(),
                            TestEstate.observation("a", null, Outcome.COMPLETE, null, Depth.STANDARD, null, List.of())))
                    .as(rule.id())
                    .isEqualTo(rule.id().startsWith("endpoint.") || rule.id().equals("starttls.refused"));
        }
    }
}
