package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Judged together where there are many, and none left waiting. */
@Timeout(60)
class DocketTest {
    private final BlockingQueue<List<Docket.Seen>> judged = new LinkedBlockingQueue<>();

    private static Docket.Seen seen(long place) {
        return new Docket.Seen(place, List.of());
    }

    @Test
    void aFewAreJudgedAsTheyCome() {
        try (Docket docket = new Docket(2, judged::add)) {
            docket.add(seen(0));
            assertThat(judged).containsExactly(List.of(seen(0)));
            docket.add(seen(1));
            assertThat(judged).containsExactly(List.of(seen(0)), List.of(seen(1)));
        }
    }

    @Test
    void manyWaitForEachOtherAndNoneIsLost() {
        try (Docket docket = new Docket(1_000, judged::add)) {
            LongStream.range(0, 1_000).mapToObj(DocketTest::seen).forEach(docket::add);
        }
        assertThat(judged.stream().flatMap(List::stream).map(Docket.Seen::place))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, 1_000).boxed().toList());
        assertThat(judged).hasSizeLessThan(100);
    }

    /** The last of a list whose others hang: its report does not wait for theirs. */
    @Test
    void oneThatIsFollowedByNobodyIsJudgedAllTheSame() throws InterruptedException {
        try (Docket docket = new Docket(1_000, judged::add)) {
            docket.add(seen(7));
            assertThat(judged.poll(30, TimeUnit.SECONDS)).containsExactly(seen(7));
        }
    }

    /** What is being judged when the docket is closed is judged before that is over: behind it stands the end of the report. */
    @Test
    void closingWaitsForWhatIsBeingJudged() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Docket docket = new Docket(1_000, many -> {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            judged.add(many);
        });
        docket.add(seen(3));
        begun.await();
        Thread closing = Thread.ofVirtual().start(() -> {
            docket.close();
            judged.add(List.of());
        });
        while (closing.getState() != Thread.State.WAITING && closing.isAlive()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        closing.join();
        assertThat(judged).containsExactly(List.of(seen(3)), List.of());
    }

    @Test
    void aFaultOfOursIsNotKeptQuiet() throws InterruptedException {
        LinkedBlockingQueue<String> thrown = new LinkedBlockingQueue<>();
        Docket docket = new Docket(1_000, many -> {
            thrown.add("now");
            throw new StackOverflowError("cannot be judged");
        });
        docket.add(seen(0));
        assertThat(thrown.poll(30, TimeUnit.SECONDS)).isEqualTo("now");
        assertThatThrownBy(docket::close).hasRootCauseMessage("cannot be judged");
        assertThatThrownBy(() -> docket.add(seen(1))).hasRootCauseMessage("cannot be judged");
    }
}
