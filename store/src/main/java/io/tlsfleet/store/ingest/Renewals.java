package io.tlsfleet.store.ingest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.ingest.Memories.Subject;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of the certificates before and after those that are served: successors, habits, what the issuer says of when. */
final class Renewals {
    /** A habit is only asked for once so much of a lifetime is used. */
    private static final double HABIT_FROM = 0.3;

    private static final int NOT_BACKDATED = 2;

    private final Sql sql;
    private final List<Subject> subjects;
    private final List<CertificateFacts> leaves;

    Renewals(Sql sql, List<Subject> subjects) {
        this.sql = sql;
        this.subjects = subjects;
        this.leaves =
                subjects.stream().flatMap(s -> s.leaves().stream()).distinct().toList();
    }

    /**
     * Same names, same kind of key, same issuing organisation, and both ends later: another certificate for the same
     * names that ends earlier or comes of another house is no renewal.
     */
    Map<String, Memory.Newer> newer() {
        ArrayNode asked = JsonNodeFactory.instance.arrayNode();
        for (CertificateFacts leaf : leaves) {
            if (leaf.notBefore() != null
                    && leaf.notAfter() != null
                    && !leaf.extensions().altNames().isEmpty()) {
                ObjectNode of = asked.addObject()
                        .put("sha256", leaf.sha256())
                        .put("issuer", leaf.issuer().text());
                of.put("organisation", organisation(leaf.issuer().text()));
                of.put("key", leaf.key().type());
                of.put("before", leaf.notBefore().toString());
                of.put("after", leaf.notAfter().toString());
                ArrayNode names = of.putArray("names");
                leaf.extensions().altNames().forEach(name -> names.add(name.text()));
            }
        }
        Map<String, Memory.Newer> newer = new HashMap<>();
        if (asked.isEmpty()) {
            return newer;
        }
        for (Row row : sql.rows("""
                SELECT me.sha256 AS leaf, encode(n.sha256, 'hex') AS sha256, n.not_before, n.not_after,
                  coalesce((SELECT t.host || coalesce(':' || nullif(t.port, 0), '') FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id
                    JOIN target t ON t.id = e.id WHERE cc.sha256 = n.sha256 AND cc.position = 0 LIMIT 1),
                    'an earlier scan or an import') AS seen_at
                FROM jsonb_to_recordset($1::text::jsonb) AS me(sha256 text, issuer text, organisation text, key text,
                  before timestamptz, after timestamptz, names text[])
                CROSS JOIN LATERAL (
                  SELECT c.* FROM certificate c WHERE c.names @> me.names AND c.names <@ me.names AND c.not_before > me.before
                    AND c.not_after > me.after AND c.key_algorithm = me.key
                    AND (c.issuer = me.issuer OR me.organisation <> '' AND position(me.organisation IN c.issuer) > 0)
                  ORDER BY c.not_before DESC LIMIT 1) n""", asked.toString())) {
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

    /**
     * What a cluster says was issued for this endpoint, noted by the import: where none of what is served is it, and all of
     * that ends earlier.
     */
    private static Map<String, Memory.Newer> issued(Subject subject) {
        Map<String, String> tags = subject.asked().held().target().tags();
        Instant from = instant(tags.get("issuedNotBefore"));
        Instant until = instant(tags.get("issuedNotAfter"));
        Map<String, Memory.Newer> issued = new HashMap<>();
        if (from == null || until == null) {
            return issued;
        }
        String sha256 = tags.getOrDefault("issuedSha256", "");
        for (CertificateFacts leaf : subject.leaves()) {
            Instant end = leaf.notAfter();
            if (leaf.sha256().equals(sha256) || end == null || !end.isBefore(until)) {
                return Map.of();
            }
            issued.put(
                    leaf.sha256(), new Memory.Newer(sha256, from, until, tags.getOrDefault("kubernetes", "an import")));
        }
        return issued;
    }

    private static @Nullable Instant instant(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** Without what the same endpoint serves too, to other clients. */
    static Map<String, Memory.Newer> newer(Subject subject, Map<String, Memory.Newer> all) {
        Map<String, Memory.Newer> newer = new HashMap<>(issued(subject));
        for (CertificateFacts leaf : subject.leaves()) {
            Memory.Newer of = all.get(leaf.sha256());
            if (of != null
                    && subject.leaves().stream()
                            .noneMatch(served -> served.sha256().equals(of.sha256()))) {
                newer.put(leaf.sha256(), of);
            }
        }
        return newer;
    }

    /** The part of a name that stays when an issuer takes a new key. */
    static String organisation(String issuer) {
        int at = issuer.startsWith("O=") ? 0 : issuer.indexOf(",O=") + 1;
        if (at == 0 && !issuer.startsWith("O=")) {
            return "";
        }
        int end = at + 2;
        while (end < issuer.length() && issuer.charAt(end) != ',') {
            end += issuer.charAt(end) == '\\' ? 2 : 1;
        }
        return issuer.substring(at, Math.min(end, issuer.length()));
    }

    /** At which share of its lifetime each leaf made way for the next one of its kind of key. */
    Map<Long, List<Double>> habits() {
        List<Long> endpoints = subjects.stream()
                .filter(s -> s.leaves().stream()
                        .anyMatch(leaf -> isUsed(leaf, s.asked().held().now())))
                .map(Subject::endpoint)
                .distinct()
                .toList();
        Map<Long, List<Double>> renewals = new HashMap<>();
        if (endpoints.isEmpty()) {
            return renewals;
        }
        Map<String, Row> previous = new HashMap<>();
        for (Row row : sql.rows("""
                SELECT r.endpoint_id, c.key_algorithm, c.not_before, c.not_after, min(r.run_at) AS first_served
                FROM scan_run r JOIN certificate c ON c.sha256 = r.leaf_sha256
                WHERE r.endpoint_id = ANY ($1) AND c.not_before IS NOT NULL AND c.not_after IS NOT NULL
                GROUP BY r.endpoint_id, c.sha256 ORDER BY r.endpoint_id, c.not_before""", endpoints)) {
            long endpoint = Columns.number(row, "endpoint_id");
            Row old = previous.put(endpoint + " " + row.getString("key_algorithm"), row);
            if (old != null) {
                Instant from = Columns.instant(old, "not_before");
                double whole = Duration.between(from, Columns.instant(old, "not_after"))
                        .toSeconds();
                Instant replaced = Columns.instant(row, "first_served");
                double share = Duration.between(from, replaced).toSeconds() / Math.max(1, whole);
                if (share > 0 && replaced.isAfter(Columns.instant(old, "first_served"))) {
                    renewals.computeIfAbsent(endpoint, id -> new ArrayList<>()).add(share);
                }
            }
        }
        return renewals;
    }

    private static boolean isUsed(CertificateFacts leaf, Instant now) {
        Instant from = leaf.notBefore();
        Instant until = leaf.notAfter();
        return from != null
                && until != null
                && Duration.between(from, now).toSeconds()
                        > HABIT_FROM * Duration.between(from, until).toSeconds();
    }

    Map<String, Memory.RenewalWindow> windows() {
        Map<String, Memory.RenewalWindow> windows = new HashMap<>();
        List<String> asked = leaves.stream().map(CertificateFacts::sha256).toList();
        if (!asked.isEmpty()) {
            for (Row row : sql.rows("""
                    SELECT encode(sha256, 'hex') AS sha256, starts, ends, explanation, first_start FROM renewal_window
                    WHERE sha256 IN (SELECT decode(x, 'hex') FROM unnest($1::text[]) AS x) AND starts IS NOT NULL AND ends IS NOT NULL""", asked)) {
                windows.put(
                        Columns.text(row, "sha256"),
                        new Memory.RenewalWindow(
                                Columns.instant(row, "starts"),
                                Columns.instant(row, "ends"),
                                Columns.textOrNull(row, "explanation"),
                                Columns.instantOrNull(row, "first_start")));
            }
        }
        return windows;
    }

    Map<String, Duration> notBackdating() {
        List<String> issuers = leaves.stream()
                .filter(leaf -> !leaf.selfIssued())
                .map(leaf -> leaf.issuer().text())
                .distinct()
                .toList();
        Map<String, Duration> lags = new HashMap<>();
        if (!issuers.isEmpty()) {
            for (Row row : sql.rows("""
                    SELECT i.issuer, extract(epoch FROM f.lag)::bigint AS lag
                    FROM unnest($1::text[]) AS i(issuer) CROSS JOIN LATERAL (
                      SELECT count(*) AS n, greatest(max(x.lag), interval '0') AS lag FROM (
                        SELECT first_seen - not_before AS lag FROM certificate c
                        WHERE md5(c.issuer) = md5(i.issuer) AND c.issuer || '' = i.issuer AND c.first_seen - c.not_before < interval '5 minutes'
                          AND c.subject <> c.issuer LIMIT 100) x) f
                    WHERE f.n >= $2""", issuers, NOT_BACKDATED)) {
                lags.put(Columns.text(row, "issuer"), Duration.ofSeconds(Columns.number(row, "lag")));
            }
        }
        return lags;
    }
}
