package io.tlsfleet.store.query;

import static io.tlsfleet.store.Columns.hexOrNull;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.jsonOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;
import static io.tlsfleet.store.Columns.texts;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen when, and what changed. */
public final class History {
    private final Sql sql;

    public History(Sql sql) {
        this.sql = sql;
    }

    /** A run of equal results of one address; {@code id} names the observation, null when there was none. */
    public record Run(
            @Nullable Long id,
            String address,
            Instant firstSeen,
            Instant lastSeen,
            int scans,
            String outcome,
            @Nullable String reason,
            @Nullable String grade,
            List<String> protocols,
            @Nullable String certificate,
            int changes) {}

    /** {@code fact} is a JSON pointer into the report. */
    public record Change(
            long id,
            Instant at,
            long endpointId,
            String endpoint,
            String address,
            @Nullable String owner,
            String kind,
            String fact,
            @Nullable JsonNode before,
            @Nullable JsonNode after,
            String title,
            boolean weaker) {}

    public record ChangeFilter(
            @Nullable Long endpoint,
            @Nullable String kind,
            @Nullable String owner,
            @Nullable String q) {}

    /** Newest first. */
    public Page<Run> runs(long endpointId, @Nullable String address, int limit, @Nullable String cursor) {
        Where where = new Where().and("r.endpoint_id = ?", endpointId).andIf(address, "r.address = ?");
        Cursor from = Cursor.parse(cursor, 2);
        if (from != null) {
            where.and("(r.run_at, r.address) < (?::text::timestamptz, ?)", from.text(0), from.text(1));
        }
        List<Row> rows = sql.rows(
                """
                SELECT r.observation_id, r.address, r.run_at, coalesce(r.last_seen, a.last_at, r.run_at) AS last_seen,
                  coalesce(r.scans, a.scans, 1) AS scans, r.outcome::text AS outcome, r.reason, r.grade, r.protocols, r.leaf_sha256,
                  r.changes, r.run_at::text AS sort_key
                FROM scan_run r LEFT JOIN address_now a ON a.endpoint_id = r.endpoint_id AND a.address = r.address AND a.run_at = r.run_at
                """ + where.text() + " ORDER BY r.run_at DESC, r.address DESC LIMIT " + (limit + 1),
                where.parameters());
        List<Run> items = rows.stream()
                .map(row -> new Run(
                        row.getLong("observation_id"),
                        text(row, "address"),
                        instant(row, "run_at"),
                        instant(row, "last_seen"),
                        integer(row, "scans"),
                        text(row, "outcome"),
                        textOrNull(row, "reason"),
                        textOrNull(row, "grade"),
                        texts(row, "protocols"),
                        hexOrNull(row, "leaf_sha256"),
                        integer(row, "changes")))
                .toList();
        if (items.size() <= limit) {
            return Page.all(items);
        }
        Row last = rows.get(limit - 1);
        return new Page<>(
                items.subList(0, limit),
                Cursor.of(text(last, "sort_key"), text(last, "address")).text());
    }

    /** Newest first. */
    public Page<Change> changes(ChangeFilter filter, int limit, @Nullable String cursor) {
        Where where = new Where()
                .and("t.retired_at IS NULL")
                .andIf(filter.endpoint, "c.endpoint_id = ?")
                .andIf(filter.kind, "c.kind = ?")
                .andIf(filter.owner, "t.owner = ?");
        if (filter.q != null) {
            String like = Where.anywhere(filter.q.strip());
            where.and("(t.host ILIKE ? OR c.title ILIKE ?)", like, like);
        }
        Cursor from = Cursor.parse(cursor, 1);
        if (from != null) {
            where.and("c.id < ?", from.number(0));
        }
        List<Change> items =
                sql
                        .rows(CHANGES + where.text() + " ORDER BY c.id DESC LIMIT " + (limit + 1), where.parameters())
                        .stream()
                        .map(History::change)
                        .toList();
        return Page.of(items, limit, last -> Cursor.of(last.id));
    }

    /** Those that were written just now, in the order of their ids. */
    public List<Change> just(List<Long> ids) {
        return ids.isEmpty()
                ? List.of()
                : sql
                        .rows(
                                CHANGES + " WHERE c.id = ANY ($1) AND c.at > now() - interval '1 hour' ORDER BY c.id",
                                ids)
                        .stream()
                        .map(History::change)
                        .toList();
    }

    private static Change change(Row row) {
        return new Change(
                number(row, "id"),
                instant(row, "at"),
                number(row, "endpoint_id"),
                EndpointName.of(
                        text(row, "host"), integer(row, "port"), textOrNull(row, "sni"), textOrNull(row, "starttls")),
                text(row, "address"),
                textOrNull(row, "owner"),
                text(row, "kind"),
                text(row, "fact"),
                jsonOrNull(row, "before"),
                jsonOrNull(row, "after"),
                text(row, "title"),
                Boolean.TRUE.equals(row.getBoolean("weaker")));
    }

    private static final String CHANGES = """
            SELECT c.id, c.at, c.endpoint_id, c.address, c.kind, c.fact, c.before::text AS before, c.after::text AS after,
              c.title, c.weaker, t.host, t.port, t.sni, t.starttls, t.owner
            FROM change c JOIN target t ON t.id = c.endpoint_id
            """;
}
