package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Observations;
import io.tlsfleet.store.content.ScanRows;
import io.tlsfleet.store.inventory.TargetRows;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What was last seen, whole again, with what is remembered: all that a report or another judgement needs. */
public final class Latest {
    private static final UUID NO_LEASE = new UUID(0, 0);
    private static final Duration KEYS_EXACT_TO = Duration.ofHours(2);

    private final Sql sql;
    private final @Nullable KeyUses keys;

    public Latest(Sql sql) {
        this(sql, null);
    }

    /** {@code keys}: how keys are used, where that may be a minute old. */
    Latest(Sql sql, @Nullable KeyUses keys) {
        this.sql = sql;
        this.keys = keys;
    }

    /** {@code configuration}: the hash of its settings as they are kept, in hex; null where none are shown. */
    public record Seen(
            long endpoint,
            String address,
            Target target,
            Observation observation,
            @Nullable String configuration,
            Memory memory,
            Instant at) {}

    /**
     * Of one address, or without one of the address that was scanned last; {@code observation} names an earlier one of the
     * endpoint's history. Empty: not scanned yet, or there is no such address or observation.
     */
    public Optional<Seen> of(long endpoint, @Nullable String address, @Nullable Long observation) {
        List<Row> rows = sql.rows(SELECT + """
                 WHERE a.endpoint_id = $1 AND ($2::text IS NULL OR a.address = $2)
                   AND ($3::bigint IS NULL OR EXISTS (
                     SELECT 1 FROM scan_run r WHERE r.endpoint_id = $1 AND r.observation_id = $3
                     UNION ALL SELECT 1 FROM endpoint_observation r WHERE r.endpoint_id = $1 AND r.observation_id = $3))
                 ORDER BY a.observation_id IS NOT DISTINCT FROM $3 DESC, a.last_at DESC, a.outcome LIMIT 1""", endpoint, address, observation);
        return seen(rows, observation).stream().findFirst();
    }

    /** All addresses of these endpoints, by endpoint. */
    public List<Seen> of(List<Long> endpoints) {
        if (endpoints.isEmpty()) {
            return List.of();
        }
        return seen(
                sql.rows(SELECT + " WHERE a.endpoint_id = ANY ($1) ORDER BY a.endpoint_id, a.address", endpoints),
                null);
    }

    /** Which endpoints; what is null or empty is not asked for. */
    public record Selection(
            @Nullable String owner,
            List<String> tags,
            @Nullable String q) {
        public static final Selection ALL = new Selection(null, List.of(), null);
    }

    /** The next live endpoints after one, that were scanned; to walk through all of them. */
    public List<Long> after(long endpoint, int limit) {
        return after(Selection.ALL, endpoint, limit);
    }

    public List<Long> after(Selection selection, long endpoint, int limit) {
        return sql
                .rows(
                        "SELECT e.id" + SELECTED + " AND e.id > $4 ORDER BY e.id LIMIT $5",
                        selection.owner(),
                        selection.tags().toArray(new String[0]),
                        like(selection.q()),
                        endpoint,
                        limit)
                .stream()
                .map(row -> Columns.number(row, "id"))
                .toList();
    }

    public int count(Selection selection) {
        return Columns.integer(
                sql.one(
                        "SELECT count(*)::int AS n" + SELECTED,
                        selection.owner(),
                        selection.tags().toArray(new String[0]),
                        like(selection.q())),
                "n");
    }

    private static @Nullable String like(@Nullable String q) {
        return q == null
                ? null
                : "%"
                        + q.strip()
                                .toLowerCase(Locale.ROOT)
                                .replace("\\", "\\\\")
                                .replace("%", "\\%")
                                .replace("_", "\\_")
                        + "%";
    }

