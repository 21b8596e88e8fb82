package io.tlsfleet.store.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QuietWindowTest {
    @Test
    void holdsOverMidnightInItsOwnZone() {
        QuietWindow night = daily("22:00", "06:00", "Europe/Berlin");
        // Berlin is an hour ahead in winter
        assertThat(night.endAt(at("2026-11-21T20:59:59Z"))).isEmpty();
        assertThat(night.endAt(at("2026-11-21T21:00:00Z"))).contains(at("2026-11-22T05:00:00Z"));
        assertThat(night.endAt(at("2026-11-22T04:59:59Z"))).contains(at("2026-11-22T05:00:00Z"));
        assertThat(night.endAt(at("2026-11-22T05:00:00Z"))).isEmpty();
    }

    @Test
    void countsADayByWhereItBegins() {
        QuietWindow saturday = new QuietWindow(null, null, "22:00", "06:00", List.of("sat"), "UTC", null, null);
        assertThat(saturday.endAt(at("2026-11-21T23:00:00Z")))
                .as("saturday night")
                .isPresent();
        assertThat(saturday.endAt(at("2026-11-22T03:00:00Z")))
                .as("sunday morning")
                .isPresent();
        assertThat(saturday.endAt(at("2026-11-22T23:00:00Z")))
                .as("sunday night")
                .isEmpty();
        assertThat(saturday.endAt(at("2026-11-21T03:00:00Z")))
                .as("saturday morning")
                .isEmpty();
    }

    @Test
    void holdsOnce() {
        QuietWindow move = new QuietWindow(
                "app:shop",
                "move",
                null,
                null,
                List.of(),
                null,
                at("2026-11-21T10:00:00Z"),
                at("2026-11-21T12:00:00Z"));
        assertThat(move.endAt(at("2026-11-21T11:00:00Z"))).contains(at("2026-11-21T12:00:00Z"));
        assertThat(move.endAt(at("2026-11-21T12:00:00Z"))).isEmpty();
        assertThat(move.covers(Map.of("app", "shop"))).isTrue();
        assertThat(move.covers(Map.of("app", "shopping"))).isFalse();
        assertThat(move.covers(Map.of())).isFalse();
    }

    @Test
    void refusesWhatSaysNothing() {
        assertThatIllegalArgumentException().isThrownBy(() -> daily("22:00", null, "UTC"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuietWindow(
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        null,
                        at("2026-11-21T10:00:00Z"),
                        at("2026-11-21T10:00:00Z")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuietWindow(null, null, "22:00", "06:00", List.of("saturday"), null, null, null));
    }

    private static QuietWindow daily(String from, @Nullable String to, String zone) {
        return new QuietWindow(null, null, from, to, List.of(), zone, null, null);
    }

    private static Instant at(String time) {
        return Instant.parse(time);
    }
}
