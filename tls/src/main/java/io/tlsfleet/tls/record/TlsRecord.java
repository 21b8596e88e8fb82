package io.tlsfleet.tls.record;

import io.tlsfleet.tls.wire.ByteWriter;

/** One record (RFC 8446 section 5.1); {@code type} and {@code version} as they came. */
public record TlsRecord(int type, int version, byte[] fragment) {
    public static final int CHANGE_CIPHER_SPEC = 20;
    public static final int ALERT = 21;
    public static final int HANDSHAKE = 22;
    public static final int APPLICATION_DATA = 23;
    public static final int HEARTBEAT = 24;

    public byte[] encode() {
        return new ByteWriter().u8(type).u16(version).vec16(fragment).toBytes();
    }
}
