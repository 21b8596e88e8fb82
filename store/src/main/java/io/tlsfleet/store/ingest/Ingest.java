package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.Hints;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Contents;
import io.tlsfleet.store.content.Parts;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results in, in one transaction a batch: fenced by the lease's token, judged, kept, and the endpoint due again. A result
 * whose lease was lost is dropped; one that was kept already (its answer never arrived) is lost the same way, harmlessly.
 */
public final class Ingest {
    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

    private final Database database;
    private final Contents contents = new Contents();
    private final Judging judging;
    private final Hints hints;
    private final KeyUses keys = new KeyUses(System::nanoTime);

    public Ingest(Database database, Judging judging) {
        this.database = database;
        this.judging = judging;
        this.hints = new Hints(database);
    }

    /** What a transaction has to tell once it is committed. */
    static final class Told {
        final Map<Parts, Contents.Kept> kept = new HashMap<>();
        final List<Long> scans = new ArrayList<>();
        final Set<Long> findings = new HashSet<>();
        final Set<Long> changes = new HashSet<>();
        final List<Long> counted = new ArrayList<>();
        final FindingTexts texts;
        final Openings openings = new Openings();
        final Amendments amendments = new Amendments();

        /** Endpoints of several addresses that are no longer as they were, each judged before the others were written. */
        final List<Long> together = new ArrayList<>();

        /** What stands on all that is written: run when it is. */
        final List<Consumer<Sql>> afterwards = new ArrayList<>();

        Told(Map<String, Long> texts) {
            this.texts = new FindingTexts(texts);
        }

        /** What all endpoints of the transaction have in common, in a statement each. */
        void write(Sql sql) {
            texts.write(sql);
            openings.write(sql, texts, findings);
            amendments.write(sql, texts, findings);
            if (!counted.isEmpty()) {
                EndpointRow.recount(sql, counted);
            }
        }
    }

    /** Ids of texts that many findings share; few in number, and never gone. */
    private final Map<String, Long> texts = new ConcurrentHashMap<>();

    private static final int MOST_TEXTS = 20_000;

    private void remember(Told told) {
        if (texts.size() < MOST_TEXTS) {
            texts.putAll(told.texts.ids());
        }
    }

    /** In order: whether each result was taken. */
    public List<Boolean> complete(int site, List<Completed> results) {
        Map<Long, List<Result>> parts = new HashMap<>();
        List<Completed> whole =
                results.stream().filter(r -> isTakenApart(r, parts)).toList();
        Set<UUID> taken = new HashSet<>();
        List<Completed> rest = repeated(site, whole, parts, taken);
        if (!rest.isEmpty()) {
            keep(site, rest, parts, taken);
        }
        return results.stream().map(r -> taken.contains(r.token())).toList();
    }

    /** False of what a worker of another making sent, with members missing that no observation lacks. */
    private static boolean isTakenApart(Completed completed, Map<Long, List<Result>> parts) {
        try {
            parts.put(
                    completed.endpointId(),
                    completed.observations().stream().map(Result::of).toList());
            return true;
        } catch (RuntimeException e) {
            notKept(completed, e);
            return false;
        }
    }

    private static void notKept(Completed completed, RuntimeException why) {
        LOG.error("the result of endpoint {} cannot be kept", completed.endpointId(), why);
    }

    /** Answers those that say anything new. */
    private List<Completed> repeated(
            int site, List<Completed> results, Map<Long, List<Result>> parts, Set<UUID> taken) {
        contents.recall(
                database.sql(),
                parts.values().stream()
                        .flatMap(List::stream)
                        .filter(Result::reached)
                        .map(Result::parts)
                        .toList());
        Repeats repeats = new Repeats();
        results.forEach(r -> repeats.add(r, parts.getOrDefault(r.endpointId(), List.of()), contents));
        if (repeats.isEmpty()) {
            return results;
        }
        Set<Long> same = database.atOnce(sql -> repeats.write(sql, site));
        List<Completed> rest = new ArrayList<>();
        for (Completed completed : results) {
            if (same.contains(completed.endpointId())) {
                taken.add(completed.token());
            } else {
                rest.add(completed);
            }
        }
        hints.tellRepeated(same);
        return rest;
    }

