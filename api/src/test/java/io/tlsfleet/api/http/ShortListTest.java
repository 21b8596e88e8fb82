package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.store.query.Page;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortListTest {
    private record Named(String name) {}

    private static List<Named> named(String... names) {
        return List.of(names).stream().map(Named::new).toList();
    }

    private static List<String> names(Page<?> page) {
        return page.items().stream().map(item -> ((Named) item).name()).toList();
    }

    @Test
    void givesEachItemOnce() {
        List<Named> all = named("a", "b", "c", "d", "e");
        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            Page<?> page = ShortList.page(all, 2, cursor);
            seen.addAll(names(page));
            cursor = page.nextCursor();
        } while (cursor != null);
        assertThat(seen).containsExactly("a", "b", "c", "d", "e");
        assertThat(ShortList.page(all, 5, null).nextCursor()).isNull();
        assertThat(ShortList.page(List.of(), 5, null).items()).isEmpty();
    }

    /** What comes or goes in between neither doubles nor hides an item. */
    @Test
    void goesOnBehindTheLastOneWhereverItStands() {
        String cursor = ShortList.page(named("b", "c", "d"), 2, null).nextCursor();
        assertThat(names(ShortList.page(named("a", "b", "c", "d"), 2, cursor))).containsExactly("d");
        assertThat(names(ShortList.page(named("c", "d"), 2, cursor))).containsExactly("d");
        assertThat(names(ShortList.page(named("b", "d"), 2, cursor)))
                .as("the last one is gone")
                .containsExactly("d");
        assertThat(names(ShortList.page(named("b"), 2, cursor))).isEmpty();
    }

    @Test
    void tellsNamesakesApartByTheirPlace() {
        String cursor = ShortList.page(named("a", "a", "a", "b"), 2, null).nextCursor();
        assertThat(names(ShortList.page(named("a", "a", "a", "b"), 2, cursor))).containsExactly("a", "b");
    }

    @Test
    void refusesWhatIsNoCursor() {
        for (String cursor : List.of("x", "%", "MA", "LTEgYQ")) {
            assertThatThrownBy(() -> ShortList.page(named("a"), 1, cursor))
                    .as(cursor)
                    .isInstanceOf(Problem.class)
                    .hasMessageContaining("is no cursor");
        }
    }
}
