package io.tlsfleet.api.live;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.Hints;
import io.tlsfleet.store.alerting.Outbox;
import io.tlsfleet.store.query.Endpoints;
import io.tlsfleet.store.query.Findings;
import io.tlsfleet.store.query.History;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread reads what the hints name and writes it to all who listen. Nothing is kept for whoever is away, and a hint
 * too many is dropped: pages read again what they show.
 */
public final class LiveEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveEvents.class);
    private static final int MOST_HINTS = 1_000;
    private static final int MOST_OF_EACH = 50;
    private static final int MOST_LISTENERS = 1_000;
    private static final int KEEP_ALIVE_SECONDS = 15;

    private final Database database;
    private final InstantSource clock;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Hints.Hint> hints = new ArrayBlockingQueue<>(MOST_HINTS);
    private final Thread thread;
    private volatile boolean stopping;

    /** Takes text in the format of event streams; answers whether it still listens. */
    @FunctionalInterface
    public interface Listener {
        boolean take(String text);
    }

    public LiveEvents(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("live-events").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Any thread; never waits. */
    public void hear(Hints.Hint hint) {
        if (!listeners.isEmpty() && !hints.offer(hint)) {
            LOG.debug("a hint too many was dropped");
        }
    }

    /** False when too many listen already. */
    public boolean add(Listener listener) {
        if (listeners.size() >= MOST_LISTENERS) {
            return false;
        }
        listeners.add(listener);
        return true;
    }

    public void remove(Listener listener) {
        listeners.remove(listener);
    }

    private void run() {
        while (!stopping) {
            try {
                Hints.Hint hint = hints.poll(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
                if (hint == null) {
                    tell(": still here\n\n");
                } else {
                    tell(hint);
                }
            } catch (DatabaseAway e) {
                LOG.debug("events wait for the database: {}", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.warn("an event was lost", e);
            }
        }
    }

    private void tell(Hints.Hint hint) {
        Endpoints endpoints = new Endpoints(database.sql());
        for (long id : some(hint.scans())) {
            endpoints.find(id).ifPresent(endpoint -> {
                Map<String, @Nullable Object> data = new LinkedHashMap<>();
                data.put("endpointId", id);
                data.put("targetId", endpoint.targetId());
                data.put("endpoint", endpoint.name());
                data.put("phase", "finished");
                data.put("outcome", endpoint.outcome());
                data.put("state", endpoint.state());
                data.put("at", clock.instant());
                event("scan", data);
            });
        }
        for (long id : some(hint.findings())) {
            new Findings(database.sql()).find(id).ifPresent(finding -> {
                Map<String, @Nullable Object> data = new LinkedHashMap<>();
                data.put("id", id);
                data.put("endpointId", finding.endpointId());
                data.put("endpoint", finding.endpoint());
                data.put("rule", finding.rule());
                data.put("severity", finding.severity());
                data.put("state", finding.state());
                data.put("title", finding.title());
                data.put("at", clock.instant());
                event("finding", data);
            });
        }
        for (History.Change change : new History(database.sql()).just(some(hint.changes()))) {
            Map<String, @Nullable Object> data = new LinkedHashMap<>();
            data.put("id", change.id());
            data.put("endpointId", change.endpointId());
            data.put("endpoint", change.endpoint());
            data.put("kind", change.kind());
            data.put("title", change.title());
            data.put("at", change.at());
            event("change", data);
        }
        for (long id : some(hint.notifications())) {
            new Outbox(database.sql()).find(id).ifPresent(notice -> {
                Map<String, @Nullable Object> data = new LinkedHashMap<>();
                data.put("id", id);
                data.put("receiver", notice.receiver());
                data.put("outcome", notice.state());
                data.put("at", clock.instant());
                event("notification", data);
            });
        }
    }

    private static List<Long> some(List<Long> ids) {
        return ids.size() > MOST_OF_EACH ? ids.subList(0, MOST_OF_EACH) : ids;
    }

    private void event(String name, Map<String, ? extends @Nullable Object> data) {
        tell("event: " + name + "\ndata: " + Json.write(data) + "\n\n");
    }

    private void tell(String text) {
        listeners.removeIf(listener -> !listener.take(text));
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
    }
}
