package io.tlsfleet.store.query;

import static io.tlsfleet.store.Columns.flag;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.jsonOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The estate as a whole: counts, curves, sites and workers, and what Prometheus is told. */
public final class Estate {
    /** Scanned more than two intervals ago; or due, and nobody is there to scan at its site. Of a {@code schedule sch}. */
    static final String STALE = """
            sch.last_at < now() - greatest(interval '10 min', interval '2 s' * sch.interval_seconds) OR sch.last_at IS NOT NULL AND sch.next_at < now()
              AND sch.site_id NOT IN (SELECT site_id FROM worker WHERE last_seen > now() - interval '90 s')""";

    private final Sql sql;

    public Estate(Sql sql) {
        this.sql = sql;
    }

    public record Endpoints(long total, long ok, long findings, long unreachable, long neverScanned) {}

    public record Expiry(String day, @Nullable String owner, long certificates) {}

    public record KeyExchange(long hybrid, long total) {}

    /** {@code asked}: endpoints whose versions were asked for, which at depth certificate nobody does. */
    public record Trend(String day, JsonNode protocols, long hybrid, long endpoints, long asked, long findings) {}

    /** One owner or one site; {@code name} is null for what has none. */
    public record Group(@Nullable String name, long endpoints, long critical, long high, long medium, long low) {}

    /** {@code stuck}: leases taken five times without a result. */
    public record Scanner(
            double scansPerSecond, long due, double oldestDueSeconds, long leasesHeld, long workers, long stuck) {}

    public record Site(
            String name,
            String description,

            @com.fasterxml.jackson.annotation.JsonProperty("private")
            boolean isPrivate,

            boolean paused,
            String state,
            @Nullable Instant lastHeard,
            long endpoints,
            long due,
            long stale,
            double oldestDueSeconds,
            long workers) {}

    public record Worker(
            String id,
            String site,
            String version,
            Instant startedAt,
            Instant lastSeen,
            int leasesHeld,
            long scans,
            double scansPerSecond) {}

    public record Fingerprint(
            String kind,
            String value,
            long endpoints,
            @Nullable String example,
            Instant firstSeen) {}

    /** One line of a per-endpoint metric. */
    public record Exported(
            long id,
            String name,
            @Nullable String owner,
            String site,
            @Nullable String grade,
            List<String> protocols,
            @Nullable Instant notAfter,
            @Nullable String keyType) {}

    public Endpoints endpoints() {
        Row row = sql.one("""
                SELECT count(*) AS total, count(*) FILTER (WHERE e.state = 'ok') AS ok, count(*) FILTER (WHERE e.state = 'findings') AS findings,
                  count(*) FILTER (WHERE e.state = 'unreachable') AS unreachable,
                  count(*) FILTER (WHERE coalesce(e.state, 'never-scanned') = 'never-scanned') AS never
                FROM target t LEFT JOIN endpoint e ON e.id = t.id WHERE t.retired_at IS NULL""");
        return new Endpoints(
                number(row, "total"),
                number(row, "ok"),
                number(row, "findings"),
                number(row, "unreachable"),
                number(row, "never"));
    }

    /** Scanned within a day, and answered. */
    public long seenLastDay() {
        return number(sql.one("""
                        SELECT count(*) AS n FROM schedule JOIN target t ON t.id = endpoint_id AND t.retired_at IS NULL
                        JOIN endpoint e ON e.id = t.id AND e.state <> 'unreachable'
                        WHERE last_at > now() - interval '1 day'"""), "n");
    }

    /** Endpoints with a finding of medium or worse that nobody acknowledged. */
    public long needAttention() {
        return number(sql.one("""
                        SELECT count(DISTINCT f.endpoint_id) AS n FROM finding f JOIN target t ON t.id = f.endpoint_id AND t.retired_at IS NULL
                        WHERE f.state = 'open' AND f.severity >= 'medium'"""), "n");
    }

    public long needAttentionWeekAgo() {
        return number(sql.one("""
                        SELECT count(DISTINCT f.endpoint_id) AS n FROM finding f JOIN target t ON t.id = f.endpoint_id AND t.retired_at IS NULL
                        WHERE f.severity >= 'medium' AND f.first_seen <= now() - interval '7 days'
                          AND (f.state <> 'resolved' OR f.resolved_at > now() - interval '7 days')"""), "n");
    }

