package io.tlsfleet.store.ingest;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Findings that open in one transaction, written together with their events: a statement for a batch, not three for each. */
final class Openings {
    private final List<Opening> openings = new ArrayList<>();

    record Opening(
            long endpoint,
            String key,
            String rule,
            String severity,
            String policy,
            String cause,
            String title,
            String detail,
            @Nullable String evidence,
            @Nullable String reproduce,
            String text,
            boolean judgedAnew) {}

    void add(Opening opening) {
        openings.add(opening);
    }

    /** Answers the ids of the findings. */
    void write(Sql sql, FindingTexts texts, Set<Long> findings) {
        if (openings.isEmpty()) {
            return;
        }
        sql.rows(
                        """
                        WITH given AS (
                          SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                            $9::text[], $10::text[], $11::bigint[], $12::bool[])
                            AS g(endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, evidence, reproduce, text_id, judged_anew)),
                        opened AS (
                          INSERT INTO finding (endpoint_id, dedup_key, rule, severity, policy, cause, title, detail, evidence, reproduce, text_id,
                            first_seen, last_seen)
                          SELECT endpoint_id, dedup_key, rule, severity::severity, policy, cause, title, detail, evidence::jsonb, reproduce, text_id,
                            now(), now() FROM given ORDER BY endpoint_id, dedup_key
                          RETURNING id, endpoint_id, dedup_key, rule, severity, cause)
                        INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause, judged_anew)
                        SELECT o.id, o.endpoint_id, 'opened', o.rule, o.severity, o.cause, g.judged_anew
                        FROM opened o JOIN given g ON g.endpoint_id = o.endpoint_id AND g.dedup_key = o.dedup_key ORDER BY o.id
                        RETURNING finding_id""",
                        openings.stream().map(Opening::endpoint).toList(),
                        texts(Opening::key),
                        texts(Opening::rule),
                        texts(Opening::severity),
                        texts(Opening::policy),
                        texts(Opening::cause),
                        texts(Opening::title),
                        texts(Opening::detail),
                        texts(Opening::evidence),
                        texts(Opening::reproduce),
                        openings.stream().map(o -> texts.id(o.text)).toList(),
                        openings.stream().map(Opening::judgedAnew).toArray(Boolean[]::new))
                .forEach(row -> findings.add(Columns.number(row, "finding_id")));
        openings.clear();
    }

    private @Nullable String[] texts(java.util.function.Function<Opening, @Nullable String> part) {
        return openings.stream().map(part).toArray(String[]::new);
    }
}
