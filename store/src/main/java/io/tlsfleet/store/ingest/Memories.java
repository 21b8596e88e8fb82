package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.change.Canonical;
import io.tlsfleet.fleet.change.Certainty;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Observations;
import io.tlsfleet.store.content.ScanRows;
import io.tlsfleet.store.inventory.TargetRows;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of endpoints and their fleet, read for a batch of judgements in a handful of questions; those whose
 * answer could not matter are not asked. Counts stop at a thousand.
 */
final class Memories {
    private static final int MOST_MEMBERS = 8;

    private final Sql sql;
    private final List<Subject> subjects;
    private final @Nullable KeyUses known;

    /** One endpoint at one address, {@code alone} if it has no other, and what is said of it before memory is asked. */
    record Asked(
            Held held,
            Observation observation,
            String address,
            @Nullable Long observationId,
            boolean reached,
            boolean alone,
            List<String> changes,
            Elsewhere.Standing standing) {}

    record Subject(Asked asked, List<CertificateFacts> leaves) {
        long endpoint() {
            return asked.held().endpoint();
        }
    }

    private Memories(Sql sql, List<Asked> asked, @Nullable KeyUses known) {
        this.sql = sql;
        this.known = known;
        this.subjects =
                asked.stream().map(a -> new Subject(a, leaves(a.observation()))).toList();
    }

    /** In the order asked. */
    static List<Memory> of(Sql sql, List<Asked> asked) {
        return of(sql, asked, null);
    }

    /** {@code known}: how keys are used, where that may be a minute old. */
    static List<Memory> of(Sql sql, List<Asked> asked, @Nullable KeyUses known) {
        return asked.isEmpty() ? List.of() : new Memories(sql, asked, known).all();
    }

    private List<Memory> all() {
        Map<Long, List<Memory.TicketKey>> ticketKeys = ticketKeys();
        Map<String, KeyUses.Use> keyUse = keyUse();
        Map<String, String> knownKeys = knownKeys();
        Map<String, Integer> intermediates = intermediateUse();
        Renewals of = new Renewals(sql, subjects);
        Map<String, Memory.Newer> newer = of.newer();
        Map<Long, List<Double>> renewals = of.habits();
        Map<String, Memory.RenewalWindow> windows = of.windows();
        Map<String, Duration> notBackdating = of.notBackdating();
        Map<String, List<Memory.Twin>> sameSerial =
                Twins.of(sql, chains().distinct().toList());
        Elsewhere elsewhere =
                Elsewhere.of(sql, subjects.stream().map(Subject::asked).toList());
        List<Memory> memories = new ArrayList<>();
        for (Subject subject : subjects) {
            Held held = subject.asked().held();
            memories.add(new Memory(
                    held.target().owner(),
                    held.target().tags().get(TargetRows.IDENTITY_TAG),
                    subject.asked().reached() ? 0 : held.failures() + 1,
                    ticketKeys.getOrDefault(held.endpoint(), List.of()),
                    keyUse(subject, keyUse),
                    knownKeys,
                    intermediates,
                    Renewals.newer(subject, newer),
                    otherAddresses(subject.asked()),
                    elsewhere.than(subject.asked()),
                    renewals.getOrDefault(held.endpoint(), List.of()),
                    windows,
                    notBackdating,
                    sameSerial,
                    subject.asked().changes(),
                    coverageFall(subject.asked())));
        }
        return memories;
    }

    private static List<CertificateFacts> leaves(Observation observation) {
        List<CertificateFacts> leaves = new ArrayList<>();
        List<Observation.ServedChain> served = observation.served();
        for (Observation.ServedChain chain : served == null ? List.<Observation.ServedChain>of() : served) {
            if (!chain.chain().isEmpty()) {
                leaves.add(CertificateFacts.read(chain.chain().getFirst()));
            }
        }
        return leaves;
    }

