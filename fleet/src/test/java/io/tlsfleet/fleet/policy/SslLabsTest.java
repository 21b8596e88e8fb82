package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Grade;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Scores and letters worked out by hand from the tables of the rating guide 2009r. */
class SslLabsTest {
    private static final String CBC = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA";

    @Test
    void theBestIsAPlusAndEveryStepIsShown() {
        Grade.SslLabs grade = grade(f -> f);
        assertThat(grade.score()).isEqualTo(96); // 30 + 30 + 0.4 × (100 + 80) / 2
        assertThat(grade.grade()).isEqualTo("A+");
        assertThat(grade.arithmetic())
                .containsExactly(
                        "protocol 100: mean of 100 (TLS 1.3) and 100 (TLS 1.2)",
                        "key exchange 100: the ECDSA certificate's key of 256 bits",
                        "cipher 90: mean of 100 (256 bits) and 80 (128 bits)",
                        "protocol 100 × 0.3",
                        "key exchange 100 × 0.3",
                        "cipher 90 × 0.4",
                        "= 96: A");
    }

    @Test
    void keysCountBySize() {
        is(f -> f, l -> l.key = "RSA-2048", 93, "A+"); // 30 + 27 + 36
        is(f -> f, l -> l.key = "RSA-4096", 96, "A+");
        is(f -> f, l -> l.key = "RSA-1024", 90, "B"); // 30 + 24 + 36
        is(f -> f.dh("TLSv1.2", 1024, "sha256:00", false), 90, "B");
        is(f -> f.dh("TLSv1.2", 1016, "sha256:00", false), 78, "F"); // 30 + 12 + 36
        is(f -> f.dh("TLSv1.2", 2048, "ffdhe2048", false), 93, "A+");
    }

    @Test
    void hstsAndTls13DecideAmongTheBest() {
        is(f -> f.http(h -> hsts(h, null)), 96, "A-");
        is(f -> f.http(h -> hsts(h, 15_767_999L)), 96, "A");
        is(f -> f.http(h -> hsts(h, 15_768_000L)), 96, "A+");
        is(f -> f.protocol("TLSv1.3", FactState.REFUSED), 96, "A-");
    }

    @Test
    void oldVersionsLowerTheProtocolAndCapTheLetter() {
        is(f -> f.accepts("TLSv1.1", CBC), 95, "B"); // 0.3 × 97 + 30 + 36, rounded down
        is(f -> f.accepts("TLSv1.0", CBC), 94, "B"); // 28.5 + 30 + 36, rounded down
        is(f -> f.accepts("SSLv3", CBC), 93, "C"); // 27 + 30 + 36; POODLE
        is(f -> f.accepts("SSLv3", "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"), 93, "B");
        is(
                f -> f.protocol("TLSv1.2", FactState.REFUSED)
                        .protocol("TLSv1.3", FactState.REFUSED)
                        .accepts("TLSv1.1", CBC)
                        .accepts("TLSv1.0", CBC),
                89, // 0.3 × 92 + 30 + 0.4 × 80
                "C");
    }

