package io.tlsfleet.tls.registry;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A cipher suite (IANA "TLS Cipher Suites" and the historic and private ones); SSLv2's kinds are three bytes long. */
public record CipherSuite(int code) {
    private static final NameTable TABLE = NameTable.load("cipher-suites.tsv");

    private static final Map<Integer, SuiteFacts> FACTS =
            all().stream().collect(Collectors.toUnmodifiableMap(CipherSuite::code, SuiteFacts::of));

    /** Every code point of the table, in its order. */
    public static List<CipherSuite> all() {
        return TABLE.all().keySet().stream().map(CipherSuite::new).toList();
    }

    public static CipherSuite named(String name) {
        return TABLE.all().entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(e -> new CipherSuite(e.getKey()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no CipherSuite is named " + name));
    }

    /** The IANA name; {@code 0x…} for a code point without one. */
    public String name() {
        return TABLE.name(code, code > 0xFFFF ? 6 : 4);
    }

    /** Key exchange, cipher, strength: what the name says. */
    public SuiteFacts facts() {
        SuiteFacts known = FACTS.get(code);
        return known != null ? known : SuiteFacts.of(this);
    }

    /** SSLv2's kinds have three bytes and six digits. */
    public String hex() {
        return code > 0xFFFF ? "0x%06X".formatted(code) : NameTable.hex(code);
    }

    /** As a record's own; lists of hundreds are searched for each question of a scan, and this is called without a method handle. */
    @Override
    public boolean equals(Object other) {
        return other instanceof CipherSuite that && code == that.code;
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
