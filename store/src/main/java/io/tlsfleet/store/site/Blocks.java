package io.tlsfleet.store.site;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;

import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What nobody scans, whoever asks: address ranges and domains. Workers hear of it with the rules of their site. */
public final class Blocks {
    private static final int MOST_WOKEN = 100_000;

    private final Sql sql;

    public Blocks(Sql sql) {
        this.sql = sql;
    }

    /** {@code pattern}: an address, a range in CIDR form, or a domain, which takes its subdomains along. */
    public record Block(
            long id,
            String pattern,
            String reason,
            String createdBy,
            Instant createdAt,
            @Nullable Instant until) {}

    public List<Block> list() {
        return sql
                .rows("SELECT id, pattern, reason, created_by, created_at, until FROM block ORDER BY pattern")
                .stream()
                .map(row -> new Block(
                        number(row, "id"),
                        text(row, "pattern"),
                        text(row, "reason"),
                        text(row, "created_by"),
                        instant(row, "created_at"),
                        instantOrNull(row, "until")))
                .toList();
    }

    /** In force now. */
    public List<String> patterns() {
        return sql.rows("SELECT pattern FROM block WHERE until IS NULL OR until > now() ORDER BY pattern").stream()
                .map(row -> text(row, "pattern"))
                .toList();
    }

    /** The same pattern again takes the new reason and end. */
    public Block add(String pattern, String reason, String by, @Nullable Instant until) {
        long id = number(sql.one("""
                        INSERT INTO block (pattern, reason, created_by, until) VALUES ($1, $2, $3, $4)
                        ON CONFLICT (pattern) DO UPDATE SET reason = excluded.reason, created_by = excluded.created_by, until = excluded.until
                        RETURNING id""", pattern, reason, by, until), "id");
        return list().stream().filter(b -> b.id == id).findFirst().orElseThrow();
    }

    /** What it kept back is due within a minute; of very many, the rest with the hour for which they were left alone. */
    public Optional<Block> remove(long id) {
        Optional<Block> block = list().stream().filter(b -> b.id == id).findFirst();
        block.ifPresent(b -> {
            sql.change("DELETE FROM block WHERE id = $1", id);
            sql.change("""
                    WITH kept AS (SELECT endpoint_id FROM schedule WHERE isfinite(next_at) AND next_at > now() + interval '1 min'
                      AND (last_at IS NULL OR next_at > last_at + interval '1.1 s' * interval_seconds) ORDER BY endpoint_id LIMIT $1 FOR UPDATE)
                    UPDATE schedule s SET next_at = now() + interval '1 min' * random() FROM kept WHERE s.endpoint_id = kept.endpoint_id""", MOST_WOKEN);
        });
        return block;
    }
}
