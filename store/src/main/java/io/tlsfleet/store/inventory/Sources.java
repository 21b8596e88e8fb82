package io.tlsfleet.store.inventory;

import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;

import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where targets come from again and again, and what each source named last. */
public final class Sources {
    private static final int PERCENT = 10;

    private final Sql sql;

    public Sources(Sql sql) {
        this.sql = sql;
    }

    /** {@code heldAt}: when it last would have retired too many, unless somebody has agreed since. */
    public record Source(
            String name,
            long targets,
            @Nullable Instant syncedAt,
            @Nullable Instant heldAt,
            @Nullable Integer heldRetire,
            @Nullable Integer heldOf) {}

    /** {@code gone}: of {@code known} targets this source no longer names so many; {@code retire}: those that nobody else names. */
    public record Step(long known, long gone, List<Long> retire) {
        public boolean isTooMany() {
            return gone * 100 > known * PERCENT;
        }
    }

    /** What the target's own column says when a source brought it. */
    public static String label(String source) {
        return "source " + source;
    }

    /** What would follow if the source named just these. */
    public Step compare(String source, Collection<Long> named) {
        Long[] ids = named.toArray(Long[]::new);
        long known = number(
                sql.one(
                        "SELECT count(*) AS n FROM source_target m JOIN target t ON t.id = m.target_id AND t.retired_at IS NULL WHERE m.source = $1",
                        source),
                "n");
        List<Long> gone = sql.rows("""
                        SELECT m.target_id AS id FROM source_target m JOIN target t ON t.id = m.target_id AND t.retired_at IS NULL
                        WHERE m.source = $1 AND NOT EXISTS (SELECT FROM unnest($2::bigint[]) AS n(id) WHERE n.id = m.target_id) ORDER BY 1""", source, ids).stream()
                .map(row -> number(row, "id"))
                .toList();
        Long[] those = gone.toArray(Long[]::new);
        List<Long> retire = sql.rows("""
                        SELECT t.id FROM target t WHERE t.id = ANY ($1) AND t.source LIKE 'source %'
                          AND NOT EXISTS (SELECT FROM source_target m WHERE m.target_id = t.id AND m.source <> $2) ORDER BY 1""", those, source).stream()
                .map(row -> number(row, "id"))
                .toList();
        return new Step(known, gone.size(), retire);
    }

    /** From now on the source names just these; what nobody names any more is retired. */
    public void take(String source, Collection<Long> named, Step step) {
        add(source, named);
        sql.change("UPDATE source SET held_at = NULL, held_retire = NULL, held_of = NULL WHERE name = $1", source);
        sql.change(
                "DELETE FROM source_target m WHERE m.source = $1 AND NOT EXISTS (SELECT FROM unnest($2::bigint[]) AS n(id) WHERE n.id = m.target_id)",
                source,
                named.toArray(Long[]::new));
        new Targets(sql).retire(step.retire());
    }

    /** The source names these, and what it named before. */
    public void add(String source, Collection<Long> named) {
        sql.change(
                "INSERT INTO source (name, synced_at) VALUES ($1, now()) ON CONFLICT (name) DO UPDATE SET synced_at = now()",
                source);
        sql.change(
                "INSERT INTO source_target (source, target_id) SELECT $1, id FROM unnest($2::bigint[]) AS n(id) ON CONFLICT DO NOTHING",
                source,
                named.toArray(Long[]::new));
    }

    /** That it waits for a person. */
    public void hold(String source, Step step) {
        sql.change(
                "UPDATE source SET held_at = now(), held_retire = $2, held_of = $3 WHERE name = $1",
                source,
                (int) step.gone(),
                (int) step.known());
    }

    public List<Source> list() {
        return sql.rows("""
                        SELECT s.name, s.synced_at, s.held_at, s.held_retire, s.held_of,
                          (SELECT count(*) FROM source_target m JOIN target t ON t.id = m.target_id AND t.retired_at IS NULL WHERE m.source = s.name) AS targets
                        FROM source s ORDER BY s.name LIMIT 1000""").stream()
                .map(row -> new Source(
                        text(row, "name"),
                        number(row, "targets"),
                        instantOrNull(row, "synced_at"),
                        instantOrNull(row, "held_at"),
                        row.getInteger("held_retire"),
                        row.getInteger("held_of")))
                .toList();
    }
}
