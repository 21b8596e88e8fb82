package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.change.Change;
import io.tlsfleet.fleet.change.Vantage;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Observations;
import io.tlsfleet.store.content.ScanRows;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The same name as other sites see it: the target with the same host, port, server name and preamble there.
 *
 * <p>What a site sees now is compared with all that another site saw in the last days, so that a balancer whose answers both
 * sites know is no difference. A difference is settled once both sides have shown theirs three times, the other side since
 * this one shows what it shows; until then both are asked again soon ({@link #wake}). A site that is silent is not compared.
 */
final class Elsewhere {
    static final String RULE = "endpoint.sites-differ";
    private static final int LOOKS = 3;
    private static final int MOST_SEEN = 8;
    /** Who shows something else at every scan is not asked again and again for it. */
    private static final int MOST_NEWS = 5;

    /**
     * How often in a row an address showed what it shows, this time counted, and since when (null: since this scan);
     * {@code together}: what was scanned along with it was scanned then or later.
     */
    record Standing(int looks, @Nullable Instant since, Instant together) {}

    /** One of the others: its addresses as last seen, newest first, and what its endpoint showed in the last days. */
    private record Other(List<Row> addresses, Set<Long> seen) {
        Row newest() {
            return addresses.getFirst();
        }

        boolean settledSince(@Nullable Instant since) {
            return since != null
                    && Columns.instant(newest(), "last_at").isAfter(since)
                    && Columns.integer(newest(), "scans") >= LOOKS;
        }
    }

    private final Sql sql;
    private final Map<Long, Map<Long, Other>> others = new HashMap<>();

    private Elsewhere(Sql sql) {
        this.sql = sql;
    }

    static Elsewhere of(Sql sql, List<Memories.Asked> asked) {
        Elsewhere elsewhere = new Elsewhere(sql);
        List<Long> reached = asked.stream()
                .filter(Memories.Asked::reached)
                .map(a -> a.held().endpoint())
                .distinct()
                .toList();
        if (!reached.isEmpty()) {
            elsewhere.find(reached);
        }
        return elsewhere;
    }

    private void find(List<Long> endpoints) {
        // materialized: most have no other, and a planner that knows of no addresses yet would begin with all of them
        for (Row row : sql.rows("""
                WITH other AS MATERIALIZED (
                  SELECT me.id AS me, t.* FROM target me JOIN target t ON t.host = me.host AND t.port = me.port
                    AND t.site_id <> me.site_id AND coalesce(t.sni, t.host) = coalesce(me.sni, me.host)
                    AND t.starttls IS NOT DISTINCT FROM me.starttls AND t.retired_at IS NULL
                  WHERE me.id = ANY ($1))
                SELECT t.me, t.id AS other, os.name AS there, a.last_at, a.scans, %s
                FROM other t JOIN site os ON os.id = t.site_id JOIN schedule s ON s.endpoint_id = t.id
                JOIN address_now a ON a.endpoint_id = t.id AND a.outcome IN ('complete', 'partial') AND a.observation_id IS NOT NULL
                   AND a.last_at > now() - make_interval(secs => greatest(2 * s.interval_seconds, 3600))
                ORDER BY os.name, a.last_at DESC""".formatted(ScanRows.COLUMNS), endpoints)) {
            Other other = others.computeIfAbsent(Columns.number(row, "me"), id -> new LinkedHashMap<>())
                    .computeIfAbsent(
                            Columns.number(row, "other"), id -> new Other(new ArrayList<>(), new LinkedHashSet<>()));
            other.addresses.add(row);
            other.seen.add(Columns.number(row, "observation_id"));
        }
        if (!others.isEmpty()) {
            addSeen();
        }
    }

    private void addSeen() {
        List<Long> ids = others.values().stream()
                .flatMap(of -> of.keySet().stream())
                .distinct()
                .toList();
        for (Row row : sql.rows("""
                SELECT endpoint_id, observation_id FROM endpoint_observation
                WHERE endpoint_id = ANY ($1) AND last_seen > now() - interval '7 days' ORDER BY last_seen DESC""", ids)) {
            for (Map<Long, Other> of : others.values()) {
                Other other = of.get(Columns.number(row, "endpoint_id"));
                if (other != null && other.seen.size() < MOST_SEEN) {
                    other.seen.add(Columns.number(row, "observation_id"));
                }
            }
        }
    }

    /** One for each other site that was seen lately. */
    List<Memory.Elsewhere> than(Memories.Asked asked) {
        List<Memory.Elsewhere> told = new ArrayList<>();
        String here = Objects.requireNonNullElse(asked.held().target().site(), "");
        others.getOrDefault(asked.held().endpoint(), Map.of()).forEach((endpoint, other) -> {
            Row newest = other.newest();
            told.add(new Memory.Elsewhere(
                    here,
                    Columns.text(newest, "there"),
                    endpoint,
                    Columns.text(newest, "address"),
                    Columns.instant(newest, "last_at"),
                    differences(asked, other),
                    asked.standing().looks() >= LOOKS
                            && other.settledSince(asked.standing().since())));
        });
        return told;
    }

    private List<Change> differences(Memories.Asked asked, Other other) {
        Long own = asked.observationId();
        if (own != null && other.seen.contains(own)) {
            return List.of();
        }
        List<Observation> there = read(other.newest(), other.seen);
        List<Change> nearest = nearest(there, asked.observation());
        if (nearest.isEmpty()) {
            return nearest;
        }
        // another of its present addresses answers as they see it: its addresses differ, not the sites
        List<Row> rows = sql.rows(
                "SELECT " + ScanRows.COLUMNS + " " + """
                FROM address_now a JOIN target t ON t.id = a.endpoint_id
                WHERE a.endpoint_id = $1 AND a.address <> $2 AND a.outcome IN ('complete', 'partial')
                  AND a.observation_id IS NOT NULL AND a.last_at >= $3 ORDER BY a.last_at DESC LIMIT 16""",
                asked.held().endpoint(),
                asked.address(),
                asked.standing().together());
        for (Observation member :
                Observations.read(sql, rows.stream().map(ScanRows::frame).toList())) {
            if (nearest(there, member).isEmpty()) {
                return List.of();
            }
        }
        return nearest;
    }

    private List<Observation> read(Row frame, Collection<Long> observations) {
        Observations.Frame last = ScanRows.frame(frame);
        return Observations.read(
                sql,
                observations.stream()
                        .map(id ->
                                new Observations.Frame(id, last.endpoint(), last.scan(), last.proofs(), last.timing()))
                        .toList());
    }

    private static List<Change> nearest(List<Observation> there, Observation here) {
        List<Change> nearest = null;
        for (Observation one : there) {
            List<Change> differences = Vantage.between(one, here);
            if (nearest == null || differences.size() < nearest.size()) {
                nearest = differences;
            }
        }
        return nearest == null ? List.of() : nearest;
    }

    static boolean isUnsettled(Memory memory) {
        return memory.elsewhere().stream()
                .anyMatch(e -> !e.settled() && !e.differences().isEmpty());
    }

    /**
     * Has the others, and this one while its own answer is not settled, looked at and judged again soon. {@code news}: it
     * never showed this before. Rows that somebody else holds are left alone: they are being scanned or judged just now.
     */
    static void wake(Sql sql, Memories.Asked asked, Memory memory, boolean news, boolean newRun) {
        List<Long> others =
                memory.elsewhere().stream().map(Memory.Elsewhere::endpoint).toList();
        if (others.isEmpty()) {
            return;
        }
        long own = asked.held().endpoint();
        boolean unsettled = isUnsettled(memory);
        boolean settled = memory.elsewhere().stream()
                .anyMatch(e -> e.settled() && !e.differences().isEmpty());
        if (unsettled || news || settled && !isOpen(sql, own)) {
            if (showsMuch(sql, own)) {
                return;
            }
            soon(sql, others, false);
            if (unsettled && asked.standing().looks() < LOOKS) {
                soon(sql, List.of(own), false);
            }
        } else if (newRun) {
            soon(sql, others, true);
        }
    }

    private static boolean isOpen(Sql sql, long endpoint) {
        return sql.row(
                        "SELECT 1 FROM finding WHERE endpoint_id = $1 AND rule = $2 AND state <> 'resolved'",
                        endpoint,
                        RULE)
                .isPresent();
    }

    private static boolean showsMuch(Sql sql, long endpoint) {
        return Columns.integer(sql.one("""
                                SELECT count(*)::int AS n FROM endpoint_observation
                                WHERE endpoint_id = $1 AND last_seen > now() - interval '7 days'""", endpoint), "n") > MOST_NEWS;
    }

    private static void soon(Sql sql, List<Long> endpoints, boolean ifOpen) {
        sql.later("""
                UPDATE address SET judged_until = '-infinity' WHERE (endpoint_id, address) IN (
                  SELECT a.endpoint_id, a.address FROM address a WHERE a.endpoint_id = ANY ($1) AND (NOT $2 OR EXISTS (
                    SELECT 1 FROM finding f WHERE f.endpoint_id = a.endpoint_id AND f.rule = $3 AND f.state <> 'resolved'))
                  FOR UPDATE SKIP LOCKED)""", endpoints, ifOpen, RULE);
        sql.later("""
                UPDATE schedule SET next_at = now() + interval '10 s' * (1 + random()) WHERE endpoint_id IN (
                  SELECT s.endpoint_id FROM schedule s WHERE s.endpoint_id = ANY ($1) AND s.lease_token IS NULL
                    AND isfinite(s.next_at) AND s.next_at > now() + interval '20 s' AND (NOT $2 OR EXISTS (
                    SELECT 1 FROM finding f WHERE f.endpoint_id = s.endpoint_id AND f.rule = $3 AND f.state <> 'resolved'))
                  FOR UPDATE SKIP LOCKED)""", endpoints, ifOpen, RULE);
    }
}
