package io.tlsfleet.store.alert;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Alerts and the events they come from, within one transaction. All of it by the batch. */
public final class AlertRows {
    private static final long ROUTING_LOCK = 0x746c73_616c6572L;

    private final Sql sql;

    public AlertRows(Sql sql) {
        this.sql = sql;
    }

    /**
     * What ingest said. {@code was}: the cause before, of a finding that moved; {@code judgedAnew}: the facts are those of
     * the last time.
     */
    public record Event(
            long id,
            String kind,
            Cause cause,
            String severity,
            @Nullable String was,
            boolean judgedAnew) {}

    /** True for the one who routes; others in other processes wait for the next turn. */
    public boolean lead() {
        return Columns.flag(sql.one("SELECT pg_try_advisory_xact_lock($1) AS mine", ROUTING_LOCK), "mine");
    }

    public List<Event> unrouted(int limit) {
        return sql.rows("""
                        SELECT id, kind, rule, cause, severity::text AS severity, was, judged_anew FROM alert_event
                        WHERE routed_at IS NULL ORDER BY id LIMIT $1""", limit).stream()
                .map(r -> new Event(
                        Columns.number(r, "id"),
                        Columns.text(r, "kind"),
                        new Cause(Columns.text(r, "rule"), Columns.text(r, "cause")),
                        Columns.text(r, "severity"),
                        Columns.textOrNull(r, "was"),
                        Columns.flag(r, "judged_anew")))
                .toList();
    }

    public void routed(List<Event> events) {
        sql.change(
                "UPDATE alert_event SET routed_at = now() WHERE id = ANY ($1)",
                events.stream().map(Event::id).toList());
    }

    public Map<Cause, Instance> find(Collection<Cause> causes) {
        Map<Cause, Instance> found = new HashMap<>();
        if (!causes.isEmpty()) {
            sql.rows(
                            INSTANCE
                                    + " JOIN unnest($1::text[], $2::text[]) AS asked(rule, cause) ON asked.rule = a.rule AND asked.cause = a.cause"
                                    + " ORDER BY a.id FOR UPDATE OF a",
                            causes.stream().map(Cause::rule).toList(),
                            causes.stream().map(Cause::cause).toList())
                    .forEach(r -> found.put(cause(r), instance(r)));
        }
        return found;
    }

    /** Alerts at which something is due, the longest waiting first. */
    public List<Instance> due(Instant now, int limit) {
        return instances(" WHERE a.due_at <= $1 ORDER BY a.due_at LIMIT $2 FOR UPDATE OF a", now, limit);
    }

    /** Alerts that wait for a digest. */
    public List<Instance> digests(int limit) {
        return instances(" WHERE a.digest IS NOT NULL ORDER BY a.id LIMIT $1 FOR UPDATE OF a", limit);
    }

    /** How many alerts wait for a digest, and when the first and the latest of them began or ended. */
    public record Waiting(long count, Instant first, Instant latest) {}

    public Waiting waiting() {
        Row row = sql.one("""
                SELECT count(*) AS n, coalesce(min(coalesce(resolved_at, since)), now()) AS first,
                  coalesce(max(coalesce(resolved_at, since)), now()) AS latest FROM alert WHERE digest IS NOT NULL""");
        return new Waiting(Columns.number(row, "n"), Columns.instant(row, "first"), Columns.instant(row, "latest"));
    }

    public void digested(List<Instance> alerts) {
        sql.change(
                "UPDATE alert SET digest = NULL, last_notified_at = now() WHERE id = ANY ($1)",
                alerts.stream().map(Instance::id).toList());
    }

    public List<Instance> inState(String state, int limit) {
        return instances(" WHERE a.state = $1 ORDER BY a.id LIMIT $2", state, limit);
    }

    public List<Instance> ofRule(String rule) {
        return instances(" WHERE a.rule = $1 AND a.state <> 'resolved' ORDER BY a.id FOR UPDATE OF a", rule);
    }

    /** Alerts that ended since, for those who must hear it more than once. */
    public List<Instance> resolvedSince(Instant since, int limit) {
        return instances(" WHERE a.state = 'resolved' AND a.resolved_at > $1 ORDER BY a.id LIMIT $2", since, limit);
    }

    private List<Instance> instances(String where, Object... parameters) {
        return sql.rows(INSTANCE + where, parameters).stream()
                .map(AlertRows::instance)
                .toList();
    }

    /** The finding of one cause moved to another and none stayed: the alert goes along, with all that was told of it. */
    public void move(Instance alert, Cause to) {
        sql.change("UPDATE alert SET cause = $2, updated_at = now() WHERE id = $1", alert.id(), to.cause());
    }

