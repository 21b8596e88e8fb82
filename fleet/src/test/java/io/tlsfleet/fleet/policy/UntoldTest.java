package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

/** What was not told is neither good nor bad, and one trouble hides no other. */
class UntoldTest {
    private static Report judge(Facts facts, Instant at) {
        return Judge.judge(facts.build(), List.of(Policies.standard()), List.of(Pki.PRIVATE), Memory.NONE, at);
    }

    private static Report judge(Facts facts) {
        return judge(facts, RuleCases.AT);
    }

    private static List<String> rules(Report report) {
        return report.findings().stream().map(Finding::rule).toList();
    }

    private static Map<String, String> states(Facts facts) {
        return Objects.requireNonNull(judge(facts).vulnerabilities()).stream()
                .collect(Collectors.toMap(Observation.Vulnerability::id, Observation.Vulnerability::state));
    }

    @Test
    void whoAgreesToNothingIsNotCalledSafe() {
        assertThat(states(Facts.good()))
                .containsEntry("freak", "not-vulnerable")
                .containsEntry("beast", "not-vulnerable");
        Facts nothing = Facts.good();
        ProtocolVersion.ALL.forEach(version -> nothing.protocol(version.label(), FactState.REFUSED));
        assertThat(states(nothing)).doesNotContainValue("not-vulnerable").containsEntry("drown", "unknown");
    }

    @Test
    void aGroupThatCouldNotBeReadIsNoStrongOne() {
        Facts unread = Facts.good().unknown("/finiteFieldDh", Reason.READ_TIMEOUT);
        assertThat(states(unread)).containsEntry("logjam", "unknown").containsEntry("raccoon", "unknown");
        assertThat(states(unread)).containsEntry("freak", "not-vulnerable");
        assertThat(states(unread.dh("TLSv1.2", 1024, "sha256:ab", null))).containsEntry("logjam", "vulnerable");
    }

    /** Suites and groups are known where whose order counts is not. */
    @Test
    void anOrderThatNobodyKnowsLeavesNoDoubtOfWhatThereIs() {
        Facts untold = Facts.good()
                .groups13("unknown", false, "x25519", "secp256r1")
                .unknown("/cipherSuites/TLSv1.2/order", Reason.UNSUPPORTED)
                .unknown("/groups/TLSv1.3/order", Reason.UNSUPPORTED);
        assertThat(states(untold))
                .containsEntry("freak", "not-vulnerable")
                .containsEntry("logjam", "not-vulnerable")
                .containsEntry("sweet32", "not-vulnerable")
                .containsEntry("beast", "not-vulnerable");
        assertThat(rules(judge(untold))).contains("kex.post-quantum-missing");
    }

    /** Only depth full asks for a second share; below it that nobody asked is no doubt. */
    @Test
    void aShareThatWasSeenOnceIsNotAskedBelowDepthFull() {
        Facts once = Facts.good().dh("TLSv1.2", 2048, "ffdhe2048", null);
        assertThat(states(once)).containsEntry("raccoon", "unknown");
        assertThat(states(once.scan(Depth.STANDARD, Outcome.COMPLETE, null, null)))
                .containsEntry("raccoon", "not-asked");
        assertThat(states(once.unknown("/finiteFieldDh", Reason.READ_TIMEOUT))).containsEntry("raccoon", "unknown");
    }

    /** Of a certificate that breaks off in its names nobody knows whether the one that was asked for is among them. */
    @Test
    void namesThatAreLostNeitherMatchNorDiffer() {
        byte[] whole = Pki.leaf(l -> {
                    for (int i = 0; i < 40; i++) {
                        l.names.add(0, "h" + i + ".example");
                    }
                })
                .der();
        Report cut = judge(Facts.good().served(Pki.served(List.of(Arrays.copyOf(whole, whole.length - 200)))));
        Report.Hostname name = Objects.requireNonNull(
                Objects.requireNonNull(cut.certificates()).getFirst().hostname());
        assertThat(name.matches()).isNull();
        assertThat(name.reason()).startsWith("not known");
        assertThat(Json.tree(name).get("matches").isNull()).isTrue();
        assertThat(rules(cut)).doesNotContain("certificate.name-mismatch");
        Report other = judge(Facts.good().served(Pki.served(l -> l.names = List.of("other.example"))));
        assertThat(Objects.requireNonNull(Objects.requireNonNull(other.certificates())
                                .getFirst()
                                .hostname())
                        .matches())
                .isFalse();
    }

    /** Bytes behind a certificate break it, and its names are known all the same. */
    @Test
    void whatFollowsACertificateHidesNoName() {
        byte[] whole = Pki.leaf(l -> l.names = List.of()).der();
        Report report = judge(Facts.good().served(Pki.served(List.of(Arrays.copyOf(whole, whole.length + 1)))));
        assertThat(rules(report)).contains("certificate.name-mismatch", "certificate.common-name-only");
    }

