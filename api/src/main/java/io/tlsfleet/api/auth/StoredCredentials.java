package io.tlsfleet.api.auth;

import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Accounts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Credentials of the database. What was just asked is believed for two seconds, so that a revocation counts within five. */
public final class StoredCredentials implements Credentials {
    private static final Duration BELIEVED = Duration.ofSeconds(2);
    private static final int MOST = 10_000;

    private final Database database;
    private final InstantSource clock;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    private record Known(Optional<Principal> principal, Instant at) {}

    public StoredCredentials(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public Optional<Principal> byToken(byte[] sha256) {
        return asked(
                "t" + HexFormat.of().formatHex(sha256),
                () -> accounts().byToken(sha256).flatMap(a -> principal(a, false)));
    }

    @Override
    public Optional<Principal> byCertificate(byte[] spkiSha256) {
        return asked(
                "c" + HexFormat.of().formatHex(spkiSha256),
                () -> accounts().byCertificate(spkiSha256).flatMap(a -> principal(a, false)));
    }

    @Override
    public Optional<Principal> bySession(byte[] sha256) {
        return asked(
                "s" + HexFormat.of().formatHex(sha256),
                () -> accounts().bySession(sha256).flatMap(a -> principal(a, true)));
    }

    @Override
    public void begin(byte[] sessionSha256, long tokenId, Instant expiresAt) {
        accounts().begin(sessionSha256, tokenId, expiresAt);
    }

    @Override
    public void end(byte[] sessionSha256) {
        known.remove("s" + HexFormat.of().formatHex(sessionSha256));
        accounts().end(sessionSha256);
    }

    /** Unknown tokens are not remembered: whoever tries many fills nothing. */
    private Optional<Principal> asked(String key, Supplier<Optional<Principal>> ask) {
        Instant now = clock.instant();
        Known before = known.get(key);
        if (before != null && Duration.between(before.at, now).compareTo(BELIEVED) < 0) {
            return before.principal;
        }
        Optional<Principal> answer = ask.get();
        if (answer.isPresent() && (known.size() < MOST || known.containsKey(key))) {
            known.put(key, new Known(answer, now));
        } else {
            known.remove(key);
        }
        return answer;
    }

    private static Optional<Principal> principal(Accounts.Account account, boolean bySession) {
        return Role.named(account.role())
                .map(role -> new Principal(
                        account.id(), account.name(), role, account.site(), bySession, account.expiresAt()));
    }

    private Accounts accounts() {
        return new Accounts(database.sql());
    }
}
