package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule speaks where it should, in any surroundings, and holds its tongue beside it. */
class RulesTest {
    /** Surroundings that no rule minds and that hide nothing: each positive case is judged in all of them. */
    private static final List<UnaryOperator<Facts>> SURROUNDINGS = List.of(
            f -> f,
            f -> f.alpn(null),
            f -> f.sni("default-certificate"),
            f -> f.client("requested", "none"),
            f -> f.without("timing", "fingerprints"),
            f -> f.negotiated(null),
            f -> f.unknown("/alpn/onMismatch", Reason.READ_TIMEOUT),
            f -> f.tolerance("wideClientHello", FactState.UNKNOWN),
            f -> f.feature("encryptThenMac", FactState.ACCEPTED),
            f -> f.feature("npn", FactState.UNKNOWN).unknown("/features/npn", Reason.RESET),
            f -> f.quic(new Observation.Quic(FactState.ACCEPTED, List.of("1"), List.of("h3"), true)),
            f -> f.scan(Depth.STANDARD, Outcome.PARTIAL, null, null));

    static Stream<String> rules() {
        return RuleCases.ALL.keySet().stream();
    }

    @Test
    void everyRuleHasCases() {
        Set<String> known = new TreeSet<>();
        Rules.all().forEach(rule -> known.add(rule.id()));

        assertThat(new TreeSet<>(RuleCases.ALL.keySet())).isEqualTo(known);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void speaksInAnySurroundings(String rule) {
        int positives = 0;
        for (RuleCases.Scene scene : cases(rule).fires) {
            for (UnaryOperator<Facts> around : SURROUNDINGS) {
                boolean outcome = rule.startsWith("endpoint.unreachable") || rule.startsWith("starttls.");
                Facts facts = outcome
                        ? around.andThen(scene.facts()).apply(Facts.good())
                        : scene.facts().andThen(around).apply(Facts.good());
                assertThat(found(facts.build(), scene))
                        .as("%s in case %d", rule, positives)
                        .contains(rule);
                positives++;
            }
        }
        assertThat(positives).isGreaterThanOrEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void holdsItsTongueBesideIt(String rule) {
        List<RuleCases.Scene> scenes = cases(rule).silent;
        assertThat(scenes).isNotEmpty();
        for (RuleCases.Scene scene : scenes) {
            assertThat(found(scene.facts().apply(Facts.good()).build(), scene)).doesNotContain(rule);
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void saysWhatWhyAndWhatToDo(String rule) {
        RuleCases.Scene scene = cases(rule).fires.getFirst();
        Finding finding = report(scene.facts().apply(Facts.good()).build(), scene).findings().stream()
                .filter(f -> f.rule().equals(rule))
                .findFirst()
                .orElseThrow();

        assertThat(finding.title()).isNotBlank();
        assertThat(finding.detail()).isNotBlank().endsWith(".").doesNotContain("null", "..");
        assertThat(finding.why()).isNotBlank();
        assertThat(finding.remedy()).isNotBlank();
        assertThat(finding.policy()).isEqualTo(scene.policy());
        assertThat(Set.of("certificate.nonconforming", "policy.preference", "certificate.not-in-policy")
                                .contains(rule)
                        || !finding.evidence().isEmpty())
                .isTrue();
    }

    /** Unknown facts make no finding: a scan that could tell nothing gives none but those of memory. */
    @Test
    void findsNothingInWhatIsUnknown() {
        Facts facts = Facts.good();
        for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")) {
            facts.protocol(version, FactState.UNKNOWN).unknown("/protocols/" + version, Reason.READ_TIMEOUT);
        }
        Observation observation = facts.without(
                        "dh", "schemes", "served", "resumption", "features", "tolerance", "dns", "http")
                .build();

        for (String policy : Policies.SHIPPED) {
            assertThat(Judge.judge(observation, List.of(Policies.named(policy)), List.of(), Memory.NONE, RuleCases.AT)
                            .findings())
                    .as(policy)
                    .isEmpty();
        }
    }

    /** At least 300 servers that are as the default policy wants them, in many shapes: silence. */
    @Test
    void staysSilentOnTheCorpus() {
        List<UnaryOperator<Facts>> shapes = List.of(
                f -> f,
                f -> f.protocol("TLSv1.2", FactState.REFUSED),
                f -> f.suites(
                        "TLSv1.2",
                        "server",
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
                f -> f.suites("TLSv1.2", null, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
                f -> f.suites("TLSv1.3", "server", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"),
                f -> f.dh("TLSv1.2", 3072, "ffdhe3072", false)
                        .alsoSuite("TLSv1.2", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"));
        List<UnaryOperator<Facts>> certificates =
                List.of(f -> f, f -> f.served(GOOD), f -> f.served(RSA).served(GOOD));
        int judged = 0;
        for (UnaryOperator<Facts> shape : shapes) {
            for (UnaryOperator<Facts> certificate : certificates) {
                for (UnaryOperator<Facts> around : SURROUNDINGS) {
                    for (UnaryOperator<Facts> more : MORE) {
                        Observation observation = shape.andThen(certificate)
                                .andThen(around)
                                .andThen(more)
                                .apply(Facts.good())
                                .build();
                        assertThat(Judge.judge(
                                                observation,
                                                List.of(Policies.standard()),
                                                List.of(io.tlsfleet.fleet.Pki.PRIVATE),
                                                Memory.NONE,
                                                RuleCases.AT)
                                        .findings())
                                .isEmpty();
                        judged++;
                    }
                }
            }
        }
        assertThat(judged).isGreaterThanOrEqualTo(300);
    }

    private static final Observation.ServedChain GOOD = io.tlsfleet.fleet.Pki.served(l -> {});
    private static final Observation.ServedChain RSA = io.tlsfleet.fleet.Pki.served(l -> l.key = "RSA 2048");
    private static final List<UnaryOperator<Facts>> MORE = List.of(
            f -> f,
            f -> f.protocol("SSLv2", FactState.UNKNOWN).unknown("/protocols/SSLv2", Reason.RESET),
            f -> f.http(h -> new Observation.Http(null, null, null, null, null, null, null, null)),
            f -> f.without("dns", "http", "tolerance"));

    private static RuleCases.RuleCase cases(String rule) {
        return Objects.requireNonNull(RuleCases.ALL.get(rule));
    }

    private static List<String> found(Observation observation, RuleCases.Scene scene) {
        return report(observation, scene).findings().stream().map(Finding::rule).toList();
    }

    static Report report(Observation observation, RuleCases.Scene scene) {
        return Judge.judge(
                observation, List.of(Policies.named(scene.policy())), scene.stores(), scene.memory(), scene.at());
    }
}