    /** Facts that could not be told, and at how many endpoints. */
    public long[] unknown() {
        Row row = sql.one("""
                SELECT coalesce(sum(e.unknown_facts), 0)::bigint AS facts, count(*) FILTER (WHERE e.unknown_facts > 0) AS endpoints
                FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL""");
        return new long[] {number(row, "facts"), number(row, "endpoints")};
    }

    public SeverityCounts openFindings() {
        Map<String, Long> counts = counted(sql.rows("""
                SELECT f.severity::text AS key, count(*) AS n FROM finding f JOIN target t ON t.id = f.endpoint_id AND t.retired_at IS NULL
                WHERE f.state = 'open' GROUP BY 1"""));
        return new SeverityCounts(
                counts.getOrDefault("critical", 0L),
                counts.getOrDefault("high", 0L),
                counts.getOrDefault("medium", 0L),
                counts.getOrDefault("low", 0L),
                counts.getOrDefault("info", 0L));
    }

    public long acknowledgedFindings() {
        return number(sql.one("SELECT count(*) AS n FROM finding WHERE state = 'acknowledged'"), "n");
    }

    /** Leaves in use that end within so many days, by day and owner. */
    public List<Expiry> expiry(int days) {
        return sql.rows("""
                        SELECT (e.not_after AT TIME ZONE 'UTC')::date::text AS day, t.owner, count(DISTINCT e.leaf_sha256) AS n
                        FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL
                        WHERE e.not_after >= now() AND e.not_after < now() + make_interval(days => $1) GROUP BY 1, 2 ORDER BY 1, 2""", days).stream()
                .map(row -> new Expiry(text(row, "day"), textOrNull(row, "owner"), number(row, "n")))
                .toList();
    }

    /** Endpoints by the stage of their leaf. */
    public Map<String, Long> stages() {
        return counted(sql.rows("""
                SELECT expiry_stage(e.not_before, e.not_after, now()) AS key, count(*) AS n FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL
                WHERE e.not_after IS NOT NULL GROUP BY 1"""));
    }

    public Map<String, Long> protocols() {
        return counted(sql.rows("""
                SELECT p AS key, count(*) AS n FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL, unnest(e.protocols) p
                GROUP BY 1 ORDER BY 1"""));
    }

    public Map<String, Long> grades() {
        return counted(sql.rows("""
                SELECT e.grade AS key, count(*) AS n FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL
                WHERE e.grade IS NOT NULL GROUP BY 1 ORDER BY 1"""));
    }

    /** Of those that were asked for their versions and groups: at depth certificate nobody is. */
    public KeyExchange keyExchange() {
        Row row = sql.one("""
                SELECT count(*) FILTER (WHERE c.hybrid) AS hybrid, count(*) AS total
                FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL JOIN configuration c ON c.id = e.configuration_id
                WHERE cardinality(c.protocols) > 0""");
        return new KeyExchange(number(row, "hybrid"), number(row, "total"));
    }

    /** One line a day, oldest first. */
    public List<Trend> trend(int days) {
        Map<String, Trend> byDay = new LinkedHashMap<>();
        for (Row row : sql.rows(
                "SELECT day::text AS day, numbers::text AS numbers FROM trend WHERE day > current_date - $1::int ORDER BY day",
                days)) {
            JsonNode numbers = jsonOrNull(row, "numbers");
            if (numbers != null) {
                String day = text(row, "day");
                Trend one = new Trend(
                        day,
                        numbers.path("protocols"),
                        numbers.path("hybrid").asLong(),
                        numbers.path("endpoints").asLong(),
                        numbers.path("asked").asLong(numbers.path("endpoints").asLong()),
                        numbers.path("findings").asLong());
                byDay.merge(day, one, Estate::sum);
            }
        }
        return List.copyOf(byDay.values());
    }

    private static Trend sum(Trend a, Trend b) {
        var protocols = JsonNodeFactory.instance.objectNode();
        for (Trend trend : List.of(a, b)) {
            trend.protocols
                    .properties()
                    .forEach(p -> protocols.put(
                            p.getKey(),
                            protocols.path(p.getKey()).asLong() + p.getValue().asLong()));
        }
        return new Trend(
                a.day,
                protocols,
                a.hybrid + b.hybrid,
                a.endpoints + b.endpoints,
                a.asked + b.asked,
                a.findings + b.findings);
    }

