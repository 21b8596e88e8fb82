package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guides' values, written down from the guides and held against the policies that claim to be them. */
class PolicyContentsTest {
    private static final List<String> TLS13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    @ParameterizedTest
    @CsvSource(textBlock = """
            mozilla-modern-6.0,       2026-04-06, TLSv1.3,                             3,  63072000, 90
            mozilla-intermediate-6.0, 2026-04-06, TLSv1.2 TLSv1.3,                     9,  63072000, 366
            mozilla-old-5.8,          2026-04-06, TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3,     24, 63072000, 366
            """)
    void mozillasLevels(String name, String date, String versions, int suites, int hsts, int days) {
        Policy policy = Policies.named(name);
        assertThat(policy.date()).hasToString(date);
        assertThat(String.join(" ", policy.protocols().allowed())).isEqualTo(versions);
        assertThat(policy.cipherSuites().allow()).hasSize(suites).containsAll(TLS13);
        assertThat(policy.hstsSeconds()).isEqualTo(hsts);
        assertThat(policy.certificates().maximumDays()).isEqualTo(days);
        assertThat(policy.groups().allow()).containsExactly("X25519MLKEM768", "x25519", "secp256r1", "secp384r1");
    }

    @Test
    void mozillasCertificates() {
        assertThat(certificates("mozilla-modern-6.0").keyTypes()).containsExactly("ECDSA P-256", "ECDSA P-384");
        assertThat(certificates("mozilla-modern-6.0").signatureAlgorithms())
                .containsExactly("ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512");
        assertThat(certificates("mozilla-intermediate-6.0").signatureAlgorithms())
                .containsExactlyInAnyOrder(
                        "sha256WithRSAEncryption", "ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512");
        assertThat(certificates("mozilla-intermediate-6.0").minimumRsaBits()).isEqualTo(2048);
        assertThat(certificates("mozilla-old-5.8").keyTypes()).containsExactly("RSA*");
        assertThat(certificates("mozilla-old-5.8").signatureAlgorithms()).containsExactly("sha256WithRSAEncryption");
    }

    @Test
    void mozillasIntermediateSuites() {
        Set<String> expected = new TreeSet<>(TLS13);
        for (String key : List.of("ECDSA", "RSA")) {
            for (String cipher : List.of("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")) {
                expected.add("TLS_ECDHE_" + key + "_WITH_" + cipher);
            }
        }
        assertThat(suites("mozilla-intermediate-6.0")).isEqualTo(expected);
        Set<String> old = new TreeSet<>(suites("mozilla-old-5.8"));
        old.removeAll(expected);
        Set<String> more = new TreeSet<>();
        for (String key : List.of("ECDHE_ECDSA", "ECDHE_RSA")) {
            for (String cipher :
                    List.of("AES_128_CBC_SHA256", "AES_128_CBC_SHA", "AES_256_CBC_SHA384", "AES_256_CBC_SHA")) {
                more.add("TLS_" + key + "_WITH_" + cipher);
            }
        }
        for (String cipher : List.of(
                "AES_128_GCM_SHA256",
                "AES_256_GCM_SHA384",
                "AES_128_CBC_SHA256",
                "AES_256_CBC_SHA256",
                "AES_128_CBC_SHA",
                "AES_256_CBC_SHA",
                "3DES_EDE_CBC_SHA")) {
            more.add("TLS_RSA_WITH_" + cipher);
        }
        assertThat(old).isEqualTo(more);
    }

    /** TLS 1.3 good, 1.2 sufficient; RSA 3072 good, 2048 phase out; DHE phase out. */
    @Test
    void ncscNl() {
        Policy policy = Policies.named("ncsc-nl-2025-05");
        assertThat(policy.protocols().allowed()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(policy.certificates().minimumRsaBits()).isEqualTo(3072);
        assertThat(suites("ncsc-nl-2025-05")).noneMatch(suite -> suite.startsWith("TLS_DHE_") || suite.contains("CBC"));
        assertThat(policy.groups().permits("X25519MLKEM768")).isTrue();
        assertThat(policy.groups().permits("ffdhe3072")).isFalse();
    }

    @Test
    void bsi() {
        Policy policy = Policies.named("bsi-tr-02102-2");
        assertThat(policy.version()).isEqualTo("2026-01");
        assertThat(policy.protocols().allowed()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(policy.minimumDhBits()).isEqualTo(3000);
        assertThat(policy.certificates().minimumRsaBits()).isEqualTo(3000);
        assertThat(suites("bsi-tr-02102-2"))
                .noneMatch(
                        suite -> suite.startsWith("TLS_RSA_") || suite.contains("CHACHA20") || suite.endsWith("_SHA"));
        assertThat(policy.groups().permits("x25519")).isFalse();
        assertThat(policy.groups().permits("SecP256r1MLKEM768")).isTrue();
    }

    @Test
    void nistAndPci() {
        Policy nist = Policies.named("nist-sp-800-52r2");
        assertThat(nist.protocols().required()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(suites("nist-sp-800-52r2"))
                .noneMatch(s -> s.contains("CHACHA20") || s.contains("3DES") || s.startsWith("TLS_RSA_"));
        assertThat(nist.groups().permits("x25519")).isFalse();
        assertThat(nist.groups().permits("secp256r1")).isTrue();
        assertThat(nist.certificates().minimumRsaBits()).isEqualTo(2048);
        Policy pci = Policies.named("pci-dss-4.0.1");
        assertThat(pci.protocols().allowed()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(pci.source()).contains("4.2.1.1", "12.3.3");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            public-web,        TLSv1.2 TLSv1.3, ECDSA P-256
            internal-services, TLSv1.3,         ECDSA P-256+Ed25519
            legacy-compatible, TLSv1.2 TLSv1.3, RSA 2048 + ECDSA*
            iot,               TLSv1.3,         ECDSA P-256
            high-security,     TLSv1.3,         RSA 4096 + ECDSA P-384
            """)
    void theFiveEnvironments(String name, String versions, String certificates) {
        Policy policy = Policies.named(name);
        assertThat(String.join(" ", policy.protocols().allowed())).isEqualTo(versions);
        List<String> preferred = new ArrayList<>();
        policy.preferences().stream()
                .filter(preference -> preference.of().equals("certificates"))
                .forEach(preference -> preferred.addAll(preference.anyOf()));
        assertThat(String.join("+", preferred)).isEqualTo(certificates);
    }

    private static Policy.Certificates certificates(String name) {
        return Policies.named(name).certificates();
    }

    private static Set<String> suites(String name) {
        return new TreeSet<>(
                Objects.requireNonNull(Policies.named(name).cipherSuites().allow()));
    }
}