    /** Writes them as they are now, new ones too; answers their ids. */
    public Map<Cause, Long> put(List<Instance> alerts) {
        Map<Cause, Long> ids = new HashMap<>();
        if (alerts.isEmpty()) {
            return ids;
        }
        for (Row row : sql.rows(
                """
                INSERT INTO alert AS a (rule, cause, severity, state, title, endpoints, since, resolved_at, transitions, due_at, digest, notes)
                SELECT rule, cause, severity::severity, state, title, endpoints, since, resolved_at, transitions, due_at, digest, notes::jsonb
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[], $8::timestamptz[],
                  $9::int[], $10::timestamptz[], $11::text[], $12::text[])
                  AS u(rule, cause, severity, state, title, endpoints, since, resolved_at, transitions, due_at, digest, notes)
                ON CONFLICT (rule, cause) DO UPDATE SET severity = excluded.severity, state = excluded.state, title = excluded.title,
                  endpoints = excluded.endpoints, since = excluded.since, resolved_at = excluded.resolved_at,
                  transitions = excluded.transitions, due_at = excluded.due_at, digest = excluded.digest, notes = excluded.notes,
                  updated_at = now(), ack_by = CASE WHEN excluded.state = 'acknowledged' THEN a.ack_by END,
                  ack_reason = CASE WHEN excluded.state = 'acknowledged' THEN a.ack_reason END,
                  ack_until = CASE WHEN excluded.state = 'acknowledged' THEN a.ack_until END
                RETURNING a.id, a.rule, a.cause""",
                texts(alerts, a -> a.cause().rule()),
                texts(alerts, a -> a.cause().cause()),
                texts(alerts, Instance::severity),
                texts(alerts, Instance::state),
                texts(alerts, Instance::title),
                alerts.stream().map(Instance::endpoints).toArray(Integer[]::new),
                times(alerts, Instance::since),
                times(alerts, Instance::resolvedAt),
                alerts.stream().map(Instance::transitions).toArray(Integer[]::new),
                times(alerts, Instance::dueAt),
                texts(alerts, Instance::digest),
                texts(alerts, a -> Json.write(a.notes())))) {
            ids.put(cause(row), Columns.number(row, "id"));
        }
        return ids;
    }

    public void notified(Collection<Long> alerts) {
        if (!alerts.isEmpty()) {
            sql.change("UPDATE alert SET last_notified_at = now() WHERE id = ANY ($1)", List.copyOf(alerts));
        }
    }

    /** Those of these causes whose end only one scan of some endpoint has shown yet. */
    public Set<Cause> endedOnceOnly(Collection<Instance> alerts) {
        Set<Cause> once = new HashSet<>();
        if (!alerts.isEmpty()) {
            sql.rows(
                            """
                            SELECT DISTINCT f.rule, f.cause FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS asked(rule, cause, since)
                            JOIN finding f ON f.rule = asked.rule AND f.cause = asked.cause AND f.state = 'resolved' AND f.resolved_at >= asked.since
                            JOIN target t ON t.id = f.endpoint_id AND t.retired_at IS NULL
                            JOIN schedule s ON s.endpoint_id = f.endpoint_id
                            WHERE s.last_at <= f.resolved_at AND f.resolved_at > now() - interval '1 day'""",
                            alerts.stream().map(a -> a.cause().rule()).toList(),
                            alerts.stream().map(a -> a.cause().cause()).toList(),
                            alerts.stream().map(Instance::since).toList())
                    .forEach(r -> once.add(cause(r)));
        }
        return once;
    }

    /** Until when somebody has these in hand, where that time is not over. */
    public Map<Cause, Instant> acknowledgedUntil(Collection<Instance> alerts, Instant now) {
        Map<Cause, Instant> until = new HashMap<>();
        if (!alerts.isEmpty()) {
            sql.rows(
                            "SELECT rule, cause, ack_until FROM alert WHERE id = ANY ($1) AND ack_until > $2",
                            alerts.stream().map(Instance::id).toList(),
                            now)
                    .forEach(r -> until.put(cause(r), Columns.instant(r, "ack_until")));
        }
        return until;
    }

    /** Routes, silences or acknowledgements changed: what is not over is looked at again. */
    public void lookAgain() {
        sql.change("UPDATE alert SET due_at = now() WHERE state IN ('firing', 'silenced') AND rule NOT LIKE 'fleet.%'");
    }

    private static final String INSTANCE = """
            SELECT a.id, a.rule, a.cause, a.severity::text AS severity, a.state, a.title, a.endpoints, a.since, a.resolved_at,
              a.transitions, a.due_at, a.digest, a.notes::text AS notes FROM alert a""";

    private static Cause cause(Row row) {
        return new Cause(Columns.text(row, "rule"), Columns.text(row, "cause"));
    }

    private static Instance instance(Row row) {
        return new Instance(
                Columns.number(row, "id"),
                cause(row),
                Columns.text(row, "severity"),
                Columns.text(row, "state"),
                Columns.text(row, "title"),
                Columns.integer(row, "endpoints"),
                Columns.instant(row, "since"),
                Columns.instantOrNull(row, "resolved_at"),
                Columns.integer(row, "transitions"),
                Columns.instantOrNull(row, "due_at"),
                Columns.textOrNull(row, "digest"),
                Json.parse(Columns.text(row, "notes")));
    }

    private static String[] texts(List<Instance> alerts, java.util.function.Function<Instance, @Nullable String> part) {
        return alerts.stream().map(part).toArray(String[]::new);
    }

    private static @Nullable Instant[] times(
            List<Instance> alerts, java.util.function.Function<Instance, @Nullable Instant> part) {
        return alerts.stream().map(part).toArray(Instant[]::new);
    }
}
