package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

/** The days that are known to come, each with the day before it. */
class ForecastTest {
    private static final Instant HUNDRED_DAYS = Instant.parse("2027-03-15T00:00:00Z");
    private static final Instant FORTY_SEVEN_DAYS = Instant.parse("2029-03-15T00:00:00Z");

    @Test
    void aPublicCertificateOfTwoHundredDaysHasNoSuccessorFromMarch2027() {
        Observation o = serves(l -> l.life = Duration.ofDays(199));
        assertThat(announced(o, Pki.PUBLIC, HUNDRED_DAYS.minusSeconds(1), "public-web"))
                .isEmpty();
        assertThat(announced(o, Pki.PUBLIC, HUNDRED_DAYS, "public-web"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.rule()).isEqualTo("certificate.lifetime-too-long");
                    assertThat(line.from()).isEqualTo(HUNDRED_DAYS);
                    assertThat(line.detail()).contains("199 days", "2027-03-15", "100");
                });
        assertThat(announced(o, Pki.PRIVATE, HUNDRED_DAYS, "public-web"))
                .as("a private CA is free")
                .isEmpty();
    }

    @Test
    void aCertificateOfNinetyDaysHasOneUntilMarch2029() {
        Observation o = serves(l -> l.life = Duration.ofDays(90));
        assertThat(announced(o, Pki.PUBLIC, HUNDRED_DAYS, "public-web")).isEmpty();
        assertThat(announced(o, Pki.PUBLIC, FORTY_SEVEN_DAYS.minusSeconds(1), "public-web"))
                .isEmpty();
        assertThat(announced(o, Pki.PUBLIC, FORTY_SEVEN_DAYS, "public-web"))
                .singleElement()
                .satisfies(line -> assertThat(line.from()).isEqualTo(FORTY_SEVEN_DAYS));
    }

    @Test
    void clientAuthEndsForPublicCertificatesAlone() {
        Consumer<Pki.Leaf> both = l -> l.usages = List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        assertThat(announced(serves(both), Pki.PUBLIC, HUNDRED_DAYS, "public-web"))
                .extracting(Forecast.Line::rule)
                .containsExactly("certificate.client-auth-eku-ending");
        assertThat(announced(serves(both), Pki.PUBLIC, HUNDRED_DAYS.minusSeconds(1), "public-web"))
                .isEmpty();
        assertThat(announced(serves(both), Pki.PRIVATE, HUNDRED_DAYS, "public-web"))
                .isEmpty();
        assertThat(announced(serves(l -> {}), Pki.PUBLIC, HUNDRED_DAYS, "public-web"))
                .isEmpty();
    }

    @Test
    void aCertificateThatEndsByThenIsLostUnlessItIsRenewed() {
        Observation o = serves(l -> l.life = Duration.ofDays(90));
        List<Forecast.Line> lines = forecast(o, Pki.PRIVATE, HUNDRED_DAYS, "public-web");
        assertThat(lines)
                .filteredOn(line -> line.rule().equals("certificate.expired"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.kind()).isEqualTo(Forecast.Kind.UNLESS_RENEWED);
                    assertThat(line.from()).isEqualTo(Instant.parse("2026-12-29T23:59:59Z"));
                });
        assertThat(lines).noneMatch(line -> line.kind() == Forecast.Kind.APPEARS);
        assertThat(forecast(o, Pki.PRIVATE, Facts.AT.plusSeconds(60), "public-web"))
                .isEmpty();
    }

    @Test
    void anIntermediateThatEndsIsToldOfWithItsDay() {
        Pki.Issued ending = Pki.ca("CN=Ending CA,O=Example", Pki.ROOT, Duration.ofDays(790));
        byte[] leaf = Pki.leaf(l -> {
                    l.issuer = ending;
                    l.life = Duration.ofDays(180);
                })
                .der();
        Observation o =
                Facts.good().served(Pki.served(List.of(leaf, ending.der()))).build();
        assertThat(forecast(o, Pki.PRIVATE, Instant.parse("2027-03-05T00:00:00Z"), "public-web"))
                .filteredOn(line -> line.rule().equals("certificate.expired"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.detail()).contains("Ending CA");
                    assertThat(line.from()).isEqualTo(Instant.parse("2027-03-01T23:59:59Z"));
                });
        assertThat(forecast(o, Pki.PRIVATE, Instant.parse("2027-03-05T00:00:00Z"), "public-web"))
                .as("that it would end first was not mended, it has come")
                .noneMatch(line -> line.kind() == Forecast.Kind.VANISHES);
    }

    @Test
    void anotherPolicyMakesFindingsComeAndGo() {
        Observation o = Facts.good()
                .accepts("TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")
                .served(Pki.served(l -> {}))
                .build();
        List<Forecast.Line> stricter = forecast(o, Pki.PRIVATE, Facts.AT, "internal-services");
        assertThat(stricter)
                .anyMatch(line ->
                        line.kind() == Forecast.Kind.APPEARS && line.rule().equals("protocol.not-in-policy"));
        List<Forecast.Line> older = forecast(o, Pki.PRIVATE, Facts.AT, "mozilla-old-5.8");
        assertThat(older)
                .anyMatch(line ->
                        line.kind() == Forecast.Kind.VANISHES && line.rule().equals("protocol.tls11-accepted"));
    }

    @Test
    void theBsiEndsDheTls12AndClassicalExchangeEachOnItsDay() {
        Observation o = Facts.good()
                .suites("TLSv1.2", "server", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384")
                .groups13("server", false, "x25519", "secp256r1")
                .served(Pki.served(l -> {}))
                .build();
        assertThat(rules(o, "2029-12-31T23:59:59Z")).isEmpty();
        assertThat(rules(o, "2030-01-01T00:00:00Z")).containsExactly("cipher.not-in-policy");
        assertThat(rules(o, "2032-01-01T00:00:00Z")).contains("protocol.not-in-policy", "kex.post-quantum-missing");
        Observation ready = Facts.good()
                .protocol("TLSv1.2", FactState.REFUSED)
                .without("suites")
                .served(Pki.served(l -> {}))
                .build();
        assertThat(rules(ready, "2032-01-01T00:00:00Z")).isEmpty();
    }

    @Test
    void nistDeprecatesKeysOf112BitsAfter2030() {
        Observation rsa = serves(l -> l.key = "RSA-2048");
        assertThat(announced(rsa, Pki.PRIVATE, Instant.parse("2030-12-31T23:59:59Z"), "nist-sp-800-52r2"))
                .isEmpty();
        assertThat(announced(rsa, Pki.PRIVATE, Instant.parse("2031-01-01T00:00:00Z"), "nist-sp-800-52r2"))
                .extracting(Forecast.Line::rule)
                .containsExactly("certificate.weak-key");
        assertThat(announced(serves(l -> {}), Pki.PRIVATE, Instant.parse("2031-01-01T00:00:00Z"), "nist-sp-800-52r2"))
                .isEmpty();
    }

    private static List<String> rules(Observation o, String at) {
        return announced(o, Pki.PRIVATE, Instant.parse(at), "bsi-tr-02102-2").stream()
                .map(Forecast.Line::rule)
                .toList();
    }

    private static Observation serves(Consumer<Pki.Leaf> leaf) {
        return Facts.good().served(Pki.served(leaf)).build();
    }

    private static List<Forecast.Line> announced(Observation o, TrustStore store, Instant at, String policy) {
        return forecast(o, store, at, policy).stream()
                .filter(line -> line.kind() == Forecast.Kind.ANNOUNCED)
                .toList();
    }

    private static List<Forecast.Line> forecast(Observation o, TrustStore store, Instant at, String policy) {
        return Forecast.between(
                Judge.judge(o, List.of(Policies.standard()), List.of(store), Memory.NONE, Facts.AT),
                Judge.judge(o, List.of(Policies.named(policy)), List.of(store), Memory.NONE, at));
    }
}
