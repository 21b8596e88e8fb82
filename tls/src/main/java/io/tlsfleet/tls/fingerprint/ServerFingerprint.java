package io.tlsfleet.tls.fingerprint;

import org.jspecify.annotations.Nullable;

/** The JA3S of one ServerHello, with what it was made from; {@code version} is the one chosen, by its number. */
public record ServerFingerprint(
        String ja3s, String ja3sText, @Nullable String alpn, int version) {}
