package io.tlsfleet.store.query;

import static io.tlsfleet.store.Columns.hexOrNull;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.json;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;
import static io.tlsfleet.store.Columns.texts;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.inventory.TargetRows;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Endpoints with their state, by any filter. */
public final class Endpoints {
    private final Sql sql;

    public Endpoints(Sql sql) {
        this.sql = sql;
    }

    /** What is null is not asked for. {@code owned}: whether anybody is its owner. */
    public record Filter(
            @Nullable String q,
            @Nullable String state,
            @Nullable String owner,
            @Nullable Boolean owned,
            @Nullable String site,
            List<String> tags,
            @Nullable String policy,
            @Nullable String protocol,
            @Nullable String cipherSuite,
            @Nullable String group,
            @Nullable String grade,
            @Nullable String rule,
            @Nullable String cause,
            @Nullable String severity,
            @Nullable String atLeast,
            @Nullable String certificate,
            @Nullable String fingerprint,
            @Nullable Instant expiresBefore) {
        public static Filter none() {
            return of(null, List.of());
        }

        public static Filter tagged(String pair) {
            return of(null, List.of(pair));
        }

        public static Filter matching(String q) {
            return of(q, List.of());
        }

        private static Filter of(@Nullable String q, List<String> tags) {
            return new Filter(
                    q, null, null, null, null, tags, null, null, null, null, null, null, null, null, null, null, null,
                    null);
        }

        public Filter withoutFingerprint() {
            return new Filter(
                    q,
                    state,
                    owner,
                    owned,
                    site,
                    tags,
                    policy,
                    protocol,
                    cipherSuite,
                    group,
                    grade,
                    rule,
                    cause,
                    severity,
                    atLeast,
                    certificate,
                    null,
                    expiresBefore);
        }
    }

    public enum Sort {
        NAME("t.host", "t.id", "text", "ASC"),
        WORST("severity_rank(e.worst)", "e.id", "integer", "DESC"),
        EXPIRY("coalesce(e.not_after, 'infinity'::timestamptz)", "e.id", "timestamptz", "ASC"),
        /** The one order without an index: what each scan changes is not indexed. */
        LAST_SCAN("coalesce(sch.last_at, '-infinity')", "sch.endpoint_id", "timestamptz", "ASC");

        private final String key;
        private final String id;
        private final String type;
        private final String direction;

        Sort(String key, String id, String type, String direction) {
            this.key = key;
            this.id = id;
            this.type = type;
            this.direction = direction;
        }
    }

    /** As the HTTP API shows it; {@code addresses} is empty in lists. */
    public record Endpoint(
            long id,
            long targetId,
            String name,
            String host,
            int port,
            @Nullable String sni,
            @Nullable String starttls,
            String state,
            @Nullable String owner,
            String site,
            @Nullable String policy,
            JsonNode tags,
            @Nullable String depth,
            @Nullable Integer intervalSeconds,
            @Nullable String grade,
            @Nullable String worst,
            SeverityCounts findings,
            int unknown,
            List<String> protocols,
            @Nullable Instant notAfter,
            @Nullable String stage,
            @Nullable String certificate,
            @Nullable String keyType,
            @Nullable Instant lastScanAt,
            @Nullable Instant nextScanAt,
            boolean scanning,
            boolean stale,
            @Nullable String outcome,
            @Nullable String reason,
            @Nullable String detail,
            @Nullable Instant changedAt,
            List<Address> addresses) {}

    /** One member. {@code observation}: for the report of that very one. */
    public record Address(
            String address,
            Instant firstSeen,
            Instant lastSeen,
            String outcome,
            @Nullable String reason,
            String depth,
            int durationMillis,
            int connections,
            @Nullable String grade,
            @Nullable Long observation) {}

    private static final String SELECT =
            """
            SELECT t.id, t.host, t.port, t.sni, t.starttls, t.owner, s.name AS site, t.policy, t.tags::text AS tags,
              coalesce(t.depth::text, (:rule) ->> 'depth') AS depth, sch.interval_seconds, coalesce(e.state, 'never-scanned') AS state, e.outcome::text AS outcome,
              e.reason, e.detail, e.grade, e.worst::text AS worst, coalesce(e.open_info, 0) AS open_info,
              coalesce(e.open_low, 0) AS open_low, coalesce(e.open_medium, 0) AS open_medium, coalesce(e.open_high, 0) AS open_high,
              coalesce(e.open_critical, 0) AS open_critical, coalesce(e.unknown_facts, 0) AS unknown_facts,
              coalesce(e.protocols, '{}') AS protocols, e.not_after, expiry_stage(e.not_before, e.not_after, now()) AS stage, e.leaf_sha256, e.key_type, e.changed_at,
              sch.last_at, CASE WHEN isfinite(sch.next_at) THEN sch.next_at END AS next_at,
              coalesce(sch.lease_until > now(), false) AS scanning,
              coalesce(:stale, false) AS stale, (%s)::text AS sort_key
            FROM endpoint e JOIN target t ON t.id = e.id JOIN site s ON s.id = t.site_id
            JOIN schedule sch ON sch.endpoint_id = t.id
            """.replace(":rule", TargetRows.BY_RULE).replace(":stale", Estate.STALE);

