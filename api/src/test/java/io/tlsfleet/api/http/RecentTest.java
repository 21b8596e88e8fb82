package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RecentTest {
    private Instant now = Instant.parse("2026-11-21T08:00:00Z");
    private final AtomicInteger counted = new AtomicInteger();
    private final Semaphore done = new Semaphore(0);

    private int quick() {
        return counted.incrementAndGet();
    }

    private int dear() {
        try {
            Thread.sleep(250);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int value = counted.incrementAndGet();
        done.release();
        return value;
    }

    @Test
    void whatIsCountedQuicklyIsCountedEachTime() {
        Recent<String, Integer> recent = new Recent<>(Duration.ZERO, () -> now);
        assertThat(recent.get("a", this::quick)).isEqualTo(1);
        assertThat(recent.get("a", this::quick)).isEqualTo(2);
    }

    @Test
    void whatIsCountedQuicklyMayBeGivenForAWhile() {
        Recent<String, Integer> recent = new Recent<>(Duration.ofSeconds(2), () -> now);
        assertThat(recent.get("a", this::quick)).isEqualTo(1);
        assertThat(recent.get("a", this::quick)).isEqualTo(1);
        assertThat(recent.get("b", this::quick)).isEqualTo(2);
        now = now.plusSeconds(3);
        assertThat(recent.get("a", this::quick)).as("nobody gets an old one").isEqualTo(3);
    }

    @Test
    void whatIsDearIsGivenAgainAndCountedBehindTheReadersBack() throws InterruptedException {
        Recent<String, Integer> recent = new Recent<>(Duration.ZERO, () -> now);
        assertThat(recent.get("a", this::dear)).isEqualTo(1);
        done.acquire();
        assertThat(recent.get("a", this::dear)).isEqualTo(1);
        now = now.plusMillis(2600); // more than ten times a quarter of a second, on an idle machine
        while (counted.get() == 1) {
            assertThat(recent.get("a", this::dear)).as("at once").isIn(1, 2);
            now = now.plusMillis(100);
        }
        done.acquire();
        now = now.plusSeconds(3600);
        assertThat(recent.get("a", this::dear))
                .as("what is an hour old is given to nobody")
                .isGreaterThan(2);
    }

    @Test
    void forgetsWhenSomebodyChangedWhatWasCounted() {
        Recent<String, Integer> recent = new Recent<>(Duration.ZERO, () -> now);
        assertThat(recent.get("a", this::dear)).isEqualTo(1);
        recent.forget();
        assertThat(recent.get("a", this::dear)).isEqualTo(2);
    }
}
