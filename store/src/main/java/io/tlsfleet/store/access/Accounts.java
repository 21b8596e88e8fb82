package io.tlsfleet.store.access;

import static io.tlsfleet.store.Columns.instant;
import static io.tlsfleet.store.Columns.instantOrNull;
import static io.tlsfleet.store.Columns.number;
import static io.tlsfleet.store.Columns.text;
import static io.tlsfleet.store.Columns.textOrNull;

import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tokens and sessions. What is revoked or over is not found. */
public final class Accounts {
    private final Sql sql;

    public Accounts(Sql sql) {
        this.sql = sql;
    }

    /** {@code site} is set for workers. */
    public record Account(
            long id,
            String name,
            String role,
            @Nullable String site,
            @Nullable Instant expiresAt) {}

    public record Token(
            long id,
            String name,
            String role,
            @Nullable String site,
            String createdBy,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt,
            @Nullable Instant revokedAt,
            String kind) {}

    /** What is shown: a token's text, or a client certificate whose key its owner proves to have. */
    public enum Kind {
        TOKEN,
        CERTIFICATE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String VALID = "k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())";
    private static final String ACCOUNT = "k.id, k.name, k.role, s.name AS site, k.expires_at, "
            + "coalesce(k.last_used_at < now() - interval '1 minute', true) AS stale";

    public Optional<Account> byToken(byte[] sha256) {
        return by(Kind.TOKEN, sha256);
    }

    /** {@code spkiSha256}: of the public key of a certificate with which somebody shook hands. */
    public Optional<Account> byCertificate(byte[] spkiSha256) {
        return by(Kind.CERTIFICATE, spkiSha256);
    }

    private Optional<Account> by(Kind kind, byte[] sha256) {
        Optional<Row> row = sql.row(
                "SELECT " + ACCOUNT
                        + " FROM token k LEFT JOIN site s ON s.id = k.site_id WHERE k.sha256 = $1 AND k.kind = $2 AND "
                        + VALID,
                sha256,
                kind.word());
        row.filter(r -> Boolean.TRUE.equals(r.getBoolean("stale")))
                .ifPresent(r -> sql.change("UPDATE token SET last_used_at = now() WHERE id = $1", number(r, "id")));
        return row.map(Accounts::account);
    }

    public Optional<Account> bySession(byte[] sha256) {
        return sql.row(
                        "SELECT " + ACCOUNT
                                + " FROM session n JOIN token k ON k.id = n.token_id LEFT JOIN site s ON s.id = k.site_id"
                                + " WHERE n.sha256 = $1 AND n.expires_at > now() AND " + VALID,
                        sha256)
                .map(Accounts::account);
    }

    public void begin(byte[] sessionSha256, long tokenId, Instant expiresAt) {
        sql.change("DELETE FROM session WHERE expires_at < now()");
        sql.change(
                "INSERT INTO session (sha256, token_id, expires_at) VALUES ($1, $2, $3)",
                sessionSha256,
                tokenId,
                expiresAt);
    }

    public void end(byte[] sessionSha256) {
        sql.change("DELETE FROM session WHERE sha256 = $1", sessionSha256);
    }

    /** Empty when the site is not known. */
    public Optional<Token> add(
            String name, byte[] sha256, String role, @Nullable String site, String by, @Nullable Instant expiresAt) {
        return add(Kind.TOKEN, name, sha256, role, site, by, expiresAt);
    }

    /** Whether something with that hash is there, in force or not. */
    public boolean has(byte[] sha256) {
        return sql.row("SELECT 1 FROM token WHERE sha256 = $1", sha256).isPresent();
    }

    public Optional<Token> add(
            Kind kind,
            String name,
            byte[] sha256,
            String role,
            @Nullable String site,
            String by,
            @Nullable Instant expiresAt) {
        return sql.row("""
                        INSERT INTO token (name, sha256, role, site_id, created_by, expires_at, kind)
                        SELECT $1, $2, $3, (SELECT id FROM site WHERE name = $4), $5, $6, $7
                        WHERE $4::text IS NULL OR EXISTS (SELECT FROM site WHERE name = $4) RETURNING id""", name, sha256, role, site, by, expiresAt, kind.word())
                .flatMap(row ->
                        list().stream().filter(t -> t.id == number(row, "id")).findFirst());
    }

    /** The administrator's token of a data directory: there after this, whether it was or not. */
    public void ensure(String name, byte[] sha256, String role) {
        sql.change(
                "INSERT INTO token (name, sha256, role, created_by) VALUES ($1, $2, $3, 'tlsfleet up') ON CONFLICT (sha256) DO NOTHING",
                name,
                sha256,
                role);
    }

    public List<Token> list() {
        return sql.rows("""
                        SELECT k.id, k.name, k.role, s.name AS site, k.created_by, k.created_at, k.expires_at, k.last_used_at, k.revoked_at, k.kind
                        FROM token k LEFT JOIN site s ON s.id = k.site_id ORDER BY k.id""").stream()
                .map(row -> new Token(
                        number(row, "id"),
                        text(row, "name"),
                        text(row, "role"),
                        textOrNull(row, "site"),
                        text(row, "created_by"),
                        instant(row, "created_at"),
                        instantOrNull(row, "expires_at"),
                        instantOrNull(row, "last_used_at"),
                        instantOrNull(row, "revoked_at"),
                        text(row, "kind")))
                .toList();
    }

    /** Its sessions end with it. False when there is none, or it was revoked before. */
    public boolean revoke(long id) {
        sql.change("DELETE FROM session WHERE token_id = $1", id);
        return sql.change("UPDATE token SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", id) > 0;
    }

    private static Account account(Row row) {
        return new Account(
                number(row, "id"),
                text(row, "name"),
                text(row, "role"),
                textOrNull(row, "site"),
                instantOrNull(row, "expires_at"));
    }
}
