package io.tlsfleet.tls.registry;

import java.util.List;

/** A named group (IANA "TLS Supported Groups", RFC 8446 section 4.2.7). */
public record NamedGroup(int code) {
    private static final NameTable TABLE = NameTable.load("groups.tsv");

    /** Every code point of the table, in its order. */
    public static List<NamedGroup> all() {
        return TABLE.all().keySet().stream().map(NamedGroup::new).toList();
    }

    public static NamedGroup named(String name) {
        return TABLE.all().entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(e -> new NamedGroup(e.getKey()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no NamedGroup is named " + name));
    }

    /** The IANA name; {@code 0x…} for a code point without one. */
    public String name() {
        return TABLE.name(code, 4);
    }

    public String hex() {
        return NameTable.hex(code);
    }

    /** As a record's own; lists of hundreds are searched for each question of a scan, and this is called without a method handle. */
    @Override
    public boolean equals(Object other) {
        return other instanceof NamedGroup that && code == that.code;
    }

    @Override
    public int hashCode() {
        return code;
    }

    @Override
    public String toString() {
        return name();
    }
}
