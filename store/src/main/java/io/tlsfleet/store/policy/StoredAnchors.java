package io.tlsfleet.store.policy;

import static io.tlsfleet.store.Columns.bytes;
import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import io.tlsfleet.fleet.policy.TrustBook;
import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Roots of one's own, and for whom. */
public final class StoredAnchors {
    private final Sql sql;

    public StoredAnchors(Sql sql) {
        this.sql = sql;
    }

    public record Kept(
            long id,
            String sha256,
            byte[] der,
            @Nullable String host,
            @Nullable String owner,
            @Nullable String tag,
            @Nullable String site,
            Instant createdAt,
            String createdBy) {
        TrustBook.Anchor anchor() {
            return new TrustBook.Anchor(sha256, der, host, owner, tag, site);
        }
    }

    public List<Kept> all() {
        return sql
                .rows("SELECT id, encode(sha256, 'hex') AS sha256, der, host, owner, tag, site, created_at, created_by"
                        + " FROM trust_anchor ORDER BY id")
                .stream()
                .map(row -> new Kept(
                        number(row, "id"),
                        text(row, "sha256"),
                        bytes(row, "der"),
                        textOrNull(row, "host"),
                        textOrNull(row, "owner"),
                        textOrNull(row, "tag"),
                        textOrNull(row, "site"),
                        instant(row, "created_at"),
                        text(row, "created_by")))
                .toList();
    }

    /** The same again is the same one. */
    public Kept add(TrustBook.Anchor anchor, String by) {
        sql.change(
                "INSERT INTO trust_anchor (sha256, der, host, owner, tag, site, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                        + " ON CONFLICT DO NOTHING",
                HexFormat.of().parseHex(anchor.sha256()),
                anchor.der(),
                anchor.host(),
                anchor.owner(),
                anchor.tag(),
                anchor.site(),
                by);
        return all().stream()
                .filter(kept -> kept.anchor().equals(anchor)
                        && java.util.Objects.equals(kept.host, anchor.host())
                        && java.util.Objects.equals(kept.owner, anchor.owner())
                        && java.util.Objects.equals(kept.tag, anchor.tag())
                        && java.util.Objects.equals(kept.site, anchor.site()))
                .findFirst()
                .orElseThrow();
    }

    public Optional<Kept> remove(long id) {
        Optional<Kept> gone = all().stream().filter(kept -> kept.id == id).findFirst();
        gone.ifPresent(kept -> sql.change("DELETE FROM trust_anchor WHERE id = $1", id));
        return gone;
    }

    TrustBook book() {
        return new TrustBook(all().stream().map(Kept::anchor).toList());
    }

    /** Differs whenever a book read now would. */
    String state() {
        return text(sql.one("SELECT concat(max(id), '/', count(*)) AS state FROM trust_anchor"), "state");
    }
}
