package io.tlsfleet.store.lease;

import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.site.Sites;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The statements that take, keep and give back.
 *
 * <p>A poll has a low bound on {@code next_at}, a little below the head of the last batch, so that it does not step over
 * the dead versions and the leases in flight that gather before it. What lies below (leases whose worker died, rows that
 * were paused) is found by one poll without a bound every ten seconds. Taking a lease does not wait for the disk: a lease
 * that a crash forgets is only a scan too many, which its token makes harmless.
 */
public final class LeaseTable {
    public static final int POISONED_AFTER = 5;
    static final Duration LEASE = Duration.ofSeconds(60);
    static final Duration SWEEP = Duration.ofSeconds(10);
    private static final Duration QUARANTINE = Duration.ofSeconds(60);
    private static final Duration SLACK = Duration.ofSeconds(2);
    private static final Instant BEGINNING = Instant.parse("2000-01-01T00:00:00Z");

    private static final String RETURNING = """
             RETURNING s.endpoint_id, s.lease_token, s.lease_until, s.next_at, s.full_at, s.last_at, s.lane, due.wanted, due.late,
              set_config('synchronous_commit', 'off', true)""";
    private static final String TAKE =
            """
            WITH due AS MATERIALIZED (
              SELECT endpoint_id, NULL::text AS wanted, lease_token IS NOT NULL AS late FROM schedule
              WHERE site_id = $1 AND lane = $2 AND next_at <= now() AND next_at >= $3 AND lease_until < now() AND attempts < $4
                AND NOT (SELECT paused FROM site WHERE id = $1)
                AND (shard = 0 OR shard % $7 = $8)
                AND shard NOT IN (SELECT shard FROM shard_hold WHERE site_id = $1 AND worker <> $6 AND until > now())
              ORDER BY next_at LIMIT $5 FOR UPDATE SKIP LOCKED)
            UPDATE schedule s SET lease_until = now() + interval '60 s', attempts = s.attempts + 1, lease_token =""" + Tokens.SQL + " FROM due WHERE s.endpoint_id = due.endpoint_id " + RETURNING;
    private static final String TAKE_WANTED =
            """
            WITH due AS MATERIALIZED (
              SELECT s.endpoint_id, coalesce(q.depth::text, '') AS wanted, s.lease_token IS NOT NULL AS late FROM scan_request q JOIN schedule s USING (endpoint_id)
              WHERE q.site_id = $1 AND s.lease_until < now()
                AND (q.lease_token IS NULL OR s.lease_until > '-infinity' OR s.next_at <= now() OR NOT isfinite(s.next_at)) -- else given back for later
                AND NOT (SELECT paused FROM site WHERE id = $1)
                AND (s.shard = 0 OR s.shard % $4 = $5)
                AND s.shard NOT IN (SELECT shard FROM shard_hold WHERE site_id = $1 AND worker <> $3 AND until > now())
              ORDER BY q.requested_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED)
            UPDATE schedule s SET lease_until = now() + interval '60 s', attempts = least(s.attempts + 1, 30000), lease_token =""" + Tokens.SQL + " FROM due WHERE s.endpoint_id = due.endpoint_id " + RETURNING;

    private final Database database;
    private final Duration lease;
    private final String worker;
    private final ConcurrentHashMap<Integer, Mark> marks = new ConcurrentHashMap<>();

    /** How far a lane was read, when it was last read whole, and when last for what is poisoned, by the monotonic clock. */
    private record Mark(Instant low, long sweptAt, long quarantinedAt) {}

    /** {@code late}: the lease before it ran out. {@code wanted}: null unless someone asked for this scan; then the depth they named, or "". */
    record Taken(
            long endpoint,
            UUID token,
            Instant until,
            @Nullable Instant fullAt,
            @Nullable Instant lastAt,
            int lane,
            @Nullable String wanted,
            boolean late) {}

    /** {@code worker}: what others of the site hold of the address space is not for it. */
    LeaseTable(Database database, Duration lease, String worker) {
        this.database = database;
        this.lease = lease;
        this.worker = worker;
    }