    private Map<Long, List<Memory.TicketKey>> ticketKeys() {
        List<Long> endpoints = subjects.stream()
                .filter(s -> s.asked().observation().resumption() != null)
                .map(Subject::endpoint)
                .distinct()
                .toList();
        Map<Long, List<Memory.TicketKey>> keys = new HashMap<>();
        if (endpoints.isEmpty()) {
            return keys;
        }
        for (Row row : sql.rows("""
                SELECT me.id, encode(k.name, 'hex') AS name, k.first_seen, k.last_seen,
                  array(SELECT DISTINCT t.owner FROM ticket_key o JOIN target t ON t.id = o.endpoint_id
                    WHERE o.name = k.name AND o.endpoint_id <> me.id AND t.owner IS DISTINCT FROM me.owner
                      AND t.owner IS NOT NULL AND t.retired_at IS NULL LIMIT 20) AS others
                FROM target me CROSS JOIN LATERAL (
                  SELECT * FROM ticket_key WHERE endpoint_id = me.id ORDER BY last_seen DESC LIMIT 50) k
                WHERE me.id = ANY ($1) ORDER BY k.last_seen DESC""", endpoints)) {
            keys.computeIfAbsent(Columns.number(row, "id"), id -> new ArrayList<>())
                    .add(new Memory.TicketKey(
                            Columns.text(row, "name"),
                            Columns.instant(row, "first_seen"),
                            Columns.instant(row, "last_seen"),
                            Set.copyOf(Columns.texts(row, "others"))));
        }
        return keys;
    }

    /** All that is served. */
    private Stream<CertificateFacts> chains() {
        return subjects.stream()
                .flatMap(s -> Stream.ofNullable(s.asked().observation().served()))
                .flatMap(List::stream)
                .flatMap(chain -> chain.chain().stream())
                .map(CertificateFacts::read);
    }

    private Map<String, String> knownKeys() {
        return KnownKeys.among(
                sql, chains().map(CertificateFacts::spkiSha256).distinct().toList());
    }

    private Map<String, KeyUses.Use> keyUse() {
        List<String> keys = subjects.stream()
                .flatMap(s -> s.leaves().stream())
                .map(CertificateFacts::spkiSha256)
                .filter(spki -> !spki.isEmpty())
                .distinct()
                .toList();
        return known == null ? KeyUses.counted(sql, keys) : known.of(keys, some -> KeyUses.counted(sql, some));
    }

    /** With the endpoint itself, whose row may not say yet what it serves now. */
    private static Map<String, Memory.KeyUse> keyUse(Subject subject, Map<String, KeyUses.Use> all) {
        Map<String, Memory.KeyUse> use = new HashMap<>();
        for (CertificateFacts leaf : subject.leaves()) {
            KeyUses.Use known = all.get(leaf.spkiSha256());
            if (known != null) {
                boolean counted = known.ids().contains(subject.endpoint());
                Set<String> owners = new TreeSet<>(known.owners());
                String own = subject.asked().held().target().owner();
                if (own != null) {
                    owners.add(own);
                }
                use.put(
                        leaf.spkiSha256(),
                        new Memory.KeyUse(known.endpoints() + (counted ? 0 : 1), owners, known.examples()));
            }
        }
        return use;
    }

    /** Only of issuers that end before what they signed: nobody asks for the others. */
    private Map<String, Integer> intermediateUse() {
        Set<String> wanted = new HashSet<>();
        for (Subject subject : subjects) {
            List<Observation.ServedChain> served = subject.asked().observation().served();
            for (Observation.ServedChain chain : served == null ? List.<Observation.ServedChain>of() : served) {
                endBeforeTheirLeaf(chain, wanted);
            }
        }
        Map<String, Integer> use = new HashMap<>();
        if (!wanted.isEmpty()) {
            for (Row row : sql.rows("""
                    SELECT w.sha256, (SELECT count(*) FROM (SELECT e.id FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id
                        JOIN target t ON t.id = e.id AND t.retired_at IS NULL
                        WHERE cc.sha256 = decode(w.sha256, 'hex') AND cc.position > 0 LIMIT 1000) x)::int AS endpoints
                    FROM unnest($1::text[]) AS w(sha256)""", List.copyOf(wanted))) {
                use.put(Columns.text(row, "sha256"), Math.max(1, Columns.integer(row, "endpoints")));
            }
        }
        return use;
    }

