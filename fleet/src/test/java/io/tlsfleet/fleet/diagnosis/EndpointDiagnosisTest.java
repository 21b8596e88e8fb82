package io.tlsfleet.fleet.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Report;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointDiagnosisTest {
    @Test
    void aServerThatAgreedToTlsIsNotSilent() {
        ObjectNode late = (ObjectNode) Json.tree(report(Facts.good()));
        ((ObjectNode) late.get("scan")).put("outcome", "partial").put("reason", "deadline");

        assertThat(causes(Json.read(late, Report.class))).containsExactly("scan-incomplete");
    }

    @Test
    void silenceOnLongHellosAloneIsOfADeviceInBetween() {
        for (Reason reason : List.of(Reason.READ_TIMEOUT, Reason.RESET, Reason.CLOSED)) {
            assertThat(causes(report(Facts.good()
                            .tolerance("largeClientHello", FactState.UNKNOWN)
                            .unknown("/tolerance/largeClientHello", reason))))
                    .containsExactly("middlebox");
        }
        assertThat(causes(report(Facts.good()
                        .tolerance("largeClientHello", FactState.UNKNOWN)
                        .unknown("/tolerance/largeClientHello", Reason.RATE_LIMITED))))
                .isEmpty();
        assertThat(causes(report(Facts.good().tolerance("largeClientHello", FactState.REFUSED))))
                .containsExactly("middlebox");
    }

    @Test
    void aServerThatSaysNothingIsSilent() {
        assertThat(causes(report(Facts.good().unreachable(Outcome.UNREACHABLE, Reason.READ_TIMEOUT, "silence"))))
                .containsExactly("silence");
        assertThat(causes(report(Facts.good().unreachable(Outcome.UNREACHABLE, Reason.DEADLINE, "over"))))
                .containsExactly("silence");
    }

    /** A weak group beside TLS 1.3 stops nobody who agrees on something else. */
    @Test
    void aWeakGroupStopsWhoAgreesOnIt() {
        assertThat(EndpointDiagnosis.of(report(Facts.good().dh("TLSv1.2", 1024, "sha256:ab", null))))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.cause()).isEqualTo("too-weak");
                    assertThat(problem.affects()).isEqualTo("clients that agree on finite-field Diffie-Hellman");
                    assertThat(problem.seenAs()).contains("dh key too small").doesNotContain("ee key too small");
                });
    }

    private static Report report(Facts facts) {
        return Judge.judge(facts.build(), List.of(Policies.standard()), List.of(Pki.PRIVATE), Memory.NONE, Facts.AT);
    }

    private static List<String> causes(Report report) {
        return EndpointDiagnosis.of(report).stream()
                .map(EndpointDiagnosis.Problem::cause)
                .toList();
    }
}
