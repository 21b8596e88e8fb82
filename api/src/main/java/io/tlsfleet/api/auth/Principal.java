package io.tlsfleet.api.auth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Whoever asks: the token behind a header or a cookie. {@code site} is set for workers only. */
public record Principal(
        long tokenId,
        String name,
        Role role,
        @Nullable String site,
        boolean bySession,
        @Nullable Instant expiresAt) {}