    private static void endBeforeTheirLeaf(Observation.ServedChain chain, Set<String> wanted) {
        Instant leafEnd = null;
        for (byte[] der : chain.chain()) {
            CertificateFacts certificate = CertificateFacts.read(der);
            Instant end = certificate.notAfter();
            if (leafEnd == null) {
                leafEnd = end;
            } else if (end != null && end.isBefore(leafEnd)) {
                wanted.add(certificate.sha256());
            }
            if (leafEnd == null) {
                return;
            }
        }
    }

    private List<Memory.Member> otherAddresses(Asked asked) {
        String address = asked.address();
        if (asked.alone()) {
            return List.of();
        }
        List<Row> rows =
                sql.rows("SELECT " + ScanRows.COLUMNS + """
                , a.last_at, coalesce((SELECT json_object_agg(coalesce(c.key_algorithm, ''), encode(c.sha256, 'hex')) FROM observation o
                    JOIN chain_certificate cc ON cc.chain_id = o.chain_id AND cc.position = 0 JOIN certificate c ON c.sha256 = cc.sha256
                    WHERE o.id = a.observation_id), '{}')::text AS leaves
                FROM address_now a JOIN target t ON t.id = a.endpoint_id
                WHERE a.endpoint_id = $1 AND a.address NOT IN ('', $2) AND a.observation_id IS NOT NULL
                  AND a.last_at > now() - interval '7 days' ORDER BY a.last_at DESC LIMIT $3""", asked.held().endpoint(), address, MOST_MEMBERS);
        // what is kept as the same observation has the same settings, read or not
        Map<Long, String> hashes = new LinkedHashMap<>();
        if (asked.observationId() != null) {
            hashes.put(asked.observationId(), Canonical.configHash(asked.observation()));
        }
        List<Observations.Frame> frames = rows.stream()
                .map(ScanRows::frame)
                .filter(frame -> hashes.putIfAbsent(frame.observation(), "") == null)
                .toList();
        List<Observation> seen = Observations.read(sql, frames);
        for (int i = 0; i < frames.size(); i++) {
            hashes.put(frames.get(i).observation(), Canonical.configHash(seen.get(i)));
        }
        List<Memory.Member> members = new ArrayList<>();
        for (Row row : rows) {
            Map<String, String> leaves = new HashMap<>();
            Columns.json(row, "leaves")
                    .properties()
                    .forEach(e -> leaves.put(e.getKey(), e.getValue().asText()));
            members.add(new Memory.Member(
                    Columns.text(row, "address"),
                    leaves,
                    Objects.requireNonNull(hashes.get(Columns.number(row, "observation_id"))),
                    Columns.instant(row, "last_at")));
        }
        members.sort(Comparator.comparing(Memory.Member::address));
        return members;
    }

    /** Against what this endpoint showed most of in the last days. */
    private Memory.@Nullable CoverageFall coverageFall(Asked asked) {
        Observation now = asked.observation();
        if (!asked.reached() || now.coverage().stream().noneMatch(c -> c.state() == FactState.UNKNOWN)) {
            return null;
        }
        Map<String, Integer> known = Certainty.known(now);
        Memory.CoverageFall worst = null;
        for (Row row : sql.rows("""
                SELECT o.known::text AS known FROM endpoint_observation r JOIN observation o ON o.id = r.observation_id
                WHERE r.endpoint_id = $1 AND r.last_seen > now() - interval '7 days' AND o.known IS NOT NULL
                ORDER BY r.last_seen DESC LIMIT 20""", asked.held().endpoint())) {
            Map<String, Integer> before = new HashMap<>();
            Columns.json(row, "known")
                    .properties()
                    .forEach(e -> before.put(e.getKey(), e.getValue().asInt()));
            int then = Certainty.sum(before, known);
            if (Certainty.fell(before, now) && (worst == null || then > worst.knownBefore())) {
                worst = new Memory.CoverageFall(then, Certainty.sum(known, before));
            }
        }
        return worst;
    }
}
