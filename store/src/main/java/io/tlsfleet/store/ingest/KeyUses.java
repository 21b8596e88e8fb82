package io.tlsfleet.store.ingest;

import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Which endpoints serve a key, remembered for a minute while a whole fleet is judged again: a wildcard's key comes in every
 * batch, and counting its endpoints costs more than judging them. What a scan brings asks anew.
 */
final class KeyUses {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final int MOST = 50_000;

    private final LongSupplier nanos;
    private final Map<String, Known> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST;
        }
    };

    private record Known(Optional<Row> row, long at) {}

    KeyUses(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** {@code ask} answers only for keys that some endpoint serves. */
    Map<String, Row> of(List<String> keys, Function<List<String>, Map<String, Row>> ask) {
        Map<String, Row> use = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        long now = nanos.getAsLong();
        synchronized (known) {
            for (String key : keys) {
                Known before = known.get(key);
                if (before == null || now - before.at > MINUTE_NANOS) {
                    unknown.add(key);
                } else {
                    before.row.ifPresent(row -> use.put(key, row));
                }
            }
        }
        Map<String, Row> asked = ask.apply(unknown);
        use.putAll(asked);
        synchronized (known) {
            for (String key : unknown) {
                known.remove(key);
                known.put(key, new Known(Optional.ofNullable(asked.get(key)), now));
            }
        }
        return use;
    }
}
