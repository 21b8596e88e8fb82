package io.tlsfleet.store.query;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.number;

import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a campaign is: the endpoints of a site, an owner or a tag, from a time on. */
public final class Progress {
    private static final int SECONDS = 60;

    private final Sql sql;

    public Progress(Sql sql) {
        this.sql = sql;
    }

    /**
     * {@code done}: scanned since then, {@code failing} of them not reached. {@code etaSeconds}: until all that is due or under
     * way is done at the rate of the last minute; null while nothing is done.
     */
    public record Seen(
            Instant at,
            Instant since,
            long endpoints,
            long done,
            long due,
            long underWay,
            long failing,
            long paused,
            double scansPerSecond,
            @Nullable Double etaSeconds) {}

    public Seen of(@Nullable String site, @Nullable String owner, List<String> tags, Instant since) {
        Where where = new Where()
                .and("t.retired_at IS NULL")
                .andIf(site, "s.name = ?")
                .andIf(owner, "t.owner = ?");
        for (String tag : tags) {
            where.and("t.tag_pairs @> ARRAY[?::text]", tag);
        }
        String from = where.parameter(since) + "::timestamptz";
        Row row = sql.row("""
                        SELECT now() AS at, count(*) AS endpoints, count(*) FILTER (WHERE sch.last_at >= %1$s) AS done,
                          count(*) FILTER (WHERE sch.next_at <= now() AND sch.lease_until < now()) AS due,
                          count(*) FILTER (WHERE sch.lease_until > now()) AS under_way,
                          count(*) FILTER (WHERE sch.last_at >= %1$s AND e.state = 'unreachable') AS failing,
                          count(*) FILTER (WHERE sch.next_at = 'infinity') AS paused,
                          count(*) FILTER (WHERE sch.last_at > now() - interval '%2$d s') AS lately
                        FROM target t JOIN schedule sch ON sch.endpoint_id = t.id JOIN endpoint e ON e.id = t.id JOIN site s ON s.id = t.site_id
                        """.formatted(from, SECONDS) + where.text(), where.parameters())
                .orElseThrow();
        double rate = number(row, "lately") / (double) SECONDS;
        long open = number(row, "due") + number(row, "under_way");
        return new Seen(
                instant(row, "at"),
                since,
                number(row, "endpoints"),
                number(row, "done"),
                number(row, "due"),
                number(row, "under_way"),
                number(row, "failing"),
                number(row, "paused"),
                rate,
                open == 0 ? Double.valueOf(0) : rate == 0 ? null : Double.valueOf(open / rate));
    }
}
