package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.store.DatabaseAway;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HousekeepingTest {
    private final AtomicInteger days = new AtomicInteger();
    private final AtomicInteger minutes = new AtomicInteger();

    @Test
    void keepsHouseAtStartAndADayLater() {
        int dueIn = 0;
        for (int minute = 0; minute <= 24 * 60; minute++) {
            dueIn = Housekeeping.minute(dueIn, days::incrementAndGet, minutes::incrementAndGet);
        }
        assertThat(days).hasValue(2);
        assertThat(minutes).hasValue(24 * 60 + 1);
    }

    /** A database that was away for a moment put the day's part off to the next day. */
    @Test
    void comesBackToADayThatFoundTheDatabaseAway() {
        int dueIn = Housekeeping.minute(
                0,
                () -> {
                    throw new DatabaseAway("away", new IllegalStateException());
                },
                minutes::incrementAndGet);
        Housekeeping.minute(dueIn, days::incrementAndGet, minutes::incrementAndGet);
        assertThat(days).hasValue(1);
    }

    @Test
    void aDayThatFailsIsTriedHourlyAndStopsNoMinute() {
        int dueIn = 0;
        for (int minute = 0; minute <= 60; minute++) {
            dueIn = Housekeeping.minute(
                    dueIn,
                    () -> {
                        days.incrementAndGet();
                        throw new IllegalStateException("a fault of ours, on purpose");
                    },
                    minutes::incrementAndGet);
        }
        assertThat(days).hasValue(2);
        assertThat(minutes).hasValue(61);
    }
}
