package io.tlsfleet.scanner.cli;

import io.tlsfleet.scanner.scan.Interrupted;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * As many hands as a list of jobs needs. Each takes the next job when it is through with one, so nobody is woken to hand jobs out;
 * more are taken on while few wait for their place, because many of those that have begun are kept waiting by their peers.
 */
final class Crew {
    private final int jobs;
    private final int ahead;
    private final int most;
    private final ExecutorService threads;
    private final Work work;
    private final BooleanSupplier stopped;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger hands = new AtomicInteger();
    /** Hands whose job has not begun. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final CountDownLatch over = new CountDownLatch(1);
    private volatile @Nullable Throwable fault;

    /** One job, by its place on the list; runs {@code begun} when it has come to its turn. */
    interface Work {
        void on(int job, Runnable begun) throws InterruptedException;
    }

    /** Up to {@code ahead} hands wait for their turn, and there are {@code most} in all. */
    Crew(int jobs, int ahead, int most, ExecutorService threads, BooleanSupplier stopped, Work work) {
        this.jobs = jobs;
        this.ahead = ahead;
        this.most = most;
        this.threads = threads;
        this.stopped = stopped;
        this.work = work;
    }

    /** Returns when all jobs are done, those that have begun if it is {@code stopped}; throws as soon as a job has thrown. */
    void run() throws InterruptedException {
        for (int i = Math.min(jobs, Math.min(ahead, most)); i > 0; i--) {
            takeOn();
        }
        if (jobs > 0) {
            over.await();
        }
        Throwable thrown = fault;
        if (thrown != null) {
            throw new IllegalStateException(thrown);
        }
    }

    private void takeOn() {
        hands.incrementAndGet();
        waiting.incrementAndGet();
        try {
            threads.execute(this::hand);
        } catch (RejectedExecutionException e) { // the command is being ended
            waiting.decrementAndGet();
            leave();
        }
    }

    private void hand() {
        try {
            for (int job = next(); job >= 0; job = next()) {
                Turn turn = new Turn();
                work.on(job, turn);
                turn.run();
                if (waiting.incrementAndGet() > ahead) {
                    waiting.decrementAndGet();
                    return;
                }
            }
        } catch (InterruptedException | Interrupted e) {
            // not finished, hence not written
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            fault = e;
            over.countDown();
        } finally {
            leave();
        }
    }

    private int next() {
        int job = next.get() < jobs && !stopped.getAsBoolean() ? next.getAndIncrement() : jobs;
        return job < jobs ? job : -1;
    }

    private void leave() {
        if (hands.decrementAndGet() == 0) {
            over.countDown();
        }
    }

    private final class Turn implements Runnable {
        private boolean hasCome;

        @Override
        public void run() {
            if (!hasCome) {
                hasCome = true;
                boolean few = waiting.decrementAndGet() < ahead / 2;
                if (few && next.get() < jobs && hands.get() < most) {
                    takeOn();
                }
            }
        }
    }
}