    /** The owners with most that is wrong first. */
    public List<Group> owners(int limit) {
        return groups("t.owner", limit);
    }

    public List<Group> sites(int limit) {
        return groups("s.name", limit);
    }

    private List<Group> groups(String by, int limit) {
        return sql.rows("""
                        SELECT %s AS name, count(*) AS endpoints, coalesce(sum(e.open_critical), 0)::bigint AS critical,
                          coalesce(sum(e.open_high), 0)::bigint AS high, coalesce(sum(e.open_medium), 0)::bigint AS medium,
                          coalesce(sum(e.open_low), 0)::bigint AS low
                        FROM target t JOIN site s ON s.id = t.site_id LEFT JOIN endpoint e ON e.id = t.id WHERE t.retired_at IS NULL
                        GROUP BY 1 ORDER BY critical DESC, high DESC, medium DESC, low DESC, endpoints DESC, name LIMIT $1""".formatted(by), limit).stream()
                .map(row -> new Group(
                        textOrNull(row, "name"),
                        number(row, "endpoints"),
                        number(row, "critical"),
                        number(row, "high"),
                        number(row, "medium"),
                        number(row, "low")))
                .toList();
    }

    public Scanner scanner() {
        Row row = sql.one("""
                SELECT count(*) FILTER (WHERE next_at <= now() AND lease_until < now()) AS due,
                  coalesce(extract(epoch FROM now() - min(next_at) FILTER (WHERE next_at <= now() AND lease_until < now())), 0)::float8 AS oldest,
                  count(*) FILTER (WHERE lease_until > now()) AS held, count(*) FILTER (WHERE attempts >= 5) AS stuck,
                  (count(*) FILTER (WHERE last_at > now() - interval '1 minute') / 60.0)::float8 AS rate
                FROM schedule""");
        long workers = number(
                sql.one("SELECT count(*) AS n FROM worker WHERE last_seen > now() - interval '90 seconds'"), "n");
        return new Scanner(
                row.getDouble("rate"),
                number(row, "due"),
                row.getDouble("oldest"),
                number(row, "held"),
                workers,
                number(row, "stuck"));
    }

    public List<Site> sitesInFull() {
        return sql.rows("""
                        SELECT s.name, s.description, s.private, s.paused, count(sch.endpoint_id) AS endpoints,
                          count(*) FILTER (WHERE sch.next_at <= now() AND sch.lease_until < now()) AS due,
                          coalesce(extract(epoch FROM now() - min(sch.next_at) FILTER (WHERE sch.next_at <= now() AND sch.lease_until < now())), 0)::float8 AS oldest,
                          count(*) FILTER (WHERE :stale) AS stale,
                          (SELECT count(*) FROM worker w WHERE w.site_id = s.id AND w.last_seen > now() - interval '90 seconds') AS workers,
                          (SELECT max(w.last_seen) FROM worker w WHERE w.site_id = s.id) AS last_heard
                        FROM site s LEFT JOIN (schedule sch JOIN target t ON t.id = sch.endpoint_id AND t.retired_at IS NULL)
                          ON sch.site_id = s.id GROUP BY s.id ORDER BY s.name""".replace(":stale", STALE)).stream()
                .map(row -> new Site(
                        text(row, "name"),
                        text(row, "description"),
                        flag(row, "private"),
                        flag(row, "paused"),
                        state(flag(row, "paused"), row),
                        instantOrNull(row, "last_heard"),
                        number(row, "endpoints"),
                        number(row, "due"),
                        number(row, "stale"),
                        row.getDouble("oldest"),
                        number(row, "workers")))
                .toList();
    }

    /** A site with endpoints and without a worker says nothing of its endpoints: it is the site that is silent. */
    private static String state(boolean paused, Row row) {
        if (paused) {
            return "paused";
        }
        if (number(row, "workers") > 0) {
            return "scanning";
        }
        return number(row, "endpoints") == 0 ? "idle" : "silent";
    }

