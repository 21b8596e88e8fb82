package io.tlsfleet.store.query;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.json;
import static io.tlsfleet.store.Columns.jsonOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Findings one by one, and by cause. */
public final class Findings {
    private final Sql sql;

    public Findings(Sql sql) {
        this.sql = sql;
    }

    /** Null {@code state}: open and acknowledged. {@code owned}: whether anybody is its owner. */
    public record Filter(
            @Nullable String state,
            @Nullable String severity,
            @Nullable String rule,
            @Nullable String cause,
            @Nullable Long endpoint,
            @Nullable String owner,
            @Nullable Boolean owned,
            @Nullable String site,
            List<String> tags,
            @Nullable String q) {
        public static Filter none() {
            return of(null, null);
        }

        public static Filter open() {
            return of("open", null);
        }

        public static Filter matching(String q) {
            return of(null, q);
        }

        private static Filter of(@Nullable String state, @Nullable String q) {
            return new Filter(state, null, null, null, null, null, null, null, List.of(), q);
        }
    }

    public record Acknowledgement(
            String by,
            String reason,
            @Nullable Instant until,
            @Nullable Instant at) {}

    /** As the HTTP API shows it. */
    public record Finding(
            long id,
            String rule,
            String severity,
            String state,
            String title,
            String detail,
            @Nullable String why,
            @Nullable String remedy,
            @Nullable JsonNode evidence,
            @Nullable String reproduce,
            List<String> references,
            String policy,
            String cause,
            long endpointId,
            String endpoint,
            @Nullable String owner,
            String site,
            JsonNode tags,
            Instant firstSeen,
            Instant lastSeen,
            @Nullable Instant resolvedAt,
            @Nullable Acknowledgement acknowledgement) {}

    public record Example(long findingId, long endpointId, String endpoint) {}

    /** What many endpoints share. */
    public record Cause(
            String cause,
            String rule,
            String severity,
            String title,
            String detail,
            @Nullable String remedy,
            long endpoints,
            long owners,
            Instant since,
            long endpointsWeekAgo,
            long acknowledged,
            List<Example> examples) {}

    private static final String SELECT = """
            SELECT f.id, f.rule, f.severity::text AS severity, f.state::text AS state, f.title, f.detail, f.evidence::text AS evidence,
              f.reproduce, f.policy, f.cause, f.endpoint_id, f.first_seen, f.resolved_at, f.ack_by, f.ack_reason, f.ack_at, f.ack_until,
              CASE WHEN f.state = 'resolved' THEN f.last_seen ELSE greatest(f.last_seen, sch.last_at) END AS last_seen,
              x.body::text AS body, t.host, t.port, t.sni, t.starttls, t.owner, s.name AS site, t.tags::text AS tags
            """;
    private static final String FROM = """
            FROM finding f JOIN target t ON t.id = f.endpoint_id AND t.retired_at IS NULL JOIN site s ON s.id = t.site_id
              JOIN finding_text x ON x.id = f.text_id LEFT JOIN schedule sch ON sch.endpoint_id = f.endpoint_id
            """;

    /** Worst first, then newest. */
    public Page<Finding> list(Filter filter, int limit, @Nullable String cursor) {
        Where where = where(filter);
        Cursor from = Cursor.parse(cursor, 2);
        if (from != null) {
            where.and("(f.severity, f.id) < (?::text::severity, ?)", from.text(0), from.number(1));
        }
        List<Finding> items = sql
                .rows(
                        SELECT + FROM + where.text() + " ORDER BY f.severity DESC, f.id DESC LIMIT " + (limit + 1),
                        where.parameters())
                .stream()
                .map(Findings::finding)
                .toList();
        return Page.of(items, limit, last -> Cursor.of(last.severity, last.id));
    }

    public Optional<Finding> find(long id) {
        return sql.row(SELECT + FROM + "WHERE f.id = $1", id).map(Findings::finding);
    }

