package io.tlsfleet.fleet.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NegotiatedByTest {
    private static final ServerOffer INTERMEDIATE = new ServerOffer(
            new TreeMap<>(Map.of(
                    ProtocolVersion.TLS_1_2,
                    version(
                            "server",
                            "server",
                            List.of(
                                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                                    "TLS_RSA_WITH_AES_128_CBC_SHA"),
                            List.of("x25519", "secp256r1")),
                    ProtocolVersion.TLS_1_3,
                    version(
                            "client",
                            "server",
                            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"),
                            List.of("X25519MLKEM768", "x25519", "secp256r1")))),
            Set.of(),
            Set.of(new ServerOffer.Key("RSA", 2048)),
            null);

    @Test
    void choosesAsTheServerWasSeenTo() {
        Selection chrome = new NegotiatedBy(INTERMEDIATE).choose(known("Chrome 131 macOS"));
        assertThat(chrome)
                .isEqualTo(new Selection(true, "TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519MLKEM768", false, null));
        Selection old = new NegotiatedBy(INTERMEDIATE).choose(known("Firefox 4 to 12"));
        assertThat(old.connects()).isFalse();
        assertThat(old.reason()).startsWith("no common protocol: the client speaks TLSv1.0");
        Selection firefox27 = new NegotiatedBy(INTERMEDIATE).choose(known("Firefox 27 to 32"));
        // knows no GCM yet: what is left needs no group
        assertThat(firefox27.cipherSuite()).isEqualTo("TLS_RSA_WITH_AES_128_CBC_SHA");
        assertThat(firefox27.group()).isNull();
        Selection chrome48 = new NegotiatedBy(INTERMEDIATE).choose(known("Chrome 48"));
        assertThat(chrome48.cipherSuite()).isEqualTo("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assertThat(chrome48.group()).isEqualTo("secp256r1");
    }

    @Test
    void tellsWhoBreaksAfterAChange() {
        ServerOffer tls13 = INTERMEDIATE.onlyVersions(v -> v.equals(ProtocolVersion.TLS_1_3));
        assertThat(new NegotiatedBy(tls13).choose(known("Chrome 48")).connects())
                .isFalse();
        ServerOffer hybrid = INTERMEDIATE.onlyGroups(g -> g.name().contains("MLKEM"));
        assertThat(new NegotiatedBy(hybrid).choose(known("Chrome 131 macOS")).connects())
                .isTrue();
        assertThat(new NegotiatedBy(hybrid).choose(known("Chrome 110 Windows")).reason())
                .isEqualTo("no common group in TLSv1.3");
        ServerOffer forwardSecret = INTERMEDIATE.onlySuites(s -> s.facts().isForwardSecret());
        ClientOffer staticRsa = offer(List.of("TLS_RSA_WITH_AES_128_CBC_SHA"), List.of());
        assertThat(new NegotiatedBy(INTERMEDIATE).choose(staticRsa).connects()).isTrue();
        assertThat(new NegotiatedBy(forwardSecret).choose(staticRsa).reason())
                .isEqualTo("no common cipher suite in TLSv1.2");
    }

    @Test
    void doesNotPretendToKnowWhatWasNeverLearnt() {
        ServerOffer half = new ServerOffer(
                INTERMEDIATE.onlyVersions(v -> v.code() < 0x0304).versions(),
                Set.of(ProtocolVersion.TLS_1_3),
                Set.of(),
                null);
        assertThat(new NegotiatedBy(half).choose(known("Chrome 131 macOS")).connects())
                .isNull();
        assertThat(new NegotiatedBy(half).choose(known("Chrome 48")).connects()).isTrue();
    }

    @Test
    void turnsToChaChaWhenTheClientPrefersIt() {
        ServerOffer.Version v = version(
                "server",
                "server",
                List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
                List.of("x25519"));
        ServerOffer server = new ServerOffer(
                Map.of(
                        ProtocolVersion.TLS_1_2,
                        new ServerOffer.Version(v.suites(), "server", true, v.groups(), "server", false, List.of())),
                Set.of(),
                Set.of(new ServerOffer.Key("RSA", 2048)),
                null);
        ClientOffer chacha = offer(
                List.of("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                List.of("x25519"));
        ClientOffer aes = offer(
                List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
                List.of("x25519"));
        assertThat(new NegotiatedBy(server).choose(chacha).cipherSuite()).contains("CHACHA20");
        assertThat(new NegotiatedBy(server).choose(aes).cipherSuite()).contains("AES_128_GCM");
    }

    private static ClientOffer known(String name) {
        return KnownClients.shipped().all().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow()
                .offer();
    }

    private static ClientOffer offer(List<String> suites, List<String> groups) {
        return new ClientOffer(
                List.of(ProtocolVersion.TLS_1_2),
                suites.stream().map(CipherSuite::named).toList(),
                groups.stream().map(NamedGroup::named).toList(),
                List.of(SignatureScheme.named("rsa_pkcs1_sha256")),
                List.of(),
                List.of());
    }

    private static ServerOffer.Version version(
            String order, String groupOrder, List<String> suites, List<String> groups) {
        return new ServerOffer.Version(
                suites.stream().map(CipherSuite::named).toList(),
                order,
                false,
                Arrays.stream(groups.toArray(String[]::new))
                        .map(NamedGroup::named)
                        .toList(),
                groupOrder,
                false,
                List.of());
    }
}
