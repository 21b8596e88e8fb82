package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.AddressShard;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What every result costs: when it is due again, and of which address what was seen. Whole batches at once. */
final class Touch {
    private static final Set<Reason> SLOW =
            Set.of(Reason.CONNECT_TIMEOUT, Reason.READ_TIMEOUT, Reason.DEADLINE, Reason.NO_ROUTE);

    private final List<Long> endpoints = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final List<Instant> startedAts = new ArrayList<>();
    private final List<Integer> durations = new ArrayList<>();
    private final List<Integer> connections = new ArrayList<>();
    private final List<Long> sent = new ArrayList<>();
    private final List<Long> received = new ArrayList<>();
    private final List<Integer> handshakes = new ArrayList<>();
    private final List<String> depths = new ArrayList<>();

    private final List<Long> keyEndpoints = new ArrayList<>();
    private final List<String> keyNames = new ArrayList<>();

    private final List<Long> ended = new ArrayList<>();
    private final List<UUID> tokens = new ArrayList<>();
    private final List<Boolean> unreachable = new ArrayList<>();
    private final List<Boolean> slow = new ArrayList<>();
    private final List<Boolean> whole = new ArrayList<>();
    private final List<Integer> shards = new ArrayList<>();
    private final List<Instant> begun = new ArrayList<>();
    private final List<Boolean> asked = new ArrayList<>();

    /** Nothing new at this address. */
    void unchanged(long endpoint, Result result) {
        Observation.Scan scan = result.observation().scan();
        endpoints.add(endpoint);
        addresses.add(result.address());
        startedAts.add(scan.startedAt());
        durations.add((int) Math.min(scan.durationMillis(), Integer.MAX_VALUE));
        connections.add(scan.connections());
        sent.add(scan.bytesSent());
        received.add(scan.bytesReceived());
        handshakes.add(scan.handshakesCompleted());
        depths.add(scan.depth().word());
    }

    void ended(long endpoint, UUID token, List<Result> results) {
        boolean none = results.stream().noneMatch(Result::reached);
        ended.add(endpoint);
        tokens.add(token);
        begun.add(results.stream()
                .map(r -> r.observation().scan().startedAt())
                .min(Comparator.naturalOrder())
                .orElse(Instant.EPOCH));
        asked.add(!results.isEmpty());
        unreachable.add(none);
        slow.add(none
                && results.stream().anyMatch(r -> isSlow(r.observation().scan().reason())));
        shards.add(results.stream()
                .mapToInt(Result::shard)
                .filter(s -> s != AddressShard.UNKNOWN)
                .findFirst()
                .orElse(AddressShard.UNKNOWN));
        whole.add(results.stream().anyMatch(r -> {
            Depth depth = r.observation().scan().depth();
            return r.reached() && (depth == Depth.STANDARD || depth == Depth.FULL);
        }));
    }

    /** Names of session ticket keys, which change on purpose and are kept apart. */
    void ticketKeys(long endpoint, List<Result> results) {
        for (Result result : results) {
            for (String name : result.parts().ticketKeys()) {
                keyEndpoints.add(endpoint);
                keyNames.add(name);
            }
        }
    }

    /** Adds the parameters of {@link #SIGHTED}, if there are any. */
    boolean sighted(List<Object> parameters) {
        if (keyNames.isEmpty()) {
            return false;
        }
        parameters.add(keyEndpoints);
        parameters.add(keyNames);
        return true;
    }

    private static boolean isSlow(@Nullable Reason reason) {
        return reason != null && SLOW.contains(reason);
    }

    boolean isEmpty() {
        return ended.isEmpty();
    }

    /** The endpoints whose lease still was ours, if nothing but their times is written: no row is locked before. */
    Set<Long> end(Sql sql, int site) {
        Set<Long> ours = new HashSet<>();
        sql.rows(ENDED + " AND s.site_id = $9 RETURNING s.endpoint_id", parameters(List.of(site)))
                .forEach(row -> ours.add(Columns.number(row, "endpoint_id")));
        for (int i = endpoints.size() - 1; i >= 0; i--) {
            if (!ours.contains(endpoints.get(i))) {
                for (List<?> column : List.of(
                        endpoints, addresses, startedAts, durations, connections, sent, received, handshakes, depths)) {
                    column.remove(i);
                }
            }
        }
        for (int i = keyEndpoints.size() - 1; i >= 0; i--) {
            if (!ours.contains(keyEndpoints.get(i))) {
                keyEndpoints.remove(i);
                keyNames.remove(i);
            }
        }
        writeSeen(sql);
        return ours;
    }

