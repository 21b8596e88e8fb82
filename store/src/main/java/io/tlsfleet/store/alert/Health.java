package io.tlsfleet.store.alert;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the watching itself goes on: scans that are not completed, notices that are not taken. */
public final class Health {
    private final Sql sql;

    public Health(Sql sql) {
        this.sql = sql;
    }

    /** A site where work has been due for long and nothing is completed. */
    public record Stalled(String site, long due, long oldestSeconds) {}

    public List<Stalled> stalled(long seconds) {
        return sql.rows("""
                        SELECT s.name AS site, count(*) FILTER (WHERE c.next_at < now() - make_interval(secs => $1)) AS due,
                          coalesce(extract(epoch FROM now() - min(c.next_at))::bigint, 0) AS oldest
                        FROM schedule c JOIN site s ON s.id = c.site_id
                        WHERE NOT s.paused AND c.next_at < 'infinity'
                        GROUP BY s.name
                        HAVING count(*) FILTER (WHERE c.next_at < now() - make_interval(secs => $1)) > 0
                          AND coalesce(max(c.last_at), '-infinity') < now() - make_interval(secs => $1)""", (double) seconds).stream()
                .map(r -> new Stalled(Columns.text(r, "site"), Columns.number(r, "due"), Columns.number(r, "oldest")))
                .toList();
    }

    /** A receiver whose oldest notice waits, or where notices were given up within the last day. */
    public record Stuck(long receiver, String name, boolean disabled, long waiting, long dead, long oldestSeconds) {}

    public List<Stuck> stuck(long seconds) {
        return sql.rows("""
                        SELECT r.id, r.name, r.disabled_at IS NOT NULL AS disabled, count(*) FILTER (WHERE n.state = 'pending') AS waiting,
                          count(*) FILTER (WHERE n.state = 'dead') AS dead,
                          coalesce(extract(epoch FROM now() - min(n.created_at) FILTER (WHERE n.state = 'pending'))::bigint, 0) AS oldest
                        FROM receiver r JOIN notification n ON n.receiver_id = r.id
                        WHERE n.state = 'pending' AND n.next_at < 'infinity' AND n.created_at < now() - make_interval(secs => $1)
                          OR n.state = 'dead' AND n.finished_at > now() - interval '1 day'
                        GROUP BY r.id ORDER BY r.id""", (double) seconds).stream()
                .map(r -> new Stuck(
                        Columns.number(r, "id"),
                        Columns.text(r, "name"),
                        Columns.flag(r, "disabled"),
                        Columns.number(r, "waiting"),
                        Columns.number(r, "dead"),
                        Columns.number(r, "oldest")))
                .toList();
    }

    /** Share of endpoints, in percent, that turned unreachable within the last quarter of an hour, by site. */
    public Map<String, Integer> newlyUnreachable() {
        Map<String, Integer> shares = new HashMap<>();
        sql.rows("""
                SELECT s.name AS site, (100 * count(*) FILTER (WHERE e.state = 'unreachable' AND e.changed_at > now() - interval '15 min')
                  / greatest(count(*), 1))::int AS share
                FROM endpoint e JOIN target t ON t.id = e.id JOIN site s ON s.id = t.site_id
                WHERE t.retired_at IS NULL GROUP BY 1 HAVING count(*) >= 10""").forEach(r -> shares.put(Columns.text(r, "site"), Columns.integer(r, "share")));
        return shares;
    }

    /** Sites of which a worker said within the last minute and a half that it keeps endpoints waiting by itself. */
    public Set<String> overloaded() {
        return sql
                .rows(
                        "SELECT DISTINCT s.name FROM worker w JOIN site s ON s.id = w.site_id WHERE w.overloaded AND w.last_seen > now() - interval '90 s'")
                .stream()
                .map(r -> Columns.text(r, "name"))
                .collect(Collectors.toSet());
    }
}
