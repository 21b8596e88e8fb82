package io.tlsfleet.tls.registry;

import java.util.List;

/** An alert description (IANA "TLS Alerts", RFC 8446 section 6). */
public record AlertDescription(int code) {
    private static final NameTable TABLE = NameTable.load("alerts.tsv");

    /** Every code point of the table, in its order. */
    public static List<AlertDescription> all() {
        return TABLE.all().keySet().stream().map(AlertDescription::new).toList();
    }

    public static AlertDescription named(String name) {
        return TABLE.all().entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(e -> new AlertDescription(e.getKey()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no AlertDescription is named " + name));
    }

    /** The IANA name; {@code 0x…} for a code point without one. */
    public String name() {
        return TABLE.name(code, 2);
    }

    public String hex() {
        return "0x%02X".formatted(code);
    }

    @Override
    public String toString() {
        return name();
    }
}
