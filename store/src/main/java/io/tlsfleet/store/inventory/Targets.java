package io.tlsfleet.store.inventory;

import static io.tlsfleet.store.Columns.flag;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.json;
import static io.tlsfleet.store.Columns.jsonOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;
import static io.tlsfleet.store.Columns.texts;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Targets as they are kept. Every call works on one connection; the caller says where a transaction begins and ends. */
public final class Targets {
    /** Once a day, when nobody said otherwise. */
    public static final int DEFAULT_INTERVAL_SECONDS = 86_400;

    private final Sql sql;

    public Targets(Sql sql) {
        this.sql = sql;
    }

    /**
     * A target as it is kept; {@code id} is its endpoint's, too. {@code byRule}: what rules say where it is silent, or would.
     * {@code sources}: those that name it, each of which writes it whole with every sync.
     */
    public record Kept(
            long id,
            String host,
            int port,
            @Nullable String sni,
            @Nullable String starttls,
            List<String> addresses,
            JsonNode tags,
            @Nullable String owner,
            String site,
            @Nullable String policy,
            @Nullable Integer intervalSeconds,
            @Nullable String depth,
            @Nullable JsonNode byRule,
            List<String> sources,
            Instant createdAt,
            Instant updatedAt) {}

    /** {@code added}: it was not there; {@code changed}: it was, and differed. */
    public record Put(long id, boolean added, boolean changed) {}

    public record Filter(
            @Nullable String q,
            @Nullable String owner,
            @Nullable String site,
            List<String> tags) {}

    /** Sites that are known by name. */
    public Set<String> sites() {
        return sql.rows("SELECT name FROM site").stream()
                .map(row -> text(row, "name"))
                .collect(Collectors.toSet());
    }