    /** {@code onlyWanted}: the site is quiet, but for what somebody asked for. */
    List<Taken> take(int site, int lane, int limit, Sites.Share share, boolean onlyWanted) {
        List<Taken> taken = new ArrayList<>();
        if (lane == 0) {
            taken.addAll(takeWanted(site, limit, share));
        }
        int rest = limit - taken.size();
        if (rest > 0 && !onlyWanted) {
            taken.addAll(takeDue(site, lane, rest, share));
        }
        return taken;
    }

    private List<Taken> takeDue(int site, int lane, int limit, Sites.Share share) {
        long now = System.nanoTime();
        Mark mark = marks.get(lane);
        boolean sweep = mark == null || now - mark.sweptAt >= SWEEP.toNanos();
        Instant low = sweep || mark == null ? BEGINNING : mark.low;
        if (sweep && (mark == null || now - mark.quarantinedAt >= QUARANTINE.toNanos())) {
            quarantine(site, lane); // reads all that is due
            mark = new Mark(mark == null ? BEGINNING : mark.low, mark == null ? now : mark.sweptAt, now);
        }
        List<Row> rows = database.sql()
                .rows(timed(TAKE), site, lane, low, POISONED_AFTER, limit, worker, share.workers(), share.rank());
        Instant head = null;
        for (Row row : rows) {
            Instant next = Columns.instant(row, "next_at");
            head = head == null || next.isBefore(head) ? next : head;
        }
        // What a sweep found in the past says nothing of the head; where it found a whole batch there may be more.
        Instant known = mark == null ? BEGINNING : mark.low;
        Instant moved = head == null ? known : head.minus(SLACK);
        boolean more = mark != null && sweep && rows.size() == limit && moved.isBefore(known);
        long sweptAt = mark == null || sweep && !more ? now : mark.sweptAt;
        marks.put(
                lane, new Mark(moved.isAfter(known) ? moved : known, sweptAt, mark == null ? now : mark.quarantinedAt));
        return rows.stream().map(LeaseTable::taken).toList();
    }

    private List<Taken> takeWanted(int site, int limit, Sites.Share share) {
        List<Taken> taken =
                database.sql().rows(timed(TAKE_WANTED), site, limit, worker, share.workers(), share.rank()).stream()
                        .map(LeaseTable::taken)
                        .toList();
        if (!taken.isEmpty()) {
            database.sql()
                    .change(
                            """
                            UPDATE scan_request q SET lease_token = u.token
                            FROM unnest($1::bigint[], $2::uuid[]) AS u(endpoint_id, token) WHERE q.endpoint_id = u.endpoint_id""",
                            taken.stream().map(Taken::endpoint).toList(),
                            taken.stream().map(Taken::token).toList());
        }
        return taken;
    }

    /** What was leased five times and never came back kills its workers: it waits for a person. */
    private void quarantine(int site, int lane) {
        database.sql().change("""
                        WITH poisoned AS (
                          UPDATE schedule SET next_at = 'infinity', lease_until = '-infinity', lease_token = NULL
                          WHERE site_id = $1 AND lane = $2 AND next_at <= now() AND lease_until < now() AND attempts >= $3
                          RETURNING endpoint_id)
                        UPDATE endpoint e SET quarantined_at = now() FROM poisoned WHERE e.id = poisoned.endpoint_id""", site, lane, POISONED_AFTER);
    }

    /** What is locked is being completed: it is left alone, so that neither waits for the other, and is still its holder's. */
    List<UUID> renew(int site, List<UUID> tokens) {
        return database.sql().rows(timed("""
                                WITH renewed AS (
                                  UPDATE schedule s SET lease_until = now() + interval '60 s'
                                  FROM (SELECT endpoint_id FROM schedule JOIN unnest($2::bigint[], $3::uuid[]) AS u(id, token)
                                          ON endpoint_id = u.id AND lease_token = u.token
                                        WHERE site_id = $1 ORDER BY endpoint_id FOR UPDATE OF schedule SKIP LOCKED) held
                                  WHERE s.endpoint_id = held.endpoint_id)
                                SELECT lease_token, set_config('synchronous_commit', 'off', true)
                                FROM schedule JOIN unnest($2::bigint[], $3::uuid[]) AS u(id, token) ON endpoint_id = u.id AND lease_token = u.token
                                WHERE site_id = $1"""), site, Tokens.endpoints(tokens), tokens).stream()
                .map(row -> row.getUUID("lease_token"))
                .toList();
    }

