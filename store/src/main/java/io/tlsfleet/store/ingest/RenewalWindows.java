package io.tlsfleet.store.ingest;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ACME renewal information of leaves that are served: what was told, and when to ask again. */
public final class RenewalWindows {
    private static final int MOST_ENDPOINTS = 5_000;

    private final Sql sql;

    public RenewalWindows(Sql sql) {
        this.sql = sql;
    }

    public record Due(byte[] sha256, byte[] der) {}

    /**
     * Served leaves of these issuers ({@code names}: parts of their names) that nobody asked for yet, or whose time has come
     * again. They are the caller's for ten minutes.
     */
    public List<Due> claim(List<String> names, int limit) {
        if (names.isEmpty()) {
            return List.of();
        }
        return sql.rows("""
                        WITH due AS (
                          SELECT c.sha256, c.der FROM certificate c LEFT JOIN renewal_window w ON w.sha256 = c.sha256
                          WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) AS n(name) WHERE position(n.name IN c.issuer) > 0)
                            AND c.not_after > now() AND c.subject <> c.issuer AND (w.sha256 IS NULL OR w.next_at <= now())
                            AND EXISTS (SELECT 1 FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id
                              JOIN target t ON t.id = e.id AND t.retired_at IS NULL WHERE cc.sha256 = c.sha256 AND cc.position = 0)
                          ORDER BY w.next_at NULLS FIRST, c.sha256 LIMIT $2),
                        claimed AS (
                          INSERT INTO renewal_window AS w (sha256, asked_at, next_at)
                          SELECT sha256, now(), now() + interval '10 minutes' FROM due ORDER BY sha256
                          ON CONFLICT (sha256) DO UPDATE SET next_at = excluded.next_at WHERE w.next_at <= now() RETURNING sha256)
                        SELECT due.sha256, due.der FROM due JOIN claimed USING (sha256)""", names, limit).stream()
                .map(row -> new Due(Columns.bytes(row, "sha256"), Columns.bytes(row, "der")))
                .toList();
    }

    /** Whether that is news: another window or another explanation than before, or one that has ended since it was last asked for. */
    public boolean told(byte[] sha256, Instant starts, Instant ends, @Nullable String explanation, Instant nextAt) {
        return Columns.flag(sql.one("""
                        WITH before AS (SELECT * FROM renewal_window WHERE sha256 = $1),
                        now_told AS (
                          UPDATE renewal_window SET starts = $2, ends = $3, explanation = $4, next_at = $5, asked_at = now(),
                            failure = NULL, first_start = coalesce(first_start, $2) WHERE sha256 = $1)
                        SELECT coalesce((SELECT starts IS DISTINCT FROM $2 OR ends IS DISTINCT FROM $3 OR explanation IS DISTINCT FROM $4
                          OR $3 BETWEEN asked_at AND now() FROM before), true) AS news""", sha256, starts, ends, explanation, nextAt), "news");
    }

    /** What was told before stays. */
    public void failed(byte[] sha256, Instant nextAt, String why) {
        sql.change(
                "UPDATE renewal_window SET next_at = $2, failure = left($3, 300), asked_at = now() WHERE sha256 = $1",
                sha256,
                nextAt,
                why);
    }

    /** Endpoints that serve it as their leaf. */
    public List<Long> servedBy(byte[] sha256) {
        return sql.rows("""
                        SELECT DISTINCT e.id FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id
                        JOIN target t ON t.id = e.id AND t.retired_at IS NULL
                        WHERE cc.sha256 = $1 AND cc.position = 0 ORDER BY e.id LIMIT $2""", sha256, MOST_ENDPOINTS).stream()
                .map(row -> Columns.number(row, "id"))
                .toList();
    }
}