    /** Worst first, then what touches most endpoints. */
    public Page<Cause> causes(Filter filter, int limit, @Nullable String cursor) {
        Cursor from = Cursor.parse(cursor, 1);
        long offset = from == null ? 0 : Math.min(from.number(0), 100_000);
        Where where = where(filter);
        String text = """
                WITH grouped AS (
                  SELECT f.rule, f.cause, max(f.severity) AS severity, count(DISTINCT f.endpoint_id) AS endpoints,
                    count(DISTINCT t.owner) AS owners, min(f.first_seen) AS since, min(f.id) AS example,
                    count(*) FILTER (WHERE f.state = 'acknowledged') AS acknowledged
                  %s
                  GROUP BY f.rule, f.cause ORDER BY max(f.severity) DESC, count(DISTINCT f.endpoint_id) DESC, f.rule, f.cause
                  LIMIT %d OFFSET %d)
                SELECT g.rule, g.cause, g.severity::text AS severity, g.endpoints, g.owners, g.since, g.acknowledged, f.title, f.detail,
                  x.body::text AS body,
                  (SELECT count(*) FROM finding w WHERE w.rule = g.rule AND w.cause = g.cause AND w.first_seen <= now() - interval '7 days'
                     AND (w.state <> 'resolved' OR w.resolved_at > now() - interval '7 days')) AS week_ago,
                  (SELECT jsonb_agg(jsonb_build_object('f', y.id, 'e', y.endpoint_id, 'host', t.host, 'port', t.port, 'sni', t.sni,
                      'starttls', t.starttls) ORDER BY y.id)::text
                   FROM (SELECT id, endpoint_id FROM finding z WHERE z.cause = g.cause AND z.rule = g.rule AND z.state <> 'resolved'
                         ORDER BY id LIMIT 5) y JOIN target t ON t.id = y.endpoint_id) AS examples
                FROM grouped g JOIN finding f ON f.id = g.example JOIN finding_text x ON x.id = f.text_id
                ORDER BY g.severity DESC, g.endpoints DESC, g.rule, g.cause
                """.formatted(FROM + where.text(), limit + 1, offset);
        List<Cause> items =
                sql.rows(text, where.parameters()).stream().map(Findings::cause).toList();
        return Page.of(items, limit, last -> Cursor.of(offset + limit));
    }

    private static Where where(Filter filter) {
        Where where = new Where();
        if (filter.state == null) {
            where.and("f.state <> 'resolved'");
        } else {
            where.and("f.state = ?::text::finding_state", filter.state);
        }
        where.andIf(filter.severity, "f.severity = ?::text::severity")
                .andIf(filter.rule, "f.rule = ?")
                .andIf(filter.cause, "f.cause = ?")
                .andIf(filter.endpoint, "f.endpoint_id = ?")
                .andIf(filter.owner, "t.owner = ?")
                .andIf(filter.owned, "(t.owner IS NOT NULL) = ?")
                .andIf(filter.site, "s.name = ?");
        if (!filter.tags.isEmpty()) {
            where.and("t.tag_pairs @> ?", filter.tags);
        }
        if (filter.q != null) {
            String like = Where.anywhere(filter.q.strip());
            where.and(
                    "(t.host ILIKE ? OR f.title ILIKE ? OR f.rule ILIKE ? OR f.detail ILIKE ?)",
                    like,
                    like,
                    like,
                    like);
        }
        return where;
    }

    private static Cause cause(Row row) {
        List<Example> examples = new ArrayList<>();
        JsonNode list = jsonOrNull(row, "examples");
        if (list != null) {
            for (JsonNode item : list) {
                examples.add(new Example(
                        item.path("f").asLong(),
                        item.path("e").asLong(),
                        EndpointName.of(
                                item.path("host").asText(),
                                item.path("port").asInt(),
                                item.path("sni").textValue(),
                                item.path("starttls").textValue())));
            }
        }
        return new Cause(
                text(row, "cause"),
                text(row, "rule"),
                text(row, "severity"),
                text(row, "title"),
                text(row, "detail"),
                json(row, "body").path("remedy").textValue(),
                number(row, "endpoints"),
                number(row, "owners"),
                instant(row, "since"),
                number(row, "week_ago"),
                number(row, "acknowledged"),
                examples);
    }

    private static Finding finding(Row row) {
        JsonNode body = json(row, "body");
        List<String> references = new ArrayList<>();
        body.path("references").forEach(reference -> references.add(reference.asText()));
        String state = text(row, "state");
        String by = textOrNull(row, "ack_by");
        return new Finding(
                number(row, "id"),
                text(row, "rule"),
                text(row, "severity"),
                state,
                text(row, "title"),
                text(row, "detail"),
                body.path("why").textValue(),
                body.path("remedy").textValue(),
                jsonOrNull(row, "evidence"),
                textOrNull(row, "reproduce"),
                references,
                text(row, "policy"),
                text(row, "cause"),
                number(row, "endpoint_id"),
                EndpointName.of(
                        text(row, "host"), integer(row, "port"), textOrNull(row, "sni"), textOrNull(row, "starttls")),
                textOrNull(row, "owner"),
                text(row, "site"),
                json(row, "tags"),
                instant(row, "first_seen"),
                instant(row, "last_seen"),
                instantOrNull(row, "resolved_at"),
                by == null || !state.equals("acknowledged")
                        ? null
                        : new Acknowledgement(
                                by,
                                String.valueOf(textOrNull(row, "ack_reason")),
                                instantOrNull(row, "ack_until"),
                                instantOrNull(row, "ack_at")));
    }
}
