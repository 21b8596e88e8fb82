package io.tlsfleet.tls.registry;

import java.util.List;

/** A protocol version by its number on the wire (RFC 8446 section 4.1.2); compared by number. */
public record ProtocolVersion(int code) implements Comparable<ProtocolVersion> {
    public static final ProtocolVersion SSL_2 = new ProtocolVersion(0x0002);
    public static final ProtocolVersion SSL_3 = new ProtocolVersion(0x0300);
    public static final ProtocolVersion TLS_1_0 = new ProtocolVersion(0x0301);
    public static final ProtocolVersion TLS_1_1 = new ProtocolVersion(0x0302);
    public static final ProtocolVersion TLS_1_2 = new ProtocolVersion(0x0303);
    public static final ProtocolVersion TLS_1_3 = new ProtocolVersion(0x0304);

    /** All that a report speaks of, oldest first. */
    public static final List<ProtocolVersion> ALL = List.of(SSL_2, SSL_3, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3);

    /** As in the report: {@code SSLv3}, {@code TLSv1.2}. */
    public String label() {
        return switch (code) {
            case 0x0002 -> "SSLv2";
            case 0x0300 -> "SSLv3";
            case 0x0301 -> "TLSv1.0";
            case 0x0302 -> "TLSv1.1";
            case 0x0303 -> "TLSv1.2";
            case 0x0304 -> "TLSv1.3";
            default -> "0x%04X".formatted(code);
        };
    }

    public static ProtocolVersion labelled(String label) {
        return ALL.stream()
                .filter(v -> v.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no protocol version is called " + label));
    }

    @Override
    public int compareTo(ProtocolVersion other) {
        return Integer.compare(code, other.code);
    }

    @Override
    public String toString() {
        return label();
    }
}
