package io.tlsfleet.store.query;

import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;
import static io.tlsfleet.store.Columns.texts;

import io.tlsfleet.store.Sql;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Servers of one owner or site that answer alike, and those of the same that do not: a setting that somebody changed, a
 * member of a balancer that was missed, or a box in the middle. Alike means every fingerprint of the kind, of every hello.
 */
public final class Clusters {
    /** Fewer are no cluster. */
    private static final int LEAST = 4;

    /** Percent of the servers of an owner that must answer alike before the others are odd. */
    private static final int MOST_OF_THEM = 60;

    private static final int MOST_SHOWN = 50;

    private final Sql sql;

    public Clusters(Sql sql) {
        this.sql = sql;
    }

    /** {@code alike} of {@code total} endpoints of the owner or site share {@code values}; {@code example} is one. */
    public record Cluster(
            String of, long alike, long total, List<String> values, long exampleId, String example, List<Odd> odd) {}

    /** {@code sharedWith}: how many of the whole estate answer as this one does, itself included. */
    public record Odd(long id, String name, List<String> values, long sharedWith) {}

    /** {@code by}: owner or site. The clusters with the fewest odd ones first: there the odd ones are oddest. */
    public List<Cluster> withOddOnes(String kind, String by, int limit) {
        String key = by.equals("site") ? "s.name" : "t.owner";
        Map<String, Cluster> clusters = new LinkedHashMap<>();
        sql.rows("""
                        WITH answers AS MATERIALIZED (
                          SELECT t.id, t.host, t.port, t.sni, t.starttls, %s AS of,
                            (SELECT array_agg(substr(f, length($1) + 2) ORDER BY f) FROM unnest(c.fingerprints) f WHERE f LIKE $1 || ':%%') AS sig
                          FROM endpoint e JOIN target t ON t.id = e.id AND t.retired_at IS NULL JOIN site s ON s.id = t.site_id
                            JOIN configuration c ON c.id = e.configuration_id),
                        alike AS (SELECT of, sig, count(*) AS n, min(id) AS example FROM answers WHERE sig IS NOT NULL AND of IS NOT NULL GROUP BY of, sig),
                        most AS (SELECT DISTINCT ON (of) of, sig, n, example, (sum(n) OVER (PARTITION BY of))::bigint AS total
                          FROM alike ORDER BY of, n DESC, example),
                        chosen AS (SELECT * FROM most WHERE total >= $2::int AND n < total AND n * 100 >= total * $3::int
                          ORDER BY (total - n)::float / total, n DESC, of LIMIT $4::int),
                        estate AS (SELECT sig, count(*) AS n FROM answers WHERE sig IS NOT NULL GROUP BY sig)
                        SELECT m.of, m.n, m.total, m.sig, m.example, x.host AS x_host, x.port AS x_port, x.sni AS x_sni, x.starttls AS x_starttls,
                          o.id, o.host, o.port, o.sni, o.starttls, o.sig AS odd_sig, w.n AS shared
                        FROM chosen m JOIN answers x ON x.id = m.example
                          CROSS JOIN LATERAL (SELECT * FROM answers a WHERE a.of = m.of AND a.sig IS NOT NULL AND a.sig <> m.sig ORDER BY a.host, a.id LIMIT $5::int) o
                          JOIN estate w ON w.sig = o.sig
                        ORDER BY (m.total - m.n)::float / m.total, m.n DESC, m.of, w.n, o.host, o.id""".formatted(key), kind, LEAST, MOST_OF_THEM, limit, MOST_SHOWN)
                .forEach(row -> clusters.computeIfAbsent(
                                text(row, "of"),
                                of -> new Cluster(
                                        of,
                                        number(row, "n"),
                                        number(row, "total"),
                                        texts(row, "sig"),
                                        number(row, "example"),
                                        EndpointName.of(
                                                text(row, "x_host"),
                                                integer(row, "x_port"),
                                                textOrNull(row, "x_sni"),
                                                textOrNull(row, "x_starttls")),
                                        new ArrayList<>()))
                        .odd()
                        .add(new Odd(
                                number(row, "id"),
                                EndpointName.of(
                                        text(row, "host"),
                                        integer(row, "port"),
                                        textOrNull(row, "sni"),
                                        textOrNull(row, "starttls")),
                                texts(row, "odd_sig"),
                                number(row, "shared"))));
        return List.copyOf(clusters.values());
    }
}
