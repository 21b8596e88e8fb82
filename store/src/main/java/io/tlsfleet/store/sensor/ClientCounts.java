package io.tlsfleet.store.sensor;

import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.jsonOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.sensor.ClientProfile;
import io.tlsfleet.fleet.sensor.ClientSighting;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds sightings up and sums them again for whoever may ask. */
public final class ClientCounts {
    /** What was seen fewer times than this is not shown: it might be one person. */
    public static final int LEAST_SHOWN = 5;

    public static final int DAYS = 30;
    private static final int MAX_ENDPOINTS = 5_000;

    private final Sql sql;

    public ClientCounts(Sql sql) {
        this.sql = sql;
    }

    /** Over the days that are kept. {@code endpoints}: at how many of those asked for. */
    public record Client(
            String kind,
            String fingerprint,
            long count,
            long endpoints,
            LocalDate firstDay,
            LocalDate lastDay,
            @Nullable ClientProfile profile) {}

    /** {@code hidden}: fingerprints that were seen too seldom to be shown. */
    public record Sums(List<Client> clients, long hidden, boolean more) {}

    /** How often each kind was counted. */
    public record Kind(String kind, long count, long fingerprints) {}

    /** At one server, by its name in the logs. */
    public record AtEndpoint(String endpoint, String kind, String fingerprint, long count) {}

    /** The names under which logs know an endpoint: by server name, by host, by address. */
    public List<String> names(List<Long> endpoints) {
        return sql.rows("""
                        SELECT DISTINCT CASE WHEN h LIKE '%:%' THEN '[' || h || ']' ELSE lower(h) END || ':' || t.port AS name
                        FROM target t CROSS JOIN LATERAL (
                          SELECT coalesce(t.sni, t.host) AS h UNION SELECT t.host WHERE t.sni IS NULL
                          UNION SELECT a.address FROM address a WHERE a.endpoint_id = t.id AND a.address <> '') n
                        WHERE t.retired_at IS NULL AND t.id = ANY ($1)""", endpoints).stream().map(row -> text(row, "name")).toList();
    }

    /** The day that the database has, in UTC. */
    public LocalDate today() {
        return day(sql.one("SELECT (now() AT TIME ZONE 'UTC')::date AS day"), "day");
    }

    /** In the order of the key, so that two batches at once do not wait for each other in a circle. */
    public void add(List<ClientSighting> sightings) {
        if (sightings.isEmpty()) {
            return;
        }
        List<ClientSighting> sorted = new ArrayList<>(sightings);
        sorted.sort(Comparator.comparing(ClientSighting::day)
                .thenComparing(ClientSighting::endpoint)
                .thenComparing(ClientSighting::kind)
                .thenComparing(ClientSighting::fingerprint));
        sql.change(
                """
                INSERT INTO client_fingerprint (day, endpoint, kind, fingerprint, count)
                SELECT d::date, e, k, f, sum(n) FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS s (d, e, k, f, n)
                GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
                ON CONFLICT (day, endpoint, kind, fingerprint) DO UPDATE SET count = client_fingerprint.count + excluded.count""",
                sorted.stream().map(s -> s.day().toString()).toList(),
                sorted.stream().map(ClientSighting::endpoint).toList(),
                sorted.stream().map(ClientSighting::kind).toList(),
                sorted.stream().map(ClientSighting::fingerprint).toList(),
                sorted.stream().map(ClientSighting::count).toList());
        List<ClientSighting> told =
                sorted.stream().filter(s -> s.profile() != null).toList();
        if (!told.isEmpty()) {
            sql.change(
                    """
                    INSERT INTO client_profile (kind, fingerprint, profile, last_day)
                    SELECT DISTINCT ON (k, f) k, f, p::jsonb, d::date FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS s (k, f, p, d)
                    ORDER BY k, f, d DESC
                    ON CONFLICT (kind, fingerprint) DO UPDATE SET profile = excluded.profile,
                      last_day = greatest(client_profile.last_day, excluded.last_day)
                    WHERE client_profile.last_day < excluded.last_day OR length(client_profile.profile::text) < length(excluded.profile::text)""",
                    told.stream().map(ClientSighting::kind).toList(),
                    told.stream().map(ClientSighting::fingerprint).toList(),
                    told.stream()
                            .map(s -> Json.write(java.util.Objects.requireNonNull(s.profile())))
                            .toList(),
                    told.stream().map(s -> s.day().toString()).toList());
        }
    }

