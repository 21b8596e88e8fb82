package io.tlsfleet.store.alerting;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;
import static io.tlsfleet.store.Columns.texts;

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
            int transitions,
            @Nullable String ackBy,
            @Nullable String ackReason,
            @Nullable Instant ackUntil,
            List<String> toldTo) {}

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

    public void acknowledged(long id, String by, String reason, @Nullable Instant until) {
        sql.change("""
                UPDATE alert SET state = 'acknowledged', due_at = NULL, digest = NULL, ack_by = $2, ack_reason = $3, ack_until = $4,
                  updated_at = now() WHERE id = $1 AND state <> 'resolved'""", id, by, reason, until);
    }

    /** Nobody has it in hand any more. */
    public void takenBack(long id) {
        sql.change("UPDATE alert SET due_at = now(), ack_until = NULL WHERE id = $1 AND state <> 'resolved'", id);
    }

    public Optional<Alert> find(long id) {
        return sql.row(SELECT + "WHERE id = $1", id).map(Alerts::alert);
    }

    /** {@code state}: one of the states, or {@code open} for all but resolved. */
    public record Filter(
            @Nullable String state,
            @Nullable String severity,
            @Nullable String rule) {
        boolean isOpen() {
            return "open".equals(state);
        }
    }

    /** What is open by severity and then the newest first, all else the newest first; below the place given. */
    public List<Alert> list(Filter filter, long before, int limit) {
        String place = filter.isOpen() ? PLACE : "id";
        return sql
                .rows(
                        SELECT + "WHERE " + place
                                + " < $1 AND ($2::text IS NULL OR CASE WHEN $2 = 'open' THEN state <> 'resolved' ELSE state = $2 END)"
                                + " AND ($3::text IS NULL OR severity = $3::severity) AND ($4::text IS NULL OR rule = $4)"
                                + " ORDER BY " + place + " DESC LIMIT $5",
                        before,
                        filter.state,
                        filter.severity,
                        filter.rule,
                        limit)
                .stream()
                .map(Alerts::alert)
                .toList();
    }

    /** Where an alert stands in that list. */
    public static long place(Filter filter, Alert alert) {
        return filter.isOpen() ? (SEVERITIES.indexOf(alert.severity) + 1L << SEVERITY_BITS) + alert.id : alert.id;
    }

    private static final List<String> SEVERITIES = List.of("info", "low", "medium", "high", "critical");
    private static final int SEVERITY_BITS = 48;
    private static final String PLACE =
            "((array_position(enum_range(NULL::severity), severity)::bigint << " + SEVERITY_BITS + ") + id)";
    private static final String SELECT =
            "SELECT id, cause, rule, severity::text AS severity, state, title, endpoints, since, resolved_at,"
                    + " last_notified_at, transitions, ack_by, ack_reason, ack_until,"
                    + " array(SELECT DISTINCT r.name FROM alert_told o JOIN receiver r ON r.id = o.receiver_id"
                    + " WHERE o.alert_id = alert.id ORDER BY 1) AS told FROM alert ";

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
                integer(row, "transitions"),
                textOrNull(row, "ack_by"),
                textOrNull(row, "ack_reason"),
                instantOrNull(row, "ack_until"),
                texts(row, "told"));
    }
}
