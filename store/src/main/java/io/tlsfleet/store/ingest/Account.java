package io.tlsfleet.store.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.change.Change;
import io.tlsfleet.fleet.change.Changes;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Contents;
import io.tlsfleet.store.content.Observations;
import io.tlsfleet.store.content.Parts;
import io.tlsfleet.store.content.Piece;
import io.tlsfleet.store.content.ScanRows;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps what is new of one endpoint: the way of a result that is not as before, or whose judgement is due again. */
final class Account {
    private static final int SILENT_SCANS_JUDGED = 10;
    private static final Set<String> SILENT = Set.of(Outcome.UNREACHABLE.word(), Outcome.NOT_TLS.word());

    private final Sql sql;
    private final Contents contents;
    private final Judging judging;
    private final Held held;
    private final Ingest.Told told;
    private final KeyUses keys;
    /** An address answers otherwise than the last time. */
    private boolean moved;

    Account(Sql sql, Contents contents, Judging judging, Held held, Ingest.Told told, KeyUses keys) {
        this.sql = sql;
        this.contents = contents;
        this.judging = judging;
        this.held = held;
        this.told = told;
        this.keys = keys;
    }

    /**
     * What was seen with what was thought of it and where it is kept. {@code configuration}: the hash of its settings, in
     * hex; null when none were seen. Null {@code kept}: nothing was reached, or it is judged again where it lies.
     */
    record Judgement(
            Observation observation, @Nullable String configuration, Report report, Contents.@Nullable Kept kept) {
        boolean reached() {
            Outcome outcome = observation.scan().outcome();
            return outcome == Outcome.COMPLETE || outcome == Outcome.PARTIAL;
        }

        String address() {
            String address = observation.endpoint().address();
            return address == null ? "" : address;
        }
    }

    void keep(List<Result> results) {
        List<Judgement> judgements = new ArrayList<>();
        for (Result result : results) {
            judgements.add(keep(result));
        }
        new FindingRows(sql, held, told, judgements.stream().allMatch(this::isJudgedAnew)).reconcile(judgements);
        new EndpointRow(sql, held).write(judgements);
        told.counted.add(held.endpoint());
        if (moved && judgements.size() > 1) {
            told.together.add(held.endpoint());
        }
    }

    /** The same facts as last time, or facts that another version of the probes asked for. */
    private boolean isJudgedAnew(Judgement judgement) {
        Held.Member before = held.members().get(judgement.address());
        if (before == null || before.observation() == null || judgement.kept == null) {
            return false;
        }
        return before.observation() == judgement.kept.observation()
                || !before.scanner().equals(judgement.observation.scan().scanner());
    }

    private Judgement keep(Result given) {
        Held.Member before = held.members().get(given.address());
        Observation last = before == null ? null : last(given.address(), before);
        Result result = last != null && isPart(given.observation()) && given.reached()
                ? Result.of(over(last, given.observation()))
                : given;
        Optional<Contents.Kept> known = result.reached() ? contents.find(sql, result.parts()) : Optional.empty();
        boolean same = before != null
                && known.isPresent()
                && Objects.equals(before.observation(), known.get().observation());
        boolean seenBefore = same || known.isPresent() && isRecent(known.get().observation());
        List<Change> changes = seenBefore ? List.of() : changes(last, result, before);
        Memories.Asked asked = new Memories.Asked(
                held,
                result.observation(),
                result.address(),
                known.map(Contents.Kept::observation).orElse(null),
                result.reached(),
                held.members().keySet().stream().allMatch(a -> a.equals(result.address()) || a.isEmpty()),
                changes.stream().map(Change::text).toList(),
                before != null && !isNewRun(before, result, known.orElse(null))
                        ? new Elsewhere.Standing(before.scans() + 1, before.runAt(), before.lastAt())
                        : new Elsewhere.Standing(1, null, before == null ? held.now() : before.lastAt()));
        Memory memory = Memories.of(sql, List.of(asked), keys).getFirst();
        Judging.Judged judged = judging.judge(held.target(), result.observation(), memory, held.now());
        Contents.Kept kept = null;
        if (result.reached()) {
            kept = known.isPresent() ? known.get() : contents.keep(sql, result.parts(), judged.report());
            told.kept.put(result.parts(), kept);
        }
        boolean newRun = isNewRun(before, result, kept);
        if (newRun) {
            moved = true;
            keepRecent(before, kept);
            keepRun(before, result, judged.report(), kept, changes.size());
        }
        keepChanges(changes, result.address());
        keepBlobs(result.parts().blobs());
        keepAddress(before, result, judged, kept, newRun, Elsewhere.isUnsettled(memory));
        told.afterwards.add(then -> Elsewhere.wake(then, asked, memory, result.reached() && !seenBefore, newRun));
        Piece configuration = result.parts().configuration();
        return new Judgement(
                result.observation(), configuration == null ? null : configuration.key(), judged.report(), kept);
    }

