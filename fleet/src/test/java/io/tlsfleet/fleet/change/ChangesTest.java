package io.tlsfleet.fleet.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final Observation BEFORE = Facts.good().build();

    private static List<String> texts(UnaryOperator<Facts> change) {
        return Changes.between(BEFORE, change.apply(Facts.good()).build()).stream()
                .map(Change::text)
                .toList();
    }

    @Test
    void findsNothingBetweenEqualObservations() {
        assertThat(Changes.between(BEFORE, Facts.good().build())).isEmpty();
        assertThat(Canonical.same(BEFORE, Facts.good().build())).isTrue();
    }

    @Test
    void namesEachDifferenceWithBeforeAndAfter() {
        assertThat(texts(f -> f.protocol("TLSv1.0", FactState.ACCEPTED)))
                .containsExactly("protocol TLSv1.0: accepted, was refused");
        assertThat(texts(f -> f.alsoSuite("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256")))
                .containsExactly("cipher suite TLSv1.2: new: TLS_RSA_WITH_AES_128_GCM_SHA256");
        assertThat(texts(f -> f.groups13("server", false, "x25519", "secp256r1", "secp384r1")))
                .containsExactly("group TLSv1.3: gone: X25519MLKEM768");
        assertThat(texts(f -> f.http(h -> new Observation.Http(200, null, "nginx", 0L, false, null, 0, false))))
                .containsExactly("http hsts: gone: max-age=63072000; includeSubDomains");
    }

    /** Whose order counts says nothing of what there is. */
    @Test
    void namesSuitesThatCameWhereTheOrderIsUnknown() {
        assertThat(texts(f -> f.alsoSuite("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256")
                        .unknown("/cipherSuites/TLSv1.2/order", Reason.UNSUPPORTED)))
                .containsExactly("cipher suite TLSv1.2: new: TLS_RSA_WITH_AES_128_GCM_SHA256");
    }

    /** What people read of it: in the words of the wire, and each version by its name. */
    @Test
    void saysWhichVersionAndHowManyCertificates() {
        assertThat(texts(f -> f.suites(
                        "TLSv1.3",
                        "server",
                        "TLS_AES_128_GCM_SHA256",
                        "TLS_AES_256_GCM_SHA384",
                        "TLS_CHACHA20_POLY1305_SHA256")))
                .containsExactly("cipher order TLSv1.3: server, was client");
        Observation whole = Facts.good()
                .served(Pki.served(List.of(LEAF, Pki.INTERMEDIATE.der())))
                .build();
        Observation alone = Facts.good().served(Pki.served(List.of(LEAF))).build();
        assertThat(Changes.between(whole, alone).stream().map(Change::text).toList())
                .hasSize(1)
                .first()
                .asString()
                .matches(
                        "chain ECDSA: 1 certificate \\([0-9a-f]{16}\\), was 2 certificates \\([0-9a-f]{16}, [0-9a-f]{16}\\)");
    }

    private static final byte[] LEAF = Pki.leaf(l -> {}).der();

    @Test
    void comparesFingerprintsThatBothScansHave() {
        String jarm = "2ad2ad16d2ad2ad00042d42d00042ddb04deffa1705e2edc44cae1ed24a4da";
        String other = "21d19d00021d21d00042d43d00000091f9827a8676a9d9f27d421962a09b5d";
        Observation old = Facts.good().fingerprints(f -> with(jarm, f.ja3s())).build();

        assertThat(Changes.between(
                        old,
                        Facts.good().fingerprints(f -> with(other, f.ja3s())).build()))
                .containsExactly(new Change(Change.Kind.FINGERPRINT, "/fingerprints/jarm", jarm, other));
        assertThat(Changes.between(
                        old,
                        Facts.good().fingerprints(f -> with(null, f.ja3s())).build()))
                .as("JARM was not asked this time")
                .isEmpty();
        List<Observation.Fingerprint> answers =
                List.of(new Observation.Fingerprint("tls13-modern", "0".repeat(32), "771,4866,43-51"));
        assertThat(Changes.between(
                        old, Facts.good().fingerprints(f -> with(jarm, answers)).build()))
                .singleElement()
                .satisfies(change -> {
                    assertThat(change.kind()).isEqualTo(Change.Kind.FINGERPRINT);
                    assertThat(change.fact()).isEqualTo("/fingerprints/ja3s/tls13-modern");
                    assertThat(change.after()).isEqualTo("0".repeat(32));
                });
        List<Observation.Fingerprint> strange =
                List.of(new Observation.Fingerprint("another-hello", "0".repeat(32), "771,4866,43-51"));
        assertThat(Changes.between(
                        old, Facts.good().fingerprints(f -> with(jarm, strange)).build()))
                .as("only answers to the same hello are compared")
                .isEmpty();
    }

    /** LibreSSL draws the order of its extensions for each connection. */
    @Test
    void takesAnotherOrderOfExtensionsForNoChange() {
        String jarm = "28d28d28d00000000042d42d00000004dd34235f94dbdca5557e75b3041dd9";
        Observation one = Facts.good()
                .fingerprints(f -> with(jarm, List.of(answer("907bf3ecef1c987c889946b737b43de8", "771,4866,51-43"))))
                .build();
        Observation other = Facts.good()
                .fingerprints(f -> with(
                        "28d28d28d00000000042d42d000000bfadf2ecc01666dd341f50644b36fd43",
                        List.of(answer("15af977ce25de452b96affa2addb1036", "771,4866,43-51"))))
                .build();
        assertThat(Changes.between(one, other)).isEmpty();
        assertThat(Canonical.same(one, other)).isTrue();
        Observation more = Facts.good()
                .fingerprints(f -> with(jarm, List.of(answer("eb1d94daa7e0344597e756a1fb6e7054", "771,4866,43-51-41"))))
                .build();
        assertThat(Changes.between(one, more)).hasSize(1);
    }

    private static Observation.Fingerprint answer(String hash, String text) {
        return new Observation.Fingerprint("tls13-modern", hash, text);
    }

    private static Observation.Fingerprints with(@Nullable String jarm, List<Observation.Fingerprint> ja3s) {
        return new Observation.Fingerprints(jarm, ja3s, null, null, null);
    }

    @Test
    void findsAChangedOrderOfTheServersOwn() {
        Observation old = Facts.good()
                .suites("TLSv1.2", "server", "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")
                .build();
        Observation now = Facts.good()
                .suites("TLSv1.2", "server", "TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256")
                .build();

        assertThat(Changes.between(old, now))
                .hasSize(1)
                .first()
                .extracting(Change::kind)
                .isEqualTo(Change.Kind.CIPHER_ORDER);
        assertThat(Canonical.configHash(old)).isNotEqualTo(Canonical.configHash(now));
    }

    @Test
    void takesAClientsOrderForNoSetting() {
        Observation old = Facts.good()
                .suites("TLSv1.2", "client", "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")
                .build();
        Observation now = Facts.good()
                .suites("TLSv1.2", "client", "TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256")
                .build();

        assertThat(Changes.between(old, now)).isEmpty();
        assertThat(Canonical.configHash(old)).isEqualTo(Canonical.configHash(now));
    }

    @Test
    void comparesOnlyWhatBothScansKnow() {
        assertThat(texts(f -> f.protocol("TLSv1.2", FactState.UNKNOWN).unknown("/protocols/TLSv1.2", Reason.RESET)))
                .isEmpty();
        assertThat(texts(f -> f.without("dns", "http", "features", "groups"))).isEmpty();
        assertThat(texts(f -> f.suites("TLSv1.2", "server", "TLS_RSA_WITH_AES_128_GCM_SHA256")
                        .unknown("/cipherSuites/TLSv1.2", Reason.RATE_LIMITED)))
                .isEmpty();
    }

    @Test
    void saysThatAnEndpointIsGoneAndNothingElse() {
        Observation gone = Facts.good()
                .unreachable(Outcome.UNREACHABLE, Reason.CONNECT_REFUSED, "refused")
                .build();

        assertThat(Changes.between(BEFORE, gone))
                .extracting(Change::text)
                .containsExactly("outcome: unreachable, was complete");
    }

    @Test
    void staysSilentForABalancerThatAlternates() {
        Observation other = Facts.good()
                .suites("TLSv1.3", "client", "TLS_AES_128_GCM_SHA256")
                .build();

        assertThat(Changes.since(List.of(other, BEFORE), Facts.good().build())).isEmpty();
        assertThat(Changes.since(List.of(other), BEFORE)).isNotEmpty();
    }

    @Test
    void leavesTimesTicketsAndEvidenceOutOfTheHash() {
        Observation.Resumption tickets = new Observation.Resumption(
                new Observation.Resumption.Tls12(
                        FactState.ACCEPTED, FactState.ACCEPTED, 17L, "ffffffffffffffffffffffffffffffff"),
                new Observation.Resumption.Tls13(FactState.ACCEPTED, 2, 17L, FactState.REFUSED, 0));
        Observation now = Facts.good()
                .resumption(tickets)
                .http(h -> new Observation.Http(503, h.hsts(), h.server(), 4L, false, null, 0, false))
                .build();

        assertThat(Canonical.configHash(now)).isEqualTo(Canonical.configHash(BEFORE));
    }

    @Test
    void hashesChainsApartFromSettings() {
        Observation now = Facts.good()
                .served(new Observation.ServedChain(
                        List.of("TLSv1.3"),
                        true,
                        List.of(new byte[] {0x30, 0}),
                        java.util.Map.of(),
                        List.of(),
                        List.of()))
                .build();

        assertThat(Canonical.configHash(now)).isEqualTo(Canonical.configHash(BEFORE));
        assertThat(Canonical.chainHash(now)).isNotEqualTo(Canonical.chainHash(BEFORE));
        assertThat(Changes.between(BEFORE, now)).extracting(Change::kind).containsExactly(Change.Kind.CERTIFICATE);
    }
}
