package io.tlsfleet.fleet.simulate;

import org.jspecify.annotations.Nullable;

/**
 * The outcome for one client. {@code connects} null: cannot be told, {@code reason} says why. {@code helloRetry}: it
 * costs the client a further round trip.
 */
public record Selection(
        @Nullable Boolean connects,
        @Nullable String version,
        @Nullable String cipherSuite,
        @Nullable String group,
        boolean helloRetry,
        @Nullable String reason) {

    static Selection fails(@Nullable String version, String reason) {
        return new Selection(false, version, null, null, false, reason);
    }

    static Selection unknown(String reason) {
        return new Selection(null, null, null, null, false, reason);
    }
}
