package io.tlsfleet.scanner.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is held against an endpoint and what against ourselves, by a clock of the test's own. */
class OverloadTest {
    private static final List<Observation> SILENT = seen(Outcome.UNREACHABLE, Reason.READ_TIMEOUT);
    private static final List<Observation> HUNG_UP = seen(Outcome.UNREACHABLE, Reason.CLOSED);
    private static final List<Observation> PARTIAL = seen(Outcome.PARTIAL, null);
    private static final List<Observation> COMPLETE = seen(Outcome.COMPLETE, null);

    private final AtomicLong now = new AtomicLong(-7);
    private final Overload overload = new Overload(now::get);

    @Test
    void whatASleepingProcessDidNotHearIsAskedAgain() {
        step(50);
        long begun = overload.now();
        step(90_000);
        assertThat(overload.isNow()).isTrue();
        assertThat(overload.excuses(begun, SILENT)).isTrue();
        assertThat(overload.excuses(begun, HUNG_UP))
                .as("its own limits passed too")
                .isTrue();
        assertThat(overload.excuses(begun, PARTIAL)).isTrue();
        assertThat(overload.excuses(begun, COMPLETE)).isFalse();
    }

    @Test
    void whatWasBegunAfterTheSleepCountsAgainSoonAndPartsOfItAtOnce() {
        step(25_000);
        long begun = overload.now();
        assertThat(overload.excuses(begun, SILENT)).isTrue();
        assertThat(overload.excuses(begun, PARTIAL)).isFalse();
        assertThat(overload.excuses(begun, HUNG_UP)).isFalse();
        for (int i = 0; i < 401; i++) {
            step(50);
        }
        assertThat(overload.isNow()).isFalse();
        assertThat(overload.excuses(overload.now(), SILENT)).isFalse();
    }

    /** Or a machine with a pause in every scan would scan those that never answer whole for ever. */
    @Test
    void aShortSleepExcusesSilenceOnly() {
        long begun = overload.now();
        step(2_000);
        assertThat(overload.excuses(begun, SILENT)).isTrue();
        assertThat(overload.excuses(begun, PARTIAL)).isFalse();
    }

    @Test
    void beingLateALittleCountsTheThirdTime() {
        step(400);
        step(400);
        assertThat(overload.excuses(-100, SILENT)).isFalse();
        step(400);
        assertThat(overload.excuses(-100, SILENT)).isTrue();
        assertThat(overload.excuses(-100, PARTIAL)).isFalse();
    }

    @Test
    void aPromptProcessExcusesNothing() {
        long begun = overload.now();
        for (int i = 0; i < 400; i++) {
            step(60);
        }
        assertThat(overload.isNow()).isFalse();
        assertThat(overload.excuses(begun, SILENT)).isFalse();
        assertThat(overload.excuses(begun, PARTIAL)).isFalse();
    }

    /** A scan may end before the watching thread is woken: who asks first finds out. */
    @Test
    void theFirstToAskAfterASleepIsToldSo() throws Exception {
        overload.start();
        long begun = overload.now();
        now.addAndGet(TimeUnit.SECONDS.toNanos(30));
        assertThat(overload.excuses(begun, SILENT)).isTrue();
        overload.close();
    }

    private void step(long millis) {
        long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
        now.addAndGet(nanos);
        overload.woke(nanos);
    }

    private static List<Observation> seen(Outcome outcome, @Nullable Reason reason) {
        return List.of(Observation.bare(
                new Observation.Endpoint("slow.example", "127.0.0.1", 443, null, null),
                new Observation.Scan(Instant.EPOCH, 5, Depth.STANDARD, outcome, 1, 1, 1, 0, "test", reason, null)));
    }
}
