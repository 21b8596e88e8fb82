package io.tlsfleet.store.ingest;

import io.tlsfleet.store.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of findings that are kept already, in one transaction: said anew, opened again or resolved, each with its
 * event. A statement of each kind for a batch: a policy's new version touches every finding of a fleet.
 */
final class Amendments {
    private final List<Label> labels = new ArrayList<>();
    private final List<Saying> sayings = new ArrayList<>();
    private final List<Long> resolved = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();

    /** Nothing else of it differs than which policy says so. */
    record Label(long id, String policy, String text) {}

    /** {@code again}: it was resolved; {@code worse}: what a person accepted was less. */
    record Saying(
            long id,
            String severity,
            String policy,
            String cause,
            String title,
            String detail,
            @Nullable String evidence,
            @Nullable String reproduce,
            String text,
            boolean again,
            boolean worse) {}

    record Event(
            long finding,
            long endpoint,
            String kind,
            String rule,
            String severity,
            String cause,
            @Nullable String was,
            boolean judgedAnew) {}

    void label(Label label) {
        labels.add(label);
    }

    void say(Saying saying) {
        sayings.add(saying);
    }

    void resolve(long id) {
        resolved.add(id);
    }

    void event(Event event) {
        events.add(event);
    }

    /** {@code told}: gets the findings that somebody may look at just now. */
    void write(Sql sql, FindingTexts texts, Set<Long> told) {
        if (!labels.isEmpty()) {
            sql.later(
                    """
                    UPDATE finding f SET policy = g.policy, text_id = g.text_id, last_seen = now()
                    FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS g(id, policy, text_id) WHERE f.id = g.id""",
                    labels.stream().map(Label::id).toList(),
                    labels.stream().map(Label::policy).toList(),
                    labels.stream().map(l -> texts.id(l.text)).toList());
        }
        say(sql, texts);
        if (!resolved.isEmpty()) {
            sql.later(
                    "UPDATE finding SET state = 'resolved', resolved_at = now(), last_seen = now() WHERE id = ANY ($1)",
                    resolved);
        }
        if (!events.isEmpty()) {
            sql.later(
                    """
                    INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause, was, judged_anew)
                    SELECT finding_id, endpoint_id, kind, rule, severity::severity, cause, was, judged_anew
                    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[])
                      WITH ORDINALITY AS g(finding_id, endpoint_id, kind, rule, severity, cause, was, judged_anew, n) ORDER BY n""",
                    events.stream().map(Event::finding).toList(),
                    events.stream().map(Event::endpoint).toList(),
                    events(Event::kind),
                    events(Event::rule),
                    events(Event::severity),
                    events(Event::cause),
                    events(Event::was),
                    events.stream().map(Event::judgedAnew).toList());
            events.forEach(event -> told.add(event.finding));
        }
        labels.clear();
        resolved.clear();
        events.clear();
    }

    private void say(Sql sql, FindingTexts texts) {
        if (sayings.isEmpty()) {
            return;
        }
        sql.later(
                """
                UPDATE finding f SET severity = g.severity::severity, policy = g.policy, cause = g.cause, title = g.title,
                  detail = g.detail, evidence = g.evidence::jsonb, reproduce = g.reproduce, text_id = g.text_id, last_seen = now(),
                  state = CASE WHEN g.again OR g.worse THEN 'open'::finding_state ELSE f.state END,
                  first_seen = CASE WHEN g.again THEN now() ELSE f.first_seen END,
                  resolved_at = CASE WHEN g.again THEN NULL ELSE f.resolved_at END,
                  ack_by = CASE WHEN g.again OR g.worse THEN NULL ELSE f.ack_by END,
                  ack_reason = CASE WHEN g.again OR g.worse THEN NULL ELSE f.ack_reason END,
                  ack_at = CASE WHEN g.again OR g.worse THEN NULL ELSE f.ack_at END,
                  ack_until = CASE WHEN g.again OR g.worse THEN NULL ELSE f.ack_until END
                FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                  $9::bigint[], $10::bool[], $11::bool[])
                  AS g(id, severity, policy, cause, title, detail, evidence, reproduce, text_id, again, worse)
                WHERE f.id = g.id""",
                sayings.stream().map(Saying::id).toList(),
                sayings(Saying::severity),
                sayings(Saying::policy),
                sayings(Saying::cause),
                sayings(Saying::title),
                sayings(Saying::detail),
                sayings(Saying::evidence),
                sayings(Saying::reproduce),
                sayings.stream().map(s -> texts.id(s.text)).toList(),
                sayings.stream().map(Saying::again).toList(),
                sayings.stream().map(Saying::worse).toList());
        sayings.clear();
    }

    private @Nullable String[] sayings(Function<Saying, @Nullable String> part) {
        return sayings.stream().map(part).toArray(String[]::new);
    }

    private @Nullable String[] events(Function<Event, @Nullable String> part) {
        return events.stream().map(part).toArray(String[]::new);
    }
}
