package io.tlsfleet.store.alerting;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.integer;
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

/** Who is told of what, and what nobody wants to hear for a while. Matchers and settings are the caller's JSON. */
public final class RoutingTable {
    private final Sql sql;

    public RoutingTable(Sql sql) {
        this.sql = sql;
    }

    public record Route(
            long id, int position, long receiverId, String receiver, JsonNode matchers, JsonNode settings) {}

    public record Silence(
            long id,
            JsonNode matchers,
            String reason,
            String createdBy,
            Instant createdAt,
            Instant startsAt,
            Instant endsAt) {}

    private static final String ROUTES =
            "SELECT o.id, o.position, o.receiver_id, r.name AS receiver, o.matchers::text AS matchers,"
                    + " o.settings::text AS settings FROM route o JOIN receiver r ON r.id = o.receiver_id ";

    /** In the order they are tried. */
    public List<Route> routes() {
        return sql.rows(ROUTES + "ORDER BY o.position, o.id").stream()
                .map(RoutingTable::route)
                .toList();
    }

    public Optional<Route> route(long id) {
        return sql.row(ROUTES + "WHERE o.id = $1", id).map(RoutingTable::route);
    }

    public long addRoute(int position, long receiver, JsonNode matchers, JsonNode settings) {
        return number(sql.one("""
                        INSERT INTO route (position, receiver_id, matchers, settings) VALUES ($1, $2, $3::text::jsonb, $4::text::jsonb)
                        RETURNING id""", position, receiver, Json.write(matchers), Json.write(settings)), "id");
    }

    public boolean changeRoute(long id, int position, long receiver, JsonNode matchers, JsonNode settings) {
        return sql.change("""
                        UPDATE route SET position = $2, receiver_id = $3, matchers = $4::text::jsonb, settings = $5::text::jsonb
                        WHERE id = $1""", id, position, receiver, Json.write(matchers), Json.write(settings)) > 0;
    }

    public boolean deleteRoute(long id) {
        return sql.change("DELETE FROM route WHERE id = $1", id) > 0;
    }

    private static final String SILENCES =
            "SELECT id, matchers::text AS matchers, reason, created_by, created_at, starts_at, ends_at FROM silence ";

    /** Those that end last first. */
    public List<Silence> silences() {
        return sql.rows(SILENCES + "ORDER BY ends_at DESC, id LIMIT 1000").stream()
                .map(RoutingTable::silence)
                .toList();
    }

    public Optional<Silence> silence(long id) {
        return sql.row(SILENCES + "WHERE id = $1", id).map(RoutingTable::silence);
    }

    public long addSilence(JsonNode matchers, String reason, String by, Instant from, Instant until) {
        return number(sql.one("""
                        INSERT INTO silence (matchers, reason, created_by, starts_at, ends_at) VALUES ($1::text::jsonb, $2, $3, $4, $5)
                        RETURNING id""", Json.write(matchers), reason, by, from, until), "id");
    }

    /** It is kept as long as it was in force. */
    public boolean endSilence(long id) {
        return sql.change("DELETE FROM silence WHERE id = $1 AND starts_at >= now()", id) > 0
                || sql.change(
                                "UPDATE silence SET ends_at = greatest(now(), starts_at + interval '1 ms') WHERE id = $1 AND ends_at > now()",
                                id)
                        > 0;
    }

    private static Route route(Row row) {
        return new Route(
                number(row, "id"),
                integer(row, "position"),
                number(row, "receiver_id"),
                text(row, "receiver"),
                json(row, "matchers"),
                json(row, "settings"));
    }

    private static Silence silence(Row row) {
        return new Silence(
                number(row, "id"),
                json(row, "matchers"),
                text(row, "reason"),
                text(row, "created_by"),
                instant(row, "created_at"),
                instant(row, "starts_at"),
                instant(row, "ends_at"));
    }
}