    /** The most frequent first. {@code names} null: the whole estate. */
    public Sums sums(@Nullable List<String> names, @Nullable String kind, @Nullable String part, int limit, long from) {
        String grouped = """
                WITH seen AS (
                  SELECT c.kind, c.fingerprint, sum(c.count)::bigint AS n, count(DISTINCT c.endpoint) AS endpoints, min(c.day) AS first_day, max(c.day) AS last_day
                  FROM client_fingerprint c
                  WHERE c.day > (now() AT TIME ZONE 'UTC')::date - $1::int AND ($2::text[] IS NULL OR c.endpoint = ANY ($2))
                    AND ($3::text IS NULL OR c.kind = $3) AND ($4::text IS NULL OR c.fingerprint LIKE $4)
                  GROUP BY c.kind, c.fingerprint)
                """;
        String like = part == null
                ? null
                : part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
        Object array = names == null ? null : names;
        List<Client> clients =
                sql.rows(grouped + """
                        SELECT s.kind, s.fingerprint, s.n, s.endpoints, s.first_day, s.last_day, p.profile::text AS profile
                        FROM seen s LEFT JOIN client_profile p ON p.kind = s.kind AND p.fingerprint = s.fingerprint
                        WHERE s.n >= $5::bigint ORDER BY s.n DESC, s.kind, s.fingerprint LIMIT $6::int OFFSET $7::bigint""", DAYS, array, kind, like, (long) LEAST_SHOWN, limit + 1, from).stream()
                        .map(ClientCounts::client)
                        .toList();
        long hidden = number(
                sql.one(grouped + "SELECT count(*) AS n FROM seen WHERE n < $5::bigint", DAYS, array, kind, like, (long)
                        LEAST_SHOWN),
                "n");
        boolean more = clients.size() > limit;
        return new Sums(more ? clients.subList(0, limit) : clients, hidden, more);
    }

    public List<Kind> kinds(@Nullable List<String> names) {
        Object array = names == null ? null : names;
        return sql.rows("""
                        SELECT kind, sum(count)::bigint AS n, count(DISTINCT fingerprint) AS f FROM client_fingerprint
                        WHERE day > (now() AT TIME ZONE 'UTC')::date - $1::int AND ($2::text[] IS NULL OR endpoint = ANY ($2))
                        GROUP BY kind ORDER BY n DESC, kind""", DAYS, array).stream()
                .map(row -> new Kind(text(row, "kind"), number(row, "n"), number(row, "f")))
                .toList();
    }

    /** What each server was asked by each client, of the kind given; for a simulation over many endpoints. */
    public List<AtEndpoint> perEndpoint(List<String> names, String kind) {
        return sql.rows("""
                        SELECT endpoint, kind, fingerprint, sum(count)::bigint AS n FROM client_fingerprint
                        WHERE day > (now() AT TIME ZONE 'UTC')::date - $1::int AND endpoint = ANY ($2::text[]) AND kind = $3
                        GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 3 LIMIT $4::int""", DAYS, names, kind, MAX_ENDPOINTS * 20).stream()
                .map(row -> new AtEndpoint(
                        text(row, "endpoint"), text(row, "kind"), text(row, "fingerprint"), number(row, "n")))
                .toList();
    }

    private static Client client(Row row) {
        JsonNode profile = jsonOrNull(row, "profile");
        return new Client(
                text(row, "kind"),
                text(row, "fingerprint"),
                number(row, "n"),
                integer(row, "endpoints"),
                day(row, "first_day"),
                day(row, "last_day"),
                profile == null ? null : Json.read(profile, ClientProfile.class));
    }

    private static LocalDate day(Row row, String column) {
        return java.util.Objects.requireNonNull(row.getLocalDate(column), column);
    }
}
