package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tlsfleet.fleet.report.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PoliciesTest {
    static java.util.List<String> shipped() {
        return Policies.SHIPPED;
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyShippedPolicySaysWhatItIsAndWhereItComesFrom(String name) {
        Policy policy = Policies.named(name);

        assertThat(policy.name()).isEqualTo(name);
        assertThat(policy.title()).isNotBlank();
        assertThat(policy.source()).isNotBlank();
        assertThat(policy.protocols().allowed()).contains("TLSv1.3").doesNotContain("SSLv2", "SSLv3");
        assertThat(policy.expiry().stages()).hasSize(5);
    }

    @Test
    void mozillasIntermediateListsItsNineSuites() {
        Policy policy = Policies.named("mozilla-intermediate-6.0");

        assertThat(policy.cipherSuites().allow()).hasSize(9);
        assertThat(policy.cipherSuites().permits("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
                .isTrue();
        assertThat(policy.cipherSuites().permits("TLS_RSA_WITH_AES_128_GCM_SHA256"))
                .isFalse();
        assertThat(policy.hstsSeconds()).isEqualTo(63072000);
    }

    @Test
    void aFileExtendsAShippedPolicyAndKeepsWhatItDoesNotSay() {
        Policy policy = Policies.parse("""
                name: shop
                extends: mozilla-intermediate-6.0
                cipherSuites:
                  allow: [TLS_AES_*, "TLS_ECDHE_*_GCM_*"]
                expiry:
                  high: {days: 14}
                  info: {}
                severities:
                  http.hsts-missing: off
                  cipher.not-in-policy: critical
                waivers:
                  - rule: protocol.*
                    endpoint: old.example:443
                    reason: cash desks of 2014, replaced in spring
                    until: 2027-03-31
                """);

        assertThat(policy.label()).isEqualTo("shop 6.0");
        assertThat(policy.certificates().maximumDays()).isEqualTo(366);
        assertThat(policy.cipherSuites().permits("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
                .isTrue();
        assertThat(policy.cipherSuites().permits("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"))
                .isFalse();
        assertThat(policy.expiry().stages())
                .contains(new Policy.Expiry.Stage(Severity.HIGH, 14.0, null))
                .noneMatch(stage -> stage.severity() == Severity.INFO);
        assertThat(policy.severity("http.hsts-missing", Severity.MEDIUM)).isNull();
        assertThat(policy.severity("cipher.not-in-policy", Severity.MEDIUM)).isEqualTo(Severity.CRITICAL);
        assertThat(policy.waivers()).hasSize(1);
    }

    @Test
    void namesEveryProblemWithLineAndColumn() {
        InvalidPolicy invalid = catchThrowableOfType(InvalidPolicy.class, () -> Policies.parse("""
                        name: shop
                        extends: public-wep
                        protocols:
                          allow: [TLSv1.4]
                        cipherSuite: {}
                        expiry:
                          high: {days: soon}
                        severities:
                          protocol.tls10-acepted: high
                          cipher.rc4: awful
                        waivers:
                          - rule: cipher.cbc
                            reason: because
                        """));

        assertThat(invalid.problems())
                .extracting(PolicyProblem::toString)
                .containsExactly(
                        "line 2, column 10: no policy is called public-wep (did you mean public-web?)",
                        "line 4, column 11: nothing is called TLSv1.4 (did you mean TLSv1.0?)",
                        "line 5, column 1: unknown setting cipherSuite in a policy (did you mean cipherSuites?)",
                        "line 7, column 16: \"soon\" is no number from 0 to 36500",
                        "line 9, column 3: no rule is called protocol.tls10-acepted (did you mean protocol.tls10-accepted?)",
                        "line 10, column 15: \"awful\" is none of info, low, medium, high, critical, off",
                        "line 12, column 5: a waiver needs a last day: until");
    }

    @Test
    void aMinimumVersionIsShortForItAndAllNewer() {
        Policy policy = Policies.parse("name: own\nextends: mozilla-old-5.8\nprotocols: {minimum: TLSv1.2}");
        assertThat(policy.protocols())
                .isEqualTo(new Policy.Protocols(List.of("TLSv1.2", "TLSv1.3"), List.of("TLSv1.2")));
        assertThat(Policies.parse("name: own\nextends: mozilla-old-5.8\nprotocols: {minimum: TLSv1.3}")
                        .protocols())
                .isEqualTo(new Policy.Protocols(List.of("TLSv1.3"), List.of()));
        assertThatThrownBy(() -> Policies.parse("name: own\nprotocols: {minimum: TLSv1.4}"))
                .hasMessageContaining("line 2, column 22: nothing is called TLSv1.4");
        assertThatThrownBy(() -> Policies.parse("name: own\nprotocols: {minimum: TLSv1.2, allow: [TLSv1.3]}"))
                .hasMessageContaining("line 2, column 22: minimum and allow say the same");
    }

    @Test
    void refusesWhatIsNoYamlWithItsPlace() {
        assertThatThrownBy(() -> Policies.parse("name: [shop\nversion: 1"))
                .isInstanceOf(InvalidPolicy.class)
                .hasMessageContaining("line 2");
        assertThatThrownBy(() -> Policies.parse("")).isInstanceOf(InvalidPolicy.class);
        assertThatThrownBy(() -> Policies.parse("- a\n- b")).isInstanceOf(InvalidPolicy.class);
        assertThatThrownBy(() -> Policies.parse("name: a\nname: b")).hasMessageContaining("given twice");
    }

    @Test
    void aDifferenceIsSaidInWords() {
        Policy own = Policies.parse("""
                name: own
                extends: public-web
                severities: {cipher.rc4: "off", cipher.cbc: low}
                expiry: {high: {days: 9}}
                preferences: {groups: [x25519]}
                """);
        assertThat(PolicyDiff.between(Policies.standard(), own))
                .extracting(PolicyDiff.Line::after)
                .contains("off", "low", "high: under 9.0 days", "groups: x25519");
        assertThat(PolicyDiff.between(Policies.standard(), own))
                .extracting(PolicyDiff.Line::before)
                .contains("high: under 3.0 days and 10.0 % left");
    }

    @Test
    void refusesAnchorsThatMultiply() {
        String bomb = "name: a\nx: &x [a, a]\ny: &y [*x, *x]\nz: [*y, *y]";

        assertThatThrownBy(() -> Policies.parse(bomb))
                .isInstanceOf(InvalidPolicy.class)
                .hasMessageContaining("line 3, column 8: an alias")
                .hasMessageContaining("write it out");
    }

    @Test
    void saysInAPersonsWordsWhatTheParserMeans() {
        assertThatThrownBy(() -> Policies.parse("name: a\n---\nname: b"))
                .hasMessageContaining("line 2, column 1: a second document begins here");
        assertThatThrownBy(() -> Policies.parse("name: a\n\tversion: \"1\""))
                .hasMessageContaining("line 2, column 1")
                .hasMessageContaining("TAB");
        assertThatThrownBy(() -> Policies.parse("name: a\nextends: public-web\ncipherSuite:\n  deny: [X]"))
                .hasMessageContaining("line 3, column 1: unknown setting cipherSuite");
    }
}
