package io.tlsfleet.scanner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Against scripted servers: which hellos it takes, and whose order is told. */
class EliminationTest {
    private static final List<String> CANDIDATES = List.of("a", "b", "c", "d", "e", "f");

    @Test
    void findsAServersOwnOrderAndAsksForItOnce() {
        Elimination<String> elimination = new Elimination<>(CANDIDATES);
        int hellos = run(elimination, server("d", "b", "e"));
        assertThat(elimination.found()).containsExactly("d", "b", "e");
        assertThat(elimination.order()).isEqualTo("server");
        assertThat(hellos).isEqualTo(5);
    }

    @Test
    void takesOneHelloLessWhereTheFavouriteIsKnown() {
        Elimination<String> elimination = new Elimination<>(CANDIDATES);
        elimination.sure("d");
        int hellos = run(elimination, server("d", "b", "e"));
        assertThat(elimination.found()).containsExactly("d", "b", "e");
        assertThat(elimination.order()).isEqualTo("server");
        assertThat(hellos).isEqualTo(4);
    }

    @Test
    void putsWhatIsKnownInItsPlaceOfTheServersOrder() {
        for (String known : List.of("d", "b", "e")) {
            Elimination<String> elimination = new Elimination<>(CANDIDATES);
            elimination.sure(known);
            run(elimination, server("d", "b", "e"));
            assertThat(elimination.found()).as(known).containsExactly("d", "b", "e");
            assertThat(elimination.order()).as(known).isEqualTo("server");
        }
    }

    @Test
    void neverAsksForWhatIsKnownWhereTheClientsOrderCounts() {
        Elimination<String> elimination = new Elimination<>(CANDIDATES);
        elimination.sure("b");
        int hellos = run(elimination, client("e", "d", "b"));
        assertThat(elimination.found()).containsExactly("b", "d", "e");
        assertThat(elimination.order()).isEqualTo("client");
        assertThat(hellos).isEqualTo(3);
    }

    @Test
    void whatIsLeftRidesInFrontOfWhatIsKnownOnceTheClientsOrderIsSeen() {
        for (List<String> accepted : List.of(List.of("b", "d", "e"), List.of("a", "b", "c", "d", "e", "f"))) {
            Function<List<String>, Optional<String>> server = client(accepted.toArray(String[]::new));
            Elimination<String> elimination = new Elimination<>(CANDIDATES);
            elimination.sure("b");
            while (elimination.rest(List.of()).isEmpty()) {
                List<String> offer = elimination.offer();
                elimination.chose(server.apply(offer).orElseThrow(), offer);
            }
            while (!elimination.isOver()) {
                List<String> offer = new ArrayList<>(elimination.rest(List.of()).orElseThrow());
                offer.addAll(elimination.found());
                elimination.choseBehind(server.apply(offer).orElseThrow(), offer);
            }
            assertThat(elimination.found()).containsExactlyElementsOf(accepted);
            assertThat(elimination.order()).isEqualTo("client");
        }
    }

    @Test
    void nothingRidesWhileATierOfWhichSomeServersMindTheOrderIsOpen() {
        Elimination<String> elimination = new Elimination<>(CANDIDATES);
        elimination.sure("a");
        for (String choice : List.of("b", "a")) {
            elimination.chose(choice, elimination.offer());
        }
        assertThat(elimination.rest(List.of("a", "b", "c"))).isEmpty();
        assertThat(elimination.rest(List.of("a", "b"))).contains(List.of("c", "d", "e", "f"));
    }

    @Test
    void nothingRidesWhereTheServersOrderCountsOrNobodysIsSeen() {
        Elimination<String> elimination = new Elimination<>(CANDIDATES);
        assertThat(elimination.rest(List.of())).isEmpty();
        elimination.chose("d", elimination.offer());
        assertThat(elimination.rest(List.of())).isEmpty();
        elimination.chose("d", elimination.offer());
        elimination.chose("b", elimination.offer());
        assertThat(elimination.rest(List.of())).isEmpty();
    }

    @Test
    void keepsWhatIsKnownWhenTheServerFallsSilent() {
        Elimination<String> elimination = new Elimination<>(CANDIDATES);
        elimination.sure("b");
        elimination.chose("c", elimination.offer());
        elimination.unclear(Reason.READ_TIMEOUT);
        assertThat(elimination.found()).containsExactlyInAnyOrder("c", "b");
        assertThat(elimination.unknown()).contains(Reason.READ_TIMEOUT);
    }

    @Test
    void claimsNothingWhereNoQuestionWasAnswered() {
        Elimination<String> elimination = new Elimination<>(CANDIDATES);
        elimination.sure("b");
        elimination.refused();
        assertThat(elimination.isOver()).isTrue();
        assertThat(elimination.found()).isEmpty();
    }

    private static int run(Elimination<String> elimination, Function<List<String>, Optional<String>> server) {
        int hellos = 0;
        while (!elimination.isOver()) {
            List<String> offer = elimination.offer();
            server.apply(offer).ifPresentOrElse(choice -> elimination.chose(choice, offer), elimination::refused);
            assertThat(++hellos).isLessThan(20);
        }
        return hellos;
    }

    private static Function<List<String>, Optional<String>> server(String... order) {
        return offer -> List.of(order).stream().filter(offer::contains).findFirst();
    }

    private static Function<List<String>, Optional<String>> client(String... accepted) {
        return offer -> offer.stream().filter(List.of(accepted)::contains).findFirst();
    }
}
