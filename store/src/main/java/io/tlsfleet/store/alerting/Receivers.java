package io.tlsfleet.store.alerting;

import static io.tlsfleet.store.Columns.bytes;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.json;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where notices go. What is secret is sealed by the caller before it gets here. */
public final class Receivers {
    private final Sql sql;

    public Receivers(Sql sql) {
        this.sql = sql;
    }

    public record Receiver(
            long id,
            String name,
            String kind,
            JsonNode settings,
            byte[] sealed,
            Instant createdAt,
            @Nullable Instant disabledAt,
            @Nullable Instant failingSince,
            long pending) {}

    private static final String SELECT = """
            SELECT r.id, r.name, r.kind, r.settings::text AS settings, r.secret, r.created_at, r.disabled_at, r.failing_since,
              (SELECT count(*) FROM notification n WHERE n.receiver_id = r.id AND n.state = 'pending') AS pending FROM receiver r
            """;

    public long add(String name, String kind, JsonNode settings, byte[] sealed) {
        return number(
                sql.one(
                        "INSERT INTO receiver (name, kind, settings, secret) VALUES ($1, $2, $3::text::jsonb, $4) RETURNING id",
                        name,
                        kind,
                        Json.write(settings),
                        sealed),
                "id");
    }

    public boolean change(long id, String name, String kind, JsonNode settings, byte[] sealed) {
        return sql.change("""
                        UPDATE receiver SET name = $2, kind = $3, settings = $4::text::jsonb, secret = $5, disabled_at = NULL,
                          failing_since = NULL, probe_at = NULL WHERE id = $1""", id, name, kind, Json.write(settings), sealed) > 0;
    }

    public boolean delete(long id) {
        return sql.change("DELETE FROM receiver WHERE id = $1", id) > 0;
    }

    public List<Receiver> list() {
        return sql.rows(SELECT + "ORDER BY r.id").stream()
                .map(Receivers::receiver)
                .toList();
    }

    public Optional<Receiver> find(long id) {
        return sql.row(SELECT + "WHERE r.id = $1", id).map(Receivers::receiver);
    }

    public List<String> names() {
        return sql.rows("SELECT name FROM receiver ORDER BY name LIMIT 100").stream()
                .map(row -> text(row, "name"))
                .toList();
    }

    private static Receiver receiver(Row row) {
        return new Receiver(
                number(row, "id"),
                text(row, "name"),
                text(row, "kind"),
                json(row, "settings"),
                bytes(row, "secret"),
                instant(row, "created_at"),
                instantOrNull(row, "disabled_at"),
                instantOrNull(row, "failing_since"),
                number(row, "pending"));
    }
}