    private List<Seen> seen(List<Row> rows, @Nullable Long earlier) {
        List<Observation> observations = observations(rows, earlier);
        Map<String, List<String>> changes = earlier == null ? changes(rows) : Map.of();
        List<Memories.Asked> asked = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            long id = Columns.number(row, "id");
            Observation observation = observations.get(i);
            Held held = new Held(
                    id,
                    NO_LEASE,
                    TargetRows.target(row),
                    Math.max(Columns.integer(row, "failures") - 1, 0),
                    false,
                    Columns.instant(row, "now"),
                    Map.of());
            asked.add(new Memories.Asked(
                    held,
                    observation,
                    Columns.text(row, "address"),
                    earlier == null ? row.getLong("observation_id") : earlier,
                    earlier != null || shows(row),
                    Columns.flag(row, "alone"),
                    changes.getOrDefault(changeKey(id, Columns.text(row, "address")), List.of()),
                    new Elsewhere.Standing(
                            Columns.integer(row, "scans"),
                            Columns.instant(row, "run_at"),
                            Columns.instant(row, "last_at"))));
        }
        List<Memory> memories = Memories.of(sql, asked, keys);
        List<Seen> seen = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Memories.Asked of = asked.get(i);
            seen.add(new Seen(
                    of.held().endpoint(),
                    of.address(),
                    of.held().target(),
                    withTicketKey(of.observation(), memories.get(i), Columns.instant(rows.get(i), "last_at")),
                    of.reached() ? Columns.textOrNull(rows.get(i), "configuration") : null,
                    memories.get(i),
                    of.held().now()));
        }
        return seen;
    }

    /** Ticket keys change on purpose and are kept apart: the one that was seen in the last scan, give or take. */
    private static Observation withTicketKey(Observation observation, Memory memory, Instant lastScan) {
        return memory.ticketKeys().stream()
                .filter(key -> key.lastSeen().isAfter(lastScan.minus(KEYS_EXACT_TO)))
                .findFirst()
                .map(key -> observation.withTicketKeyName(key.name()))
                .orElse(observation);
    }

    /** What the present run began with, while that is news. */
    private Map<String, List<String>> changes(List<Row> rows) {
        List<Long> ids =
                rows.stream().map(row -> Columns.number(row, "id")).distinct().toList();
        Map<String, List<String>> changes = new HashMap<>();
        if (!ids.isEmpty()) {
            for (Row row : sql.rows("""
                    SELECT c.endpoint_id, c.address, c.title FROM change c
                    JOIN address a ON a.endpoint_id = c.endpoint_id AND a.address = c.address AND a.run_at = c.at
                    WHERE c.endpoint_id = ANY ($1) AND c.at > now() - interval '12 hours' ORDER BY c.id""", ids)) {
                changes.computeIfAbsent(
                                changeKey(Columns.number(row, "endpoint_id"), Columns.text(row, "address")),
                                key -> new ArrayList<>())
                        .add(Columns.text(row, "title"));
            }
        }
        return changes;
    }

    private static String changeKey(long endpoint, String address) {
        return endpoint + " " + address;
    }

    /** What was silent last time shows its silence, not what it said before. */
    private List<Observation> observations(List<Row> rows, @Nullable Long earlier) {
        List<Observations.Frame> frames = new ArrayList<>();
        for (Row row : rows) {
            if (earlier != null || shows(row)) {
                Observations.Frame frame = ScanRows.frame(row);
                frames.add(
                        earlier == null
                                ? frame
                                : new Observations.Frame(
                                        earlier, frame.endpoint(), frame.scan(), frame.proofs(), frame.timing()));
            }
        }
        List<Observation> read = new ArrayList<>(Observations.read(sql, frames));
        List<Observation> all = new ArrayList<>();
        for (Row row : rows) {
            all.add(earlier != null || shows(row) ? read.removeFirst() : ScanRows.bare(row));
        }
        return all;
    }

    private static boolean shows(Row row) {
        String outcome = Columns.text(row, "outcome");
        return row.getLong("observation_id") != null
                && !outcome.equals(Outcome.UNREACHABLE.word())
                && !outcome.equals(Outcome.NOT_TLS.word());
    }

    private static final String SELECTED = """
             FROM endpoint e JOIN target t ON t.id = e.id WHERE t.retired_at IS NULL AND e.outcome IS NOT NULL
            AND ($1::text IS NULL OR t.owner = $1) AND t.tag_pairs @> $2::text[] AND ($3::text IS NULL OR t.words LIKE $3)""";

    private static final String SELECT = "SELECT " + TargetRows.COLUMNS + ", " + ScanRows.SCAN_COLUMNS
            + ", a.last_at, a.scans, a.run_at, (SELECT encode(c.sha256, 'hex') FROM observation o JOIN configuration c ON c.id = o.configuration_id"
            + " WHERE o.id = a.observation_id) AS configuration, coalesce(s.failures, 0) AS failures, now() AS now, NOT EXISTS (SELECT 1 FROM address other"
            + " WHERE other.endpoint_id = a.endpoint_id AND other.address NOT IN ('', a.address)) AS alone"
            + " FROM address_now a JOIN target t ON t.id = a.endpoint_id JOIN site ON site.id = t.site_id"
            + " LEFT JOIN schedule s ON s.endpoint_id = t.id ";
}
