package io.tlsfleet.tls.fingerprint;

import org.jspecify.annotations.Nullable;

/**
 * The fingerprints of one ClientHello. {@code ja3} is the MD5 of {@code ja3Text}; {@code ja4Raw} is JA4_r. {@code
 * version} is the highest version offered, by its number.
 */
public record ClientFingerprint(
        Transport transport,
        String ja3,
        String ja3Text,
        String ja4,
        String ja4Raw,
        @Nullable String serverName,
        @Nullable String alpn,
        int version) {}
