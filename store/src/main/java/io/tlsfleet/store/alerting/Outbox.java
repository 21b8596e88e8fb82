package io.tlsfleet.store.alerting;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.json;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The delivery log. A notice's key is what the receiver sees, the same at every try. */
public final class Outbox {
    private final Sql sql;

    public Outbox(Sql sql) {
        this.sql = sql;
    }

    public record Notice(
            long id,
            String key,
            long receiverId,
            String receiver,
            JsonNode payload,
            String state,
            int attempts,
            Instant createdAt,
            @Nullable Instant nextAttemptAt,
            @Nullable Instant finishedAt,
            @Nullable String lastError) {}

    private static final String SELECT = """
            SELECT n.id, n.dedup_key, n.receiver_id, r.name AS receiver, n.payload::text AS payload, n.state, n.attempts, n.created_at,
              CASE WHEN n.state = 'pending' AND n.next_at < 'infinity' THEN n.next_at END AS next_at, n.finished_at, n.last_error
            FROM notification n JOIN receiver r ON r.id = n.receiver_id
            """;

    public long pending() {
        return number(
                sql.one("SELECT count(*) AS n FROM notification WHERE state = 'pending' AND next_at < 'infinity'"),
                "n");
    }

    /** Newest first, before the id given. */
    public List<Notice> list(@Nullable String state, @Nullable Long receiver, long before, int limit) {
        return sql.rows(SELECT + """
                                WHERE n.id < $1 AND ($2::text IS NULL OR n.state = $2) AND ($3::bigint IS NULL OR n.receiver_id = $3)
                                ORDER BY n.id DESC LIMIT $4""", before, state, receiver, limit).stream()
                .map(Outbox::notice)
                .toList();
    }

    public Optional<Notice> find(long id) {
        return sql.row(SELECT + "WHERE n.id = $1", id).map(Outbox::notice);
    }

    /** A dead notice is due again, with its own key. */
    public boolean replay(long id) {
        return sql.change("""
                        UPDATE notification SET state = 'pending', next_at = now(), attempts = 0, finished_at = NULL
                        WHERE id = $1 AND state = 'dead'""", id) > 0;
    }

    private static Notice notice(Row row) {
        return new Notice(
                number(row, "id"),
                text(row, "dedup_key"),
                number(row, "receiver_id"),
                text(row, "receiver"),
                json(row, "payload"),
                text(row, "state"),
                integer(row, "attempts"),
                instant(row, "created_at"),
                instantOrNull(row, "next_at"),
                instantOrNull(row, "finished_at"),
                textOrNull(row, "last_error"));
    }
}