    /** Asked for less than this target is to be asked: to check one thing, or what is known. */
    private boolean isPart(Observation observation) {
        Depth depth = observation.scan().depth();
        Depth own = Objects.requireNonNullElse(held.target().depth(), Depth.STANDARD);
        return depth == Depth.VERIFY
                || depth == Depth.CERTIFICATE && own != Depth.CERTIFICATE
                || depth == Depth.STANDARD && own == Depth.FULL;
    }

    private @Nullable Observation last(String address, Held.Member before) {
        if (before.observation() == null) {
            return null;
        }
        Row row = sql.one(
                "SELECT " + ScanRows.COLUMNS
                        + " FROM address a JOIN target t ON t.id = a.endpoint_id WHERE a.endpoint_id = $1 AND a.address = $2",
                held.endpoint(),
                address);
        return Observations.read(sql, List.of(ScanRows.frame(row))).getFirst();
    }

    /** A verification asked less: what it did not ask is as it was. */
    private static Observation over(Observation last, Observation part) {
        ObjectNode whole = (ObjectNode) Json.tree(last);
        ObjectNode now = (ObjectNode) Json.tree(part);
        now.properties().forEach(e -> {
            if (!e.getValue().isNull() && !e.getKey().equals("coverage")) {
                whole.set(e.getKey(), e.getValue());
            }
        });
        List<JsonNode> coverage = new ArrayList<>();
        now.path("coverage").forEach(coverage::add);
        for (JsonNode line : Json.tree(last.coverage())) {
            String name = line.path("fact").asText().split("/", -1)[1];
            if (!now.hasNonNull(name.equals("certificates") ? "served" : name)) {
                coverage.add(line);
            }
        }
        whole.putArray("coverage").addAll(coverage);
        return Json.read(whole, Observation.class);
    }

    private List<Change> changes(@Nullable Observation last, Result result, Held.@Nullable Member before) {
        if (last == null || before == null) {
            return List.of();
        }
        if (result.reached() && SILENT.contains(before.outcome())) {
            List<Change> all = new ArrayList<>();
            all.add(new Change(
                    Change.Kind.OUTCOME,
                    "/scan/outcome",
                    before.outcome(),
                    result.observation().scan().outcome().word()));
            all.addAll(Changes.between(last, result.observation()));
            return all;
        }
        if (!result.reached()) {
            String word = result.observation().scan().outcome().word();
            return before.outcome().equals(word)
                    ? List.of()
                    : List.of(new Change(Change.Kind.OUTCOME, "/scan/outcome", before.outcome(), word));
        }
        return Changes.between(last, result.observation());
    }

    /** Whether this endpoint showed it in the last days: balancers alternate, and that is no change. */
    private boolean isRecent(long observation) {
        return sql.row("""
                        SELECT 1 FROM endpoint_observation
                        WHERE endpoint_id = $1 AND observation_id = $2 AND last_seen > now() - interval '7 days'""", held.endpoint(), observation).isPresent();
    }

    /** The recent set: what was there until now was there until its last scan, and the new one is there from now on. */
    private void keepRecent(Held.@Nullable Member before, Contents.@Nullable Kept kept) {
        if (before != null && before.observation() != null) {
            sql.later(
                    "UPDATE endpoint_observation SET last_seen = greatest(last_seen, $3) WHERE endpoint_id = $1 AND observation_id = $2",
                    held.endpoint(),
                    before.observation(),
                    before.lastAt());
        }
        if (kept != null) {
            sql.later("""
                    INSERT INTO endpoint_observation (endpoint_id, observation_id, first_seen, last_seen) VALUES ($1, $2, now(), now())
                    ON CONFLICT (endpoint_id, observation_id) DO UPDATE SET last_seen = now()""", held.endpoint(), kept.observation());
        }
    }

    private void keepChanges(List<Change> changes, String address) {
        for (Change change : changes) {
            Row row = sql.one(
                    """
                    INSERT INTO change (at, endpoint_id, address, kind, fact, before, after, title, weaker)
                    VALUES (now(), $1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7, $8) RETURNING id""",
                    held.endpoint(),
                    address,
                    change.kind().word(),
                    change.fact(),
                    json(change.before()),
                    json(change.after()),
                    change.text(),
                    Weaker.is(change));
            told.changes.add(Columns.number(row, "id"));
        }
    }

