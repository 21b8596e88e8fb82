package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Alerts within one transaction: all that routing reads and writes. */
public final class AlertRows {
    private static final int EXAMPLES = 5;
    private static final long ROUTING_LOCK = 0x746c73_616c6572L;

    private final Sql sql;

    public AlertRows(Sql sql) {
        this.sql = sql;
    }

    /** What one event of ingest was about. */
    public record Event(long id, String rule, String cause) {}

    /** True for the one who routes; others in other processes wait for the next turn. */
    public boolean lead() {
        return Columns.flag(sql.one("SELECT pg_try_advisory_xact_lock($1) AS mine", ROUTING_LOCK), "mine");
    }

    public List<Event> unrouted(int limit) {
        return sql
                .rows("SELECT id, rule, cause FROM alert_event WHERE routed_at IS NULL ORDER BY id LIMIT $1", limit)
                .stream()
                .map(r -> new Event(Columns.number(r, "id"), Columns.text(r, "rule"), Columns.text(r, "cause")))
                .toList();
    }

    public void routed(List<Event> events) {
        sql.change("UPDATE alert_event SET routed_at = now() WHERE id = ANY($1::bigint[])", (Object)
                events.stream().map(Event::id).toArray(Long[]::new));
    }

    public Optional<Instance> find(String rule, String cause) {
        return sql.row(INSTANCE + " WHERE rule = $1 AND cause = $2 FOR UPDATE", rule, cause)
                .map(AlertRows::instance);
    }

    /** Alerts that wait for their first notice, or whose notes say that something is due. */
    public List<Instance> inState(String state, int limit) {
        return sql.rows(INSTANCE + " WHERE state = $1 ORDER BY id LIMIT $2 FOR UPDATE", state, limit).stream()
                .map(AlertRows::instance)
                .toList();
    }

    public long put(
            String rule,
            String cause,
            String severity,
            String state,
            String title,
            int endpoints,
            int transitions,
            JsonNode notes) {
        return Columns.number(
                sql.one("""
                        INSERT INTO alert AS a (rule, cause, severity, state, title, endpoints, since, transitions, notes)
                        VALUES ($1, $2, $3::text::severity, $4, $5, $6, now(), $7, $8::text::jsonb)
                        ON CONFLICT (rule, cause) DO UPDATE SET severity = excluded.severity, title = excluded.title,
                          endpoints = excluded.endpoints, updated_at = now(), transitions = excluded.transitions, notes = excluded.notes,
                          since = CASE WHEN a.state = 'resolved' AND excluded.state <> 'resolved' THEN now() ELSE a.since END,
                          resolved_at = CASE WHEN excluded.state = 'resolved' THEN coalesce(a.resolved_at, now()) END,
                          state = excluded.state
                        RETURNING id""", rule, cause, severity, state, title, endpoints, transitions, Json.write(notes)), "id");
    }

    public void notified(long alert) {
        sql.change("UPDATE alert SET last_notified_at = now() WHERE id = $1", alert);
    }

    public Situation situation(String rule, String cause) {
        List<Row> rows = sql.rows("""
                SELECT t.owner, s.name AS site, t.policy, t.tags::text AS tags, count(*) AS endpoints,
                  count(*) FILTER (WHERE f.state = 'acknowledged') AS acknowledged, max(f.severity)::text AS severity,
                  min(f.first_seen) AS since, min(e.not_after) AS expiry,
                  bool_and(e.first_scan_at IS NULL OR f.first_seen <= e.first_scan_at) AS fresh,
                  (array_agg(f.title ORDER BY f.id))[1] AS title, (array_agg(f.detail ORDER BY f.id))[1] AS detail,
                  (array_agg(f.text_id ORDER BY f.id))[1] AS text_id,
                  (array_agg(t.id ORDER BY t.id))[1:%1$d] AS ids, (array_agg(t.host || ':' || t.port ORDER BY t.id))[1:%1$d] AS names
                FROM finding f JOIN target t ON t.id = f.endpoint_id JOIN site s ON s.id = t.site_id
                  LEFT JOIN endpoint e ON e.id = t.id
                WHERE f.rule = $1 AND f.cause = $2 AND f.state IN ('open', 'acknowledged') AND t.retired_at IS NULL
                GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""".formatted(EXAMPLES), rule, cause);
        int open = 0;
        int acknowledged = 0;
        List<Situation.Group> groups = new ArrayList<>();
        Row first = rows.isEmpty() ? null : rows.getFirst();
        String severity = null;
        Instant since = null;
        Instant expiry = null;
        boolean fresh = true;
        for (Row row : rows) {
            int all = Columns.integer(row, "endpoints");
            acknowledged += Columns.integer(row, "acknowledged");
            open += all - Columns.integer(row, "acknowledged");
            severity = worse(severity, Columns.text(row, "severity"));
            since = earlier(since, Columns.instant(row, "since"));
            expiry = earlier(expiry, Columns.instantOrNull(row, "expiry"));
            fresh &= Columns.flag(row, "fresh");
            List<Situation.Example> examples = new ArrayList<>();
            Long[] ids = row.getArrayOfLongs("ids");
            List<String> names = Columns.texts(row, "names");
            for (int i = 0; i < names.size(); i++) {
                examples.add(new Situation.Example(ids[i], names.get(i)));
            }
            groups.add(new Situation.Group(
                    Columns.textOrNull(row, "owner"),
                    Columns.text(row, "site"),
                    Columns.textOrNull(row, "policy"),
                    Json.parse(Columns.text(row, "tags")),
                    all,
                    examples));
        }
        return new Situation(
                open,
                acknowledged,
                severity,
                first == null ? rule : Columns.text(first, "title"),
                first == null ? "" : Columns.text(first, "detail"),
                first == null ? Json.parse("{}") : text(Columns.number(first, "text_id")),
                since,
                fresh,
                expiry,
                groups);
    }

