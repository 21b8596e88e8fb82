package io.tlsfleet.tls.handshake;

import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.List;
import java.util.Optional;

/**
 * A ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), ours or a stranger's: everything stands as it was
 * sent, in its order. {@code extensions} is null when the block is absent, which SSL 3.0 demands and some old servers need.
 */
public record ClientHello(
        ProtocolVersion legacyVersion,
        byte[] random,
        byte[] sessionId,
        List<CipherSuite> cipherSuites,
        byte[] compressionMethods,
        @org.jspecify.annotations.Nullable List<Extension> extensions) {

    public static ClientHello decode(byte[] body) throws MalformedMessage {
        ByteReader reader = ByteReader.of(body);
        ProtocolVersion version = new ProtocolVersion(reader.u16("client_version"));
        byte[] random = reader.take(32, "random");
        byte[] sessionId = reader.vec8("session_id");
        List<CipherSuite> suites = reader.sub16("cipher_suites").u16List("cipher_suites").stream()
                .map(CipherSuite::new)
                .toList();
        byte[] compression = reader.vec8("compression_methods");
        List<Extension> extensions = null;
        if (!reader.isEmpty()) {
            extensions = Extension.readAll(reader.sub16("extensions"));
            reader.end("client_hello");
        }
        return new ClientHello(version, random, sessionId, suites, compression, extensions);
    }

    public HandshakeMessage encode() {
        return new HandshakeMessage(HandshakeMessage.CLIENT_HELLO, ByteWriter.write(w -> {
            w.u16(legacyVersion.code()).raw(random).vec8(sessionId);
            w.vec16(suites -> suites.u16s(cipherSuites, CipherSuite::code));
            w.vec8(compressionMethods);
            if (extensions != null) {
                Extension.writeAll(w, extensions);
            }
        }));
    }

    /** Of {@link #encode}'s body. */
    public int length() {
        int length =
                2 + random.length + 1 + sessionId.length + 2 + 2 * cipherSuites.size() + 1 + compressionMethods.length;
        if (extensions != null) {
            length += 2;
            for (Extension extension : extensions) {
                length += 4 + extension.data().length;
            }
        }
        return length;
    }

    /** The data of the first extension of that type. */
    public Optional<byte[]> extension(int type) {
        return Extensions.find(extensions == null ? List.of() : extensions, type);
    }
}
