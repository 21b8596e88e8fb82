package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whom each alert was told to, and the outbox in which a notice begins. */
public final class ToldRows {
    private final Sql sql;
    private final Estate estate;
    private final Instant now;

    public ToldRows(Sql sql, Estate estate, Instant now) {
        this.sql = sql;
        this.estate = estate;
        this.now = now;
    }

    /** A stage of an alert that a receiver was told. */
    public record Told(long alert, long receiver, String stage) {}

    public Set<Told> of(Collection<Long> alerts) {
        Set<Told> told = new HashSet<>();
        if (!alerts.isEmpty()) {
            sql.rows(
                            "SELECT alert_id, receiver_id, stage FROM alert_told WHERE alert_id = ANY ($1)",
                            List.copyOf(alerts))
                    .forEach(r -> told.add(new Told(
                            Columns.number(r, "alert_id"),
                            Columns.number(r, "receiver_id"),
                            Columns.text(r, "stage"))));
        }
        return told;
    }

    public void add(Collection<Told> told) {
        List<Told> all = new ArrayList<>(told);
        if (!all.isEmpty()) {
            sql.change(
                    """
                    INSERT INTO alert_told (alert_id, receiver_id, stage) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])
                    ON CONFLICT DO NOTHING""",
                    all.stream().map(Told::alert).toList(),
                    all.stream().map(Told::receiver).toList(),
                    all.stream().map(Told::stage).toList());
        }
    }

    /** What was told of an alert that ended a while ago is of no use any more. */
    public void forget(Collection<Long> alerts) {
        if (!alerts.isEmpty()) {
            sql.change("DELETE FROM alert_told WHERE alert_id = ANY ($1)", List.copyOf(alerts));
        }
    }

    /** An unsent notice of that alert is overtaken by what follows; answers whether one was waiting. */
    public boolean supersede(long alert, long receiver) {
        return sql.change("""
                UPDATE notification SET state = 'superseded', finished_at = now()
                WHERE alert_id = $1 AND receiver_id = $2 AND state = 'pending' AND lease_until < now()""", alert, receiver) > 0;
    }

    /** Whether that receiver got any notice of the alert since it began, or has one on its way. */
    public boolean reached(long alert, long receiver) {
        return sql.row("""
                SELECT 1 FROM notification WHERE alert_id = $1 AND receiver_id = $2 AND state IN ('delivered', 'pending') LIMIT 1""", alert, receiver).isPresent();
    }

    /** How a notice goes into the queue. {@code FOLDED}: it stands for many; {@code HELD}: until the receiver's digest. */
    public enum Way {
        ALONE,
        FOLDED,
        HELD
    }

    /** Puts a notice into a receiver's queue; the key, which is the estate's own, makes a second time harmless. Empty when it was there already. */
    public Optional<Long> enqueue(String key, @Nullable Long alert, long receiver, JsonNode payload, Way way) {
        return sql.row(
                        """
                INSERT INTO notification (dedup_key, alert_id, receiver_id, payload, folded, created_at, next_at)
                VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, CASE WHEN $7 THEN 'infinity' ELSE now() END)
                ON CONFLICT (dedup_key) DO NOTHING RETURNING id""",
                        estate.own(key),
                        alert,
                        receiver,
                        Json.write(payload),
                        way == Way.FOLDED,
                        now,
                        way == Way.HELD)
                .map(r -> Columns.number(r, "id"));
    }

    /** A notice that waits for its receiver's digest. */
    public record Held(long id, Instant createdAt, JsonNode payload) {}

    public List<Held> held(long receiver) {
        return sql.rows("""
                        SELECT id, created_at, payload::text AS payload FROM notification
                        WHERE receiver_id = $1 AND state = 'pending' AND next_at = 'infinity' ORDER BY id FOR UPDATE""", receiver).stream()
                .map(r -> new Held(
                        Columns.number(r, "id"),
                        Columns.instant(r, "created_at"),
                        Json.parse(Columns.text(r, "payload"))))
                .toList();
    }

    /** They go out within the notice of that key. */
    public void enclosed(Collection<Held> held, String key) {
        sql.change(
                "UPDATE notification SET state = 'superseded', finished_at = now(), last_error = $2 WHERE id = ANY ($1)",
                held.stream().map(Held::id).toList(),
                "told within " + estate.own(key));
    }

    /** How many notices each receiver got within the last seconds, and whether one of them stood for many alerts. */
    public Map<Long, Recent> recent(long seconds) {
        Map<Long, Recent> recent = new HashMap<>();
        sql.rows("""
                        SELECT receiver_id, count(*) AS n, bool_or(folded) AS folded FROM notification
                        WHERE created_at > $1 GROUP BY 1""", now.minusSeconds(seconds))
                .forEach(r -> recent.put(
                        Columns.number(r, "receiver_id"),
                        new Recent(Columns.integer(r, "n"), Columns.flag(r, "folded"))));
        return recent;
    }

    /** Whether a receiver got a notice of that group within the last seconds. */
    public boolean anyOf(String group, long receiver, long seconds) {
        return sql.row("""
                SELECT 1 FROM notification WHERE receiver_id = $1 AND created_at > $2
                  AND dedup_key LIKE $3 LIMIT 1""", receiver, now.minusSeconds(seconds), group + "-%").isPresent();
    }

    public record Recent(int notices, boolean folded) {}
}
