package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** An estate with a router whose clock is ours; findings are put there as ingest leaves them. */
class AlertingScene {
    final TestEstate estate = new TestEstate();
    Instant now = Instant.now();
    final AlertRouter router = new AlertRouter(estate.database, () -> now, "https://tls.example");

    @AfterEach
    void close() {
        estate.close();
    }

    void targets(int count) {
        estate.targets(count);
        estate.database
                .sql()
                .run(
                        "UPDATE endpoint SET first_scan_at = now() - interval '30 days', state = 'ok'; UPDATE schedule SET last_at = now(), next_at = now() + interval '10 days'");
    }

    long receiver(String name, String kind) {
        return estate.database
                .sql()
                .one("INSERT INTO receiver (name, kind, secret) VALUES ($1, $2, '') RETURNING id", name, kind)
                .getLong("id");
    }

    void route(long receiver, Map<String, Object> settings) {
        estate.database
                .sql()
                .change(
                        "INSERT INTO route (receiver_id, settings) VALUES ($1, $2::text::jsonb)",
                        receiver,
                        Json.write(settings));
    }

    /** However long it takes: a big estate on a busy machine is no fault of what is tested. */
    void load(String statements) {
        estate.database.doInTransaction(sql -> {
            sql.run("SET LOCAL statement_timeout = '10min'");
            for (String statement : statements.split(";\n", -1)) { // each has its own time
                sql.run(statement);
            }
        });
    }

    /** As ingest leaves them: finding and event. */
    void find(String rule, String severity, String cause, String where, String before) {
        load("""
                INSERT INTO finding_text (sha256, body) VALUES ('\\x00', '{"why": "it breaks", "remedy": "renew it"}') ON CONFLICT DO NOTHING;
                INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, text_id, first_seen, last_seen)
                SELECT t.id, '%1$s', '%1$s', '%2$s', 'public-web', %3$s, 'Title of %1$s', 'Detail.', (SELECT min(id) FROM finding_text), now() - %5$s, now()
                FROM target t WHERE %4$s
                ON CONFLICT (endpoint_id, dedup_key) DO UPDATE SET state = 'open', first_seen = now(), resolved_at = NULL;
                INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause)
                SELECT id, endpoint_id, 'opened', rule, severity, cause FROM finding WHERE rule = '%1$s' AND state = 'open'""".formatted(rule, severity, cause, where, before));
    }

    void resolve(String cause) {
        estate.database
                .sql()
                .run("UPDATE finding SET state = 'resolved', resolved_at = now() WHERE cause LIKE '" + cause + "'");
        event("resolved", cause);
    }

    void resolveAllBut(String endpoint) {
        estate.database
                .sql()
                .run("UPDATE finding SET state = 'resolved', resolved_at = now() WHERE endpoint_id NOT IN (" + endpoint
                        + ")");
        event("resolved", "%");
    }

    void event(String kind, String cause) {
        estate.database
                .sql()
                .run("INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause) "
                        + "SELECT id, endpoint_id, '" + kind
                        + "', rule, severity, cause FROM finding WHERE cause LIKE '" + cause + "'"
                        + (kind.equals("resolved") ? " AND state = 'resolved'" : ""));
    }

    /** Turns for so long of our time: each second for the first ones, then each half minute. */
    int run(Duration time) {
        Instant end = now.plus(time);
        int turns = 0;
        while (now.isBefore(end)) {
            router.turn();
            now = now.plusSeconds(turns++ < 30 ? 1 : 30);
        }
        return turns;
    }

    List<JsonNode> notices() {
        return estate.database.sql().rows("SELECT payload::text AS p FROM notification ORDER BY id").stream()
                .map(r -> Json.parse(Columns.text(r, "p")))
                .toList();
    }

    List<String> kinds(String receiver) {
        return estate
                .database
                .sql()
                .rows(
                        "SELECT payload->>'kind' AS k FROM notification n JOIN receiver r ON r.id = n.receiver_id WHERE r.name = $1 ORDER BY n.id",
                        receiver)
                .stream()
                .map(r -> Columns.text(r, "k"))
                .toList();
    }

    List<String> states() {
        return estate.database.sql().rows("SELECT state FROM alert ORDER BY id").stream()
                .map(r -> Columns.text(r, "state"))
                .toList();
    }
}