    /** The rows of {@link #parameters}, with more columns if need be. */
    static String of(String moreColumns, String moreNames) {
        return """
            FROM unnest($1::bigint[], $2::bool[], $3::bool[], $4::bool[], $5::int[], $6::uuid[], $7::timestamptz[], $8::bool[]%s)
              AS u(endpoint_id, unreachable, slow, whole, shard, token, started_at, asked%s)
            """.formatted(moreColumns, moreNames);
    }

    /** Of {@link #of}, and those that follow. */
    Object[] parameters(List<?> more) {
        List<Object> all = new ArrayList<>(List.of(ended, unreachable, slow, whole, shards, tokens, begun, asked));
        all.addAll(more);
        return all.toArray();
    }

    void write(Sql sql) {
        sql.later(ENDED, parameters(List.of()));
        writeSeen(sql);
    }

    private void writeSeen(Sql sql) {
        if (!endpoints.isEmpty()) {
            sql.later(
                    """
                    UPDATE address a SET last_at = now(), scans = a.scans + 1, started_at = u.started_at,
                      duration_millis = u.duration_millis, connections = u.connections, bytes_sent = u.bytes_sent,
                      bytes_received = u.bytes_received, handshakes = u.handshakes, depth = u.depth::scan_depth
                    FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::int[], $5::int[], $6::bigint[], $7::bigint[],
                      $8::int[], $9::text[]) AS u(endpoint_id, address, started_at, duration_millis, connections, bytes_sent,
                      bytes_received, handshakes, depth)
                    WHERE a.endpoint_id = u.endpoint_id AND a.address = u.address""", endpoints, addresses, startedAts, durations, connections, sent, received, handshakes, depths);
        }
        if (!keyNames.isEmpty()) {
            sql.later(SIGHTED_LATE, keyEndpoints, keyNames);
        }
        sql.later("DELETE FROM scan_request WHERE lease_token = ANY ($1)", tokens);
    }

    // A first scan is answered by a random phase, later ones by ±10 %; what is not reached is asked again soon, then
    // ever
    // more seldom, until its own interval.
    static final String DUE_AGAIN = """
            UPDATE schedule s SET
              lease_until = '-infinity', lease_token = NULL, attempts = 0, last_at = now(), started_at = u.started_at,
              full_at = CASE WHEN u.whole THEN now() ELSE s.full_at END,
              failures = CASE WHEN u.unreachable THEN least(s.failures + 1, 1000) ELSE 0 END,
              shard = CASE WHEN u.shard = 0 THEN s.shard ELSE u.shard END,
              lane = CASE WHEN u.slow THEN 1 WHEN u.unreachable THEN s.lane ELSE 0 END,
              next_at = now() + CASE
                WHEN u.unreachable THEN least(interval '1 second' * s.interval_seconds,
                  interval '60 s' * power(2, least(s.failures, 12))) * (0.9 + 0.2 * random())
                WHEN s.last_at IS NULL THEN interval '1 second' * s.interval_seconds * (0.05 + 0.95 * random())
                ELSE interval '1 second' * s.interval_seconds * (0.9 + 0.2 * random()) END,
            """;
    private static final String ENDED = DUE_AGAIN
            + " repeats = 0, written_at = CASE WHEN u.asked THEN now() END " + of("", "")
            + " WHERE s.endpoint_id = u.endpoint_id AND s.lease_token = u.token";

    static final String SIGHTED = """
            INSERT INTO ticket_key (endpoint_id, name, first_seen, last_seen)
            SELECT DISTINCT u.endpoint_id, decode(u.name, 'hex'), now(), now() FROM %s
            WHERE NOT EXISTS (SELECT 1 FROM ticket_key k WHERE k.endpoint_id = u.endpoint_id
              AND k.name = decode(u.name, 'hex') AND k.last_seen > now() - interval '1 hour')
            ON CONFLICT (endpoint_id, name) DO UPDATE SET last_seen = now()""";
    private static final String SIGHTED_LATE =
            SIGHTED.formatted("unnest($1::bigint[], $2::text[]) AS u(endpoint_id, name)");
}
