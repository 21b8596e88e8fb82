package io.tlsfleet.fleet.report;

import java.util.Locale;

/** How bad, mildest first, so that {@code compareTo} says "at least". */
public enum Severity {
    INFO,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Severity of(String word) {
        for (Severity severity : values()) {
            if (severity.word().equals(word)) {
                return severity;
            }
        }
        throw new IllegalArgumentException("no severity is called " + word);
    }
}
