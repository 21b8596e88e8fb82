package io.tlsfleet.store.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Which endpoints serve a key, remembered for a minute while a whole fleet is judged again: a wildcard's key comes in every
 * batch, and counting its endpoints costs more than judging them. What a scan brings asks anew, but of keys that {@link #MANY}
 * share.
 */
final class KeyUses {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final int MOST = 50_000;

    private static final int MANY = 100;

    private final LongSupplier nanos;
    private final int least;
    private final Map<String, Known> known;

    /** {@code ids} of up to a thousand endpoints, {@code examples} of their names. */
    record Use(int endpoints, Set<Long> ids, Set<String> owners, List<String> examples) {}

    private record Known(Optional<Use> use, long at) {
        int endpoints() {
            return use.map(Use::endpoints).orElse(0);
        }
    }

    KeyUses(LongSupplier nanos) {
        this(nanos, 0, new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
                return size() > MOST;
            }
        });
    }

    private KeyUses(LongSupplier nanos, int least, Map<String, Known> known) {
        this.nanos = nanos;
        this.least = least;
        this.known = known;
    }

    /** The same memory, for one who takes from it only what many share. */
    KeyUses ofMany() {
        return new KeyUses(nanos, MANY, known);
    }

    /** {@code ask} answers only for keys that some endpoint serves. */
    Map<String, Use> of(List<String> keys, Function<List<String>, Map<String, Use>> ask) {
        Map<String, Use> use = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        long now = nanos.getAsLong();
        synchronized (known) {
            for (String key : keys) {
                Known before = known.get(key);
                if (before == null || now - before.at > MINUTE_NANOS || before.endpoints() < least) {
                    unknown.add(key);
                } else {
                    before.use.ifPresent(one -> use.put(key, one));
                }
            }
        }
        Map<String, Use> asked = ask.apply(unknown);
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