    public Page<Endpoint> list(Filter filter, Sort sort, int limit, @Nullable String cursor) {
        Where where = where(filter);
        Cursor from = Cursor.parse(cursor, 2);
        if (from != null) {
            String later = sort.direction.equals("ASC") ? ">" : "<";
            where.and(
                    "(" + sort.key + ", " + sort.id + ") " + later + " (?::text::" + sort.type + ", ?)",
                    from.text(0),
                    from.number(1));
        }
        String text = SELECT.formatted(sort.key) + where.text() + " ORDER BY " + sort.key + " " + sort.direction + ", "
                + sort.id + " " + sort.direction + " LIMIT " + (limit + 1);
        List<Row> rows = sql.rows(text, where.parameters());
        List<Endpoint> items =
                rows.stream().map(row -> endpoint(row, List.of())).toList();
        if (rows.size() <= limit) {
            return Page.all(items);
        }
        Row last = rows.get(limit - 1);
        return new Page<>(
                items.subList(0, limit),
                Cursor.of(text(last, "sort_key"), number(last, "id")).text());
    }

    /** How many there are, at most so many. */
    public long count(Filter filter, long most) {
        Where where = where(filter);
        String text =
                "SELECT count(*) AS n FROM (SELECT FROM endpoint e JOIN target t ON t.id = e.id JOIN site s ON s.id = t.site_id "
                        + where.text() + " LIMIT " + most + ") counted";
        return number(sql.one(text, where.parameters()), "n");
    }

    public Optional<Endpoint> find(long id) {
        Where where = new Where().and("t.retired_at IS NULL").and("t.id = ?", id);
        return sql.row(SELECT.formatted("t.host") + where.text(), where.parameters())
                .map(row -> endpoint(row, addresses(id)));
    }

    /** The endpoints that HOST:PORT may mean, of any site, exact names first. */
    public List<Endpoint> named(String host, int port, @Nullable String sni, @Nullable String starttls) {
        Where where = new Where()
                .and("t.retired_at IS NULL")
                .and("t.host = ?", host)
                .and("t.port = ?", port)
                .andIf(sni, "coalesce(t.sni, t.host) = ?")
                .andIf(starttls, "t.starttls = ?");
        return sql
                .rows(
                        SELECT.formatted("t.host") + where.text()
                                + " ORDER BY t.sni NULLS FIRST, t.starttls NULLS FIRST, t.id LIMIT 10",
                        where.parameters())
                .stream()
                .map(row -> endpoint(row, List.of()))
                .toList();
    }

    public List<Address> addresses(long endpointId) {
        return sql.rows("""
                        SELECT address, first_seen, last_at, outcome::text AS outcome, reason, depth::text AS depth, duration_millis,
                          connections, grade, observation_id
                        FROM address_now WHERE endpoint_id = $1 AND address <> '' ORDER BY last_at DESC, address LIMIT 200""", endpointId).stream()
                .map(row -> new Address(
                        text(row, "address"),
                        instant(row, "first_seen"),
                        instant(row, "last_at"),
                        text(row, "outcome"),
                        textOrNull(row, "reason"),
                        text(row, "depth"),
                        integer(row, "duration_millis"),
                        integer(row, "connections"),
                        textOrNull(row, "grade"),
                        row.getLong("observation_id")))
                .toList();
    }

    /** As {@link PolicyBook#of} decides. */
    private static final String JUDGED_BY = """
            EXISTS (SELECT FROM (SELECT ?::text AS policy) w WHERE w.policy = ANY (regexp_split_to_array(t.policy, '[,;\\s]+'))
              OR t.policy IS NULL AND (EXISTS (SELECT FROM policy_assignment a WHERE a.policy = w.policy AND %1$s)
                OR w.policy = '%2$s' AND NOT EXISTS (SELECT FROM policy_assignment a WHERE %1$s)))""".formatted(
                    "(a.owner IS NULL OR a.owner = t.owner) AND (a.site IS NULL OR a.site = s.name)"
                            + " AND (a.tag IS NULL OR t.tag_pairs @> ARRAY[a.tag]) AND (a.host IS NULL OR lower(t.host) LIKE a.host_like)",
                    Policies.DEFAULT);

