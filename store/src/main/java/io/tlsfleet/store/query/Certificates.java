package io.tlsfleet.store.query;

import static io.tlsfleet.store.Columns.bytes;
import static io.tlsfleet.store.Columns.hexOrNull;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.integer;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;
import static io.tlsfleet.store.Columns.texts;

import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Certificates that were seen, and who serves them. */
public final class Certificates {
    private static final int MOST_SERVERS = 1000;

    private final Sql sql;

    public Certificates(Sql sql) {
        this.sql = sql;
    }

    /** {@code served}: true for those that an endpoint serves now, false for the others. */
    public record Filter(
            @Nullable Instant expiresBefore,
            @Nullable Instant expiresAfter,
            @Nullable String issuer,
            @Nullable String owner,
            @Nullable Boolean served,
            @Nullable String q) {
        public static Filter matching(String q) {
            return new Filter(null, null, null, null, null, q);
        }
    }

    /** {@code endpoints}: how many serve it now, {@code leaf}: some as their own. */
    public record Certificate(
            String sha256,
            @Nullable String spkiSha256,
            String subject,
            String issuer,
            String serialNumber,
            List<String> names,
            @Nullable Instant notBefore,
            @Nullable Instant notAfter,
            @Nullable String keyAlgorithm,
            @Nullable Integer keyBits,
            @Nullable String signatureAlgorithm,
            long endpoints,
            List<String> owners,
            boolean leaf,
            Instant firstSeen) {}

    /** {@code position} 0: as the leaf. */
    public record Server(
            long id,
            String name,
            @Nullable String owner,
            String site,
            int position,
            @Nullable Instant lastScanAt) {}

    public record Detail(Certificate certificate, byte[] der, List<Server> servedBy) {}

    private static final String SELECT = """
            SELECT c.sha256, c.spki_sha256, c.subject, c.issuer, c.serial_number, c.names, c.not_before, c.not_after, c.key_algorithm,
              c.key_bits, c.signature_algorithm, c.first_seen, u.endpoints, u.owners, u.leaf, c.not_after::text AS sort_key
            FROM certificate c LEFT JOIN LATERAL (
              SELECT count(*) AS endpoints, coalesce(array_agg(DISTINCT t.owner) FILTER (WHERE t.owner IS NOT NULL), '{}') AS owners,
                coalesce(bool_or(cc.position = 0), false) AS leaf
              FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id JOIN target t ON t.id = e.id AND t.retired_at IS NULL
              WHERE cc.sha256 = c.sha256) u ON true
            """;

    /** Soonest to expire first. */
    public Page<Certificate> list(Filter filter, int limit, @Nullable String cursor) {
        Where where = new Where()
                .and("c.not_after IS NOT NULL")
                .andIf(filter.expiresBefore, "c.not_after < ?")
                .andIf(filter.expiresAfter, "c.not_after >= ?")
                .andIf(filter.issuer == null ? null : Where.anywhere(filter.issuer), "c.issuer ILIKE ?")
                .andIf(filter.owner, "? = ANY (u.owners)");
        if (filter.served != null) {
            where.and(filter.served ? "u.endpoints > 0" : "u.endpoints = 0");
        }
        if (filter.q != null) {
            String q = filter.q.strip();
            String like = Where.anywhere(q);
            boolean hex = q.matches("[0-9a-fA-F]{64}");
            where.and(
                    "(c.subject ILIKE ? OR array_to_string(c.names, ' ') ILIKE ? OR c.serial_number ILIKE ? OR c.sha256 = ?)",
                    like,
                    like,
                    like,
                    hex ? HexFormat.of().parseHex(q) : new byte[0]);
        }
        Cursor from = Cursor.parse(cursor, 2);
        if (from != null) {
            where.and("(c.not_after, c.sha256) > (?::text::timestamptz, ?)", from.text(0), sha256(from.text(1)));
        }
        List<Row> rows = sql.rows(
                SELECT + where.text() + " ORDER BY c.not_after, c.sha256 LIMIT " + (limit + 1), where.parameters());
        List<Certificate> items = rows.stream().map(Certificates::certificate).toList();
        if (items.size() <= limit) {
            return Page.all(items);
        }
        Row last = rows.get(limit - 1);
        return new Page<>(
                items.subList(0, limit),
                Cursor.of(text(last, "sort_key"), items.get(limit - 1).sha256()).text());
    }

    public Optional<Detail> find(String sha256) {
        byte[] key = sha256(sha256);
        return sql.row(SELECT + "WHERE c.sha256 = $1", key)
                .map(row -> new Detail(certificate(row), der(key), servers(key)));
    }

    private byte[] der(byte[] key) {
        return bytes(sql.one("SELECT der FROM certificate WHERE sha256 = $1", key), "der");
    }

    private List<Server> servers(byte[] key) {
        return sql.rows("""
                        SELECT t.id, t.host, t.port, t.sni, t.starttls, t.owner, s.name AS site, cc.position, sch.last_at
                        FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id
                          JOIN target t ON t.id = e.id AND t.retired_at IS NULL JOIN site s ON s.id = t.site_id
                          LEFT JOIN schedule sch ON sch.endpoint_id = e.id
                        WHERE cc.sha256 = $1 ORDER BY t.host, t.port, t.id LIMIT $2""", key, MOST_SERVERS).stream()
                .map(row -> new Server(
                        number(row, "id"),
                        EndpointName.of(
                                text(row, "host"),
                                integer(row, "port"),
                                textOrNull(row, "sni"),
                                textOrNull(row, "starttls")),
                        textOrNull(row, "owner"),
                        text(row, "site"),
                        integer(row, "position"),
                        instantOrNull(row, "last_at")))
                .toList();
    }

    private static byte[] sha256(String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new InvalidCursor(hex);
        }
    }

    private static Certificate certificate(Row row) {
        return new Certificate(
                HexFormat.of().formatHex(bytes(row, "sha256")),
                hexOrNull(row, "spki_sha256"),
                text(row, "subject"),
                text(row, "issuer"),
                text(row, "serial_number"),
                texts(row, "names"),
                instantOrNull(row, "not_before"),
                instantOrNull(row, "not_after"),
                textOrNull(row, "key_algorithm"),
                row.getInteger("key_bits"),
                textOrNull(row, "signature_algorithm"),
                number(row, "endpoints"),
                texts(row, "owners"),
                Boolean.TRUE.equals(row.getBoolean("leaf")),
                instant(row, "first_seen"));
    }
}
