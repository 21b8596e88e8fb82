package io.tlsfleet.scanner.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Observation.Dns;
import io.tlsfleet.fleet.observation.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NameRecordsTest {
    private static final String DIGEST = "ab".repeat(32);

    @TempDir
    static Path directory;

    private static Bind bind;

    @BeforeAll
    static void start() throws IOException {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            many.append("_443._tcp.many IN TLSA 3 1 2 %0128x\n".formatted(i));
        }
        bind = Bind.start(directory, """
                @ IN CAA 0 issue "letsencrypt.org"
                @ IN CAA 128 iodef "mailto:security@shop.test"
                www IN A 127.0.0.1
                www IN A 127.0.0.2
                www IN AAAA ::1
                own IN CAA 0 issue ";"
                own IN A 127.0.0.1
                _8443._tcp.www IN TLSA 3 1 1 DIGEST
                alias IN CNAME www
                www IN HTTPS 1 . alpn=h2,h3 ech=AEX+DQBBzAAgACBl port=443
                _8443._https.www IN HTTPS 1 . alpn=h2
                apex IN HTTPS 0 www.shop.test.
                odd IN HTTPS 1 . mandatory=key667 key667=x alpn=h3
                gone IN HTTPS 0 .
                """.replace("DIGEST", DIGEST) + many, """
                www IN A 127.0.0.1
                _443._tcp.www IN TLSA 2 0 1 %s
                loop IN CNAME pool
                pool IN CNAME loop
                """.formatted(DIGEST));
    }

    @AfterAll
    static void stop() {
        bind.close();
    }

    @Test
    void findsAllAddressesOfBothFamilies() throws Exception {
        assertThat(known(bind.validating().addresses("alias.shop.test")))
                .containsExactlyInAnyOrder("127.0.0.1", "127.0.0.2", "::1");
    }

    @Test
    void climbsToTheNearestCaaRecords() throws Exception {
        Told<List<String>> climbed = bind.validating().caa("www.shop.test");
        assertThat(climbed)
                .isEqualTo(new Told.Known<>(
                        List.of("0 issue \"letsencrypt.org\"", "128 iodef \"mailto:security@shop.test\""), true));
        assertThat(known(bind.validating().caa("own.shop.test"))).containsExactly("0 issue \";\"");
    }

    @Test
    void knowsThatNoDomainUpToTheTopHasCaa() throws Exception {
        assertThat(bind.validating().caa("www.plain.test")).isEqualTo(new Told.Known<>(List.of(), false));
    }

    /** This server answers REFUSED for the names above its zones. */
    @Test
    void doesNotTakeAFailureAboveForNone() throws Exception {
        Told<List<String>> told = bind.unvalidated().caa("www.elsewhere.example");
        assertThat(told).isInstanceOfSatisfying(Told.Unknown.class, unknown -> {
            assertThat(unknown.reason()).isEqualTo(Reason.DNS_FAILURE);
            assertThat(unknown.detail()).contains("REFUSED");
        });
    }

    @Test
    void saysWhetherDnssecVouchesForTlsa() throws Exception {
        Dns.Tlsa record = new Dns.Tlsa(3, 1, 1, DIGEST, null);
        assertThat(bind.validating().tlsa("www.shop.test", 8443)).isEqualTo(new Told.Known<>(List.of(record), true));
        assertThat(bind.validating().tlsa("www.shop.test", 443)).isEqualTo(new Told.Known<>(List.of(), true));
        assertThat(bind.validating().tlsa("www.plain.test", 443))
                .isEqualTo(new Told.Known<>(List.of(new Dns.Tlsa(2, 0, 1, DIGEST, null)), false));
    }

    @Test
    void looksForTlsaWhereASecureAliasLeads() throws Exception {
        assertThat(known(bind.validating().tlsa("alias.shop.test", 8443))).hasSize(1);
    }

    @Test
    void asksOverTcpWhenAnAnswerWasCutShort() throws Exception {
        assertThat(known(bind.validating().tlsa("many.shop.test", 443))).hasSize(40);
    }

    @Test
    void readsHttpsRecordsOfThePortAndOfTheName() throws Exception {
        NameRecords.Https https = known(bind.validating().https("www.shop.test", 443));
        assertThat(https.record()).isEqualTo(new Dns.HttpsRecord(List.of("h2", "h3"), true, "www.shop.test"));
        assertThat(https.echConfigs()).isEqualTo(HexFormat.of().parseHex("0045fe0d0041cc0020002065"));
        assertThat(known(bind.validating().https("www.shop.test", 8443)).record())
                .isEqualTo(new Dns.HttpsRecord(List.of("h2"), false, "_8443._https.www.shop.test"));
    }

    @Test
    void followsAliasModeAndLeavesOutWhatItCannotUse() throws Exception {
        assertThat(known(bind.validating().https("apex.shop.test", 443)).record())
                .isEqualTo(new Dns.HttpsRecord(List.of("h2", "h3"), true, "apex.shop.test"));
        assertThat(known(bind.validating().https("odd.shop.test", 443)).record())
                .isNull();
        assertThat(known(bind.validating().https("gone.shop.test", 443)).record())
                .isNull();
    }

    @Test
    void givesUpOnAliasesInACircle() throws Exception {
        assertThat(bind.unvalidated().tlsa("loop.plain.test", 443)).isInstanceOf(Told.Unknown.class);
    }

    @Test
    void tellsServfailFromSilence() throws Exception {
        try (Responder broken = Responder.answering(2);
                Responder silent = Responder.silent()) {
            assertThat(broken.records().caa("www.shop.test"))
                    .isInstanceOfSatisfying(
                            Told.Unknown.class, u -> assertThat(u.reason()).isEqualTo(Reason.DNS_FAILURE));
            long start = System.nanoTime();
            assertThat(silent.records().tlsa("www.shop.test", 443))
                    .isInstanceOfSatisfying(
                            Told.Unknown.class, u -> assertThat(u.reason()).isEqualTo(Reason.READ_TIMEOUT));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
        }
    }

    /** The truncation bit, and nobody behind TCP. */
    @Test
    void doesNotTakeACutAnswerForTheWhole() throws Exception {
        try (Responder cut = Responder.truncating()) {
            assertThat(cut.records().caa("www.shop.test")).isInstanceOf(Told.Unknown.class);
        }
    }

    @Test
    void doesNotTakeGarbageForAnAnswer() throws Exception {
        try (Responder mad = Responder.garbage()) {
            assertThat(mad.records().https("www.shop.test", 443)).isInstanceOf(Told.Unknown.class);
        }
    }

    @Test
    void asksTheSystemOnlyForNamesThatDnsKnows() {
        NameRecords system = NameRecords.system();
        assertThat(List.of("localhost", "a.localhost", "127.0.0.1", "::1", "intranet", ""))
                .noneMatch(system::covers);
        assertThat(List.of("shop.test", "shop.test.")).allMatch(system::covers);
    }

    private static <T> T known(Told<T> told) {
        assertThat(told).isInstanceOf(Told.Known.class);
        return ((Told.Known<T>) told).value();
    }
}
