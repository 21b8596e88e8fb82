package io.tlsfleet.api.auth;

import java.time.Instant;
import java.util.Optional;

/** Where tokens and sessions are kept, by their SHA-256. Calls wait. */
public interface Credentials {
    /** The token, unless it is unknown, revoked or expired; notes that it was used. */
    Optional<Principal> byToken(byte[] sha256);

    /** The client certificate's key, by the SHA-256 of its SPKI, on the same terms. */
    Optional<Principal> byCertificate(byte[] spkiSha256);

    /** The session's token, unless either is unknown, revoked or expired. */
    Optional<Principal> bySession(byte[] sha256);

    void begin(byte[] sessionSha256, long tokenId, Instant expiresAt);

    void end(byte[] sessionSha256);
}
