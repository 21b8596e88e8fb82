package io.tlsfleet.store.policy;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import io.tlsfleet.fleet.policy.InvalidPolicy;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files and the assignments. A version once kept is never rewritten: findings name it. */
public final class StoredPolicies {
    private final Sql sql;

    public StoredPolicies(Sql sql) {
        this.sql = sql;
    }

    /** {@code text}: the file as it was given. */
    public record Kept(String name, String version, String text, Instant createdAt, String createdBy) {}

    public record Assigned(
            long id,
            String policy,
            @Nullable String host,
            @Nullable String owner,
            @Nullable String tag,
            @Nullable String site,
            Instant createdAt,
            String createdBy) {
        PolicyBook.Assignment assignment() {
            return new PolicyBook.Assignment(policy, host, owner, tag, site);
        }
    }

    /** The one in force of each name: the last that was given. */
    public List<Kept> inForce() {
        return sql
                .rows(
                        "SELECT DISTINCT ON (name) name, version, document #>> '{}' AS text, created_at, created_by FROM policy"
                                + " ORDER BY name, created_at DESC, version DESC")
                .stream()
                .map(StoredPolicies::kept)
                .toList();
    }

    /** All versions of a name, the newest first. */
    public List<Kept> versions(String name) {
        return sql
                .rows(
                        "SELECT name, version, document #>> '{}' AS text, created_at, created_by FROM policy WHERE name = $1"
                                + " ORDER BY created_at DESC, version DESC",
                        name)
                .stream()
                .map(StoredPolicies::kept)
                .toList();
    }

    /** False: this version is there already and says something else. The same again is the one in force. */
    public boolean put(String name, String version, String text, String by) {
        return sql.change("""
                        INSERT INTO policy (name, version, document, created_by, created_at)
                        VALUES ($1, $2, to_jsonb($3::text), $4, clock_timestamp())
                        ON CONFLICT (name, version) DO UPDATE SET created_at = clock_timestamp() WHERE policy.document = excluded.document""", name, version, text, by) == 1;
    }

    /** Every version of it. */
    public boolean remove(String name) {
        return sql.change("DELETE FROM policy WHERE name = $1", name) > 0;
    }

    /** How many targets name it themselves. */
    public long namedByTargets(String name) {
        return number(
                sql.one(
                        "SELECT count(*) AS n FROM target WHERE retired_at IS NULL AND $1 = ANY (regexp_split_to_array(policy, '[,;\\s]+'))",
                        name),
                "n");
    }

    public List<Assigned> assignments() {
        return sql
                .rows(
                        "SELECT id, policy, host, owner, tag, site, created_at, created_by FROM policy_assignment ORDER BY policy, id")
                .stream()
                .map(row -> new Assigned(
                        number(row, "id"),
                        text(row, "policy"),
                        textOrNull(row, "host"),
                        textOrNull(row, "owner"),
                        textOrNull(row, "tag"),
                        textOrNull(row, "site"),
                        instant(row, "created_at"),
                        text(row, "created_by")))
                .toList();
    }

    /** The same again is the same one. */
    public Assigned assign(PolicyBook.Assignment to, String by) {
        sql.change(
                "INSERT INTO policy_assignment (policy, host, owner, tag, site, created_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                to.policy(),
                to.host(),
                to.owner(),
                to.tag(),
                to.site(),
                by);
        return assignments().stream()
                .filter(a -> a.assignment().equals(to))
                .findFirst()
                .orElseThrow();
    }

    public Optional<Assigned> unassign(long id) {
        Optional<Assigned> gone = assignments().stream().filter(a -> a.id == id).findFirst();
        gone.ifPresent(a -> sql.change("DELETE FROM policy_assignment WHERE id = $1", id));
        return gone;
    }

    /** How many live targets each policy judges; those that nothing names are counted under {@code otherwise}. */
    public Map<String, Long> judged(String otherwise) {
        Map<String, Long> counts = new HashMap<>();
        for (Row row : sql.rows("""
                SELECT p AS policy, count(*) AS n FROM (
                  SELECT t.id, unnest(regexp_split_to_array(t.policy, '[,;\\s]+')) AS p FROM target t WHERE t.retired_at IS NULL AND t.policy IS NOT NULL
                  UNION
                  SELECT t.id, coalesce(a.policy, $1) FROM target t JOIN site s ON s.id = t.site_id
                    LEFT JOIN policy_assignment a ON (a.owner IS NULL OR a.owner = t.owner) AND (a.site IS NULL OR a.site = s.name)
                      AND (a.tag IS NULL OR t.tag_pairs @> ARRAY[a.tag]) AND (a.host IS NULL OR lower(t.host) LIKE a.host_like)
                  WHERE t.retired_at IS NULL AND t.policy IS NULL) x GROUP BY p""", otherwise)) {
            counts.put(text(row, "policy"), number(row, "n"));
        }
        return counts;
    }

    /** Files that this release cannot read are told and left out. */
    public PolicyBook book(Map<String, InvalidPolicy> unread) {
        Map<String, String> texts = new LinkedHashMap<>();
        inForce().forEach(kept -> texts.put(kept.name(), kept.text()));
        return new PolicyBook(
                PolicyBook.read(texts, unread),
                assignments().stream().map(Assigned::assignment).toList());
    }

    /** Differs whenever a book read now would. */
    String state() {
        return Columns.text(sql.one("""
                        SELECT concat((SELECT max(created_at) FROM policy), '/', (SELECT count(*) FROM policy), '/',
                          (SELECT max(id) FROM policy_assignment), '/', (SELECT count(*) FROM policy_assignment)) AS state"""), "state");
    }

    private static Kept kept(Row row) {
        return new Kept(
                text(row, "name"),
                text(row, "version"),
                text(row, "text"),
                instant(row, "created_at"),
                text(row, "created_by"));
    }
}
