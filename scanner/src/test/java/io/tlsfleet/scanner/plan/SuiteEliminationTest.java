package io.tlsfleet.scanner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Refused.How;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Against servers that are a function from a question to an answer. */
class SuiteEliminationTest {
    private static final Answer NO_SUITE = new Refused(new AlertDescription(40), How.ALERT);
    private static final Set<KeyExchange> STUMBLES = Set.of(KeyExchange.ECDHE, KeyExchange.RSA);
    private static final Answer UNREADABLE = new Refused(new AlertDescription(50), How.ALERT);

    private int asked;

    @Test
    void findsTheOrderOfAServerThatHasOne() {
        SuiteElimination plan = run(server(
                "TLS_RSA_WITH_AES_256_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_128_CBC_SHA"));
        assertThat(names(plan))
                .containsExactly(
                        "TLS_RSA_WITH_AES_256_CBC_SHA",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_RSA_WITH_AES_128_CBC_SHA");
        assertThat(plan.order()).isEqualTo("server");
        assertThat(asked).as("three, one for the order, two refusals").isEqualTo(6);
    }

    @Test
    void costsAClientsOrderNothing() {
        List<String> has = List.of(
                "TLS_RSA_WITH_AES_256_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_128_CBC_SHA");
        SuiteElimination plan = run(ask -> ask.suites().stream()
                .filter(s -> has.contains(s.name()))
                .findFirst()
                .map(SuiteEliminationTest::chosen)
                .orElse(NO_SUITE));
        assertThat(names(plan)).containsExactlyInAnyOrderElementsOf(has);
        assertThat(plan.order()).isEqualTo("client");
        assertThat(asked).isEqualTo(5);
    }

    @Test
    void ranksTailSuitesAmongTheCommonOnes() {
        SuiteElimination plan = run(server(
                "TLS_RSA_WITH_ARIA_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_ARIA_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_128_CBC_SHA"));
        assertThat(names(plan))
                .containsExactly(
                        "TLS_RSA_WITH_ARIA_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_RSA_WITH_ARIA_128_GCM_SHA256",
                        "TLS_RSA_WITH_AES_128_CBC_SHA");
    }

    @Test
    void findsWhatAnyServerPrefersInBoundedQuestions() {
        List<CipherSuite> all = Menu.everything(ProtocolVersion.TLS_1_2);
        for (int seed = 0; seed < 2_000; seed++) {
            asked = 0;
            Random random = new Random(seed);
            List<CipherSuite> has = new ArrayList<>(all);
            Collections.shuffle(has, random);
            List<CipherSuite> order = has.subList(0, 1 + random.nextInt(9));
            boolean clients = random.nextBoolean();
            SuiteElimination plan = run(ask -> (clients ? ask.suites() : order)
                    .stream()
                            .filter(s -> order.contains(s) && ask.suites().contains(s))
                            .findFirst()
                            .map(SuiteEliminationTest::chosen)
                            .orElse(NO_SUITE));
            assertThat(asked).as("seed %d", seed).isLessThan(24 + 3 * order.size());
            assertThat(plan.found()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(order);
            if (order.size() == 1) {
                assertThat(plan.order()).isNull();
            } else if (clients) {
                assertThat(plan.order()).as("seed %d", seed).isEqualTo("client");
            } else {
                assertThat(plan.order()).as("seed %d", seed).isEqualTo("server");
                assertThat(plan.found()).as("seed %d", seed).containsExactlyElementsOf(order);
            }
        }
    }

    /** BoringSSL's groups of equal preference, as Envoy has them: {@code [AES128-GCM|CHACHA20]:AES256-GCM}. */
    @Test
    void findsTheOrderOfAServerThatLeavesChaChaToTheClient() {
        SuiteElimination plan = run(tiers(
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
        assertThat(plan.order()).isEqualTo("server");
        assertThat(plan.chachaWhenPreferred()).isTrue();
        assertThat(names(plan))
                .containsExactly(
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
        assertThat(asked).isLessThan(16);
        plan = run(tiers(
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
        assertThat(plan.order()).isEqualTo("server");
        assertThat(plan.chachaWhenPreferred()).isTrue();
    }

    /** Cloudflare's has suites of two keys in one such group: whose order counts has no word, who puts ChaCha20 first gets it. */
    @Test
    void hasNoWordForEqualPreferenceOfOthers() {
        SuiteElimination plan = run(tiers(
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
                        + "|TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256|TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384|TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
        assertThat(names(plan)).hasSize(6);
        assertThat(plan.order()).isEqualTo("unknown");
        assertThat(plan.chachaWhenPreferred()).isTrue();
    }

    /** OpenSSL's PrioritizeChaCha, HAProxy's default: ChaCha20 goes before all others for those who have it first in their hello. */
    @Test
    void isNotLedAstrayByAServerThatPutsChaChaFirstForOthersWhoDo() {
        List<String> has = List.of(
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_RSA_WITH_AES_256_CBC_SHA");
        Function<SuiteElimination.Ask, Answer> server = server(has.toArray(String[]::new));
        Function<SuiteElimination.Ask, Answer> chaChaFirst = server(has.get(5));
        SuiteElimination plan = run(
                ask -> (ask.suites().getFirst().facts().family().equals("CHACHA20") ? chaChaFirst : server).apply(ask));
        assertThat(plan.order()).isEqualTo("server");
        assertThat(plan.chachaWhenPreferred()).isTrue();
        assertThat(names(plan)).containsExactlyElementsOf(has);
    }

    /** RFC 5054 section 2.5.1.2: whoever chooses SRP and is told no user's name says unknown_psk_identity. */
    @Test
    void findsSuitesThatWantAUsersName() {
        List<String> has = List.of(
                "TLS_SRP_SHA_RSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_SRP_SHA_WITH_AES_256_CBC_SHA",
                "TLS_RSA_WITH_ARIA_128_GCM_SHA256");
        Answer noName = new Refused(new AlertDescription(115), How.ALERT);
        for (boolean clients : List.of(true, false)) {
            asked = 0;
            SuiteElimination plan = run(ask -> (clients ? ask.suites().stream().map(CipherSuite::name) : has.stream())
                    .filter(name -> has.contains(name) && ask.suites().contains(CipherSuite.named(name)))
                    .findFirst()
                    .map(name -> name.contains("_SRP_") ? noName : chosen(CipherSuite.named(name)))
                    .orElse(NO_SUITE));
            assertThat(names(plan)).containsExactlyInAnyOrderElementsOf(has);
            assertThat(names(plan).subList(2, 4)).allMatch(name -> name.contains("_SRP_"));
            assertThat(plan.unknownReason()).isEmpty();
            assertThat(asked).as("nine of SRP, alone").isLessThan(18);
        }
        assertThat(names(run(ask -> ask.suites().size() > 1 ? noName : NO_SUITE)))
                .as("a word for everything is none for one")
                .isEmpty();
    }

    @Test
    void cutsAWideHelloThatAServerCannotRead() {
        Function<SuiteElimination.Ask, Answer> narrow =
                server("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_ARIA_128_GCM_SHA256");
        SuiteElimination plan = run(ask -> ask.suites().size() > 150 ? UNREADABLE : narrow.apply(ask));
        assertThat(names(plan))
                .containsExactlyInAnyOrder("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_ARIA_128_GCM_SHA256");
        assertThat(plan.unknownReason()).isEmpty();
        assertThat(asked).isLessThan(20);
    }

    @Test
    void findsWhatAHangUpOnDheHides() {
        Function<SuiteElimination.Ask, Answer> server = server(
                "TLS_RSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_256_CBC_SHA");
        SuiteElimination plan =
                run(ask -> ask.suites().stream().anyMatch(s -> s.facts().usesFiniteFieldGroup())
                        ? new Refused(null, How.CLOSED)
                        : server.apply(ask));
        assertThat(names(plan)).hasSize(3);
        assertThat(asked).as("bounded").isLessThan(60);
    }

    @Test
    void keepsASilenceUnknown() {
        Function<SuiteElimination.Ask, Answer> server = server("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        SuiteElimination plan =
                run(ask -> ask.suites().stream().anyMatch(s -> s.name().contains("PSK"))
                        ? new Unclear(Reason.READ_TIMEOUT, "silence")
                        : server.apply(ask));
        assertThat(names(plan)).containsExactly("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assertThat(plan.unknownReason()).contains(Reason.READ_TIMEOUT);
        assertThat(plan.unknown()).isNotEmpty().noneMatch(plan.found()::contains);
    }

    @Test
    void asksNoFurtherWhenTheVersionIsRefused() {
        SuiteElimination plan = run(ask -> new Refused(new AlertDescription(70), How.ALERT));
        assertThat(plan.found()).isEmpty();
        assertThat(asked).isEqualTo(1);
    }

    /** OpenSSL 3 with TLS 1.0 switched on may not sign with SHA-1 there, and says internal_error to what it would have taken. */
    @Test
    void asksWhatAServerStumblesOverApartAndNeverAgainInOneHelloWithTheRest() {
        Set<CipherSuite> offered = new HashSet<>();
        Function<SuiteElimination.Ask, Answer> stumbling = ask -> {
            offered.addAll(ask.suites());
            return ask.suites().stream()
                            .anyMatch(s -> STUMBLES.contains(s.facts().keyExchange()))
                    ? UNREADABLE
                    : NO_SUITE;
        };
        SuiteElimination plan = run(stumbling);
        int first = asked;
        assertThat(plan.stumblesOver()).isEqualTo(STUMBLES);
        offered.clear();
        asked = 0;
        SuiteElimination next = run(ProtocolVersion.TLS_1_1, plan.stumblesOver(), stumbling);
        assertThat(next.found()).isEmpty();
        assertThat(offered).containsAll(Menu.everything(ProtocolVersion.TLS_1_1));
        assertThat(first)
                .as("all common ones, by four kinds; the rest, ECDHE, RSA")
                .isEqualTo(8);
        assertThat(asked).as("the common rest, all the rest, ECDHE, RSA").isEqualTo(4);
    }

    /** Go says internal_error to every hello for a name that its configuration refuses. */
    @Test
    void doesNotLookForASuiteBehindOneAndTheSameAnswerToAll() {
        Set<CipherSuite> offered = new HashSet<>();
        Function<SuiteElimination.Ask, Answer> same = ask -> {
            offered.addAll(ask.suites());
            return UNREADABLE;
        };
        SuiteElimination plan = run(same);
        assertThat(offered).containsAll(Menu.everything(ProtocolVersion.TLS_1_2));
        assertThat(asked)
                .as("the common ones, by four kinds, the others by kind")
                .isLessThan(20);
        asked = 0;
        run(ProtocolVersion.TLS_1_1, plan.stumblesOver(), same);
        assertThat(asked).isLessThan(20);
    }

    /** wolfSSL protests against more than 150 suites in a hello, whatever else it says. */
    @Test
    void looksForASuiteBehindAnAnswerThatIsAnother() {
        CipherSuite has = CipherSuite.named("TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256");
        Answer internal = new Refused(new AlertDescription(80), How.ALERT);
        for (Answer toMany : List.of(UNREADABLE, new Unclear(Reason.READ_TIMEOUT, "silence"))) {
            SuiteElimination plan = run(
                    ask -> ask.suites().size() > 150 ? toMany : ask.suites().contains(has) ? chosen(has) : internal);
            assertThat(plan.found()).containsExactly(has);
        }
    }

    @Test
    void believesNothingOfAVersionBecauseOfAnother() {
        String has = "TLS_RSA_WITH_AES_128_CBC_SHA";
        SuiteElimination plan = run(ProtocolVersion.TLS_1_0, STUMBLES, server(has));
        assertThat(names(plan)).containsExactly(has);
        assertThat(plan.stumblesOver()).isEmpty();
    }

    @Test
    void offersEverySuiteOfTheRegistryToAServerThatRefusesAll() {
        Set<CipherSuite> offered = new HashSet<>();
        run(ask -> {
            offered.addAll(ask.suites());
            return NO_SUITE;
        });
        assertThat(offered.size() + Menu.TLS13_SUITES.size()).isGreaterThanOrEqualTo(400);
        assertThat(CipherSuite.all())
                .filteredOn(s ->
                        s.code() <= 0xFFFF && !s.facts().isTls13() && !s.name().endsWith("_SCSV"))
                .allMatch(offered::contains);
    }

    @Test
    void putsNoMoreThan64SuitesIntoTheFirstHello() {
        assertThat(Menu.common(ProtocolVersion.TLS_1_2)).hasSizeLessThanOrEqualTo(64);
    }

    private SuiteElimination run(Function<SuiteElimination.Ask, Answer> server) {
        return run(ProtocolVersion.TLS_1_2, Set.of(), server);
    }

    private SuiteElimination run(
            ProtocolVersion version, Set<KeyExchange> stumbledOver, Function<SuiteElimination.Ask, Answer> server) {
        SuiteElimination plan = new SuiteElimination(version, 1024, stumbledOver);
        for (Optional<SuiteElimination.Ask> next = plan.next(); next.isPresent(); next = plan.next()) {
            asked++;
            assertThat(asked).as("ends").isLessThan(500);
            plan.hear(server.apply(next.get()));
        }
        return plan;
    }

    /** Chooses by its own order. */
    private static Function<SuiteElimination.Ask, Answer> server(String... order) {
        return ask -> Stream.of(order)
                .map(CipherSuite::named)
                .filter(ask.suites()::contains)
                .findFirst()
                .map(SuiteEliminationTest::chosen)
                .orElse(NO_SUITE);
    }

    /** Chooses by its own order of tiers, and in each by the client's. */
    private static Function<SuiteElimination.Ask, Answer> tiers(String... tiers) {
        return ask -> Stream.of(tiers)
                .map(tier -> List.of(tier.split("\\|")))
                .flatMap(tier -> ask.suites().stream().filter(suite -> tier.contains(suite.name())))
                .findFirst()
                .map(SuiteEliminationTest::chosen)
                .orElse(NO_SUITE);
    }

    private static Answer chosen(CipherSuite suite) {
        ServerHello hello = new ServerHello(ProtocolVersion.TLS_1_2, new byte[32], new byte[0], suite, 0, List.of());
        return new Chosen(
                ProtocolVersion.TLS_1_2,
                suite,
                null,
                null,
                hello,
                new ServerFlight(List.of(hello), Ending.FINISHED, null, new byte[0]));
    }

    private static List<String> names(SuiteElimination plan) {
        return plan.found().stream().map(CipherSuite::name).toList();
    }
}
