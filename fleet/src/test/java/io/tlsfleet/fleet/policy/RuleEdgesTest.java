package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the catalogue has a number or a level, what holds on either side of it, literally. */
class RuleEdgesTest {
    @ParameterizedTest
    @CsvSource({"512, critical", "1023, critical", "1024, high", "2047, high", "2048,"})
    void finiteFields(int bits, @Nullable String severity) {
        assertThat(severity("kex.dh-weak", f -> f.dh("TLSv1.2", bits, "sha256:ab", null)))
                .isEqualTo(severity);
    }

    @ParameterizedTest
    @CsvSource({"1024, rfc2409-oakley-group-2, high", "1536, rfc3526-modp-1536, low", "2048, ffdhe2048,"})
    void knownPrimes(int bits, String prime, @Nullable String severity) {
        assertThat(severity("kex.dh-common-prime", f -> f.dh("TLSv1.2", bits, prime, null)))
                .isEqualTo(severity);
    }

    /** The name's own port leads elsewhere: who pastes the command has to land where the scan did. */
    @Test
    void commandsNameThePortThatWasDialled() {
        Commands moved =
                new Commands(new Observation.Endpoint("shop.example", "192.0.2.7", 443, "shop.example", null, 8443));
        assertThat(moved.openssl("-tls1")).contains("-connect 192.0.2.7:8443 ");
        assertThat(moved.curl("")).contains("--connect-to ::192.0.2.7:8443 https://shop.example/");
        assertThat(moved.only(ProtocolVersion.SSL_3))
                .contains(
                        "nmap -Pn -p 8443 --script +ssl-enum-ciphers --script-args tls.servername=shop.example 192.0.2.7 ");
        assertThat(new Commands(new Observation.Endpoint("shop.example", "192.0.2.7", 443, "shop.example", null))
                        .openssl("-tls1"))
                .contains("-connect 192.0.2.7:443 ");
    }

    /** Where a server has nothing that OpenSSL offers by itself, the command names what the server has. */
    @ParameterizedTest
    @CsvSource({
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA, -cipher DES-CBC3-SHA@SECLEVEL=0 </dev/null  # takes an OpenSSL built with",
        "TLS_RSA_WITH_RC4_128_SHA, -cipher RC4-SHA@SECLEVEL=0 </dev/null  # takes an OpenSSL built with",
        "TLS_RSA_WITH_AES_128_CBC_SHA, -cipher DEFAULT@SECLEVEL=0 </dev/null"
    })
    void anOldVersionIsShownWithASuiteThatWasSeen(String suite, String command) {
        for (String version : List.of("TLSv1.0", "TLSv1.1")) {
            String rule = version.equals("TLSv1.0") ? "protocol.tls10-accepted" : "protocol.tls11-accepted";
            assertThat(finding(rule, f -> f.accepts(version, suite)).reproduce())
                    .contains(command);
        }
    }

