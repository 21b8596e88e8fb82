package io.tlsfleet.store.retention;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.StatementRefused;
import io.tlsfleet.store.ingest.Ingest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;

/** The daily and the minute's housekeeping. Each call is safe to repeat, and to run beside another's. */
public final class Retention {
    private static final int WEEKS_AHEAD = 8;
    private static final int BATCH = 5_000;

    private final Database database;
    private final RetentionSettings settings;

    public Retention(Database database, RetentionSettings settings) {
        this.database = database;
        this.settings = settings;
    }

    /** {@code partitions} were dropped; the other counts are rows. */
    public record Gone(
            int partitions, int findings, int notifications, int clientFingerprints, int observations, int blobs) {}

    /** At start and once a day. What cannot be done, such as dropping a week that a backup reads, keeps nothing else from it. */
    public Gone daily() {
        Steps steps = new Steps();
        steps.take(() -> {
            partitionsAhead();
            return 0;
        });
        steps.take(() -> {
            snapshot();
            return 0;
        });
        int partitions = steps.take(() -> dropWeeks("scan_run")) + steps.take(() -> dropWeeks("change"));
        int findings = steps.take(() -> inBatches("""
                DELETE FROM finding WHERE id IN (SELECT id FROM finding
                  WHERE state = 'resolved' AND resolved_at < now() - interval '1 day' * $1 LIMIT $2)""", settings.resolvedFindings()));
        steps.take(() -> inBatches("""
                DELETE FROM alert WHERE id IN (SELECT id FROM alert
                  WHERE state = 'resolved' AND digest IS NULL AND resolved_at < now() - interval '1 day' * $1 LIMIT $2)""", settings.resolvedFindings()));
        int notifications = steps.take(() -> inBatches("""
                DELETE FROM notification WHERE id IN (SELECT id FROM notification
                  WHERE state <> 'pending' AND finished_at < now() - interval '1 day' * $1 LIMIT $2)""", settings.notifications()));
        steps.take(() -> inBatches("""
                DELETE FROM alert_event WHERE id IN (SELECT id FROM alert_event
                  WHERE routed_at IS NOT NULL AND routed_at < now() - interval '1 day' * $1 LIMIT $2)""", settings.notifications()));
        int fingerprints = steps.take(() -> inBatches("""
                DELETE FROM client_fingerprint WHERE ctid = ANY (ARRAY(SELECT ctid FROM client_fingerprint
                  WHERE day <= (now() AT TIME ZONE 'UTC')::date - $1::int LIMIT $2))""", settings.clientFingerprints()));
        steps.take(() -> inBatches("""
                DELETE FROM client_profile WHERE ctid = ANY (ARRAY(SELECT ctid FROM client_profile
                  WHERE last_day <= (now() AT TIME ZONE 'UTC')::date - $1::int LIMIT $2))""", settings.clientFingerprints()));
        steps.take(() -> database.sql().change("DELETE FROM session WHERE expires_at < now()"));
        steps.take(() -> database.sql().change("DELETE FROM worker WHERE last_seen < now() - interval '7 days'"));
        int observations = steps.take(this::forgotten);
        int blobs = steps.take(this::unusedBlobs);
        steps.end();
        return new Gone(partitions, findings, notifications, fingerprints, observations, blobs);
    }

    /** One after the other; what the first that was refused met is thrown at their end. */
    private static final class Steps {
        private final List<StatementRefused> refused = new ArrayList<>();

        int take(IntSupplier step) {
            try {
                return step.getAsInt();
            } catch (StatementRefused e) {
                refused.add(e);
                return 0;
            }
        }

        void end() {
            if (!refused.isEmpty()) {
                StatementRefused first = refused.getFirst();
                refused.stream().skip(1).forEach(first::addSuppressed);
                throw first;
            }
        }
    }

    /** Every minute: an acceptance that ran out opens its finding again, and people are told. */
    public int minutely() {
        return database.inTransaction(sql -> {
            List<Long> endpoints = sql.rows("""
                            WITH over AS (
                              UPDATE finding SET state = 'open', ack_by = NULL, ack_reason = NULL, ack_at = NULL, ack_until = NULL
                              WHERE id IN (SELECT id FROM finding WHERE state = 'acknowledged' AND ack_until < now()
                                ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)
                              RETURNING id, endpoint_id, rule, severity, cause),
                            told AS (INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause)
                              SELECT id, endpoint_id, 'opened', rule, severity, cause FROM over)
                            SELECT endpoint_id FROM over""").stream()
                    .map(row -> Columns.number(row, "endpoint_id"))
                    .toList();
            if (!endpoints.isEmpty()) {
                Ingest.recount(sql, endpoints.stream().distinct().sorted().toList());
            }
            return endpoints.size();
        });
    }

    private void partitionsAhead() {
        alone(sql -> sql.rows("SELECT make_partitions('scan_run', $1), make_partitions('change', $1)", WEEKS_AHEAD));
    }

