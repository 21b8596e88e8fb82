package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.inventory.TargetRows;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint whose schedule row this transaction has locked, having shown the right token; {@code now} is the
 * database's. {@code members} are its addresses as last seen.
 */
record Held(
        long endpoint,
        UUID token,
        @Nullable Target known,
        int failures,
        boolean firstScan,
        Instant now,
        Map<String, Member> members) {

    /** Only of one that {@link #withTargets} answered: what is as before needs none. */
    Target target() {
        return Objects.requireNonNull(known, "target");
    }

    /** An address as it was before this scan. */
    record Member(
            @Nullable Long observation,
            String outcome,
            @Nullable String reason,
            Instant firstSeen,
            Instant runAt,
            Instant judgedUntil,
            Instant lastAt,
            int scans,
            String scanner) {}

    /** In the order of ids, so that no two completions wait for each other; a token that is not the row's is not there. */
    static Map<Long, Held> lock(Sql sql, int site, List<Long> endpoints, List<UUID> tokens) {
        Map<Long, Held> held = new HashMap<>();
        List<Long> repeated = new ArrayList<>();
        for (Row row : sql.rows("""
                SELECT s.endpoint_id AS id, s.lease_token, s.failures, s.repeats, s.last_at IS NULL AS first_scan, now() AS now
                FROM schedule s JOIN unnest($2::bigint[], $3::uuid[]) AS u(id, token)
                  ON s.endpoint_id = u.id AND s.lease_token = u.token
                WHERE s.site_id = $1 ORDER BY s.endpoint_id FOR UPDATE OF s""", site, endpoints, tokens)) {
            long id = Columns.number(row, "id");
            if (Columns.integer(row, "repeats") > 0) {
                repeated.add(id);
            }
            held.put(
                    id,
                    new Held(
                            id,
                            row.getUUID("lease_token"),
                            null,
                            Columns.integer(row, "failures"),
                            Columns.flag(row, "first_scan"),
                            Columns.instant(row, "now"),
                            new HashMap<>()));
        }
        catchUp(sql, repeated, tokens);
        addMembers(sql, held);
        return held;
    }

    /** Writes what the addresses' rows were spared while every scan said the same: to be done before anything else is. */
    static void catchUp(Sql sql, List<Long> endpoints, List<UUID> tokens) {
        if (!endpoints.isEmpty()) {
            sql.change("""
                    UPDATE address a SET last_at = s.last_at, started_at = s.started_at, scans = a.scans + s.repeats FROM schedule s
                    WHERE s.endpoint_id = ANY ($1) AND s.lease_token = ANY ($2) AND s.repeats > 0
                      AND a.endpoint_id = s.endpoint_id AND a.last_at = s.written_at""", endpoints, tokens);
        }
    }

    /** As they were a moment ago, nothing locked: enough to tell results that say nothing new. {@code tokens} are believed. */
    static Map<Long, Held> look(Sql sql, List<Long> endpoints, List<UUID> tokens) {
        Map<Long, Held> held = new HashMap<>();
        for (int i = 0; i < endpoints.size(); i++) {
            held.put(
                    endpoints.get(i),
                    new Held(endpoints.get(i), tokens.get(i), null, 0, false, Instant.MAX, new HashMap<>()));
        }
        return addMembers(sql, held)
                .map(now -> {
                    held.replaceAll((id, h) -> new Held(id, h.token, null, 0, false, now, h.members));
                    return held;
                })
                .orElse(held);
    }

    /** Answers the database's time, unless none of them was ever seen. */
    private static Optional<Instant> addMembers(Sql sql, Map<Long, Held> held) {
        if (held.isEmpty()) {
            return Optional.empty();
        }
        Instant now = null;
        for (Row row : sql.rows("""
                SELECT endpoint_id, address, observation_id, outcome::text AS outcome, reason, first_seen, run_at, judged_until, last_at, scans, scanner, now() AS now
                FROM address WHERE endpoint_id = ANY ($1)""", List.copyOf(held.keySet()))) {
            now = Columns.instant(row, "now");
            Held of = held.get(Columns.number(row, "endpoint_id"));
            if (of != null) {
                of.members.put(
                        Columns.text(row, "address"),
                        new Member(
                                row.getLong("observation_id"),
                                Columns.text(row, "outcome"),
                                Columns.textOrNull(row, "reason"),
                                Columns.instant(row, "first_seen"),
                                Columns.instant(row, "run_at"),
                                orBeginning(Columns.instantOrNull(row, "judged_until")),
                                Columns.instant(row, "last_at"),
                                Columns.integer(row, "scans"),
                                Columns.text(row, "scanner")));
            }
        }
        return Optional.ofNullable(now);
    }

    /** The same with what the operator said of them. */
    static List<Held> withTargets(Sql sql, List<Held> held) {
        if (held.isEmpty()) {
            return held;
        }
        Map<Long, Target> targets = new HashMap<>();
        for (Row row : sql.rows(
                "SELECT " + TargetRows.COLUMNS
                        + " FROM target t JOIN site ON site.id = t.site_id WHERE t.id = ANY ($1)",
                held.stream().map(Held::endpoint).toList())) {
            targets.put(Columns.number(row, "id"), TargetRows.target(row));
        }
        return held.stream()
                .map(h -> new Held(
                        h.endpoint, h.token, targets.get(h.endpoint), h.failures, h.firstScan, h.now, h.members))
                .toList();
    }

    private static Instant orBeginning(@Nullable Instant at) {
        return at == null ? Instant.EPOCH : at;
    }
}
