package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SharedClock;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says every few seconds that this worker is there, and passes on the rules of its site and the time that it hears in answer. */
public final class Attendance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Attendance.class);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final SiteLink link;
    private final Supplier<Presence> presence;
    private final Consumer<SiteRules> rules;
    private final SharedClock clock;
    private final Duration every;
    private final Thread thread;
    private boolean away;

    private Attendance(
            SiteLink link, Supplier<Presence> presence, Consumer<SiteRules> rules, SharedClock clock, Duration every) {
        this.link = link;
        this.presence = presence;
        this.rules = rules;
        this.clock = clock;
        this.every = every;
        this.thread = Thread.ofVirtual().name("attendance").unstarted(this::run);
    }

    /** Reports once before it answers, if the source is there, so that no scan begins without the rules. */
    public static Attendance begin(
            SiteLink link, Supplier<Presence> presence, Consumer<SiteRules> rules, SharedClock clock, Duration every)
            throws InterruptedException {
        Attendance attendance = new Attendance(link, presence, rules, clock, every);
        attendance.report();
        attendance.thread.start();
        return attendance;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(every);
                report();
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    private void report() throws InterruptedException {
        try {
            long asked = System.nanoTime();
            SiteRules now =
                    link.report(presence.get()).toCompletableFuture().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            if (now.now() != null) {
                clock.heard(now.now(), asked).ifPresent(LOG::warn);
            }
            rules.accept(now);
            away = false;
        } catch (ExecutionException | TimeoutException e) {
            if (!away) {
                LOG.warn("the site's rules stay as they were, the source is away: {}", String.valueOf(e.getCause()));
            }
            away = true;
        } catch (RuntimeException e) {
            LOG.error("the site's rules cannot be followed and stay as they were", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(ANSWER);
            link.leave().toCompletableFuture().get(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("no farewell: {}", String.valueOf(e.getCause()));
        }
    }
}
