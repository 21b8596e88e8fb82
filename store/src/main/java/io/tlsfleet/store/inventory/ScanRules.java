package io.tlsfleet.store.inventory;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How often and how deep targets are scanned, and whom they are to be, where they do not say so themselves. Whose rule holds is told in one place,
 * the database's {@code scan_rule_of}.
 */
public final class ScanRules {
    private static final int AT_ONCE = 5_000;

    private final Sql sql;

    public ScanRules(Sql sql) {
        this.sql = sql;
    }

    /** For every target where neither host ({@code *} stands for anything), owner, tag ({@code key:value}) nor site is given; else all must hold. */
    public record Rule(
            @Nullable String host,
            @Nullable String owner,
            @Nullable String tag,
            @Nullable String site,
            @Nullable Integer intervalSeconds,
            @Nullable Depth depth,
            @Nullable String expectIdentity) {
        public Rule {
            if (tag != null && tag.indexOf(':') <= 0) {
                throw new IllegalArgumentException("'" + tag + "' is no tag: write key:value");
            }
        }
    }

    public record Kept(
            long id,
            @Nullable String host,
            @Nullable String owner,
            @Nullable String tag,
            @Nullable String site,
            @Nullable Integer intervalSeconds,
            @Nullable String depth,
            @Nullable String expectIdentity,
            Instant createdAt,
            String createdBy) {}

    public List<Kept> all() {
        return sql
                .rows(
                        "SELECT id, host, owner, tag, site, interval_seconds, depth::text AS depth, expect_identity, created_at, created_by"
                                + " FROM scan_rule ORDER BY id")
                .stream()
                .map(row -> new Kept(
                        number(row, "id"),
                        textOrNull(row, "host"),
                        textOrNull(row, "owner"),
                        textOrNull(row, "tag"),
                        textOrNull(row, "site"),
                        row.getInteger("interval_seconds"),
                        textOrNull(row, "depth"),
                        textOrNull(row, "expect_identity"),
                        instant(row, "created_at"),
                        text(row, "created_by")))
                .toList();
    }

    /** What asks the same of a target is one rule: the later is what it says. */
    public Kept put(Rule rule, String by) {
        long id = number(
                sql.one(
                        """
                        INSERT INTO scan_rule AS r (host, owner, tag, site, interval_seconds, depth, expect_identity, created_by)
                        VALUES ($1, $2, $3, $4, $5, $6::text::scan_depth, $7, $8)
                        ON CONFLICT (host, owner, tag, site) DO UPDATE SET interval_seconds = excluded.interval_seconds, depth = excluded.depth,
                          expect_identity = excluded.expect_identity, created_at = now(), created_by = excluded.created_by RETURNING r.id""",
                        rule.host,
                        rule.owner,
                        rule.tag,
                        rule.site,
                        rule.intervalSeconds,
                        rule.depth == null ? null : rule.depth.word(),
                        rule.expectIdentity,
                        by),
                "id");
        return all().stream().filter(kept -> kept.id == id).findFirst().orElseThrow();
    }

    /** These, in this order, and no others. */
    public List<Kept> replace(List<Rule> rules, String by) {
        sql.change("DELETE FROM scan_rule");
        rules.forEach(rule -> put(rule, by));
        return all();
    }

    public Optional<Kept> remove(long id) {
        Optional<Kept> gone = all().stream().filter(kept -> kept.id == id).findFirst();
        gone.ifPresent(kept -> sql.change("DELETE FROM scan_rule WHERE id = $1", id));
        return gone;
    }

    /**
     * Has the schedule follow the rules, for some targets after the one given; the last of them, or nothing when there are none left. What comes due
     * earlier than it would have is spread over its interval.
     */
    public static Optional<Long> follow(Database database, long after) {
        Row row = database.inTransaction(
                sql -> sql.one("""
                WITH page AS (
                  SELECT t.id, %s AS wanted FROM target t WHERE t.id > $2 AND t.retired_at IS NULL ORDER BY t.id LIMIT $3),
                differing AS (
                  SELECT s.endpoint_id, p.wanted FROM page p JOIN schedule s ON s.endpoint_id = p.id
                  WHERE s.interval_seconds <> p.wanted ORDER BY s.endpoint_id FOR UPDATE OF s),
                done AS (
                  UPDATE schedule s SET interval_seconds = d.wanted, next_at = CASE WHEN isfinite(s.next_at)
                    THEN least(s.next_at, now() + make_interval(secs => d.wanted * random())) ELSE s.next_at END
                  FROM differing d WHERE s.endpoint_id = d.endpoint_id)
                SELECT count(*)::int AS found, max(id) AS last FROM page""".formatted(Targets.INTERVAL), Targets.DEFAULT_INTERVAL_SECONDS, after, AT_ONCE));
        return integer(row, "found") == 0 ? Optional.empty() : Optional.of(number(row, "last"));
    }
}