    /** One result that cannot be kept does not take the others with it: its lease runs out, and in the end it is quarantined. */
    private void keep(int site, List<Completed> results, Map<Long, List<Result>> parts, Set<UUID> taken) {
        Set<UUID> now = new HashSet<>();
        Told told;
        try {
            told = database.inTransaction(sql -> {
                now.clear();
                return write(sql, site, results, parts, now);
            });
        } catch (DatabaseAway e) {
            throw e;
        } catch (RuntimeException e) {
            if (results.size() == 1) {
                notKept(results.getFirst(), e);
                return;
            }
            int half = results.size() / 2;
            keep(site, results.subList(0, half), parts, taken);
            keep(site, results.subList(half, results.size()), parts, taken);
            return;
        }
        taken.addAll(now);
        told.kept.forEach(contents::remember);
        remember(told);
        hints.tell(told.scans, told.findings, told.changes);
    }

    private Told write(Sql sql, int site, List<Completed> results, Map<Long, List<Result>> parts, Set<UUID> taken) {
        Told told = new Told(texts);
        List<Completed> rest = unchanged(sql, site, results, parts, taken, told);
        if (rest.isEmpty()) {
            return told;
        }
        Map<Long, Held> held = Held.lock(
                sql,
                site,
                rest.stream().map(Completed::endpointId).toList(),
                rest.stream().map(Completed::token).toList());
        Touch touch = new Touch();
        List<Held> changed = new ArrayList<>();
        for (Completed completed : rest) {
            Held of = held.remove(completed.endpointId());
            if (of == null) {
                continue;
            }
            taken.add(of.token());
            List<Result> own = parts.getOrDefault(completed.endpointId(), List.of());
            if (!own.isEmpty()) {
                changed.add(of);
            }
            touch.ticketKeys(of.endpoint(), own);
            touch.ended(of.endpoint(), of.token(), own);
            told.scans.add(of.endpoint());
        }
        for (Held of : Held.withTargets(sql, changed)) {
            new Account(sql, contents, judging, of, told, keys.ofMany())
                    .keep(parts.getOrDefault(of.endpoint(), List.of()));
        }
        told.write(sql);
        if (!touch.isEmpty()) {
            touch.write(sql);
        }
        told.afterwards.forEach(step -> step.accept(sql));
        if (!told.together.isEmpty()) {
            Told again = new Told(texts);
            judgeAgain(sql, told.together, again);
            told.findings.addAll(again.findings);
        }
        return told;
    }

    /**
     * Nothing new of any address, but not asked as the last time: their times are written, one statement that shows the
     * tokens for all of them, and no row is locked before. Answers the others.
     */
    private List<Completed> unchanged(
            Sql sql, int site, List<Completed> results, Map<Long, List<Result>> parts, Set<UUID> taken, Told told) {
        Map<Long, Held> before = Held.look(
                sql,
                results.stream().map(Completed::endpointId).toList(),
                results.stream().map(Completed::token).toList());
        Touch touch = new Touch();
        List<Completed> rest = new ArrayList<>();
        Map<Long, UUID> same = new java.util.TreeMap<>();
        for (Completed completed : results) {
            Held of = before.remove(completed.endpointId());
            List<Result> own = parts.getOrDefault(completed.endpointId(), List.of());
            if (of == null || own.isEmpty() || !own.stream().allMatch(r -> r.isAsBefore(of, contents))) {
                rest.add(completed);
                continue;
            }
            own.forEach(r -> touch.unchanged(of.endpoint(), r));
            touch.ticketKeys(of.endpoint(), own);
            touch.ended(of.endpoint(), of.token(), own);
            same.put(of.endpoint(), of.token());
        }
        if (!touch.isEmpty()) {
            Held.catchUp(sql, List.copyOf(same.keySet()), List.copyOf(same.values()));
            for (long endpoint : touch.end(sql, site)) {
                told.scans.add(endpoint);
                taken.add(java.util.Objects.requireNonNull(same.get(endpoint)));
            }
        }
        return rest;
    }

