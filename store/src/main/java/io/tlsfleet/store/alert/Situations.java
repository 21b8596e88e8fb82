package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How things stand for many causes at once: one question for the counts, one for the words. */
public final class Situations {
    private static final List<String> SEVERITIES = List.of("info", "low", "medium", "high", "critical");
    private static final int EXAMPLES = 5;

    private final Sql sql;

    public Situations(Sql sql) {
        this.sql = sql;
    }

    /** Of every cause that was asked for, in its order; {@link Situation#none} where nothing is found. */
    public Map<Cause, Situation> of(Collection<Cause> causes) {
        Map<Cause, Situation> all = new java.util.LinkedHashMap<>();
        if (causes.isEmpty()) {
            return all;
        }
        Map<Cause, List<Row>> rows = new HashMap<>();
        for (Row row : sql.rows(
                """
                SELECT f.rule, f.cause, t.owner, s.name AS site, t.policy, t.tags::text AS tags, count(DISTINCT t.id) AS endpoints,
                  count(*) FILTER (WHERE f.state = 'open') AS open, count(*) FILTER (WHERE f.state = 'acknowledged') AS acknowledged,
                  max(f.severity) FILTER (WHERE f.state = 'open')::text AS severity, max(f.severity)::text AS any_severity,
                  min(f.first_seen) AS since, min((f.evidence->>'notAfter')::timestamptz) FILTER (WHERE f.rule LIKE 'certificate.%%') AS ends,
                  bool_and(f.first_seen <= e.first_scan_at) AS fresh,
                  (array_agg(f.title ORDER BY f.severity DESC, f.id))[1] AS title,
                  (array_agg(f.detail ORDER BY f.severity DESC, f.id))[1] AS detail,
                  (array_agg(f.text_id ORDER BY f.severity DESC, f.id))[1] AS text_id,
                  (array_agg(t.id ORDER BY t.id))[1:%1$d] AS ids,
                  (array_agg(t.host || coalesce(':' || nullif(t.port, 0), '') ORDER BY t.id))[1:%1$d] AS names
                FROM finding f JOIN unnest($1::text[], $2::text[]) AS asked(rule, cause) ON asked.rule = f.rule AND asked.cause = f.cause
                  JOIN target t ON t.id = f.endpoint_id JOIN site s ON s.id = t.site_id JOIN endpoint e ON e.id = t.id
                WHERE f.state IN ('open', 'acknowledged') AND t.retired_at IS NULL
                GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6""".formatted(EXAMPLES),
                causes.stream().map(Cause::rule).toList(),
                causes.stream().map(Cause::cause).toList())) {
            rows.computeIfAbsent(
                            new Cause(Columns.text(row, "rule"), Columns.text(row, "cause")), c -> new ArrayList<>())
                    .add(row);
        }
        Map<Long, JsonNode> texts = texts(rows.values().stream()
                .map(r -> Columns.number(r.getFirst(), "text_id"))
                .distinct()
                .toList());
        for (Cause cause : causes) {
            List<Row> found = rows.get(cause);
            all.put(cause, found == null ? Situation.none(cause) : situation(found, texts));
        }
        return all;
    }

    /** Whose it was, of alerts that are over: those where it was found until now. */
    public Map<Cause, List<Situation.Group>> past(Collection<Instance> alerts) {
        Map<Cause, List<Situation.Group>> past = new HashMap<>();
        if (!alerts.isEmpty()) {
            sql.rows(
                            """
                            SELECT f.rule, f.cause, t.owner, s.name AS site, t.policy, t.tags::text AS tags, count(DISTINCT t.id) AS endpoints,
                              (array_agg(t.id ORDER BY t.id))[1:%1$d] AS ids, (array_agg(t.host || coalesce(':' || nullif(t.port, 0), '') ORDER BY t.id))[1:%1$d] AS names
                            FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS asked(rule, cause, since)
                              JOIN finding f ON f.rule = asked.rule AND f.cause = asked.cause AND f.state = 'resolved'
                                AND (f.resolved_at >= asked.since OR f.resolved_at > now() - interval '1 hour')
                              JOIN target t ON t.id = f.endpoint_id JOIN site s ON s.id = t.site_id
                            GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6""".formatted(EXAMPLES),
                            alerts.stream().map(a -> a.cause().rule()).toList(),
                            alerts.stream().map(a -> a.cause().cause()).toList(),
                            alerts.stream().map(Instance::since).toList())
                    .forEach(r -> past.computeIfAbsent(
                                    new Cause(Columns.text(r, "rule"), Columns.text(r, "cause")),
                                    c -> new ArrayList<>())
                            .add(group(r)));
        }
        return past;
    }

    private static Situation situation(List<Row> rows, Map<Long, JsonNode> texts) {
        int open = 0;
        int acknowledged = 0;
        String severity = null;
        String anySeverity = null;
        Instant since = null;
        Instant ends = null;
        boolean fresh = true;
        List<Situation.Group> groups = new ArrayList<>();
        for (Row row : rows) {
            open += Columns.integer(row, "open");
            acknowledged += Columns.integer(row, "acknowledged");
            severity = worse(severity, Columns.textOrNull(row, "severity"));
            anySeverity = worse(anySeverity, Columns.textOrNull(row, "any_severity"));
            since = earlier(since, Columns.instantOrNull(row, "since"));
            ends = earlier(ends, Columns.instantOrNull(row, "ends"));
            fresh &= Boolean.TRUE.equals(row.getBoolean("fresh"));
            groups.add(group(row));
        }
        Row first = rows.getFirst();
        return new Situation(
                open,
                acknowledged,
                severity == null ? anySeverity : severity,
                Columns.text(first, "title"),
                Columns.text(first, "detail"),
                texts.getOrDefault(Columns.number(first, "text_id"), JsonNodeFactory.instance.objectNode()),
                since,
                fresh,
                ends,
                groups);
    }

    private static Situation.Group group(Row row) {
        List<Situation.Example> examples = new ArrayList<>();
        Long[] ids = row.getArrayOfLongs("ids");
        List<String> names = Columns.texts(row, "names");
        for (int i = 0; i < names.size(); i++) {
            examples.add(new Situation.Example(ids[i], names.get(i)));
        }
        return new Situation.Group(
                Columns.textOrNull(row, "owner"),
                Columns.text(row, "site"),
                Columns.textOrNull(row, "policy"),
                Json.parse(Columns.text(row, "tags")),
                Columns.integer(row, "endpoints"),
                examples);
    }

    private Map<Long, JsonNode> texts(List<Long> ids) {
        Map<Long, JsonNode> texts = new HashMap<>();
        if (!ids.isEmpty()) {
            sql.rows("SELECT id, body::text AS body FROM finding_text WHERE id = ANY ($1)", ids)
                    .forEach(r -> texts.put(Columns.number(r, "id"), Json.parse(Columns.text(r, "body"))));
        }
        return texts;
    }

    private static @Nullable String worse(@Nullable String a, @Nullable String b) {
        return b == null || a != null && SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null || b != null && b.isBefore(a) ? b : a;
    }
}
