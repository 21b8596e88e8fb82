package io.tlsfleet.fleet.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedClockTest {
    private static final Instant TRUE = Instant.parse("2026-11-22T03:00:00Z");

    private final AtomicReference<Instant> machine = new AtomicReference<>(TRUE);
    private final AtomicLong nanos = new AtomicLong(-123_456);
    private final SharedClock clock = new SharedClock(machine::get, nanos::get);

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H", "P1D", "P-1D", "P-3650D"})
    void aMachinesClockThatLeapsLeadsNobodyAstrayAndIsSaid(String leap) {
        assertThat(clock.heard(TRUE, nanos.get())).isEmpty();
        pass(Duration.ofSeconds(7));
        machine.set(machine.get().plus(Duration.parse(leap)));
        assertThat(clock.instant()).as("at once").isEqualTo(TRUE.plusSeconds(7));
        assertThat(clock.heard(TRUE.plusSeconds(7), nanos.get()))
                .hasValueSatisfying(said -> assertThat(said).contains(leap.contains("-") ? "behind" : "ahead of"));
        assertThat(clock.heard(TRUE.plusSeconds(7), nanos.get())).as("once").isEmpty();
        assertThat(clock.ahead()).isEqualTo(Duration.parse(leap));
        assertThat(clock.instant()).isEqualTo(TRUE.plusSeconds(7));
        machine.set(TRUE.plusSeconds(7));
        assertThat(clock.heard(TRUE.plusSeconds(7), nanos.get()))
                .contains("this machine's clock agrees with the database's again");
    }

    @Test
    void saysByHowMuch() {
        machine.set(TRUE.plus(Duration.ofMinutes(61)));
        assertThat(clock.heard(TRUE, nanos.get()))
                .contains("this machine's clock is 61 min ahead of the database's, which counts: set it (NTP)");
        machine.set(TRUE.minusSeconds(30));
        assertThat(clock.heard(TRUE, nanos.get()))
                .contains("this machine's clock is 30 s behind the database's, which counts: set it (NTP)");
    }

    /** A database that moved to another machine, or was itself set right. */
    @Test
    void followsTheDatabasesClockWhenThatIsSet() {
        clock.heard(TRUE, nanos.get());
        clock.heard(TRUE.plusSeconds(40), nanos.get());
        assertThat(clock.instant()).isEqualTo(TRUE.plusSeconds(40));
    }

    @Test
    void isTheMachinesClockUntilItHearsAndTakesNoTimeFromALateAnswer() {
        assertThat(clock.instant()).isEqualTo(TRUE);
        long asked = nanos.get();
        pass(Duration.ofSeconds(40));
        clock.heard(TRUE.minusSeconds(9), asked);
        assertThat(clock.instant()).isEqualTo(machine.get());
    }

    @Test
    void theWayOfAnAnswerIsNoDifference() {
        clock.heard(TRUE, nanos.get());
        long asked = nanos.get();
        pass(Duration.ofSeconds(8));
        assertThat(clock.heard(TRUE.plusSeconds(1), asked)).isEmpty();
        assertThat(clock.instant()).isEqualTo(TRUE.plusSeconds(8));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        machine.set(machine.get().plus(time));
    }
}
