package io.tlsfleet.tls.registry;

import java.util.List;

/** An extension type (IANA "TLS ExtensionType Values"). */
public record ExtensionType(int code) {
    private static final NameTable TABLE = NameTable.load("extensions.tsv");

    /** Every code point of the table, in its order. */
    public static List<ExtensionType> all() {
        return TABLE.all().keySet().stream().map(ExtensionType::new).toList();
    }

    public static ExtensionType named(String name) {
        return TABLE.all().entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(e -> new ExtensionType(e.getKey()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no ExtensionType is named " + name));
    }

    /** The IANA name; {@code 0x…} for a code point without one. */
    public String name() {
        return TABLE.name(code, 4);
    }

    public String hex() {
        return "0x%04X".formatted(code);
    }

    @Override
    public String toString() {
        return name();
    }
}
