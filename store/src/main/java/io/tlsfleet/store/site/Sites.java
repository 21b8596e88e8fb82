package io.tlsfleet.store.site;

import static io.tlsfleet.store.Columns.flag;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.json;
import static io.tlsfleet.store.Columns.text;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The table of sites and what hangs on it. */
public final class Sites {
    /** A worker that was not heard for so long is gone. */
    private static final int HEARD_SECONDS = 60;

    private final Sql sql;

    public Sites(Sql sql) {
        this.sql = sql;
    }

    public record Site(
            int id, String name, String description, boolean isPrivate, boolean paused, SiteSettings settings) {}

    public Optional<Site> find(String name) {
        return sql.row(
                        "SELECT id, name, description, private, paused, settings::text AS settings FROM site WHERE name = $1",
                        name)
                .map(row -> new Site(
                        integer(row, "id"),
                        text(row, "name"),
                        text(row, "description"),
                        flag(row, "private"),
                        flag(row, "paused"),
                        Json.read(json(row, "settings"), SiteSettings.class)));
    }

    /** Makes it or changes what is given; what is null stays as it is. */
    public Site put(
            String name,
            @Nullable String description,
            @Nullable Boolean isPrivate,
            @Nullable Boolean paused,
            @Nullable SiteSettings settings) {
        sql.change("""
                INSERT INTO site AS s (name, description, private, paused, settings)
                VALUES ($1, coalesce($2, ''), coalesce($3, false), coalesce($4, false), coalesce($5::text::jsonb, '{}'))
                ON CONFLICT (name) DO UPDATE SET description = coalesce($2, s.description), private = coalesce($3, s.private),
                  paused = coalesce($4, s.paused), settings = coalesce($5::text::jsonb, s.settings)""", name, description, isPrivate, paused, settings == null ? null : Json.write(settings));
        return find(name).orElseThrow();
    }

    /** Notes that a worker is there and answers the rules for it; the clock is the database's. */
    public SiteRules report(int site, String worker, Presence presence) {
        sql.change(
                """
                INSERT INTO worker AS w (id, site_id, version, started_at, leases_held, scans, overloaded)
                VALUES ($1, $2, $3, now() - interval '1 ms' * $4::bigint, $5, $6, $7)
                ON CONFLICT (id) DO UPDATE SET version = excluded.version, last_seen = now(), leases_held = excluded.leases_held,
                  scans = excluded.scans, overloaded = excluded.overloaded,
                  started_at = CASE WHEN excluded.started_at > w.last_seen THEN excluded.started_at ELSE w.started_at END
                WHERE w.site_id = excluded.site_id""",
                worker,
                site,
                presence.version(),
                presence.upMillis(),
                presence.leasesHeld(),
                presence.scans(),
                presence.overloaded());
        var row = sql.one(
                "SELECT name, paused, settings::text AS settings, clock_timestamp() AS now FROM site WHERE id = $1",
                site);
        Share share = share(site, worker);
        SiteSettings settings = Json.read(json(row, "settings"), SiteSettings.class);
        return new SiteRules(
                text(row, "name"),
                flag(row, "paused"),
                share.workers(),
                share.rank(),
                settings.allow(),
                settings.deny(),
                new Blocks(sql).patterns(),
                or(settings.concurrentPerHost(), SiteRules.CONCURRENT_PER_HOST),
                or(settings.ratePerHost(), SiteRules.RATE_PER_HOST),
                or(settings.ratePerNetwork(), SiteRules.RATE_PER_NETWORK),
                or(settings.ratePerOwner(), 0.0),
                settings.ownerRates(),
                Columns.instant(row, "now"));
    }

    /** Which of how many workers that are heard of now; one that is not among them shares with nobody. */
    public Share share(int site, String worker) {
        List<String> names = sql
                .rows(
                        "SELECT id FROM worker WHERE site_id = $1 AND last_seen > now() - interval '" + HEARD_SECONDS
                                + " s' ORDER BY id",
                        site)
                .stream()
                .map(row -> text(row, "id"))
                .toList();
        int rank = names.indexOf(worker);
        return rank < 0 ? new Share(1, 0) : new Share(names.size(), rank);
    }

    public record Share(int workers, int rank) {}

    /** A worker that leaves says so: the caps it shared are free, and so is what it held. */
    public void leave(int site, String worker) {
        sql.change("DELETE FROM shard_hold WHERE site_id = $1 AND worker = $2", site, worker);
        sql.change(
                "UPDATE worker SET last_seen = now() - interval '" + (HEARD_SECONDS + 31)
                        + " s', leases_held = 0 WHERE site_id = $1 AND id = $2",
                site,
                worker);
    }

    /** Those of the shards that are this worker's for the coming time: free ones, lapsed ones and its own. */
    public List<Integer> hold(int site, String worker, List<Integer> shards, int seconds) {
        return sql.rows("""
                        INSERT INTO shard_hold AS h (site_id, shard, worker, until)
                        SELECT $1, shard, $2, now() + make_interval(secs => $4) FROM unnest($3::int[]) AS u(shard) ORDER BY shard
                        ON CONFLICT (site_id, shard) DO UPDATE SET worker = excluded.worker, until = excluded.until
                        WHERE h.worker = excluded.worker OR h.until < now()
                        RETURNING shard::int AS shard, set_config('synchronous_commit', 'off', true)""", site, worker, shards.stream().distinct().toArray(Integer[]::new), seconds).stream()
                .map(row -> integer(row, "shard"))
                .toList();
    }

    /** Another's for the asking. */
    public void letGo(int site, String worker, List<Integer> shards) {
        sql.change(
                "DELETE FROM shard_hold WHERE site_id = $1 AND worker = $2 AND shard = ANY ($3::int[])",
                site,
                worker,
                shards.toArray(Integer[]::new));
    }

    /** Whether these endpoints are all of that site. */
    public boolean areOf(int site, List<Long> endpoints) {
        return endpoints.isEmpty()
                || sql.row("SELECT 1 FROM target WHERE id = ANY ($1) AND site_id <> $2 LIMIT 1", endpoints, site)
                        .isEmpty();
    }

    private static int or(@Nullable Integer own, int usual) {
        return own == null ? usual : own;
    }

    private static double or(@Nullable Double own, double usual) {
        return own == null ? usual : own;
    }

    /** For who must not guess: the names there are. */
    public Map<String, Integer> names() {
        Map<String, Integer> names = new java.util.TreeMap<>();
        sql.rows("SELECT name, id FROM site").forEach(row -> names.put(text(row, "name"), integer(row, "id")));
        return names;
    }
}