    void release(int site, List<UUID> tokens) {
        database.sql().change("""
                        UPDATE schedule s SET lease_until = '-infinity', lease_token = NULL, attempts = greatest(s.attempts - 1, 0),
                          next_at = CASE WHEN isfinite(s.next_at) THEN now() ELSE s.next_at END   -- not behind anyone's low bound
                        FROM (SELECT endpoint_id FROM schedule JOIN unnest($2::bigint[], $3::uuid[]) AS u(id, token)
                                ON endpoint_id = u.id AND lease_token = u.token
                              WHERE site_id = $1 ORDER BY endpoint_id FOR UPDATE) held
                        WHERE s.endpoint_id = held.endpoint_id""", site, Tokens.endpoints(tokens), tokens);
    }

    /** Found to lie where another worker dials, which takes them as soon as it asks; or where there is room only later. */
    void defer(int site, List<SiteLink.Deferred> leases) {
        List<UUID> tokens = leases.stream().map(SiteLink.Deferred::token).toList();
        database.sql()
                .change(
                        """
                        UPDATE schedule s SET lease_until = '-infinity', lease_token = NULL, attempts = greatest(s.attempts - 1, 0),
                          next_at = CASE WHEN isfinite(s.next_at) THEN now() + held.later * interval '1 ms' ELSE s.next_at END, shard = held.shard
                        FROM (SELECT endpoint_id, u.shard, u.later
                              FROM schedule JOIN unnest($2::bigint[], $3::uuid[], $4::int[], $5::bigint[]) AS u(id, token, shard, later)
                                ON endpoint_id = u.id AND lease_token = u.token
                              WHERE site_id = $1 ORDER BY endpoint_id FOR UPDATE) held
                        WHERE s.endpoint_id = held.endpoint_id""",
                        site,
                        Tokens.endpoints(tokens),
                        tokens,
                        leases.stream().map(SiteLink.Deferred::shard).toArray(Integer[]::new),
                        leases.stream().map(SiteLink.Deferred::milliseconds).toArray(Long[]::new));
    }

    /** Left alone until then: a window in which nobody scans, or the blocklist. */
    void postpone(int site, List<UUID> tokens, List<Instant> until) {
        database.sql().change("""
                        UPDATE schedule s SET lease_until = '-infinity', lease_token = NULL, attempts = greatest(s.attempts - 1, 0),
                          next_at = held.until + interval '5 min' * random()
                        FROM (SELECT endpoint_id, u.until FROM schedule JOIN unnest($2::bigint[], $3::uuid[], $4::timestamptz[]) AS u(id, token, until)
                                ON endpoint_id = u.id AND lease_token = u.token
                              WHERE site_id = $1 ORDER BY endpoint_id FOR UPDATE) held
                        WHERE s.endpoint_id = held.endpoint_id""", site, Tokens.endpoints(tokens), tokens, until);
        database.sql().change("DELETE FROM scan_request WHERE lease_token = ANY ($1)", tokens);
    }

    private String timed(String sql) {
        return lease.equals(LEASE) ? sql : sql.replace("interval '60 s'", "interval '" + lease.toMillis() + " ms'");
    }

    private static Taken taken(Row row) {
        return new Taken(
                Columns.number(row, "endpoint_id"),
                row.getUUID("lease_token"),
                Columns.instant(row, "lease_until"),
                Columns.instantOrNull(row, "full_at"),
                Columns.instantOrNull(row, "last_at"),
                Columns.integer(row, "lane"),
                Columns.textOrNull(row, "wanted"),
                Columns.flag(row, "late"));
    }
}
