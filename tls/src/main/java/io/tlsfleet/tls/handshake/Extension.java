package io.tlsfleet.tls.handshake;

import io.tlsfleet.tls.registry.ExtensionType;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.List;

/** An extension as it stands on the wire (RFC 8446 section 4.2); what it means is read by {@link Extensions}. */
public record Extension(ExtensionType type, byte[] data) {
    public Extension(int type, byte[] data) {
        this(new ExtensionType(type), data);
    }

    /** Reads an {@code Extension extensions<0..2^16-1>} block; doubles and any order are kept. */
    static List<Extension> readAll(ByteReader block) throws MalformedMessage {
        List<Extension> extensions = new ArrayList<>();
        while (!block.isEmpty()) {
            extensions.add(new Extension(block.u16("extension type"), block.vec16("extension data")));
        }
        return List.copyOf(extensions);
    }

    public static void writeAll(ByteWriter writer, List<Extension> extensions) {
        writer.vec16(block -> extensions.forEach(e -> block.u16(e.type.code()).vec16(e.data)));
    }
}
