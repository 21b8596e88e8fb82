package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private void ask(String... keys) {
        uses.of(List.of(keys), unknown -> {
            asked.add(unknown);
            return Map.of();
        });
    }
}
