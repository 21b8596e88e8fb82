package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LanesTest {
    private final List<String> said = new CopyOnWriteArrayList<>();

    private static Thread start(Interruptible work) {
        return Thread.ofVirtual().start(() -> {
            try {
                work.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private interface Interruptible {
        void run() throws InterruptedException;
    }

    @Test
    void whoIsKeptWaitingKeepsNobodyWaiting() throws InterruptedException {
        Lanes lanes = new Lanes(1);
        CountDownLatch otherIsDone = new CountDownLatch(1);
        Thread slow = start(() -> lanes.run(place -> {
            said.add("slow begins");
            place.giveWay();
            await(otherIsDone);
            goOn(place);
            return said.add("slow ends");
        }));
        Thread quick = start(() -> {
            lanes.run(place -> said.add("quick"));
            otherIsDone.countDown();
        });
        slow.join();
        quick.join();
        assertThat(said).contains("quick").endsWith("slow ends");
    }

    @Test
    void whoComesBackGoesBeforeThoseWhoHaveNotBegun() throws InterruptedException {
        Lanes lanes = new Lanes(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch holds = new CountDownLatch(1);
        CountDownLatch gaveWay = new CountDownLatch(1);
        CountDownLatch wantsBack = new CountDownLatch(1);
        Thread first = start(() -> lanes.run(place -> {
            place.giveWay();
            gaveWay.countDown();
            await(holds);
            wantsBack.countDown();
            goOn(place);
            return said.add("back");
        }));
        await(gaveWay);
        Thread holder = start(() -> lanes.run(place -> {
            holds.countDown();
            await(mayEnd);
            return said.add("holder");
        }));
        await(holds);
        Thread third = start(() -> lanes.run(place -> said.add("fresh")));
        await(wantsBack);
        waitUntilParked(first);
        waitUntilParked(third);
        mayEnd.countDown();
        for (Thread thread : List.of(first, holder, third)) {
            thread.join();
        }
        assertThat(said).containsExactly("holder", "back", "fresh");
    }

    /** The second to ask for a place to be lent is refused it while what is awaited comes late. */
    @Test
    void lendsNoMoreWhileAllIsLate() throws InterruptedException {
        Lanes lanes = new Lanes(1);
        List<Boolean> lent = lanes.run(first -> {
            assertThat(first.lend(Lane.MOMENT)).isTrue();
            return within(lanes, second -> {
                second.over(true);
                for (int i = 0; i < 100; i++) {
                    second.over(false);
                }
                boolean whileLate = second.lend(Lane.MOMENT.multipliedBy(2));
                second.over(true);
                return List.of(whileLate, second.lend(Lane.MOMENT));
            });
        });
        assertThat(lent).containsExactly(false, true);
    }

    private static <O> O within(Lanes lanes, Lanes.Work<O> work) {
        try {
            return lanes.run(work);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void givesThePlaceBackWhenInterruptedWhileWaiting() throws InterruptedException {
        Lanes lanes = new Lanes(1);
        CountDownLatch holds = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread holder = start(() -> lanes.run(place -> {
            holds.countDown();
            await(mayEnd);
            return said.add("holder");
        }));
        await(holds);
        Thread impatient = start(() -> lanes.run(place -> said.add("never")));
        waitUntilParked(impatient);
        impatient.interrupt();
        impatient.join();
        mayEnd.countDown();
        holder.join();
        lanes.run(place -> said.add("last"));
        assertThat(said).containsExactly("holder", "last");
    }

    private static void waitUntilParked(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.sleep(5);
        }
    }

    private static void goOn(Lanes.Place place) {
        try {
            place.goOn();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
