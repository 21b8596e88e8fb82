package io.tlsfleet.store.alerting;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;

import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Alerts: one for each cause, however many endpoints it touches. */
public final class Alerts {
    private final Sql sql;

    public Alerts(Sql sql) {
        this.sql = sql;
    }

    public record Alert(
            long id,
            String cause,
            String rule,
            String severity,
            String state,
            String title,
            int endpoints,
            Instant since,
            @Nullable Instant resolvedAt,
            @Nullable Instant lastNotifiedAt,
            int transitions) {}

    /** The findings of an alert that are not resolved. */
    public List<Long> findings(Alert alert) {
        return sql
                .rows(
                        "SELECT id FROM finding WHERE rule = $1 AND cause = $2 AND state <> 'resolved' ORDER BY id",
                        alert.rule,
                        alert.cause)
                .stream()
                .map(row -> number(row, "id"))
                .toList();
    }

    public void acknowledged(long id) {
        sql.change(
                "UPDATE alert SET state = 'acknowledged', updated_at = now() WHERE id = $1 AND state <> 'resolved'",
                id);
    }

    public Optional<Alert> find(long id) {
        return sql.row(SELECT + "WHERE id = $1", id).map(Alerts::alert);
    }

    /** Newest first, before the id given. */
    public List<Alert> list(@Nullable String state, long before, int limit) {
        return sql
                .rows(
                        SELECT + "WHERE id < $1 AND ($2::text IS NULL OR state = $2) ORDER BY id DESC LIMIT $3",
                        before,
                        state,
                        limit)
                .stream()
                .map(Alerts::alert)
                .toList();
    }

    private static final String SELECT =
            "SELECT id, cause, rule, severity::text AS severity, state, title, endpoints, since, resolved_at,"
                    + " last_notified_at, transitions FROM alert ";

    private static Alert alert(Row row) {
        return new Alert(
                number(row, "id"),
                text(row, "cause"),
                text(row, "rule"),
                text(row, "severity"),
                text(row, "state"),
                text(row, "title"),
                integer(row, "endpoints"),
                instant(row, "since"),
                instantOrNull(row, "resolved_at"),
                instantOrNull(row, "last_notified_at"),
                integer(row, "transitions"));
    }
}
