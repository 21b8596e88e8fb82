package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What lists filter by, from all addresses of a scan: the weakest of each, and the leaf that ends first. */
final class EndpointRow {
    private static final List<String> OLDEST_FIRST =
            List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3");

    private final Sql sql;
    private final Held held;

    EndpointRow(Sql sql, Held held) {
        this.sql = sql;
        this.held = held;
    }

    void write(List<Account.Judgement> judgements) {
        List<Account.Judgement> reached =
                judgements.stream().filter(Account.Judgement::reached).toList();
        if (reached.isEmpty()) {
            notReached(judgements.getFirst().report());
        } else {
            reached(reached);
        }
    }

    /** What was known of it stays: an endpoint that is silent is not one without a certificate. */
    private void notReached(Report report) {
        Observation.Scan scan = report.scan();
        sql.later(
                """
                UPDATE endpoint SET outcome = $2::text::scan_outcome, reason = $3, detail = $4, unknown_facts = $5,
                  first_scan_at = coalesce(first_scan_at, now()), quarantined_at = NULL,
                  changed_at = CASE WHEN outcome IS DISTINCT FROM $2::text::scan_outcome THEN now() ELSE changed_at END
                WHERE id = $1""",
                held.endpoint(),
                scan.outcome().word(),
                scan.reason() == null ? null : scan.reason().word(),
                scan.detail(),
                unknown(report));
    }

    private static int unknown(Report report) {
        return (int) report.coverage().stream()
                .filter(c -> c.state() == FactState.UNKNOWN)
                .count();
    }

    private void reached(List<Account.Judgement> judgements) {
        List<String> protocols = OLDEST_FIRST.stream()
                .filter(p ->
                        judgements.stream().anyMatch(j -> accepted(j.report()).contains(p)))
                .toList();
        Optional<Report.Certificate> leaf = judgements.stream()
                .map(j -> leaf(j.report()))
                .flatMap(Optional::stream)
                .min(Comparator.comparing(EndpointRow::end));
        String grade = worstGrade(judgements);
        Account.Judgement first = judgements.getFirst();
        boolean complete =
                judgements.stream().allMatch(j -> j.observation().scan().outcome() == Outcome.COMPLETE);
        sql.later(
                """
                UPDATE endpoint SET outcome = $2::text::scan_outcome, reason = NULL, detail = NULL, grade = $3, protocols = $4,
                  min_protocol = $5, max_protocol = $6, unknown_facts = $7, not_before = $8, not_after = $9,
                  leaf_sha256 = decode($10, 'hex'), key_type = $11,
                  changed_at = CASE WHEN configuration_id IS DISTINCT FROM $12 OR chain_id IS DISTINCT FROM $13 THEN now() ELSE changed_at END,
                  configuration_id = $12, chain_id = $13, first_scan_at = coalesce(first_scan_at, now()), quarantined_at = NULL
                WHERE id = $1""",
                held.endpoint(),
                (complete ? Outcome.COMPLETE : Outcome.PARTIAL).word(),
                grade,
                protocols,
                protocols.isEmpty() ? null : protocols.getFirst(),
                protocols.isEmpty() ? null : protocols.getLast(),
                judgements.stream().mapToInt(j -> unknown(j.report())).max().orElse(0),
                leaf.map(Report.Certificate::notBefore).orElse(null),
                leaf.map(Report.Certificate::notAfter).orElse(null),
                leaf.map(Report.Certificate::sha256).orElse(null),
                leaf.map(Report.Certificate::keyAlgorithm).orElse(null),
                first.kept() == null ? null : first.kept().configuration(),
                first.kept() == null ? null : first.kept().chain());
    }

    /** Open findings counted anew; what is only worth knowing makes no endpoint one with findings. */
    static void recount(Sql sql, List<Long> endpoints) {
        sql.change("""
                UPDATE endpoint e SET open_info = n.info, open_low = n.low, open_medium = n.medium, open_high = n.high,
                  open_critical = n.critical, worst = n.worst,
                  state = CASE WHEN e.outcome IS NULL THEN 'never-scanned' WHEN e.outcome IN ('unreachable', 'not-tls') THEN 'unreachable'
                    WHEN n.worst > 'info' THEN 'findings' ELSE 'ok' END
                FROM (SELECT id.id,
                    count(*) FILTER (WHERE f.severity = 'info') AS info, count(*) FILTER (WHERE f.severity = 'low') AS low,
                    count(*) FILTER (WHERE f.severity = 'medium') AS medium, count(*) FILTER (WHERE f.severity = 'high') AS high,
                    count(*) FILTER (WHERE f.severity = 'critical') AS critical, max(f.severity) AS worst
                  FROM unnest($1::bigint[]) AS id(id) LEFT JOIN finding f ON f.endpoint_id = id.id AND f.state = 'open'
                  GROUP BY id.id) n
                WHERE e.id = n.id AND (e.open_info, e.open_low, e.open_medium, e.open_high, e.open_critical, e.worst, e.state)
                  IS DISTINCT FROM (n.info, n.low, n.medium, n.high, n.critical, n.worst,
                    CASE WHEN e.outcome IS NULL THEN 'never-scanned' WHEN e.outcome IN ('unreachable', 'not-tls') THEN 'unreachable'
                      WHEN n.worst > 'info' THEN 'findings' ELSE 'ok' END)""", endpoints);
    }

    /** Another judgement of the same facts may give another grade. */
    static void grades(Sql sql, Map<Long, String> grades) {
        if (!grades.isEmpty()) {
            sql.change("""
                    UPDATE endpoint e SET grade = u.grade FROM unnest($1::bigint[], $2::text[]) AS u(id, grade)
                    WHERE e.id = u.id AND e.grade IS DISTINCT FROM u.grade""", List.copyOf(grades.keySet()), List.copyOf(grades.values()));
        }
    }

    static @Nullable String worstGrade(List<Account.Judgement> judgements) {
        return judgements.stream()
                .map(j -> Grades.letter(j.report()))
                .filter(Objects::nonNull)
                .max(Comparator.comparingInt(Grades::rank))
                .orElse(null);
    }

    static List<String> accepted(Report report) {
        List<String> accepted = new ArrayList<>();
        if (report.protocols() != null) {
            report.protocols().forEach((protocol, state) -> {
                if (state == FactState.ACCEPTED) {
                    accepted.add(protocol);
                }
            });
        }
        return accepted;
    }

    static Optional<Report.Certificate> leaf(Report report) {
        List<Report.ServedCertificates> served = report.certificates();
        return (served == null ? List.<Report.ServedCertificates>of() : served)
                .stream()
                        .filter(s -> !s.chain().isEmpty())
                        .map(s -> s.chain().getFirst())
                        .min(Comparator.comparing(EndpointRow::end));
    }

    private static Instant end(Report.Certificate certificate) {
        @Nullable Instant end = certificate.notAfter();
        return end == null ? Instant.MAX : end;
    }
}