    @Test
    void anAttackIsShownWithASuiteThatWasSeen() {
        assertThat(finding("vulnerability.beast", f -> f.accepts("TLSv1.0", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"))
                        .reproduce())
                .contains("-tls1 -cipher DES-CBC3-SHA@SECLEVEL=0 </dev/null  # takes an OpenSSL built with");
        assertThat(finding(
                                "vulnerability.beast",
                                f -> f.accepts(
                                        "TLSv1.0", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"))
                        .reproduce())
                .endsWith("-tls1 -cipher AES128-SHA@SECLEVEL=0 </dev/null");
        assertThat(finding("vulnerability.sweet32", f -> f.accepts("TLSv1.1", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"))
                        .reproduce())
                .contains("-tls1_1 -cipher DES-CBC3-SHA@SECLEVEL=0 ");
    }

    @Test
    void anAttackNamesEveryVersionThatIsOpenToIt() {
        String old = "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
        assertThat(finding(
                                "vulnerability.sweet32",
                                f -> f.accepts("TLSv1.0", old)
                                        .accepts("TLSv1.1", old)
                                        .alsoSuite("TLSv1.2", old)
                                        .alsoSuite("TLSv1.2", "TLS_RSA_WITH_IDEA_CBC_SHA"))
                        .detail())
                .isEqualTo(old + " in TLS 1.0 and TLS 1.1; " + old + " and TLS_RSA_WITH_IDEA_CBC_SHA in TLS 1.2.");
        assertThat(finding("vulnerability.sweet32", f -> f.accepts("TLSv1.0", old))
                        .detail())
                .isEqualTo(old + " in TLS 1.0.");
        assertThat(finding(
                                "vulnerability.logjam",
                                f -> f.dh("TLSv1.0", 1024, "sha256:ab", null)
                                        .dh("TLSv1.1", 1024, "sha256:ab", null)
                                        .dh("TLSv1.2", 2048, "sha256:cd", null))
                        .detail())
                .isEqualTo("A Diffie-Hellman group of 1024 bits in TLS 1.0 and TLS 1.1.");
    }

    /** Of a certificate with more names than are kept, those beyond count. */
    @Test
    void namesBeyondThoseThatAreShownCount() {
        UnaryOperator<Facts> many = f -> f.served(Pki.served(l -> {
            for (int i = 0; i < 2_050; i++) {
                l.names.add(i, "h" + i + ".example");
            }
        }));
        assertThat(severity("certificate.name-mismatch", many)).isNull();
        assertThat(finding(
                                "certificate.name-mismatch",
                                f -> many.apply(f).endpoint("other.example", "192.0.2.7", 443, "other.example", null))
                        .detail())
                .endsWith("DNS:h3.example and 2047 more.");
    }

    @Test
    void namesThatAreLostAreNoMismatch() {
        UnaryOperator<Facts> oversized = f -> f.served(Pki.served(l -> {
            for (int i = 0; i < 10_000; i++) {
                l.names.add(i, "h" + i + ".example");
            }
        }));
        assertThat(severity("certificate.name-mismatch", oversized)).isNull();
        assertThat(severity("certificate.untrusted", oversized)).isEqualTo("high");
    }

    private static Finding finding(String rule, UnaryOperator<Facts> facts) {
        return Judge.judge(
                        facts.apply(Facts.good()).build(),
                        List.of(Policies.standard()),
                        List.of(Pki.PRIVATE),
                        Memory.NONE,
                        RuleCases.AT)
                .findings()
                .stream()
                .filter(found -> found.rule().equals(rule))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aWeakerSuiteFirstWeighsTheSameWhateverMakesItWeaker() {
        assertThat(severity(
                        "cipher.weak-first",
                        f -> f.suites(
                                "TLSv1.2",
                                "server",
                                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")))
                .isEqualTo("medium");
    }

    @Test
    void ofTwoBrokenSuitesNoneIsTheStronger() {
        assertThat(severity(
                        "cipher.weak-first",
                        f -> f.suites(
                                "TLSv1.2",
                                "server",
                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                "TLS_RSA_WITH_NULL_SHA256",
                                "TLS_DH_anon_WITH_AES_128_GCM_SHA256")))
                .isNull();
    }

    /** A lax file cannot silence a strict one that somebody else assigned, and what is open is not waived too. */
    @Test
    void whatOnePolicyWaivesAndAnotherRaisesIsOpenAndNotWaived() {
        Policy lax = Policies.parse("""
                name: lax
                extends: public-web
                waivers: [{rule: protocol.tls10-accepted, reason: cash desks, until: 2999-12-31}]
                """);
        Observation old = Facts.good()
                .accepts("TLSv1.0", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")
                .build();
        Report alone = Judge.judge(old, List.of(lax), List.of(Pki.PRIVATE), Memory.NONE, RuleCases.AT);
        assertThat(alone.findings()).extracting(Finding::rule).doesNotContain("protocol.tls10-accepted");
        assertThat(alone.waived()).extracting(Finding::rule).containsExactly("protocol.tls10-accepted");
        Report both =
                Judge.judge(old, List.of(lax, Policies.standard()), List.of(Pki.PRIVATE), Memory.NONE, RuleCases.AT);
        assertThat(both.findings())
                .filteredOn(f -> f.rule().equals("protocol.tls10-accepted"))
                .singleElement()
                .satisfies(f -> assertThat(f.policy()).startsWith("public-web"));
        assertThat(both.waived() == null ? List.of() : both.waived()).isEmpty();
    }

    /** Where a guide leaves the order to the client, order is no finding. */
    @ParameterizedTest
    @CsvSource({"public-web, medium", "mozilla-intermediate-6.0,", "mozilla-modern-6.0,", "mozilla-old-5.8, medium"})
    void orderUnderMozilla(String policy, @Nullable String severity) {
        Observation observation = Facts.good()
                .suites(
                        "TLSv1.2",
                        "server",
                        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
                .build();
        assertThat(severity("cipher.weak-first", observation, policy, Pki.PRIVATE, RuleCases.AT))
                .isEqualTo(severity);
    }

    @Test
    void extendedMasterSecretIsAskedOfTls12() {
        UnaryOperator<Facts> without = f -> f.feature("extendedMasterSecret", FactState.REFUSED);
        assertThat(severity("handshake.no-extended-master-secret", without)).isEqualTo("low");
        assertThat(severity(
                        "handshake.no-extended-master-secret",
                        f -> without.apply(f)
                                .protocol("TLSv1.2", FactState.REFUSED)
                                .accepts("TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"512, high", "1024, high", "2048,"})
    void shortRsaKeys(int bits, @Nullable String severity) {
        assertThat(severity("certificate.weak-key", f -> f.served(Pki.served(l -> l.key = "RSA " + bits))))
                .isEqualTo(severity);
    }

    @ParameterizedTest
    @CsvSource({
        "public-web, medium",
        "legacy-compatible, low",
        "internal-services, medium",
        "nist-sp-800-52r2, high",
        "pci-dss-4.0.1,",
        "mozilla-old-5.8,"
    })
    void aMissingTls13(String policy, @Nullable String severity) {
        Observation observation =
                Facts.good().protocol("TLSv1.3", FactState.REFUSED).build();
        assertThat(severity("protocol.tls13-missing", observation, policy, Pki.PRIVATE, RuleCases.AT))
                .isEqualTo(severity);
    }

    /** One year, ninety days, six days, one hour: the smaller of days and share decides. */
    @ParameterizedTest
    @CsvSource({
        "P365D, P31D,",
        "P365D, P29D, info",
        "P365D, P13D, low",
        "P365D, P6D, medium",
        "P365D, P2D, high",
        "P365D, PT23H, critical",
        "P90D, P28D,",
        "P90D, P26D, info",
        "P90D, P15D, info",
        "P90D, P13D, low",
        "P6D, PT44H,",
        "P6D, PT43H, info",
        "P6D, PT35H, low",
        "P6D, PT21H, medium",
        "P6D, PT14H, high",
        "P6D, PT7H, critical",
        "PT1H, PT19M,",
        "PT1H, PT17M, info",
        "PT1H, PT2M, critical"
    })
    void expiryStages(Duration life, Duration left, @Nullable String severity) {
        Instant from = Instant.parse("2026-10-01T00:00:00Z");
        Observation observation = Facts.good()
                .served(Pki.served(l -> {
                    l.from = from;
                    l.life = life.plusSeconds(1);
                }))
                .build();
        assertThat(severity(
                        "certificate.expires-soon",
                        observation,
                        Policies.DEFAULT,
                        Pki.PRIVATE,
                        from.plus(life).minus(left)))
                .isEqualTo(severity);
    }

    /** An end is inclusive and counts whole seconds: amid the last one it is not over, and still worth a word. */
    @ParameterizedTest
    @CsvSource({"PT-1S, critical,", "PT0S, critical,", "PT0.999S, critical,", "PT1S, , critical"})
    void theLastSecond(Duration past, @Nullable String soon, @Nullable String expired) {
        Instant end = Instant.parse("2026-12-30T00:00:00Z");
        Observation observation = Facts.good()
                .served(Pki.served(l -> {
                    l.from = end.minus(Duration.ofDays(90));
                    l.life = Duration.ofDays(90).plusSeconds(1);
                }))
                .build();
        Instant at = end.plus(past);
        assertThat(severity("certificate.expires-soon", observation, Policies.DEFAULT, Pki.PRIVATE, at))
                .isEqualTo(soon);
        assertThat(severity("certificate.expired", observation, Policies.DEFAULT, Pki.PRIVATE, at))
                .isEqualTo(expired);
    }

    /** A name asks {@code issue}, a wildcard above it {@code issuewild}; names elsewhere have records of their own. */
    @ParameterizedTest
    @CsvSource({
        "shop.example, letsencrypt.org, ca.example,",
        "shop.example, ca.example, letsencrypt.org, medium",
        "shop.example *.cdn.example, letsencrypt.org, ca.example,",
        "*.shop.example shop.example, letsencrypt.org, ca.example, medium",
        "*.shop.example shop.example, ca.example, letsencrypt.org, medium",
        "*.example, ca.example, letsencrypt.org,",
        "*.example, letsencrypt.org, ca.example, medium"
    })
    void whoMayIssueForWildcards(String names, String issue, String wild, @Nullable String severity) {
        Pki.Issued known = Pki.ca("CN=R99,O=Let's Encrypt,C=US", Pki.ROOT, Duration.ofDays(1500));
        byte[] leaf = Pki.leaf(l -> {
                    l.issuer = known;
                    l.names = List.of(names.split(" "));
                })
                .der();
        Observation observation = Facts.good()
                .served(Pki.served(List.of(leaf, known.der())))
                .dns(new Observation.Dns(
                        null,
                        List.of("0 issue \"" + issue + "\"", "0 issuewild \"" + wild + "\""),
                        List.of(),
                        null,
                        false))
                .build();
        assertThat(severity("dns.caa-forbids-issuer", observation, Policies.DEFAULT, Pki.PUBLIC, RuleCases.AT))
                .isEqualTo(severity);
    }

    /** The root is part of the path used: when it ends, what hangs on it is no good and says why. */
    @Test
    void anEndedRootIsNamed() {
        Pki.Issued root = Pki.ca("CN=Ended Root,O=Example", null, Duration.ofDays(600));
        Pki.Issued below = Pki.ca("CN=Outliving CA,O=Example", root, Duration.ofDays(1825));
        Pki.Issued leaf = Pki.leaf(l -> l.issuer = below);
        Observation observation = Facts.good()
                .served(Pki.served(List.of(leaf.der(), below.der())))
                .build();

        List<Finding> found = Judge.judge(
                        observation,
                        List.of(Policies.standard()),
                        List.of(TrustStore.of("given", List.of(root.der()))),
                        Memory.NONE,
                        RuleCases.AT)
                .findings();

        assertThat(found).extracting(Finding::rule).containsExactly("certificate.expired");
        assertThat(found.getFirst().detail()).startsWith("The root \"Ended Root\" ended on 2026-08-2");
    }

    /** The one between what was sent and what was sent above it is missing, and nothing is to be removed. */
    @Test
    void aGapInMidChainNamesTheIssuerThatIsMissing() {
        Pki.Issued one = Pki.ca("CN=Upper,O=Example", Pki.ROOT, Duration.ofDays(900));
        Pki.Issued two = Pki.ca("CN=Gap,O=Example", one, Duration.ofDays(900));
        Pki.Issued three = Pki.ca("CN=Lower,O=Example", two, Duration.ofDays(900));
        byte[] leaf = Pki.leaf(l -> l.issuer = three).der();
        List<Finding> found = chainFindings(leaf, three.der(), one.der());
        assertThat(found).extracting(Finding::rule).containsExactly("certificate.chain-incomplete");
        assertThat(found.getFirst().detail()).startsWith("The server leaves out \"O=Example,CN=Gap\".");
        found = chainFindings(leaf, three.der(), two.der(), Pki.ROOT.der());
        assertThat(found)
                .extracting(Finding::rule)
                .containsExactlyInAnyOrder("certificate.chain-incomplete", "certificate.chain-includes-root");
        assertThat(chainFindings(leaf, three.der(), two.der(), one.der())).isEmpty();
    }

    @Test
    void aChainOfNobodysEndsAtItsOwnTop() {
        Pki.Issued root = Pki.ca("CN=Nobody's Root,O=Example", null, Duration.ofDays(900));
        Pki.Issued below = Pki.ca("CN=Nobody's CA,O=Example", root, Duration.ofDays(900));
        byte[] leaf = Pki.leaf(l -> l.issuer = below).der();
        byte[] stray = Pki.leaf(l -> {}).der();
        assertThat(chainFindings(leaf, below.der(), stray))
                .filteredOn(finding -> finding.rule().equals("certificate.untrusted"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.detail()).contains("\"O=Example,CN=Nobody's Root\""));
    }

    @Test
    void whatIsSentBesideTheChainIsNamed() {
        byte[] leaf = Pki.leaf(l -> {}).der();
        byte[] middle = Pki.INTERMEDIATE.der();
        byte[] nobody = Pki.ca("CN=Nobody", null, Duration.ofDays(900)).der();
        assertThat(chainFindings(leaf, leaf, middle))
                .singleElement()
                .satisfies(finding ->
                        assertThat(finding.detail()).isEqualTo("The server also sends shop.example more than once."));
        assertThat(chainFindings(leaf, middle, nobody))
                .singleElement()
                .satisfies(finding -> assertThat(finding.detail()).isEqualTo("The server also sends Nobody."));
    }

    private static List<Finding> chainFindings(byte[]... sent) {
        Observation observation = Facts.good().served(Pki.served(List.of(sent))).build();
        return Judge.judge(observation, List.of(Policies.standard()), List.of(Pki.PRIVATE), Memory.NONE, RuleCases.AT)
                .findings();
    }

    @Test
    void bothCertificatesOfAPairAreWanted() {
        Observation.ServedChain rsa = Pki.served(l -> l.key = "RSA 2048");
        Observation.ServedChain ecdsa = Pki.served(l -> {});

        assertThat(preference(Facts.good().served(rsa))).isEqualTo("info");
        assertThat(preference(Facts.good().served(ecdsa))).isEqualTo("info");
        assertThat(preference(Facts.good().served(rsa).served(ecdsa))).isNull();
    }

    private static @Nullable String preference(Facts facts) {
        return severity("policy.preference", facts.build(), "legacy-compatible", Pki.PRIVATE, RuleCases.AT);
    }

    private static @Nullable String severity(String rule, UnaryOperator<Facts> facts) {
        return severity(rule, facts.apply(Facts.good()).build(), Policies.DEFAULT, Pki.PRIVATE, RuleCases.AT);
    }

    private static @Nullable String severity(
            String rule, Observation observation, String policy, TrustStore store, Instant at) {
        return Judge.judge(observation, List.of(Policies.named(policy)), List.of(store), Memory.NONE, at)
                .findings()
                .stream()
                .filter(finding -> finding.rule().equals(rule))
                .map(finding -> finding.severity().word())
                .findFirst()
                .orElse(null);
    }
}