    /**
     * Adds or updates, in the order given. New ones are due at once. The same target given twice counts once; the later
     * one wins.
     */
    public List<Put> put(List<Target> targets, String defaultSite, @Nullable String source) {
        Map<String, Integer> lastOf = new HashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            lastOf.put(key(targets.get(i), defaultSite), i);
        }
        List<Target> distinct = new ArrayList<>();
        Map<String, Integer> indexOf = new HashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            String key = key(targets.get(i), defaultSite);
            if (Objects.requireNonNull(lastOf.get(key)) == i) {
                indexOf.put(key, distinct.size());
                distinct.add(targets.get(i));
            }
        }
        List<Put> written = write(distinct, defaultSite, source);
        Set<Integer> told = new HashSet<>();
        List<Put> puts = new ArrayList<>();
        for (Target target : targets) {
            int index = Objects.requireNonNull(indexOf.get(key(target, defaultSite)));
            Put put = written.get(index);
            puts.add(told.add(index) ? put : new Put(put.id, false, put.changed));
        }
        return puts;
    }

    private List<Put> write(List<Target> targets, String defaultSite, @Nullable String source) {
        List<Row> rows = sql.rows(
                """
                WITH given AS (
                  SELECT g.*, s.id AS site_id FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::text[], $9::text[], $10::int[], $11::text[])
                    WITH ORDINALITY AS g(host, port, sni, starttls, addresses, tags, owner, site, policy, interval_seconds, depth, place)
                  JOIN site s ON s.name = g.site),
                before AS (
                  SELECT g.place, t.id FROM given g JOIN target t ON t.host = g.host AND t.port = g.port AND t.sni IS NOT DISTINCT FROM g.sni
                    AND t.starttls IS NOT DISTINCT FROM g.starttls AND t.site_id = g.site_id AND t.retired_at IS NULL),
                put AS (
                  INSERT INTO target AS t (site_id, host, port, sni, starttls, addresses, tags, owner, policy, interval_seconds, depth, source)
                  SELECT site_id, host, port, sni, starttls, ARRAY(SELECT jsonb_array_elements_text(addresses::jsonb)), tags::jsonb, owner,
                    policy, interval_seconds, depth::scan_depth, $12 FROM given ORDER BY host, port
                  ON CONFLICT ON CONSTRAINT target_is_one DO UPDATE SET addresses = excluded.addresses, tags = excluded.tags,
                    owner = excluded.owner, policy = excluded.policy, interval_seconds = excluded.interval_seconds, depth = excluded.depth,
                    retired_at = NULL, claimed = true, updated_at = now()
                  WHERE (t.addresses, t.tags, t.owner, t.policy, t.interval_seconds, t.depth, t.retired_at, t.claimed)
                    IS DISTINCT FROM (excluded.addresses, excluded.tags, excluded.owner, excluded.policy, excluded.interval_seconds,
                      excluded.depth, NULL, true)
                  RETURNING id, host, port, sni, starttls, site_id)
                SELECT g.place, coalesce(p.id, b.id) AS id, b.id IS NULL AS added, p.id IS NOT NULL AS changed, g.site_id,
                  g.interval_seconds, g.addresses, g.host
                FROM given g LEFT JOIN before b ON b.place = g.place
                  LEFT JOIN put p ON p.host = g.host AND p.port = g.port AND p.sni IS NOT DISTINCT FROM g.sni
                    AND p.starttls IS NOT DISTINCT FROM g.starttls AND p.site_id = g.site_id
                ORDER BY g.place""",
                list(targets, Target::host),
                targets.stream().map(Target::port).toArray(Integer[]::new),
                list(targets, Target::sni),
                list(targets, Target::starttls),
                list(targets, t -> Json.write(t.addresses())),
                list(targets, t -> Json.write(t.tags())),
                list(targets, Target::owner),
                list(targets, t -> t.site() == null ? defaultSite : t.site()),
                list(targets, Target::policy),
                targets.stream().map(Target::intervalSeconds).toArray(Integer[]::new),
                list(targets, t -> depth(t.depth())),
                source);
        if (rows.size() != targets.size()) {
            throw new IllegalArgumentException("a site is not known here");
        }
        List<Put> puts = rows.stream()
                .map(row -> new Put(number(row, "id"), flag(row, "added"), !flag(row, "added") && flag(row, "changed")))
                .toList();
        schedule(puts.stream()
                .filter(put -> put.added || put.changed)
                .map(Put::id)
                .toList());
        return puts;
    }

    /** New ones are due now; a change of the interval is kept, what was retired comes back, and what is said of others now is judged with their next scan. */
    private void schedule(List<Long> ids) {
        if (ids.isEmpty()) {
            return;
        }
        sql.change("INSERT INTO endpoint (id) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING", ids);
        sql.change(
                "UPDATE address SET judged_until = '-infinity' WHERE endpoint_id = ANY ($1) AND judged_until > '-infinity'",
                ids);
        sql.change("""
                INSERT INTO schedule AS s (endpoint_id, interval_seconds, site_id)
                SELECT t.id, %s, t.site_id FROM target t WHERE t.id = ANY ($2) ORDER BY t.id
                ON CONFLICT (endpoint_id) DO UPDATE SET interval_seconds = excluded.interval_seconds, site_id = excluded.site_id,
                  next_at = CASE WHEN isfinite(s.next_at) THEN least(s.next_at, now() + make_interval(secs => excluded.interval_seconds))
                    ELSE now() END""".formatted(INTERVAL), DEFAULT_INTERVAL_SECONDS, ids);
    }

    /** In the order of the ids, as far as they are there. */
    public List<Kept> find(List<Long> ids) {
        Map<Long, Kept> found = new HashMap<>();
        sql.rows(SELECT + "WHERE t.retired_at IS NULL AND t.id = ANY ($1)", ids).forEach(row -> {
            Kept kept = kept(row);
            found.put(kept.id, kept);
        });
        return ids.stream().map(found::get).filter(java.util.Objects::nonNull).toList();
    }

    public Optional<Kept> find(long id) {
        return find(List.of(id)).stream().findFirst();
    }

    /** As {@link #find(long)}, and nobody else changes it before the transaction ends. */
    public Optional<Kept> locked(long id) {
        sql.rows("SELECT FROM target WHERE id = $1 FOR UPDATE", id);
        return find(id);
    }

    /** By id, after the one given. */
    public List<Kept> list(Filter filter, long after, int limit) {
        String q = filter.q == null
                ? null
                : "%"
                        + filter.q
                                .strip()
                                .replace("\\", "\\\\")
                                .replace("%", "\\%")
                                .replace("_", "\\_") + "%";
        return sql.rows(SELECT + """
                                WHERE t.retired_at IS NULL AND t.id > $1 AND ($2::text IS NULL OR t.words LIKE lower($2))
                                  AND ($3::text IS NULL OR t.owner = $3) AND ($4::text IS NULL OR s.name = $4)
                                  AND (cardinality($5::text[]) = 0 OR t.tag_pairs @> $5)
                                ORDER BY t.id LIMIT $6""", after, q, filter.owner, filter.site, filter.tags, limit).stream()
                .map(Targets::kept)
                .toList();
    }

    /** Rewrites everything that is not its identity. */
    public void change(long id, Target target) {
        sql.change(
                """
                UPDATE target SET addresses = ARRAY(SELECT jsonb_array_elements_text($2::text::jsonb)), tags = $3::text::jsonb, owner = $4,
                  policy = $5, interval_seconds = $6, depth = $7::text::scan_depth, updated_at = now() WHERE id = $1""",
                id,
                Json.write(target.addresses()),
                Json.write(target.tags()),
                target.owner(),
                target.policy(),
                target.intervalSeconds(),
                depth(target.depth()));
        schedule(List.of(id));
    }

    /** False when there was none. In the same transaction: its findings are resolved, and whoever was told is told. */
    public boolean retire(long id) {
        return retire(List.of(id)) > 0;
    }

    /** How many of them were there. */
    public int retire(List<Long> ids) {
        int there = ids.isEmpty()
                ? 0
                : sql.change(
                        "UPDATE target SET retired_at = now(), updated_at = now() WHERE id = ANY ($1) AND retired_at IS NULL",
                        ids);
        if (there == 0) {
            return 0;
        }
        sql.change(
                "UPDATE schedule SET next_at = 'infinity', lease_token = NULL, lease_until = '-infinity', attempts = 0 WHERE endpoint_id = ANY ($1)",
                ids);
        sql.change("DELETE FROM scan_request WHERE endpoint_id = ANY ($1)", ids);
        sql.change("""
                WITH gone AS (UPDATE finding SET state = 'resolved', resolved_at = now(), last_seen = now()
                  WHERE endpoint_id = ANY ($1) AND state <> 'resolved' RETURNING id, endpoint_id, rule, severity, cause)
                INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause)
                SELECT id, endpoint_id, 'resolved', rule, severity, cause FROM gone""", ids);
        return there;
    }

    /** "Scan now": asked before everything that is merely due. */
    public void requestScan(long id, @Nullable Depth depth, String by) {
        sql.change("""
                INSERT INTO scan_request (endpoint_id, site_id, depth, requested_by)
                SELECT id, site_id, $2::text::scan_depth, $3 FROM target WHERE id = $1
                ON CONFLICT (endpoint_id) DO UPDATE SET depth = excluded.depth, requested_at = now(), requested_by = excluded.requested_by,
                  lease_token = NULL""", id, depth(depth), by);
    }

    /** Whether a scan that was asked for has yet to come. */
    public boolean isScanRequested(long id) {
        return sql.row("SELECT 1 FROM scan_request WHERE endpoint_id = $1", id).isPresent();
    }

    /** Of a target {@code t}: its own, else its rule's, else {@code $1}. */
    static final String INTERVAL =
            "coalesce(t.interval_seconds, (" + TargetRows.BY_RULE + " ->> 'intervalSeconds')::int, $1)";

    private static final String SELECT = """
            SELECT t.id, t.host, t.port, t.sni, t.starttls, t.addresses, t.tags::text AS tags, t.owner, s.name AS site, t.policy,
              t.interval_seconds, t.depth::text AS depth, (%s)::text AS by_rule, t.created_at, t.updated_at,
              ARRAY(SELECT m.source FROM source_target m WHERE m.target_id = t.id ORDER BY 1) AS sources
            FROM target t JOIN site s ON s.id = t.site_id
            """.formatted(TargetRows.BY_RULE);

    private static Kept kept(Row row) {
        return new Kept(
                number(row, "id"),
                text(row, "host"),
                integer(row, "port"),
                textOrNull(row, "sni"),
                textOrNull(row, "starttls"),
                texts(row, "addresses"),
                json(row, "tags"),
                textOrNull(row, "owner"),
                text(row, "site"),
                textOrNull(row, "policy"),
                row.getInteger("interval_seconds"),
                textOrNull(row, "depth"),
                jsonOrNull(row, "by_rule"),
                texts(row, "sources"),
                instant(row, "created_at"),
                instant(row, "updated_at"));
    }

    private static String key(Target target, String defaultSite) {
        return target.host() + "\n" + target.port() + "\n" + target.sni() + "\n" + target.starttls() + "\n"
                + (target.site() == null ? defaultSite : target.site());
    }

    private static @Nullable String[] list(
            List<Target> targets, java.util.function.Function<Target, @Nullable String> member) {
        @Nullable String[] list = new String[targets.size()];
        for (int i = 0; i < list.length; i++) {
            list[i] = member.apply(targets.get(i));
        }
        return list;
    }

    private static @Nullable String depth(@Nullable Depth depth) {
        return depth == null ? null : depth.word();
    }
}
