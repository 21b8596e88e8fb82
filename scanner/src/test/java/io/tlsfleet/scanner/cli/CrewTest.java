package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every job once, by no more hands than are needed and allowed. */
@Timeout(60)
class CrewTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Integer> done = ConcurrentHashMap.newKeySet();
    private final Set<Thread> hands = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private Crew crew(int jobs, int ahead, int most, Crew.Work work) {
        return new Crew(jobs, ahead, most, threads, stopped::get, (job, begun) -> {
            hands.add(Thread.currentThread());
            work.on(job, begun);
            assertThat(done.add(job)).isTrue();
        });
    }

    @Test
    void aFewHandsDoAllJobs() throws InterruptedException {
        Semaphore places = new Semaphore(3);
        crew(5_000, 8, 100, (job, begun) -> {
                    places.acquire();
                    begun.run();
                    places.release();
                })
                .run();
        assertThat(done).hasSize(5_000);
        assertThat(hands).hasSizeLessThanOrEqualTo(100);
    }

    @Test
    void nothingToDoIsDone() throws InterruptedException {
        crew(0, 8, 100, (job, begun) -> {}).run();
        assertThat(hands).isEmpty();
    }

    /** Peers that keep all who have begun waiting: others are taken on, up to the most. */
    @Test
    void moreAreTakenOnWhileThoseWhoHaveBegunWait() throws InterruptedException {
        CountDownLatch fifty = new CountDownLatch(50);
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        crew(200, 8, 50, (job, begun) -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    begun.run();
                    fifty.countDown();
                    fifty.await();
                    atOnce.decrementAndGet();
                })
                .run();
        assertThat(done).hasSize(200);
        assertThat(most.get()).isGreaterThanOrEqualTo(50).isLessThan(60);
    }

    @Test
    void whatAJobThrowsEndsTheRun() {
        Crew crew = crew(1_000, 8, 100, (job, begun) -> {
            if (job == 500) {
                throw new IllegalArgumentException("job 500");
            }
        });
        assertThatIllegalStateException().isThrownBy(crew::run).withStackTraceContaining("job 500");
    }

    @Test
    void nobodyBeginsAfterItIsStopped() throws InterruptedException {
        crew(1_000, 8, 100, (job, begun) -> {
                    if (job == 100) {
                        stopped.set(true);
                    }
                })
                .run();
        assertThat(done).hasSizeBetween(90, 120);
    }

    /** What an interruption finds under way is waited for, because it may be finished work that is being written. */
    @Test
    void whatHasBegunIsWaitedForWhenItIsStopped() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Crew crew = crew(1_000, 8, 100, (job, turn) -> {
            if (job == 0) {
                begun.countDown();
                goOn.await();
            }
        });
        AtomicBoolean doneBeforeItReturned = new AtomicBoolean();
        Thread running = Thread.ofVirtual().start(() -> {
            try {
                crew.run();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            doneBeforeItReturned.set(done.contains(0));
        });
        begun.await();
        stopped.set(true);
        while (done.size() < 1_000 && hands.stream().filter(Thread::isAlive).count() > 1) {
            Thread.onSpinWait();
        }
        assertThat(running.isAlive()).isTrue();
        goOn.countDown();
        running.join();
        assertThat(doneBeforeItReturned).isTrue();
    }
}
