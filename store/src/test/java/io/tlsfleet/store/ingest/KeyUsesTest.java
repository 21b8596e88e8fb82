package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyUsesTest {
    private final AtomicLong nanos = new AtomicLong();
    private final KeyUses uses = new KeyUses(nanos::get);
    private final List<List<String>> asked = new ArrayList<>();

    @Test
    void asksForAKeyOnceAMinuteThoughNobodyServesIt() {
        ask("a", "b");
        ask("b", "c");
        nanos.set(59_000_000_000L);
        ask("a", "c");
        assertThat(asked).containsExactly(List.of("a", "b"), List.of("c"), List.of());
    }

    @Test
    void asksAgainAfterAMinute() {
        ask("a");
        nanos.set(61_000_000_000L);
        ask("a");
        assertThat(asked).containsExactly(List.of("a"), List.of("a"));
    }

    @Test
    void whatAScanBringsIsRememberedOnlyWhereManyShareTheKey() {
        KeyUses ofMany = uses.ofMany();
        for (int i = 0; i < 2; i++) {
            ofMany.of(List.of("few", "many", "nobody"), unknown -> {
                asked.add(unknown);
                return Map.of("few", used(99), "many", used(100));
            });
        }
        assertThat(asked).containsExactly(List.of("few", "many", "nobody"), List.of("few", "nobody"));
    }

    private static KeyUses.Use used(int endpoints) {
        return new KeyUses.Use(endpoints, Set.of(), Set.of(), List.of());
    }

    private void ask(String... keys) {
        uses.of(List.of(keys), unknown -> {
            asked.add(unknown);
            return Map.of();
        });
    }
}