    static Where where(Filter filter) {
        Where where = new Where().and("t.retired_at IS NULL");
        if (filter.q != null) {
            String like = Where.anywhere(filter.q.strip());
            where.and("t.words LIKE lower(?)", like);
        }
        where.andIf(filter.state, "e.state = ?")
                .andIf(filter.owner, "t.owner = ?")
                .andIf(filter.owned, "(t.owner IS NOT NULL) = ?")
                .andIf(filter.site, "s.name = ?")
                .andIf(filter.policy, JUDGED_BY)
                .andIf(filter.protocol, "e.protocols @> ARRAY[?::text]")
                .andIf(filter.grade, "e.grade = ?")
                .andIf(filter.severity, "e.worst = ?::text::severity")
                .andIf(
                        filter.atLeast,
                        "EXISTS (SELECT FROM finding f WHERE f.endpoint_id = t.id AND f.state = 'open' AND f.severity >= ?::text::severity)")
                .andIf(filter.expiresBefore, "e.not_after < ?")
                .andIf(
                        filter.cipherSuite,
                        "e.configuration_id IN (SELECT id FROM configuration WHERE suites @> ARRAY[?::text])")
                .andIf(
                        filter.group,
                        "e.configuration_id IN (SELECT id FROM configuration WHERE groups @> ARRAY[?::text])")
                .andIf(
                        filter.cause == null ? filter.rule : null,
                        "EXISTS (SELECT FROM finding f WHERE f.endpoint_id = t.id AND f.rule = ? AND f.state <> 'resolved')");
        if (filter.cause != null) {
            where.and(
                    "EXISTS (SELECT FROM finding f WHERE f.endpoint_id = t.id AND f.cause = ? AND f.rule = coalesce(?::text, f.rule) AND f.state = 'open')",
                    filter.cause,
                    filter.rule);
        }
        if (!filter.tags.isEmpty()) {
            where.and("t.tag_pairs @> ?", filter.tags);
        }
        if (filter.fingerprint != null) {
            where.and(
                    "e.configuration_id IN (SELECT id FROM configuration WHERE fingerprints && ?)",
                    List.of(
                            "ja3s:" + filter.fingerprint,
                            "ja4s:" + filter.fingerprint,
                            "jarm:" + filter.fingerprint,
                            filter.fingerprint));
        }
        if (filter.certificate != null) {
            where.and(
                    "e.chain_id IN (SELECT chain_id FROM chain_certificate WHERE sha256 = ?)",
                    HexFormat.of().parseHex(filter.certificate));
        }
        return where;
    }

    private static Endpoint endpoint(Row row, List<Address> addresses) {
        long id = number(row, "id");
        return new Endpoint(
                id,
                id,
                EndpointName.of(
                        text(row, "host"), integer(row, "port"), textOrNull(row, "sni"), textOrNull(row, "starttls")),
                text(row, "host"),
                integer(row, "port"),
                textOrNull(row, "sni"),
                textOrNull(row, "starttls"),
                text(row, "state"),
                textOrNull(row, "owner"),
                text(row, "site"),
                textOrNull(row, "policy"),
                json(row, "tags"),
                textOrNull(row, "depth"),
                row.getInteger("interval_seconds"),
                textOrNull(row, "grade"),
                textOrNull(row, "worst"),
                counts(row),
                integer(row, "unknown_facts"),
                texts(row, "protocols"),
                instantOrNull(row, "not_after"),
                textOrNull(row, "stage"),
                hexOrNull(row, "leaf_sha256"),
                textOrNull(row, "key_type"),
                instantOrNull(row, "last_at"),
                instantOrNull(row, "next_at"),
                Boolean.TRUE.equals(row.getBoolean("scanning")),
                Boolean.TRUE.equals(row.getBoolean("stale")),
                textOrNull(row, "outcome"),
                textOrNull(row, "reason"),
                textOrNull(row, "detail"),
                instantOrNull(row, "changed_at"),
                addresses);
    }

    static SeverityCounts counts(Row row) {
        return new SeverityCounts(
                number(row, "open_critical"),
                number(row, "open_high"),
                number(row, "open_medium"),
                number(row, "open_low"),
                number(row, "open_info"));
    }
}