    private static @Nullable String json(@Nullable String text) {
        return text == null ? null : Json.write(text);
    }

    private void keepBlobs(Map<String, byte[]> blobs) {
        for (Map.Entry<String, byte[]> blob : new java.util.TreeMap<>(blobs).entrySet()) {
            sql.later("""
                    INSERT INTO blob AS b (sha256, bytes) VALUES ($1, $2)
                    ON CONFLICT (sha256) DO UPDATE SET last_used = now() WHERE b.last_used < now() - interval '1 day'""", HexFormat.of().parseHex(blob.getKey()), blob.getValue());
        }
    }

    private static boolean isNewRun(Held.@Nullable Member before, Result result, Contents.@Nullable Kept kept) {
        return before == null
                || !before.outcome()
                        .equals(result.observation().scan().outcome().word())
                || !Objects.equals(before.reason(), result.reason())
                || kept != null && !Objects.equals(before.observation(), kept.observation());
    }

    private void keepAddress(
            Held.@Nullable Member before,
            Result result,
            Judging.Judged judged,
            Contents.@Nullable Kept kept,
            boolean newRun,
            boolean unsettled) {
        Observation.Scan scan = result.observation().scan();
        Parts parts = result.parts();
        String proofs = parts.proofs() == null ? null : parts.proofs().toString();
        Long observation =
                kept != null ? Long.valueOf(kept.observation()) : before == null ? null : before.observation();
        sql.later(
                """
                INSERT INTO address AS a (endpoint_id, address, first_seen, last_at, started_at, duration_millis, connections,
                  bytes_sent, bytes_received, handshakes, depth, outcome, reason, detail, scanner, observation_id, run_at, proofs,
                  timing, grade, judged_until)
                VALUES ($1, $2, now(), now(), $3, $4, $5, $6, $7, $8, $9::text::scan_depth, $10::text::scan_outcome, $11, $12, $13,
                  $14, now(), $15::text::jsonb, $16::text::jsonb, $17, $18)
                ON CONFLICT (endpoint_id, address) DO UPDATE SET
                  last_at = now(), scans = CASE WHEN $19 THEN 1 ELSE a.scans + 1 END, started_at = excluded.started_at,
                  duration_millis = excluded.duration_millis, connections = excluded.connections,
                  bytes_sent = excluded.bytes_sent, bytes_received = excluded.bytes_received, handshakes = excluded.handshakes,
                  depth = excluded.depth, outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail,
                  scanner = excluded.scanner, observation_id = excluded.observation_id,
                  run_at = CASE WHEN $19 THEN now() ELSE a.run_at END, proofs = coalesce(excluded.proofs, a.proofs),
                  timing = coalesce(excluded.timing, a.timing), grade = excluded.grade, judged_until = excluded.judged_until""",
                held.endpoint(),
                result.address(),
                scan.startedAt(),
                (int) Math.min(scan.durationMillis(), Integer.MAX_VALUE),
                scan.connections(),
                scan.bytesSent(),
                scan.bytesReceived(),
                scan.handshakesCompleted(),
                scan.depth().word(),
                scan.outcome().word(),
                result.reason(),
                scan.detail(),
                scan.scanner(),
                observation,
                proofs,
                result.timing(),
                Grades.letter(judged.report()),
                settled(result) && !unsettled ? judged.until() : held.now(),
                newRun);
    }

    /** While an endpoint is newly silent each scan is judged: how often it was silent counts. */
    private boolean settled(Result result) {
        return result.reached() || held.failures() >= SILENT_SCANS_JUDGED;
    }

    private void keepRun(
            Held.@Nullable Member before, Result result, Report report, Contents.@Nullable Kept kept, int changes) {
        if (before != null) {
            sql.later("""
                    UPDATE scan_run SET last_seen = $4, scans = $5 WHERE endpoint_id = $1 AND address = $2 AND run_at = $3""", held.endpoint(), result.address(), before.runAt(), before.lastAt(), before.scans());
        }
        sql.later(
                """
                INSERT INTO scan_run (run_at, endpoint_id, address, outcome, reason, observation_id, grade, protocols, leaf_sha256, changes)
                VALUES (now(), $1, $2, $3::text::scan_outcome, $4, $5, $6, $7, decode($8, 'hex'), $9)""",
                held.endpoint(),
                result.address(),
                result.observation().scan().outcome().word(),
                result.reason(),
                kept == null ? null : kept.observation(),
                Grades.letter(report),
                EndpointRow.accepted(report),
                EndpointRow.leaf(report).map(c -> c.sha256()).orElse(null),
                changes);
    }
}