    private JsonNode text(long id) {
        return Json.parse(
                Columns.text(sql.one("SELECT body::text AS body FROM finding_text WHERE id = $1", id), "body"));
    }

    /** An unsent firing notice of that alert is overtaken by what follows; answers whether one was waiting. */
    public boolean supersede(long alert, long receiver) {
        return sql.change("""
                UPDATE notification SET state = 'superseded', finished_at = now()
                WHERE receiver_id = $2 AND state = 'pending' AND lease_until < now() AND dedup_key LIKE $1""", "a" + alert + "-%", receiver) > 0;
    }

    /** Puts a notice into a receiver's queue; the key makes a second time harmless. Empty when it was there already. */
    public Optional<Long> enqueue(String key, long receiver, JsonNode payload) {
        return sql.row("""
                INSERT INTO notification (dedup_key, receiver_id, payload) VALUES ($1, $2, $3::text::jsonb)
                ON CONFLICT (dedup_key) DO NOTHING RETURNING id""", key, receiver, Json.write(payload)).map(r -> Columns.number(r, "id"));
    }

    /** Whether that receiver was told that the alert fires and has not been told that it is over. */
    public List<Long> toldOf(long alert) {
        return sql.rows("""
                SELECT DISTINCT receiver_id FROM notification
                WHERE dedup_key LIKE $1 AND state IN ('pending', 'delivered', 'superseded')""", "a" + alert + "-%").stream()
                .map(r -> Columns.number(r, "receiver_id"))
                .toList();
    }

    /** A site where work has been due for long and nothing is completed. */
    public record Stalled(String site, long due, long oldestSeconds) {}

    public List<Stalled> stalled(long seconds) {
        return sql.rows("""
                        SELECT s.name AS site, count(*) FILTER (WHERE c.next_at < now() - make_interval(secs => $1)) AS due,
                          coalesce(extract(epoch FROM now() - min(c.next_at))::bigint, 0) AS oldest
                        FROM schedule c JOIN site s ON s.id = c.site_id
                        WHERE NOT s.paused AND c.next_at < 'infinity'
                        GROUP BY s.name
                        HAVING count(*) FILTER (WHERE c.next_at < now() - make_interval(secs => $1)) > 0
                          AND coalesce(max(c.last_at), '-infinity') < now() - make_interval(secs => $1)""", (double) seconds).stream()
                .map(r -> new Stalled(Columns.text(r, "site"), Columns.number(r, "due"), Columns.number(r, "oldest")))
                .toList();
    }

    /** Alerts that were over within the last minutes, for those who must hear it more than once. */
    public List<Instance> resolvedWithin(long seconds) {
        return sql
                .rows(
                        INSTANCE
                                + " WHERE state = 'resolved' AND resolved_at > now() - make_interval(secs => $1) ORDER BY id LIMIT 5000",
                        (double) seconds)
                .stream()
                .map(AlertRows::instance)
                .toList();
    }

    /** Share of endpoints, in percent, that turned unreachable within the last quarter of an hour, by site. */
    public Map<String, Integer> newlyUnreachable() {
        Map<String, Integer> shares = new LinkedHashMap<>();
        for (Row row : sql.rows("""
                SELECT s.name AS site, 100 * count(*) FILTER (WHERE e.state = 'unreachable' AND e.changed_at > now() - interval '15 min')
                  / greatest(count(*), 1) AS share
                FROM endpoint e JOIN target t ON t.id = e.id JOIN site s ON s.id = t.site_id
                WHERE t.retired_at IS NULL GROUP BY 1 HAVING count(*) >= 10""")) {
            shares.put(Columns.text(row, "site"), Columns.integer(row, "share"));
        }
        return shares;
    }

    private static final String INSTANCE = """
            SELECT id, rule, cause, severity::text AS severity, state, title, endpoints, since, last_notified_at, transitions,
              notes::text AS notes FROM alert""";

    private static Instance instance(Row row) {
        return new Instance(
                Columns.number(row, "id"),
                Columns.text(row, "rule"),
                Columns.text(row, "cause"),
                Columns.text(row, "severity"),
                Columns.text(row, "state"),
                Columns.text(row, "title"),
                Columns.integer(row, "endpoints"),
                Columns.instant(row, "since"),
                Columns.instantOrNull(row, "last_notified_at"),
                Columns.integer(row, "transitions"),
                Json.parse(Columns.text(row, "notes")));
    }

    private static String worse(@Nullable String a, String b) {
        List<String> order = List.of("info", "low", "medium", "high", "critical");
        return a != null && order.indexOf(a) >= order.indexOf(b) ? a : b;
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null ? b : b == null || a.isBefore(b) ? a : b;
    }
}
