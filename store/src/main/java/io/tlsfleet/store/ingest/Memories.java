package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.change.Canonical;
import io.tlsfleet.fleet.change.Change;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Observations;
import io.tlsfleet.store.content.ScanRows;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is remembered of an endpoint and its fleet, read for one judgement. Counts stop at a thousand. */
final class Memories {
    /** A tag that names the workload identity a target expects instead of its host name. */
    private static final String IDENTITY_TAG = "expectIdentity";

    private static final int MOST_MEMBERS = 8;

    private final Sql sql;
    private final Held held;
    private @Nullable List<Memory.TicketKey> ticketKeys;

    Memories(Sql sql, Held held) {
        this.sql = sql;
        this.held = held;
    }

    Memory of(Result result, List<Change> changes) {
        List<byte[]> leaves = leaves(result);
        return new Memory(
                held.target().owner(),
                held.target().tags().get(IDENTITY_TAG),
                result.reached() ? 0 : held.failures() + 1,
                ticketKeys(),
                keyUse(leaves),
                Map.of(),
                newer(leaves),
                otherAddresses(result.address()),
                List.of(),
                Map.of(),
                Map.of(),
                changes.stream().map(Change::text).toList(),
                null);
    }

    private static List<byte[]> leaves(Result result) {
        List<byte[]> leaves = new ArrayList<>();
        List<Observation.ServedChain> served = result.observation().served();
        for (Observation.ServedChain chain : served == null ? List.<Observation.ServedChain>of() : served) {
            if (!chain.chain().isEmpty()) {
                leaves.add(io.tlsfleet.store.content.Piece.sha256(chain.chain().getFirst()));
            }
        }
        return leaves;
    }

    private List<Memory.TicketKey> ticketKeys() {
        List<Memory.TicketKey> known = ticketKeys;
        if (known == null) {
            known = sql.rows("""
                            SELECT encode(k.name, 'hex') AS name, k.first_seen, k.last_seen,
                              array(SELECT DISTINCT t.owner FROM ticket_key o JOIN target t ON t.id = o.endpoint_id
                                WHERE o.name = k.name AND o.endpoint_id <> k.endpoint_id AND t.owner IS DISTINCT FROM $2
                                  AND t.owner IS NOT NULL LIMIT 20) AS others
                            FROM ticket_key k WHERE k.endpoint_id = $1 ORDER BY k.last_seen DESC LIMIT 50""", held.endpoint(), held.target().owner()).stream()
                    .map(row -> new Memory.TicketKey(
                            Columns.text(row, "name"),
                            Columns.instant(row, "first_seen"),
                            Columns.instant(row, "last_seen"),
                            Set.copyOf(Columns.texts(row, "others"))))
                    .toList();
            ticketKeys = known;
        }
        return known;
    }

    private Map<String, Memory.KeyUse> keyUse(List<byte[]> leaves) {
        Map<String, Memory.KeyUse> use = new HashMap<>();
        if (leaves.isEmpty()) {
            return use;
        }
        for (Row row : sql.rows("""
                SELECT encode(me.spki_sha256, 'hex') AS spki, u.endpoints, u.owners, u.examples
                FROM certificate me CROSS JOIN LATERAL (
                  SELECT count(*) AS endpoints, coalesce(array_agg(DISTINCT x.owner) FILTER (WHERE x.owner IS NOT NULL), '{}') AS owners,
                    (array_agg(x.name))[1:5] AS examples
                  FROM (SELECT t.owner, t.host || ':' || t.port AS name FROM certificate c
                    JOIN chain_certificate cc ON cc.sha256 = c.sha256 AND cc.position = 0
                    JOIN endpoint e ON e.chain_id = cc.chain_id JOIN target t ON t.id = e.id
                    WHERE c.spki_sha256 = me.spki_sha256 LIMIT 1000) x) u
                WHERE me.sha256 = ANY ($1) AND me.spki_sha256 IS NOT NULL AND u.endpoints > 0""", leaves)) {
            use.put(
                    Columns.text(row, "spki"),
                    new Memory.KeyUse(
                            Columns.integer(row, "endpoints"),
                            new HashSet<>(Columns.texts(row, "owners")),
                            Columns.texts(row, "examples")));
        }
        return use;
    }

    private Map<String, Memory.Newer> newer(List<byte[]> leaves) {
        Map<String, Memory.Newer> newer = new HashMap<>();
        if (leaves.isEmpty()) {
            return newer;
        }
        for (Row row : sql.rows("""
                SELECT encode(me.sha256, 'hex') AS leaf, encode(n.sha256, 'hex') AS sha256, n.not_before, n.not_after,
                  coalesce((SELECT t.host || ':' || t.port FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id
                    JOIN target t ON t.id = e.id WHERE cc.sha256 = n.sha256 AND cc.position = 0 LIMIT 1), 'an import') AS seen_at
                FROM certificate me CROSS JOIN LATERAL (
                  SELECT c.* FROM certificate c WHERE c.names @> me.names AND c.names <@ me.names AND c.not_before > me.not_before
                    AND c.issuer = me.issuer AND c.key_algorithm = me.key_algorithm AND c.sha256 <> ALL ($1)
                  ORDER BY c.not_before DESC LIMIT 1) n
                WHERE me.sha256 = ANY ($1) AND me.names <> '{}' AND n.not_after IS NOT NULL""", leaves)) {
            newer.put(
                    Columns.text(row, "leaf"),
                    new Memory.Newer(
                            Columns.text(row, "sha256"),
                            Columns.instant(row, "not_before"),
                            Columns.instant(row, "not_after"),
                            Columns.text(row, "seen_at")));
        }
        return newer;
    }

    private List<Memory.Member> otherAddresses(String address) {
        if (held.members().keySet().stream().allMatch(a -> a.equals(address) || a.isEmpty())) {
            return List.of();
        }
        List<Row> rows = sql.rows("SELECT " + ScanRows.COLUMNS + """
                , a.last_at, coalesce((SELECT json_object_agg(coalesce(c.key_algorithm, ''), encode(c.sha256, 'hex')) FROM observation o
                    JOIN chain_certificate cc ON cc.chain_id = o.chain_id AND cc.position = 0 JOIN certificate c ON c.sha256 = cc.sha256
                    WHERE o.id = a.observation_id), '{}')::text AS leaves
                FROM address a JOIN target t ON t.id = a.endpoint_id
                WHERE a.endpoint_id = $1 AND a.address NOT IN ('', $2) AND a.observation_id IS NOT NULL
                  AND a.last_at > now() - interval '7 days' ORDER BY a.last_at DESC LIMIT $3""", held.endpoint(), address, MOST_MEMBERS);
        List<Observation> seen =
                Observations.read(sql, rows.stream().map(ScanRows::frame).toList());
        List<Memory.Member> members = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Map<String, String> leaves = new HashMap<>();
            Columns.json(rows.get(i), "leaves")
                    .properties()
                    .forEach(e -> leaves.put(e.getKey(), e.getValue().asText()));
            members.add(new Memory.Member(
                    Columns.text(rows.get(i), "address"),
                    leaves,
                    Canonical.configHash(seen.get(i)),
                    Columns.instant(rows.get(i), "last_at")));
        }
        return members;
    }
}
