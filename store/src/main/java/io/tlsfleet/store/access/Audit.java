package io.tlsfleet.store.access;

import static io.tlsfleet.store.Columns.bytes;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.jsonOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who changed what, from where. Written in the transaction of the change: both or neither. */
public final class Audit {
    private static final byte[] BEGINNING = new byte[32];

    private final Sql sql;

    public Audit(Sql sql) {
        this.sql = sql;
    }

    /** Who acts: a token's name and the address it came from. */
    public record Actor(String name, @Nullable String address) {}

    public record Entry(
            long id,
            Instant at,
            String actor,
            @Nullable String address,
            String action,
            String subject,
            @Nullable JsonNode before,
            @Nullable JsonNode after,
            String hash) {}

    /** {@code before} and {@code after} are shown to auditors: nothing secret may be in them. */
    public void record(Actor actor, String action, String subject, @Nullable Object before, @Nullable Object after) {
        sql.rows("SELECT pg_advisory_xact_lock(hashtext('tlsfleet.audit'))");
        byte[] previous = sql.row("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")
                .map(row -> bytes(row, "hash"))
                .orElse(BEGINNING);
        Instant at = instant(sql.one("SELECT date_trunc('milliseconds', now()) AS now"), "now");
        // as the database spells JSON, so that the hash can be made again from what is stored
        String was = stored(before);
        String is = stored(after);
        sql.change(
                """
                INSERT INTO audit (at, actor, address, action, subject, before, after, previous, hash)
                VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8, $9)""",
                at,
                actor.name,
                actor.address,
                action,
                subject,
                was,
                is,
                previous,
                hash(previous, at, actor.name, actor.address, action, subject, was, is));
    }

    /** Newest first, before the id given. */
    public List<Entry> list(long before, int limit) {
        return sql.rows(SELECT + "WHERE id < $1 ORDER BY id DESC LIMIT $2", before, limit).stream()
                .map(Audit::entry)
                .toList();
    }

    /** The first line that was altered, or that follows one that is gone; empty when all is whole. */
    public Optional<Long> broken() {
        byte[] previous = BEGINNING;
        long after = 0;
        while (true) {
            List<Row> rows = sql.rows(SELECT + "WHERE id > $1 ORDER BY id LIMIT 1000", after);
            for (Row row : rows) {
                byte[] expected = hash(
                        previous,
                        instant(row, "at"),
                        text(row, "actor"),
                        textOrNull(row, "address"),
                        text(row, "action"),
                        text(row, "subject"),
                        textOrNull(row, "before"),
                        textOrNull(row, "after"));
                if (!Arrays.equals(previous, bytes(row, "previous")) || !Arrays.equals(expected, bytes(row, "hash"))) {
                    return Optional.of(number(row, "id"));
                }
                previous = bytes(row, "hash");
                after = number(row, "id");
            }
            if (rows.isEmpty()) {
                return Optional.empty();
            }
        }
    }

    private static final String SELECT =
            "SELECT id, at, actor, address, action, subject, before::text AS before, after::text AS after,"
                    + " previous, hash FROM audit ";

    private @Nullable String stored(@Nullable Object value) {
        return value == null
                ? null
                : textOrNull(sql.one("SELECT $1::text::jsonb::text AS json", Json.write(value)), "json");
    }

    private static Entry entry(Row row) {
        return new Entry(
                number(row, "id"),
                instant(row, "at"),
                text(row, "actor"),
                textOrNull(row, "address"),
                text(row, "action"),
                text(row, "subject"),
                jsonOrNull(row, "before"),
                jsonOrNull(row, "after"),
                HexFormat.of().formatHex(bytes(row, "hash")));
    }

    private static byte[] hash(byte[] previous, Instant at, @Nullable String... fields) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(previous);
            digest.update(Long.toString(at.toEpochMilli()).getBytes(StandardCharsets.UTF_8));
            for (String field : fields) {
                byte[] bytes = field == null ? new byte[0] : field.getBytes(StandardCharsets.UTF_8);
                digest.update((byte) (field == null ? 0 : 1));
                digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.UTF_8));
                digest.update((byte) ':');
                digest.update(bytes);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
