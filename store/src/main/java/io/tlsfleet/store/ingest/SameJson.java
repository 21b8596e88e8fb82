package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether two texts are the same JSON, though the database writes it in another order: few pairs, asked for again and again. */
final class SameJson {
    private static final int MOST = 4_000;
    private static final int LONGEST = 4_000;

    private record Pair(String a, String b) {}

    private final Map<Pair, Boolean> known = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Pair, Boolean> eldest) {
            return size() > MOST;
        }
    };

    boolean test(@Nullable String a, @Nullable String b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        if (a.equals(b)) {
            return true;
        }
        Pair pair = new Pair(a, b);
        synchronized (known) {
            Boolean same = known.get(pair);
            if (same != null) {
                return same;
            }
        }
        boolean same = Json.parse(a).equals(Json.parse(b));
        if (a.length() + b.length() < LONGEST) {
            synchronized (known) {
                known.put(pair, same);
            }
        }
        return same;
    }
}
