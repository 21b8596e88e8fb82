package io.tlsfleet.store.ingest;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
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

    /** By what is stored now; nothing of keys that no endpoint serves. */
    static Map<String, Use> counted(Sql sql, List<String> keys) {
        Map<String, Use> use = new HashMap<>();
        if (!keys.isEmpty()) {
            for (Row row : sql.rows("""
                    SELECT k.spki, u.ids, u.endpoints, u.owners, u.examples
                    FROM unnest($1::text[]) AS k(spki) CROSS JOIN LATERAL (
                      SELECT count(*)::int AS endpoints, coalesce(array_agg(DISTINCT x.owner) FILTER (WHERE x.owner IS NOT NULL), '{}') AS owners,
                        (array_agg(x.name ORDER BY x.name))[1:5] AS examples, array_agg(x.id) AS ids
                      FROM (SELECT DISTINCT t.id, t.owner, t.host || coalesce(':' || nullif(t.port, 0), '') AS name FROM certificate c
                        JOIN chain_certificate cc ON cc.sha256 = c.sha256 AND cc.position = 0
                        JOIN endpoint e ON e.chain_id = cc.chain_id JOIN target t ON t.id = e.id AND t.retired_at IS NULL
                        WHERE c.spki_sha256 = decode(k.spki, 'hex') LIMIT 1000) x) u
                    WHERE u.endpoints > 0""", keys)) {
                use.put(
                        Columns.text(row, "spki"),
                        new Use(
                                Columns.integer(row, "endpoints"),
                                Set.of(row.getArrayOfLongs("ids")),
                                Set.copyOf(Columns.texts(row, "owners")),
                                Columns.texts(row, "examples")));
            }
        }
        return use;
    }
}
