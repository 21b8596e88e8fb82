package io.tlsfleet.store.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Piece;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            "resumption.ticket-key-shared",
            "certificate.expires-soon",
            "certificate.expired",
            "certificate.not-yet-valid",
            "certificate.renewal-overdue",
            "certificate.intermediate-expires-first",
            "certificate.revoked",
            "ocsp.staple-expired",
            "revocation.crl-stale",
            "revocation.responder-unreachable",
            "resumption.ticket-key-not-rotated",
            "endpoint.unreachable",
            "endpoint.coverage-fell",
            "endpoint.changed");

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
            }
        });
        kept.values().forEach(row -> resolveIfTold(row, judgements));
    }

    private void open(Found found, String key) {
        Finding finding = found.finding;
        Openings.Text text = text(finding);
        told.openings.add(
                new Openings.Opening(
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
                        HexFormat.of().formatHex(text.sha256()),
                        judgedAnew && !NOT_BY_JUDGEMENT.contains(finding.rule())),
                text);
    }

    private void reopen(long id, Found found) {
        write(
                id,
                found,
                "state = 'open', first_seen = now(), resolved_at = NULL, ack_by = NULL, ack_reason = NULL, ack_at = NULL, ack_until = NULL");
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
        write(
                id,
                found,
                worse
                        ? "state = 'open', ack_by = NULL, ack_reason = NULL, ack_at = NULL, ack_until = NULL"
                        : "state = state");
        if (other || !before.equals(found.cause)) {
            String was = before.equals(found.cause) ? null : before;
            event(id, "changed", finding.rule(), finding.severity().word(), found.cause, was);
        } else {
            told.findings.add(id);
        }
    }

    private void write(long id, Found found, String more) {
        Finding finding = found.finding;
        sql.change(
                "UPDATE finding SET severity = $2::text::severity, policy = $3, cause = $4, title = $5, detail = $6,"
                        + " evidence = $7::text::jsonb, reproduce = $8, text_id = $9, last_seen = now(), " + more
                        + " WHERE id = $1",
                id,
                finding.severity().word(),
                policy(finding),
                found.cause,
                plain(finding.title()),
                plain(finding.detail()),
                evidence(finding),
                plainOrNull(finding.reproduce()),
                textId(finding));
    }

    private void resolveIfTold(Row row, List<Account.Judgement> judgements) {
        String rule = Columns.text(row, "rule");
        boolean told = judgements.stream().allMatch(j -> Resolution.couldTell(rule, j.observation()));
        if (!told || Columns.text(row, "state").equals("resolved")) {
            return;
        }
        long id = Columns.number(row, "id");
        sql.change("UPDATE finding SET state = 'resolved', resolved_at = now(), last_seen = now() WHERE id = $1", id);
        event(id, "resolved", rule, Columns.text(row, "severity"), Columns.text(row, "cause"), null);
    }

    private void event(long finding, String kind, String rule, String severity, String cause, @Nullable String was) {
        sql.change(
                """
                INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause, was, judged_anew)
                VALUES ($1, $2, $3, $4, $5::text::severity, $6, $7, $8)""",
                finding,
                held.endpoint(),
                kind,
                rule,
                severity,
                cause,
                was,
                judgedAnew && !NOT_BY_JUDGEMENT.contains(rule));
        told.findings.add(finding);
    }

    private boolean differs(Row row, Found found) {
        Finding finding = found.finding;
        String evidence = evidence(finding);
        String before = Columns.textOrNull(row, "evidence");
        return !Columns.text(row, "severity").equals(finding.severity().word())
                || !Columns.text(row, "policy").equals(policy(finding))
                || !Columns.text(row, "cause").equals(found.cause)
                || !Columns.text(row, "title").equals(plain(finding.title()))
                || !Columns.text(row, "detail").equals(plain(finding.detail()))
                || !(evidence == null
                        ? before == null
                        : before != null && Json.parse(before).equals(Json.parse(evidence)));
    }

    private static Openings.Text text(Finding finding) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("remedy", plain(finding.remedy())).put("why", plain(finding.why()));
        body.set("references", Json.tree(finding.references()));
        String json = body.toString();
        return new Openings.Text(Piece.sha256(json.getBytes(StandardCharsets.UTF_8)), json);
    }

    private long textId(Finding finding) {
        Openings.Text text = text(finding);
        return sql.row("SELECT id FROM finding_text WHERE sha256 = $1", text.sha256())
                .or(() -> sql.row(
                        "INSERT INTO finding_text (sha256, body) VALUES ($1, $2::text::jsonb) ON CONFLICT (sha256) DO NOTHING RETURNING id",
                        text.sha256(),
                        text.json()))
                .map(row -> Columns.number(row, "id"))
                .orElseGet(() ->
                        Columns.number(sql.one("SELECT id FROM finding_text WHERE sha256 = $1", text.sha256()), "id"));
    }

    private static String policy(Finding finding) {
        return finding.policy() + " " + finding.policyVersion();
    }

    private static @Nullable String evidence(Finding finding) {
        return finding.evidence().isEmpty()
                ? null
                : plain(Json.write(finding.evidence())).replace("\\u0000", "\\\\x00");
    }

    private static String plain(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace("\0", "\\x00");
    }

    private static @Nullable String plainOrNull(@Nullable String text) {
        return text == null ? null : plain(text);
    }
}
