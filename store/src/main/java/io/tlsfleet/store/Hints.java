package io.tlsfleet.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.vertx.core.Vertx;
import io.vertx.pgclient.pubsub.PgSubscriber;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * That something happened, to whoever listens now: ids, no content, and no promise. One that is lost costs a page a
 * second of age.
 */
public final class Hints {
    private static final Logger LOG = LoggerFactory.getLogger(Hints.class);
    private static final String CHANNEL = "tlsfleet";
    /** A notification holds at most 8,000 bytes; ids have up to twenty. */
    private static final int MOST = 350;

    private static final long PAUSE_NANOS = 100_000_000;

    private final Database database;
    private final List<Long> repeated = new ArrayList<>();
    private long toldAt = System.nanoTime() - PAUSE_NANOS;

    public Hints(Database database) {
        this.database = database;
    }

    /** Ids of endpoints that were scanned, and of findings and changes that are new or different. */
    public record Hint(List<Long> scans, List<Long> findings, List<Long> changes, List<Long> notifications) {}

    public void tell(Collection<Long> scans, Collection<Long> findings, Collection<Long> changes) {
        send(scans, findings, changes, List.of());
    }

    /** Scans that brought nothing new: ten times a second, those in between with the next, so that a fast fleet is no flood. */
    public void tellRepeated(Collection<Long> scans) {
        List<Long> now;
        synchronized (repeated) {
            scans.stream().limit(Math.max(0, MOST - repeated.size())).forEach(repeated::add);
            if (System.nanoTime() - toldAt < PAUSE_NANOS) {
                return;
            }
            toldAt = System.nanoTime();
            now = List.copyOf(repeated);
            repeated.clear();
        }
        tell(now, List.of(), List.of());
    }

    public void tellNotifications(Collection<Long> notifications) {
        send(List.of(), List.of(), List.of(), notifications);
    }

    private void send(
            Collection<Long> scans,
            Collection<Long> findings,
            Collection<Long> changes,
            Collection<Long> notifications) {
        ObjectNode hint = JsonNodeFactory.instance.objectNode();
        int room = fill(
                hint,
                "notifications",
                notifications,
                fill(hint, "findings", findings, fill(hint, "changes", changes, MOST)));
        fill(hint, "scans", scans, room);
        if (hint.isEmpty()) {
            return;
        }
        database.say(
                        "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)",
                        CHANNEL,
                        hint.toString())
                .onFailure(e -> LOG.debug("a hint was lost: {}", e.getMessage()));
    }

    private static int fill(ObjectNode hint, String name, Collection<Long> ids, int room) {
        if (!ids.isEmpty() && room > 0) {
            ArrayNode array = hint.putArray(name);
            ids.stream().limit(room).forEach(array::add);
        }
        return Math.max(0, room - ids.size());
    }

    /** Listens on a connection of its own, dialled again for ever; {@code close} of the answer ends it. */
    public static AutoCloseable listen(Vertx vertx, DatabaseAddress address, Consumer<Hint> listener) {
        PgSubscriber subscriber = PgSubscriber.subscriber(vertx, Database.connectOptions(address));
        subscriber.reconnectPolicy(attempt -> Math.min(5_000L, 100L << Math.min(attempt, 6)));
        subscriber.channel(CHANNEL).handler(text -> listener.accept(read(text)));
        subscriber.connect().onFailure(e -> LOG.warn("hints of {} cannot be heard: {}", address, e.getMessage()));
        return () -> Sql.await(subscriber.close());
    }

    private static Hint read(String text) {
        var json = Json.parse(text);
        return new Hint(ids(json, "scans"), ids(json, "findings"), ids(json, "changes"), ids(json, "notifications"));
    }

    private static List<Long> ids(com.fasterxml.jackson.databind.JsonNode json, String name) {
        List<Long> ids = new ArrayList<>();
        json.path(name).forEach(id -> ids.add(id.longValue()));
        return ids;
    }
}
