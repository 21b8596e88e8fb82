package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.Hints;
import io.tlsfleet.store.alert.Deliveries;
import io.tlsfleet.store.alert.Directory;
import io.tlsfleet.store.alert.Receiver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of alerting: routes what happened, sends what is due. Any number may run beside one database: routing has one
 * leader at a time, notices are leased. One slow receiver delays nobody: each lease is worked off by a thread of its own.
 */
public final class Notifier implements AutoCloseable {
    /** Of alerts that are about the watching itself. */
    public static final Set<String> RULES = Set.of(Watch.SCANNING, Watch.DELIVERY);

    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
    private static final Duration TURN = Duration.ofSeconds(1);
    private static final Duration PAUSE_WHEN_AWAY = Duration.ofSeconds(5);
    private static final int EACH = 20;
    /** Of the minute that a lease lasts. */
    private static final Duration LEASE_USED = Duration.ofSeconds(40);

    private static final Duration LEASE_LEFT = Duration.ofSeconds(20);

    private final Database database;
    private final AlertRouter router;
    private final Deliveries deliveries;
    private final Channels channels;
    private final Hints hints;
    private final InstantSource clock;
    private final BiConsumer<String, String> counted;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("notify-", 0).factory());
    private final Set<Long> busy = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    /** {@code counted} is told the receiver's name and an outcome: delivered, failed, dead. */
    public Notifier(
            Database database,
            AlertRouter router,
            Channels channels,
            InstantSource clock,
            BiConsumer<String, String> counted) {
        this.database = database;
        this.router = router;
        this.deliveries = new Deliveries(database);
        this.channels = channels;
        this.hints = new Hints(database);
        this.clock = clock;
        this.counted = counted;
    }

    public void start() {
        threads.execute(this::nameSealedElsewhere);
        threads.execute(() -> repeat("alerting", TURN, this::handOut));
        threads.execute(() -> repeat("the feed of Alertmanager", AlertmanagerFeed.RESEND, this::feed));
    }

    /** After a move or a restored database without its key: said at once, not when the first notice fails. */
    private void nameSealedElsewhere() {
        try {
            List<String> sealed = sealedElsewhere();
            if (!sealed.isEmpty()) {
                LOG.warn(
                        "nothing can be sent from here to {}: {}",
                        String.join(", ", sealed),
                        SecretBox.SEALED_ELSEWHERE);
            }
        } catch (DatabaseAway e) {
            LOG.info("receivers are not looked at: {}", e.getMessage());
        }
    }

    /** Receivers whose secrets this server's key does not open. */
    List<String> sealedElsewhere() {
        return new Directory(database.sql())
                .receivers().stream()
                        .filter(receiver -> !channels.opens(receiver))
                        .map(Receiver::name)
                        .toList();
    }

    /**
     * Tells every Alertmanager what stands; it forgets by itself what is not told again. And those who wait for our heartbeat
     * that all is well, while it is.
     */
    public void feed() {
        boolean well = router.isWell();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Receiver receiver : new Directory(database.sql()).receivers()) {
                if (receiver.disabled()) {
                    continue;
                }
                if (receiver.kind().equals("alertmanager")) {
                    List<Notice> standing = router.standing(receiver);
                    senders.execute(() -> note(receiver, channels.stand(receiver, standing)));
                } else if (receiver.kind().equals("heartbeat") && well) {
                    senders.execute(() -> note(receiver, channels.beat(receiver)));
                }
            }
        }
    }

    private void note(Receiver receiver, Delivery delivery) {
        counted.accept(receiver.name(), delivery instanceof Delivery.Delivered ? "delivered" : "failed");
        if (delivery instanceof Delivery.Failed failed) {
            LOG.warn("receiver {} took nothing: {}", receiver.name(), failed.why());
        }
    }

    /** One turn: what happened is routed, what is due is sent; returns when every attempt of it has ended. */
    public void turn() {
        handOut();
        while (!busy.isEmpty()) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Routes, and gives each receiver that is not busy its next notices; waits for none of them. */
    private void handOut() {
        List<Long> queued = router.turn();
        if (!queued.isEmpty()) {
            hints.tellNotifications(queued);
        }
        Map<Long, List<Deliveries.Leased>> byReceiver = new HashMap<>();
        deliveries
                .lease(EACH, busy)
                .forEach(n -> byReceiver
                        .computeIfAbsent(n.receiver(), r -> new ArrayList<>())
                        .add(n));
        byReceiver.forEach((receiver, notices) -> {
            busy.add(receiver);
            threads.execute(() -> {
                try {
                    send(receiver, notices);
                } catch (DatabaseAway e) {
                    LOG.warn("what receiver {} took is not noted: {}; it is sent again", receiver, e.getMessage());
                } catch (RuntimeException e) {
                    LOG.error("receiver {}: not sent; its notices are due again in a minute", receiver, e);
                } finally {
                    busy.remove(receiver);
                }
            });
        });
    }

    /** Sends a test notice now, past the outbox; what came back is the answer. What takes it is switched on again. */
    public Delivery test(long receiverId) {
        Receiver receiver = new Directory(database.sql()).receiver(receiverId).orElse(null);
        if (receiver == null) {
            return new Delivery.Failed(0, "there is no receiver " + receiverId, -1);
        }
        Delivery delivery =
                channels.send(receiver, Channels.test(clock.instant()), "test-" + receiverId + "-" + clock.millis());
        if (delivery instanceof Delivery.Delivered) {
            deliveries.isBack(receiverId);
        }
        return delivery;
    }

    @Override
    public void close() {
        closing = true;
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(20, TimeUnit.SECONDS)) {
                LOG.warn("alerting did not end within 20 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An absence of the database is logged when it begins, when its reason changes and when it is over. */
    private void repeat(String what, Duration pause, Runnable work) {
        String away = "";
        while (!closing) {
            Duration wait = pause;
            try {
                work.run();
                if (!away.isEmpty()) {
                    LOG.info("{} goes on: the database is back", what);
                    away = "";
                }
            } catch (DatabaseAway e) {
                if (closing) {
                    return;
                }
                String why = String.valueOf(e.getMessage());
                if (!why.equals(away)) {
                    LOG.warn("{} waits for the database: {}", what, why);
                }
                away = why;
                wait = PAUSE_WHEN_AWAY;
            } catch (RuntimeException e) {
                LOG.error("{} failed in this turn; the next one tries again", what, e);
                wait = PAUSE_WHEN_AWAY;
            }
            try {
                Thread.sleep(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void send(long receiverId, List<Deliveries.Leased> notices) {
        Receiver receiver = new Directory(database.sql()).receiver(receiverId).orElse(null);
        if (receiver == null) {
            return;
        }
        long begin = System.nanoTime();
        for (Deliveries.Leased leased : notices) {
            if (System.nanoTime() - begin > LEASE_USED.toNanos()) {
                deliveries.release(leased); // a slow receiver: its lease would run out under way
                continue;
            }
            Duration patience = Channels.patience(receiver);
            if (patience.compareTo(LEASE_LEFT) > 0) {
                deliveries.hold(leased, patience.plus(LEASE_LEFT));
            }
            Delivery delivery = channels.send(receiver, Json.read(leased.payload(), Notice.class), leased.key());
            switch (delivery) {
                case Delivery.Delivered _ -> {
                    counted.accept(receiver.name(), "delivered");
                    try {
                        deliveries.delivered(leased);
                    } catch (RuntimeException e) {
                        LOG.warn(
                                "receiver {} took notice {}, but that is not noted: {}; it goes out again under the same id",
                                receiver.name(),
                                leased.key(),
                                e.getMessage());
                        return;
                    }
                }
                case Delivery.Gone gone -> {
                    deliveries.gone(leased, gone.why());
                    notices.subList(notices.indexOf(leased) + 1, notices.size()).forEach(deliveries::release);
                    counted.accept(receiver.name(), "dead");
                    LOG.warn("receiver {} is switched off: {}", receiver.name(), gone.why());
                    return;
                }
                case Delivery.Failed _
                when closing -> {
                    notices.subList(notices.indexOf(leased), notices.size()).forEach(deliveries::release);
                    return; // we hung up, not the receiver
                }
                case Delivery.Failed failed -> {
                    boolean dead = Backoff.isOver(Duration.between(leased.createdAt(), clock.instant()));
                    Duration again = Backoff.after(failed, leased.attempts(), random);
                    if (failed.isRefusal()) {
                        deliveries.refused(leased, failed.why(), again, dead);
                    } else {
                        deliveries.failed(leased, failed.why(), again, dead, Backoff.pause(failed));
                    }
                    counted.accept(receiver.name(), dead ? "dead" : "failed");
                    LOG.warn(
                            "notice {} to receiver {} not delivered at attempt {}: {}",
                            leased.key(),
                            receiver.name(),
                            leased.attempts(),
                            failed.why());
                    if (!failed.isRefusal()) {
                        notices.subList(notices.indexOf(leased) + 1, notices.size())
                                .forEach(deliveries::release);
                        return; // the rest of its queue waits for a success
                    }
                }
            }
        }
    }
}
