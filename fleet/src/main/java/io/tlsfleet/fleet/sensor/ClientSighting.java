package io.tlsfleet.fleet.sensor;

import java.time.LocalDate;

/**
 * A client's fingerprint was seen at an endpoint, {@code count} times that day (UTC). {@code endpoint} is name:port
 * where a server name was sent, else address:port of the server. {@code kind}: ja3, ja4, or suites for the hash of a
 * cipher suite list where a log holds no more.
 */
public record ClientSighting(LocalDate day, String endpoint, String kind, String fingerprint, long count) {
    private static final int MAX_ENDPOINT = 300;

    public ClientSighting {
        if (endpoint.isEmpty() || endpoint.length() > MAX_ENDPOINT) {
            throw new IllegalArgumentException("endpoint of " + endpoint.length() + " characters");
        }
        if (count < 1) {
            throw new IllegalArgumentException("count " + count + " is below 1");
        }
    }
}