    @Test
    void aChainThatIsRefusedWhenItIsWholeIsSaidToBeBoth() {
        byte[] leaf =
                Pki.leaf(l -> l.usages = List.of(KeyPurposeId.id_kp_clientAuth)).der();
        Observation.Fetched issuer =
                new Observation.Fetched("issuer", "http://ca.example/i", RuleCases.AT, Pki.INTERMEDIATE.der(), null);
        Report refused = judge(Facts.good().served(Pki.served(List.of(leaf), Map.of(), List.of(issuer))));
        assertThat(rules(refused)).contains("certificate.chain-incomplete", "certificate.untrusted");
        byte[] good = Pki.leaf(l -> {}).der();
        Report mended = judge(Facts.good().served(Pki.served(List.of(good), Map.of(), List.of(issuer))));
        assertThat(rules(mended)).contains("certificate.chain-incomplete").doesNotContain("certificate.untrusted");
    }

    /** RFC 5280 section 4.1.2.5: to the second, and the last one belongs to it. */
    @Test
    void theLastSecondLastsAWholeSecond() {
        Facts facts = Facts.good().served(Pki.served(l -> {}));
        Instant end = Pki.FROM.plus(Duration.ofDays(90)).minusSeconds(1);
        for (long millis : new long[] {0, 1, 999}) {
            Report within = judge(facts, end.plusMillis(millis));
            assertThat(rules(within)).doesNotContain("certificate.expired");
            assertThat(Objects.requireNonNull(within.certificates())
                            .getFirst()
                            .trust()
                            .getFirst()
                            .status())
                    .isEqualTo("trusted");
        }
        Report after = judge(facts, end.plusSeconds(1));
        assertThat(rules(after)).contains("certificate.expired");
        assertThat(Objects.requireNonNull(after.certificates())
                        .getFirst()
                        .trust()
                        .getFirst()
                        .status())
                .isEqualTo("expired");
    }

    private static String command(Facts facts, String rule) {
        return judge(facts).findings().stream()
                .filter(finding -> finding.rule().equals(rule))
                .map(finding -> String.valueOf(finding.reproduce()))
                .findFirst()
                .orElseThrow();
    }

    private static Facts listed(String kind, byte[] leaf, byte[] bytes) {
        Observation.Fetched fetched = new Observation.Fetched(kind, "http://crl.example/l", RuleCases.AT, bytes, null);
        return Facts.good().served(Pki.served(List.of(leaf, Pki.INTERMEDIATE.der()), Map.of(), List.of(fetched)));
    }

    /** What shows a revocation is the source that told it. */
    @Test
    void aRevocationIsShownWhereItIsSaid() {
        byte[] leaf = Pki.leaf(l -> l.crl = "http://crl.example/l").der();
        String serial = CertificateFacts.read(leaf).serialText();
        Instant from = RuleCases.AT.minusSeconds(60);
        Facts byList = listed("crl", leaf, Pki.crl(Pki.INTERMEDIATE, from, RuleCases.AT.plusSeconds(60), leaf));
        assertThat(command(byList, "certificate.revoked"))
                .isEqualTo("curl -sS http://crl.example/l | openssl crl -inform DER -noout -text"
                        + " | grep -A4 'Serial Number: " + serial + "$'");
        Facts stale = listed("crl", leaf, Pki.crl(Pki.INTERMEDIATE, from.minusSeconds(60), from));
        assertThat(command(stale, "revocation.crl-stale"))
                .isEqualTo(
                        "curl -sS http://crl.example/l | openssl crl -inform DER -noout -issuer -lastupdate -nextupdate");
    }

    /** Who has two certificates, or one that OpenSSL asks nobody for, is shown the one that the finding is about. */
    @Test
    void commandsGetTheCertificateThatTheyAreAbout() {
        Facts both = Facts.good()
                .served(Pki.served(l -> {}))
                .served(Pki.served(List.of(Pki.leaf(l -> l.key = "RSA 1024").der(), Pki.INTERMEDIATE.der())));
        assertThat(command(both, "certificate.weak-key"))
                .contains(" -sigalgs RSA-PSS+SHA256:", " -showcerts </dev/null");
        Facts old = Facts.good().served(Pki.served(l -> l.key = "P-224"));
        assertThat(command(old, "certificate.weak-key"))
                .contains(" -tls1_2 -cipher DEFAULT@SECLEVEL=0 -groups P-224:P-256 -showcerts </dev/null");
        assertThat(command(Facts.good().served(Pki.served(l -> l.key = "RSA 1024")), "certificate.weak-key"))
                .doesNotContain("-groups", "-sigalgs");
    }
}
