package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * The outbox, one queue a receiver. A notice is leased for a minute under a random token and reported back under it: what
 * was sent but not reported goes out again with the same key. While a receiver fails only one notice a minute is tried;
 * its first success makes all that waited due.
 */
public final class Deliveries {
    private final Database database;

    public Deliveries(Database database) {
        this.database = database;
    }

    public record Leased(
            long id, UUID token, String key, long receiver, int attempts, Instant createdAt, JsonNode payload) {}

    /** At most {@code each} notices of every receiver that takes any and is not {@code busy}, oldest first. */
    public List<Leased> lease(int each, Collection<Long> busy) {
        UUID token = UUID.randomUUID();
        return database.inTransaction(sql -> sql.rows("""
                        WITH due AS (
                          SELECT n.id FROM receiver r CROSS JOIN LATERAL (
                            SELECT id FROM notification
                            WHERE receiver_id = r.id AND state = 'pending' AND next_at <= now() AND lease_until < now()
                            ORDER BY id LIMIT CASE WHEN r.failing_since IS NULL THEN $2 ELSE 1 END
                            FOR UPDATE SKIP LOCKED) n
                          WHERE r.disabled_at IS NULL AND r.id <> ALL ($3::bigint[]) AND (r.failing_since IS NULL OR r.probe_at IS NULL OR r.probe_at <= now()))
                        UPDATE notification n SET lease_until = now() + interval '60 s', lease_token = $1, attempts = attempts + 1
                        FROM due WHERE n.id = due.id
                        RETURNING n.id, n.dedup_key, n.receiver_id, n.attempts, n.created_at, n.payload::text AS payload""", token, each, busy.toArray(Long[]::new)).stream()
                .map(r -> new Leased(
                        Columns.number(r, "id"),
                        token,
                        Columns.text(r, "dedup_key"),
                        Columns.number(r, "receiver_id"),
                        Columns.integer(r, "attempts"),
                        Columns.instant(r, "created_at"),
                        Json.parse(Columns.text(r, "payload"))))
                .sorted(Comparator.comparingLong(Leased::id)) // RETURNING has no order
                .toList());
    }

    /** An attempt begins that may take longer than a lease. */
    public void hold(Leased notice, Duration time) {
        database.sql()
                .change(
                        "UPDATE notification SET lease_until = now() + make_interval(secs => $3) WHERE id = $1 AND lease_token = $2",
                        notice.id(),
                        notice.token(),
                        time.toMillis() / 1000.0);
    }

    /** Not tried after all: due again at once. */
    public void release(Leased notice) {
        database.sql()
                .change(
                        "UPDATE notification SET lease_until = '-infinity', attempts = attempts - 1 WHERE id = $1 AND lease_token = $2",
                        notice.id(),
                        notice.token());
    }

    public void delivered(Leased notice) {
        database.doInTransaction(sql -> {
            sql.change("""
                    UPDATE notification SET state = 'delivered', finished_at = now(), last_error = NULL, lease_until = '-infinity'
                    WHERE id = $1 AND lease_token = $2""", notice.id(), notice.token());
            isBack(sql, notice.receiver());
        });
    }

    /** Somebody saw it take something: what waits is due, also where it had said that it is gone. */
    public void isBack(long receiver) {
        database.doInTransaction(sql -> {
            sql.change("UPDATE receiver SET disabled_at = NULL WHERE id = $1", receiver);
            isBack(sql, receiver);
        });
    }

    private static void isBack(Sql sql, long receiver) {
        int back = sql.change(
                "UPDATE receiver SET failing_since = NULL, probe_at = NULL WHERE id = $1 AND failing_since IS NOT NULL",
                receiver);
        if (back > 0) {
            sql.change(
                    "UPDATE notification SET next_at = now() WHERE receiver_id = $1 AND state = 'pending' AND next_at < 'infinity'",
                    receiver);
        }
    }

    /**
     * The receiver does not take anything now; {@code again}: when to try this one again; {@code dead}: not at all; {@code
     * pause}: how long it is left alone, by its own words or a minute.
     */
    public void failed(Leased notice, String why, Duration again, boolean dead, Duration pause) {
        database.doInTransaction(sql -> {
            later(sql, notice, why, again, dead);
            sql.change("""
                    UPDATE receiver SET failing_since = coalesce(failing_since, now()), probe_at = now() + make_interval(secs => $2)
                    WHERE id = $1""", notice.receiver(), pause.toMillis() / 1000.0);
            // the probe that comes next is the oldest one that waits, whatever its own back-off says
            sql.change("""
                    UPDATE notification SET next_at = least(next_at, now() + make_interval(secs => $2))
                    WHERE id = (SELECT id FROM notification WHERE receiver_id = $1 AND state = 'pending' AND next_at < 'infinity'
                      ORDER BY id LIMIT 1)""", notice.receiver(), pause.toMillis() / 1000.0);
        });
    }

    /** The receiver is there and refuses this one notice: the others go on. */
    public void refused(Leased notice, String why, Duration again, boolean dead) {
        database.doInTransaction(sql -> {
            isBack(sql, notice.receiver());
            later(sql, notice, why, again, dead);
        });
    }

    private static void later(Sql sql, Leased notice, String why, Duration again, boolean dead) {
        sql.change("""
                UPDATE notification SET last_error = $3, next_at = now() + make_interval(secs => $4), lease_until = '-infinity',
                  state = CASE WHEN $5 THEN 'dead' ELSE state END, finished_at = CASE WHEN $5 THEN now() END
                WHERE id = $1 AND lease_token = $2""", notice.id(), notice.token(), why, again.toMillis() / 1000.0, dead);
    }

    /** The other side said that it is gone for good (410): nothing more is sent there until somebody switches it on. */
    public void gone(Leased notice, String why) {
        database.doInTransaction(sql -> {
            sql.change("""
                    UPDATE notification SET state = 'dead', finished_at = now(), last_error = $3, lease_until = '-infinity'
                    WHERE id = $1 AND lease_token = $2""", notice.id(), notice.token(), why);
            sql.change("UPDATE receiver SET disabled_at = now() WHERE id = $1", notice.receiver());
        });
    }
}