    /** A whole partition at a time, once its last row is older than history goes back. */
    private int dropWeeks(String table) {
        return alone(sql -> {
            List<String> old = sql.rows("""
                            SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                            WHERE i.inhparent = $1::text::regclass
                              AND substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([^'']+)''\\)')::timestamptz
                                < now() - interval '1 day' * $2
                            ORDER BY 1""", table, settings.history()).stream()
                    .map(row -> Columns.text(row, "name"))
                    .toList();
            for (String name : old) {
                sql.run("DROP TABLE \"" + name.replace("\"", "\"\"") + "\"");
            }
            return old.size();
        });
    }

    /** What no endpoint has shown for days and no history names. */
    private int forgotten() {
        inBatches("""
                DELETE FROM endpoint_observation WHERE ctid = ANY (ARRAY(SELECT o.ctid FROM endpoint_observation o
                  WHERE o.last_seen < now() - interval '1 day' * $1 AND NOT EXISTS (SELECT 1 FROM address a
                    WHERE a.endpoint_id = o.endpoint_id AND a.observation_id = o.observation_id) LIMIT $2))""", settings.recentObservations());
        return inBatches("""
                DELETE FROM observation WHERE id IN (SELECT o.id FROM observation o
                  WHERE o.first_seen < now() - interval '1 day' * greatest($1, 1)
                    AND NOT EXISTS (SELECT 1 FROM address a WHERE a.observation_id = o.id)
                    AND NOT EXISTS (SELECT 1 FROM endpoint_observation e WHERE e.observation_id = o.id)
                    AND NOT EXISTS (SELECT 1 FROM scan_run r WHERE r.observation_id = o.id) LIMIT $2)""", settings.history());
    }

    /** What any address still shows is marked as used, a slice of the estate at a time; the rest ages. */
    private int unusedBlobs() {
        long from = 0;
        boolean more = true;
        while (more) {
            var slice = database.sql().one("""
                            WITH slice AS (SELECT endpoint_id, proofs FROM address WHERE endpoint_id > $1 ORDER BY endpoint_id LIMIT $2),
                            used AS (UPDATE blob SET last_used = now() WHERE last_used < now() - interval '1 day' AND sha256 IN (
                              SELECT decode(m[1], 'hex') FROM slice CROSS JOIN LATERAL regexp_matches(proofs::text, '"([0-9a-f]{64})"', 'g') AS m))
                            SELECT max(endpoint_id) AS last FROM slice""", from, BATCH);
            Long last = slice.getLong("last");
            more = last != null;
            from = last == null ? from : last;
        }
        return inBatches("""
                DELETE FROM blob WHERE sha256 IN (SELECT sha256 FROM blob WHERE last_used < now() - interval '1 day' * $1 LIMIT $2)""", settings.recentObservations());
    }

    /** The day's numbers by site; a second run of the day writes them anew. */
    private void snapshot() {
        database.sql().change("""
                        INSERT INTO trend (day, site_id, numbers)
                        SELECT (now() AT TIME ZONE 'UTC')::date, n.site_id, jsonb_build_object('endpoints', n.endpoints, 'findings', n.findings,
                          'asked', n.asked, 'hybrid', n.hybrid, 'protocols', coalesce(p.protocols, '{}'))
                        FROM (SELECT t.site_id, count(*) AS endpoints, sum(e.open_low + e.open_medium + e.open_high + e.open_critical) AS findings,
                            count(*) FILTER (WHERE cardinality(c.protocols) > 0) AS asked, count(*) FILTER (WHERE c.hybrid) AS hybrid
                          FROM target t JOIN endpoint e ON e.id = t.id LEFT JOIN configuration c ON c.id = e.configuration_id
                          WHERE t.retired_at IS NULL GROUP BY t.site_id) n
                        LEFT JOIN (SELECT site_id, jsonb_object_agg(protocol, count) AS protocols FROM (
                            SELECT t.site_id, protocol, count(*) AS count FROM target t JOIN endpoint e ON e.id = t.id
                              CROSS JOIN LATERAL unnest(e.protocols) AS protocol WHERE t.retired_at IS NULL GROUP BY 1, 2) x
                          GROUP BY site_id) p ON p.site_id = n.site_id
                        ON CONFLICT (day, site_id) DO UPDATE SET numbers = excluded.numbers""");
    }

    private int inBatches(String sql, int days) {
        int all = 0;
        int some = BATCH;
        while (some > 0) {
            some = database.sql().change(sql, days, BATCH);
            all += some;
        }
        return all;
    }

    /** Waits for a lock for a moment only: housekeeping makes nobody wait. */
    private <T> T alone(Function<Sql, T> work) {
        return database.inTransaction(sql -> {
            sql.run("SET LOCAL lock_timeout = '3s'");
            sql.row("SELECT pg_advisory_xact_lock(hashtext('tlsfleet.retention'))");
            return work.apply(sql);
        });
    }
}
