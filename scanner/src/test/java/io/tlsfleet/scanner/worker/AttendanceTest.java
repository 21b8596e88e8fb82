package io.tlsfleet.scanner.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SharedClock;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttendanceTest {
    private static final Instant TRUE = Instant.parse("2026-11-22T03:00:00Z");

    @Test
    void aWorkerWhoseClockIsADayAheadWorksByTheDatabases() throws Exception {
        SharedClock clock = new SharedClock(() -> TRUE.plus(Duration.ofDays(1)), System::nanoTime);
        try (Attendance _ = begin(clock, TRUE)) {
            assertThat(clock.instant()).isBetween(TRUE, TRUE.plusSeconds(60));
            assertThat(clock.ahead().toHours()).isBetween(23L, 24L);
        }
    }

    @Test
    void aServerThatTellsNoTimeLeavesTheMachinesClock() throws Exception {
        SharedClock clock = new SharedClock(() -> TRUE, System::nanoTime);
        try (Attendance _ = begin(clock, null)) {
            assertThat(clock.instant()).isEqualTo(TRUE);
        }
    }

    private static Attendance begin(SharedClock clock, @Nullable Instant now) throws InterruptedException {
        SiteRules rules =
                new SiteRules("plant", false, 1, 0, List.of(), List.of(), List.of(), 2, 10, 50, 0, Map.of(), now);
        return Attendance.begin(
                new Telling(rules), () -> new Presence("1", 0, 0, 0, false), r -> {}, clock, Duration.ofHours(1));
    }

    private record Telling(SiteRules rules) implements SiteLink {
        @Override
        public CompletionStage<SiteRules> report(Presence presence) {
            return CompletableFuture.completedFuture(rules);
        }

        @Override
        public CompletionStage<List<Integer>> hold(List<Integer> shards) {
            return CompletableFuture.completedFuture(shards);
        }

        @Override
        public CompletionStage<Void> letGo(List<Integer> shards) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> defer(List<Deferred> leases) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> leave() {
            return CompletableFuture.completedFuture(null);
        }
    }
}
