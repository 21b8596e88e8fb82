package io.tlsfleet.scanner.connect;

import java.time.Duration;

/**
 * What one connection may cost. {@code total} is absolute, from dialling to the end, however much the peer still sends;
 * {@code read} is the longest silence.
 */
public record Limits(Duration connect, Duration read, Duration total, int maxBytes) {
    /** Postfix' postscreen waits for six seconds, sendmail for five. */
    private static final int GREETING = 3;

    private static final int MAX_BYTES = 320 * 1024;

    /** Five seconds for everything. */
    public static final Limits STANDARD =
            new Limits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), MAX_BYTES);

    public static Limits of(Duration connect, Duration read) {
        Duration both = connect.compareTo(read) > 0 ? connect : read;
        return new Limits(connect, read, both, MAX_BYTES);
    }

    /** With room for a greeting that is held back for some seconds against those who speak out of turn. */
    public Limits withPreamble() {
        Duration greeting = read.multipliedBy(GREETING);
        return new Limits(connect, greeting, total.plus(greeting), maxBytes);
    }

    /** The same, but over when this much time has passed. */
    public Limits within(Duration remaining) {
        return new Limits(min(connect, remaining), min(read, remaining), min(total, remaining), maxBytes);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
