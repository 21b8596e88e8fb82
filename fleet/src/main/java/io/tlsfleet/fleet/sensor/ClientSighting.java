package io.tlsfleet.fleet.sensor;

import java.time.LocalDate;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client's fingerprint was seen at an endpoint, {@code count} times that day (UTC). {@code endpoint} is name:port
 * where a server name was sent, else address:port of the server. {@code kind}: ja3, ja4, or suites for the hash of a
 * cipher suite list where a log holds no more. {@code profile}: what that client is able to speak, where the log tells.
 */
public record ClientSighting(
        LocalDate day,
        String endpoint,
        String kind,
        String fingerprint,
        long count,
        @Nullable ClientProfile profile) {
    private static final int MAX_ENDPOINT = 300;
    private static final int MAX_FINGERPRINT = 100;
    private static final Set<String> KINDS = Set.of("ja3", "ja4", "suites");

    public ClientSighting {
        if (endpoint.isEmpty() || endpoint.length() > MAX_ENDPOINT) {
            throw new IllegalArgumentException("endpoint of " + endpoint.length() + " characters");
        }
        if (endpoint.chars().anyMatch(c -> c <= ' ' || c == 0x7F)) {
            throw new IllegalArgumentException("endpoint has a blank or a control character");
        }
        if (!KINDS.contains(kind)) {
            throw new IllegalArgumentException("kind '" + kind + "': there are ja3, ja4 and suites");
        }
        if (!fingerprint.matches("[0-9A-Za-z_]{1," + MAX_FINGERPRINT + "}")) {
            throw new IllegalArgumentException("fingerprint is not made of letters, digits and _");
        }
        if (count < 1) {
            throw new IllegalArgumentException("count " + count + " is below 1");
        }
    }

    public ClientSighting(LocalDate day, String endpoint, String kind, String fingerprint, long count) {
        this(day, endpoint, kind, fingerprint, count, null);
    }
}