    @Test
    void weakSuitesLowerTheCipherAndCapTheLetter() {
        // 168 bits are below 256 and not below 128
        is(f -> f.alsoSuite("TLSv1.2", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"), 96, "C");
        is(f -> f.alsoSuite("TLSv1.2", "TLS_ECDHE_RSA_WITH_RC4_128_SHA"), 96, "C");
        is(f -> f.alsoSuite("TLSv1.2", "TLS_RSA_WITH_DES_CBC_SHA"), 84, "F"); // 60 + 0.4 × (100 + 20) / 2
        is(f -> f.alsoSuite("TLSv1.2", "TLS_RSA_WITH_NULL_SHA256"), 80, "F"); // 60 + 0.4 × (100 + 0) / 2
        is(f -> f.alsoSuite("TLSv1.2", "TLS_DH_anon_WITH_AES_128_GCM_SHA256"), 0, "F");
        is(f -> f.alsoSuite("TLSv1.2", "TLS_RSA_EXPORT_WITH_RC4_40_MD5"), 66, "F"); // 30 + 12 + 24
        is(
                f -> f.protocol("TLSv1.3", FactState.REFUSED)
                        .suites("TLSv1.2", null, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
                100,
                "B");
    }

    @Test
    void attacksFailAndTrustIsALetterOfItsOwn() {
        is(f -> f.vulnerability("heartbleed", "vulnerable", "x"), 96, "F");
        is(f -> f.vulnerability("heartbleed", "unknown", null), 96, "A+");
        is(f -> f.vulnerability("padding-oracle", "vulnerable", "x"), 96, "F");
        is(f -> f.feature("compression", FactState.ACCEPTED), 96, "C");
        is(
                f -> f.feature("clientRenegotiation", FactState.ACCEPTED)
                        .feature("secureRenegotiation", FactState.REFUSED),
                96,
                "F");
        is(f -> f, l -> l.names = List.of("other.example"), 96, "M");
        is(f -> f, l -> l.issuer = null, 96, "T");
        is(f -> f, l -> l.signature = "SHA1withECDSA", 96, "T");
        is(f -> f, l -> l.life = Duration.ofDays(20), 96, "T");
    }

    /** What comes without a name only is another's: its key and its gaps cost this name nothing. */
    @Test
    void theDefaultCertificateCountsOnlyWhereThisNameGetsIt() {
        List<byte[]> weak = List.of(Pki.leaf(l -> l.key = "RSA-1024").der());
        is(f -> f.served(chain(List.of(), weak)), 96, "A+");
        is(f -> f.served(chain(List.of("TLSv1.2"), weak)), 90, "B");
        List<byte[]> own = List.of(Pki.leaf(l -> l.issuer = null).der());
        is(f -> f.served(chain(List.of(), own)), 96, "A+");
        is(f -> f.served(chain(List.of("TLSv1.2"), own)), 96, "T");
    }

    private static Observation.ServedChain chain(List<String> servedOn, List<byte[]> sent) {
        return new Observation.ServedChain(servedOn, true, sent, Map.of(), List.of(), List.of());
    }

    @Test
    void anAddressHasNoHstsToMiss() {
        UnaryOperator<Facts> without = f -> f.http(h -> hsts(h, null));
        assertThat(grade(f -> without.apply(f).endpoint("192.0.2.7", "192.0.2.7", 443, null, null))
                        .arithmetic())
                .contains("A, not A+: an address has no HSTS")
                .doesNotContain("capped at A-: HSTS is missing");
        assertThat(grade(without).arithmetic()).contains("capped at A-: HSTS is missing");
    }

    private static Observation.Http hsts(Observation.Http http, @Nullable Long seconds) {
        return new Observation.Http(
                http.status(),
                seconds == null ? null : new Observation.Http.Hsts(seconds, true, false),
                http.server(),
                http.clockSkewSeconds(),
                http.altSvcH3(),
                http.redirect(),
                http.mixedContent(),
                http.publicKeyPins());
    }

    private static void is(UnaryOperator<Facts> facts, int score, String letter) {
        is(facts, l -> {}, score, letter);
    }

    private static void is(UnaryOperator<Facts> facts, Consumer<Pki.Leaf> leaf, int score, String letter) {
        Grade.SslLabs grade = grade(facts, leaf);
        assertThat(grade.score()).as(String.join("; ", grade.arithmetic())).isEqualTo(score);
        assertThat(grade.grade()).as(String.join("; ", grade.arithmetic())).isEqualTo(letter);
    }

    private static Grade.SslLabs grade(UnaryOperator<Facts> facts) {
        return grade(facts, l -> {});
    }

    private static Grade.SslLabs grade(UnaryOperator<Facts> facts, Consumer<Pki.Leaf> leaf) {
        Map<String, Grade> grades = Judge.judge(
                        facts.apply(Facts.good().served(Pki.served(leaf))).build(),
                        List.of(Policies.standard()),
                        List.of(Pki.PRIVATE),
                        Memory.NONE,
                        Facts.AT)
                .grades();
        return (Grade.SslLabs) Objects.requireNonNull(grades.get(Grades.SSL_LABS));
    }
}