    /**
     * Judges what was last seen of these endpoints again, as after a policy changed; answers how many findings are open
     * now that were not, and how many are not any more.
     */
    public Again judgeAgain(List<Long> endpoints) {
        Told told = new Told(texts);
        Again again = database.inTransaction(sql -> {
            sql.rows("SELECT 1 FROM endpoint WHERE id = ANY ($1) ORDER BY id FOR UPDATE", endpoints);
            long before = lastEvent(sql);
            judgeAgain(sql, endpoints, told);
            return again(sql, endpoints, before);
        });
        hints.tell(List.of(), told.findings, List.of());
        return again;
    }

    private void judgeAgain(Sql sql, List<Long> endpoints, Told told) {
        Map<Long, List<Latest.Seen>> seen = new LinkedHashMap<>();
        new Latest(sql, keys)
                .of(endpoints)
                .forEach(s -> seen.computeIfAbsent(s.endpoint(), e -> new ArrayList<>())
                        .add(s));
        Map<Long, List<Row>> kept = FindingRows.kept(sql, endpoints);
        Rejudged rejudged = new Rejudged();
        seen.forEach((endpoint, all) ->
                judgeAgain(sql, endpoint, all, kept.getOrDefault(endpoint, List.of()), rejudged, told));
        rejudged.write(sql);
        told.write(sql);
    }

    public record Again(int opened, int resolved) {}

    /** What judgements leave on rows that are otherwise as they were: a statement for all, not two for each. */
    private static final class Rejudged {
        private record Until(
                long endpoint,
                String address,
                Instant until,
                @Nullable String grade) {}

        private final List<Until> untils = new ArrayList<>();
        private final Map<Long, String> grades = new LinkedHashMap<>();

        void write(Sql sql) {
            if (untils.isEmpty()) { // nothing was seen of any
                return;
            }
            sql.change(
                    """
                    UPDATE address a SET judged_until = u.until, grade = coalesce(u.grade, a.grade)
                    FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::text[]) AS u(endpoint_id, address, until, grade)
                    WHERE a.endpoint_id = u.endpoint_id AND a.address = u.address
                      AND (a.judged_until > u.until OR a.judged_until < u.until - interval '6 hours'
                        OR coalesce(u.grade, a.grade) IS DISTINCT FROM a.grade)""",
                    untils.stream().map(Until::endpoint).toList(),
                    untils.stream().map(Until::address).toArray(String[]::new),
                    untils.stream().map(Until::until).toArray(Instant[]::new),
                    untils.stream().map(Until::grade).toArray(String[]::new));
            EndpointRow.grades(sql, grades);
        }
    }

    private void judgeAgain(
            Sql sql, long endpoint, List<Latest.Seen> seen, List<Row> kept, Rejudged rejudged, Told told) {
        List<Account.Judgement> judgements = new ArrayList<>();
        Latest.Seen first = seen.getFirst();
        for (Latest.Seen one : seen) {
            Judging.Judged judged = judging.judge(one.target(), one.observation(), one.memory(), one.at());
            judgements.add(new Account.Judgement(one.observation(), one.configuration(), judged.report(), null));
            rejudged.untils.add(
                    new Rejudged.Until(endpoint, one.address(), judged.until(), Grades.letter(judged.report())));
        }
        Held held = new Held(endpoint, new UUID(0, 0), first.target(), 0, false, first.at(), Map.of());
        new FindingRows(sql, held, told, true).reconcile(judgements, kept);
        told.counted.add(endpoint);
        String grade = EndpointRow.worstGrade(judgements);
        if (grade != null) {
            rejudged.grades.put(endpoint, grade);
        }
    }

    private static long lastEvent(Sql sql) {
        return Columns.number(sql.one("SELECT coalesce(max(id), 0) AS n FROM alert_event"), "n");
    }

    private static Again again(Sql sql, List<Long> endpoints, long after) {
        var row = sql.one("""
                SELECT count(*) FILTER (WHERE kind = 'opened')::int AS opened, count(*) FILTER (WHERE kind = 'resolved')::int AS resolved
                FROM alert_event WHERE id > $1 AND endpoint_id = ANY ($2)""", after, endpoints);
        return new Again(Columns.integer(row, "opened"), Columns.integer(row, "resolved"));
    }

    /** Counts the open findings of these endpoints anew, after something else than a scan changed them. */
    public static void recount(Sql sql, List<Long> endpoints) {
        EndpointRow.recount(sql, endpoints);
    }
}