    public List<Worker> workers() {
        return sql.rows("""
                        SELECT w.id, s.name AS site, w.version, w.started_at, w.last_seen, w.leases_held, w.scans,
                          (w.scans / greatest(1, extract(epoch FROM w.last_seen - w.started_at)))::float8 AS rate
                        FROM worker w JOIN site s ON s.id = w.site_id WHERE w.last_seen > now() - interval '1 day' ORDER BY s.name, w.id LIMIT 1000""").stream()
                .map(row -> new Worker(
                        text(row, "id"),
                        text(row, "site"),
                        text(row, "version"),
                        instant(row, "started_at"),
                        instant(row, "last_seen"),
                        integer(row, "leases_held"),
                        number(row, "scans"),
                        row.getDouble("rate")))
                .toList();
    }

    /** Most common first. */
    public Page<Fingerprint> fingerprints(String kind, int limit, @Nullable String cursor) {
        Cursor from = Cursor.parse(cursor, 1);
        long offset = from == null ? 0 : Math.min(from.number(0), 100_000);
        List<Fingerprint> items = sql.rows("""
                        SELECT p.value, count(*) AS n, min(t.host || coalesce(':' || nullif(t.port, 0), '')) AS example, min(c.first_seen) AS first_seen
                        FROM configuration c JOIN endpoint e ON e.configuration_id = c.id JOIN target t ON t.id = e.id AND t.retired_at IS NULL
                          CROSS JOIN LATERAL (SELECT substr(f, length($1) + 2) AS value FROM unnest(c.fingerprints) f WHERE f LIKE $1 || ':%') p
                        GROUP BY p.value ORDER BY n DESC, p.value LIMIT $2 OFFSET $3""", kind, limit + 1, offset).stream()
                .map(row -> new Fingerprint(
                        kind,
                        text(row, "value"),
                        number(row, "n"),
                        textOrNull(row, "example"),
                        instant(row, "first_seen")))
                .toList();
        return Page.of(items, limit, last -> Cursor.of(offset + limit));
    }

    /** Open findings by rule and severity, and by owner and severity. */
    public Map<List<String>, Long> openByRule() {
        return pairs(
                "SELECT f.rule AS a, f.severity::text AS b, count(*) AS n FROM finding f"
                        + " JOIN target t ON t.id = f.endpoint_id AND t.retired_at IS NULL WHERE f.state <> 'resolved' GROUP BY 1, 2");
    }

    public Map<List<String>, Long> openByOwner() {
        return pairs(
                "SELECT coalesce(t.owner, '') AS a, f.severity::text AS b, count(*) AS n FROM finding f"
                        + " JOIN target t ON t.id = f.endpoint_id AND t.retired_at IS NULL WHERE f.state <> 'resolved' GROUP BY 1, 2");
    }

    private Map<List<String>, Long> pairs(String text) {
        Map<List<String>, Long> pairs = new LinkedHashMap<>();
        sql.rows(text).forEach(row -> pairs.put(List.of(text(row, "a"), text(row, "b")), number(row, "n")));
        return pairs;
    }

    /** At most so many endpoints that were scanned, the soonest to expire first. */
    public List<Exported> exported(int limit) {
        return sql.rows("""
                        SELECT t.id, t.host, t.port, t.sni, t.starttls, t.owner, s.name AS site, e.grade, e.protocols, e.not_after, e.key_type
                        FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL JOIN site s ON s.id = t.site_id
                        WHERE e.state <> 'never-scanned' ORDER BY e.not_after NULLS LAST, e.id LIMIT $1""", limit).stream()
                .map(row -> new Exported(
                        number(row, "id"),
                        EndpointName.of(
                                text(row, "host"),
                                integer(row, "port"),
                                textOrNull(row, "sni"),
                                textOrNull(row, "starttls")),
                        textOrNull(row, "owner"),
                        text(row, "site"),
                        textOrNull(row, "grade"),
                        io.tlsfleet.store.Columns.texts(row, "protocols"),
                        instantOrNull(row, "not_after"),
                        textOrNull(row, "key_type")))
                .toList();
    }

    private static Map<String, Long> counted(List<Row> rows) {
        Map<String, Long> counts = new LinkedHashMap<>();
        rows.forEach(row -> counts.put(text(row, "key"), number(row, "n")));
        return counts;
    }
}
