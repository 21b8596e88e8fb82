package io.tlsfleet.api.auth;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.Optional;

/** Where tokens and sessions are kept, by their SHA-256. */
public interface Credentials {
    /** The token, unless it is unknown, revoked or expired; notes that it was used. */
    Future<Optional<Principal>> byToken(byte[] sha256);

    /** The session's token, unless either is unknown, revoked or expired. */
    Future<Optional<Principal>> bySession(byte[] sha256);

    Future<Void> begin(byte[] sessionSha256, long tokenId, Instant expiresAt);

    Future<Void> end(byte[] sessionSha256);
}
