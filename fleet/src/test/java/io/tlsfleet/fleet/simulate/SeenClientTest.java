package io.tlsfleet.fleet.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.sensor.ClientProfile;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeenClientTest {
    private static final String TLS13 = "t13d1516h2_8daaf6152771_e5627efa2ab1";
    private static final String TLS12 = "t12d190800_d83cc789557e_7af1ed941c26";

    @Test
    void whatOnlySpeaksTls12BreaksWhenOnlyTls13IsLeft() {
        Selection then = then("tls13-only", TLS12, null);
        assertThat(then.connects()).isFalse();
        assertThat(then.reason()).contains("no common protocol");
        assertThat(SeenClient.of("ja4", TLS12, null, List.of())
                        .with(Proposal.named("tls12-minimum")
                                .orElseThrow()
                                .to(server())
                                .server())
                        .connects())
                .as("its suites are not known")
                .isNull();
    }

    @Test
    void whatSpeaksTls13ConnectsByWhatTheRfcObligesItTo() {
        Selection then = then("tls13-only", TLS13, null);
        assertThat(then.connects()).isTrue();
        assertThat(then.version()).isEqualTo("TLSv1.3");
        assertThat(then("hybrid-only", TLS13, null).connects())
                .as("a hybrid group is nobody's duty")
                .isNull();
        assertThat(then("drop-p256-only", TLS13, null).connects()).isNull();
    }

    @Test
    void whatALogToldOfAClientDecides() {
        ClientProfile onlyRsa = ClientProfile.ofJa3Text("771,47-53-10,0-10-11,23-24,0");
        assertThat(then("no-static-rsa", TLS12, onlyRsa).connects()).isFalse();
        assertThat(then("no-cbc", TLS12, onlyRsa).connects()).isFalse();
        ClientProfile p256Only = ClientProfile.ofJa3Text("771,49199-47,0-10-11,23,0");
        assertThat(SeenClient.of("ja3", "x", p256Only, List.of()).with(server()).cipherSuite())
                .isEqualTo("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        Selection dropped = then("drop-p256-only", TLS12, p256Only);
        assertThat(dropped.connects()).as("static RSA needs no group").isTrue();
        assertThat(dropped.cipherSuite()).isEqualTo("TLS_RSA_WITH_AES_128_CBC_SHA");
        ClientProfile hybrid = new ClientProfile(
                List.of("TLSv1.3"), List.of("0x1301"), List.of("0x11EC", "0x001D"), null, List.of("0x11EC"));
        assertThat(then("hybrid-only", TLS13, hybrid).group()).isEqualTo("X25519MLKEM768");
        ClientProfile classic =
                new ClientProfile(List.of("TLSv1.3"), List.of("0x1301"), List.of("0x001D"), null, List.of("0x001D"));
        assertThat(then("hybrid-only", TLS13, classic).connects()).isFalse();
    }

    @Test
    void aListOfSuitesTellsWhichVersionsCannotBe() {
        ClientProfile older = ClientProfile.ofCodes(List.of(0xC02F, 0x002F), List.of(23), List.of(), List.of());
        assertThat(seen("tls13-only", older).connects())
                .as("no suite of TLS 1.3")
                .isFalse();
        assertThat(seen("tls12-minimum", older).connects()).isTrue();
        ClientProfile newer = ClientProfile.ofCodes(List.of(0x1301, 0xC02F), List.of(29, 23), List.of(), List.of());
        assertThat(seen("tls13-only", newer).version()).isEqualTo("TLSv1.3");
        ClientProfile oldest = ClientProfile.ofCodes(List.of(0x002F, 0x0035), List.of(23), List.of(), List.of());
        assertThat(seen("tls12-minimum", oldest).connects())
                .as("its suites are of any version")
                .isNull();
    }

    private static Selection seen(String proposal, @Nullable ClientProfile profile) {
        return SeenClient.of("suites", "x", profile, List.of())
                .with(Proposal.named(proposal).orElseThrow().to(server()).server());
    }

    @Test
    void saysWhatItAssumesOfAServerThatCannotDoItYet() {
        ServerOffer old = new ServerOffer(
                Map.of(ProtocolVersion.TLS_1_2, version("TLS_RSA_WITH_AES_128_CBC_SHA")),
                Set.of(),
                Set.of(new ServerOffer.Key("RSA", 2048)),
                null);
        Proposal.Applied applied = Proposal.named("tls13-only").orElseThrow().to(old);
        assertThat(applied.assumptions()).singleElement().asString().contains("TLS 1.3 is switched on");
        assertThat(applied.server().versions()).containsOnlyKeys(ProtocolVersion.TLS_1_3);
        assertThat(Proposal.named("hybrid-only").orElseThrow().to(server()).assumptions())
                .contains("X25519MLKEM768 is switched on");
        assertThat(Proposal.named("no-cbc").orElseThrow().to(old).server().versions())
                .isEmpty();
    }

    @Test
    void readsNoProfileFromWhatIsNoJa3Text() {
        assertThat(ClientProfile.ofJa3Text("771")).isNull();
        assertThat(ClientProfile.ofJa3Text("")).isNull();
        assertThat(ClientProfile.ofJa3Text("771,x,0,0,0")).isNull();
        ClientProfile tls13 = ClientProfile.ofJa3Text("771,4865-49199,0-43-51-10,29,0");
        java.util.Objects.requireNonNull(tls13);
        assertThat(tls13.versions()).as("JA3 does not tell them").isNull();
    }

    private static Selection then(String proposal, String ja4, @Nullable ClientProfile profile) {
        return SeenClient.of("ja4", ja4, profile, List.of())
                .with(Proposal.named(proposal).orElseThrow().to(server()).server());
    }

    private static ServerOffer server() {
        Map<ProtocolVersion, ServerOffer.Version> versions = new TreeMap<>();
        versions.put(
                ProtocolVersion.TLS_1_2,
                version("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"));
        versions.put(ProtocolVersion.TLS_1_3, version("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"));
        return new ServerOffer(versions, Set.of(), Set.of(new ServerOffer.Key("RSA", 2048)), null);
    }

    private static ServerOffer.Version version(String... suites) {
        return new ServerOffer.Version(
                Stream.of(suites).map(CipherSuite::named).toList(),
                "server",
                false,
                Stream.of("x25519", "secp256r1").map(NamedGroup::named).toList(),
                "client",
                true,
                List.of());
    }
}
