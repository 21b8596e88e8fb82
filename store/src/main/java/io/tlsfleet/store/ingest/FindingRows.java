package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The findings of one endpoint brought to what was just judged: new ones open, gone ones are resolved where the scan
 * could tell, and each step leaves an event from which people are told.
 */
final class FindingRows {
    /** What begins and ends by time, by silence or by what other endpoints do, though nothing was judged anew. */
    private static final Set<String> NOT_BY_JUDGEMENT = Set.of(
            "certificate.key-shared",
            "certificate.renewed-not-served",
            "certificate.not-backdated",
            "certificate.duplicate-serial",
            "certificate.inconsistent-addresses",
            Elsewhere.RULE,
            "resumption.ticket-key-shared",
            "certificate.expires-soon",
            "certificate.expired",
            "certificate.not-yet-valid",
            "certificate.renewal-overdue",
            "certificate.renewal-moved-earlier",
            "certificate.intermediate-expires-first",
            "certificate.revoked",
            "ocsp.staple-expired",
            "revocation.crl-stale",
            "revocation.responder-unreachable",
            "resumption.ticket-key-not-rotated",
            "endpoint.unreachable",
            "endpoint.coverage-fell",
            "endpoint.changed");

    private static final SameJson SAME = new SameJson();

    private final Sql sql;
    private final Held held;
    private final Ingest.Told told;
    private final boolean judgedAnew;

    /** {@code judgedAnew}: the facts are those of the last time, or another version of the probes looked. */
    FindingRows(Sql sql, Held held, Ingest.Told told, boolean judgedAnew) {
        this.sql = sql;
        this.held = held;
        this.told = told;
        this.judgedAnew = judgedAnew;
    }

    /** A finding with what it hangs on. */
    private record Found(Finding finding, String cause) {}

    /** What is kept of these endpoints, open or not. */
    static Map<Long, List<Row>> kept(Sql sql, List<Long> endpoints) {
        Map<Long, List<Row>> kept = new HashMap<>();
        for (Row row : sql.rows("""
                SELECT endpoint_id, id, dedup_key, rule, severity::text AS severity, policy, cause, title, detail,
                  evidence::text AS evidence, reproduce, state::text AS state FROM finding WHERE endpoint_id = ANY ($1)""", endpoints)) {
            kept.computeIfAbsent(Columns.number(row, "endpoint_id"), id -> new ArrayList<>())
                    .add(row);
        }
        return kept;
    }

    void reconcile(List<Account.Judgement> judgements) {
        reconcile(judgements, kept(sql, List.of(held.endpoint())).getOrDefault(held.endpoint(), List.of()));
    }

    /** {@code before}: what {@link #kept} says of this endpoint. */
    void reconcile(List<Account.Judgement> judgements, List<Row> before) {
        Map<String, Found> found = new LinkedHashMap<>();
        for (Account.Judgement judgement : judgements) {
            for (Finding finding : judgement.report().findings()) {
                found.merge(
                        finding.key(),
                        new Found(finding, plain(Causes.of(finding, held.endpoint(), judgement))),
                        (a, b) -> b.finding.severity().compareTo(a.finding.severity()) > 0 ? b : a);
            }
        }
        Map<String, Row> kept = new HashMap<>();
        before.forEach(row -> kept.put(Columns.text(row, "dedup_key"), row));
        found.forEach((key, one) -> {
            Row row = kept.remove(key);
            if (row == null) {
                open(one, key);
            } else if (Columns.text(row, "state").equals("resolved")) {
                reopen(Columns.number(row, "id"), one);
            } else if (differs(row, one)) {
                update(row, one);
            } else if (!Columns.text(row, "policy").equals(policy(one.finding))) {
                long id = Columns.number(row, "id");
                told.amendments.label(new Amendments.Label(id, policy(one.finding), told.texts.of(one.finding)));
            }
        });
        kept.values().forEach(row -> resolveIfTold(row, judgements));
    }

    private void open(Found found, String key) {
        Finding finding = found.finding;
        told.openings.add(new Openings.Opening(
                held.endpoint(),
                key,
                finding.rule(),
                finding.severity().word(),
                policy(finding),
                found.cause,
                plain(finding.title()),
                plain(finding.detail()),
                evidence(finding),
                plainOrNull(finding.reproduce()),
                told.texts.of(finding),
                judgedAnew && !NOT_BY_JUDGEMENT.contains(finding.rule())));
    }

    private void reopen(long id, Found found) {
        say(id, found, true, false);
        event(id, "opened", found.finding.rule(), found.finding.severity().word(), found.cause, null);
    }

    /** What was accepted by a person was accepted at its severity then. */
    private void update(Row row, Found found) {
        Finding finding = found.finding;
        String before = Columns.text(row, "cause");
        long id = Columns.number(row, "id");
        boolean other = !Columns.text(row, "severity").equals(finding.severity().word());
        boolean worse = io.tlsfleet.fleet.report.Severity.of(Columns.text(row, "severity"))
                        .compareTo(finding.severity())
                < 0;
        say(id, found, false, worse);
        if (other || !before.equals(found.cause)) {
            String was = before.equals(found.cause) ? null : before;
            event(id, "changed", finding.rule(), finding.severity().word(), found.cause, was);
        } else {
            told.findings.add(id);
        }
    }

    private void say(long id, Found found, boolean again, boolean worse) {
        Finding finding = found.finding;
        told.amendments.say(new Amendments.Saying(
                id,
                finding.severity().word(),
                policy(finding),
                found.cause,
                plain(finding.title()),
                plain(finding.detail()),
                evidence(finding),
                plainOrNull(finding.reproduce()),
                told.texts.of(finding),
                again,
                worse));
    }

    private void resolveIfTold(Row row, List<Account.Judgement> judgements) {
        String rule = Columns.text(row, "rule");
        if (Columns.text(row, "state").equals("resolved")
                || !judgements.stream().allMatch(j -> Resolution.couldTell(rule, j.observation()))) {
            return;
        }
        long id = Columns.number(row, "id");
        told.amendments.resolve(id);
        event(id, "resolved", rule, Columns.text(row, "severity"), Columns.text(row, "cause"), null);
    }

    private void event(long finding, String kind, String rule, String severity, String cause, @Nullable String was) {
        told.amendments.event(new Amendments.Event(
                finding,
                held.endpoint(),
                kind,
                rule,
                severity,
                cause,
                was,
                judgedAnew && !NOT_BY_JUDGEMENT.contains(rule)));
    }

    private static boolean differs(Row row, Found found) {
        Finding finding = found.finding;
        return !Columns.text(row, "severity").equals(finding.severity().word())
                || !Columns.text(row, "cause").equals(found.cause)
                || !Columns.text(row, "title").equals(plain(finding.title()))
                || !Columns.text(row, "detail").equals(plain(finding.detail()))
                || !Objects.equals(row.getString("reproduce"), plainOrNull(finding.reproduce()))
                || !SAME.test(row.getString("evidence"), evidence(finding));
    }

    private static String policy(Finding finding) {
        return finding.policy() + " " + finding.policyVersion();
    }

    private static @Nullable String evidence(Finding finding) {
        return finding.evidence().isEmpty()
                ? null
                : plain(Json.write(finding.evidence())).replace("\\u0000", "\\\\x00");
    }

    static String plain(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace("\0", "\\x00");
    }

    private static @Nullable String plainOrNull(@Nullable String text) {
        return text == null ? null : plain(text);
    }
}
