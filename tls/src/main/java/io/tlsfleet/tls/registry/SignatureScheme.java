package io.tlsfleet.tls.registry;

import java.util.List;

/** A signature scheme (IANA "TLS SignatureScheme", RFC 8446 section 4.2.3; before TLS 1.3 a pair of hash and signature). */
public record SignatureScheme(int code) {
    private static final NameTable TABLE = NameTable.load("signature-schemes.tsv");

    /** Every code point of the table, in its order. */
    public static List<SignatureScheme> all() {
        return TABLE.all().keySet().stream().map(SignatureScheme::new).toList();
    }

    public static SignatureScheme named(String name) {
        return TABLE.all().entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(e -> new SignatureScheme(e.getKey()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no SignatureScheme is named " + name));
    }

    /** The IANA name; {@code 0x…} for a code point without one. */
    public String name() {
        return TABLE.name(code, 4);
    }

    public String hex() {
        return NameTable.hex(code);
    }

    @Override
    public String toString() {
        return name();
    }
}
