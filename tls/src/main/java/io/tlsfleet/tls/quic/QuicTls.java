package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13KeySchedule;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.keys.Transcript;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The TLS 1.3 inside a QUIC handshake (RFC 9001 section 4): messages without records, up to the server's Finished, which is checked. */
final class QuicTls {
    private final KeyShares shares;
    private final Transcript transcript = new Transcript();
    private final List<ServerMessage> messages = new ArrayList<>();
    private final ClientHello first;
    private byte[] hello;
    private int helloOffset;
    private boolean secondHello;
    private @Nullable Secrets secrets;
    private @Nullable Tls13KeySchedule schedule;
    private int due = HandshakeMessage.SERVER_HELLO;
    private boolean finished;
    private @Nullable String unsupported;

    /** The traffic secrets of the Handshake level. */
    record Secrets(Tls13Suite suite, byte[] client, byte[] server) {}

    QuicTls(ClientHello plain, KeyShares shares, byte[] sourceId) {
        this.shares = shares;
        List<Extension> extensions = new ArrayList<>(plain.extensions() == null ? List.of() : plain.extensions());
        extensions.removeIf(e -> e.type().code() == Extensions.PADDING);
        extensions.add(new Extension(Extensions.QUIC_TRANSPORT_PARAMETERS, parameters(sourceId)));
        // RFC 9001 section 8.4: no compatibility mode.
        first = with(plain, new byte[0], extensions);
        hello = first.encode().encode();
        transcript.add(hello);
    }

    /** RFC 9000 section 18.2: we hardly want anything. */
    private static byte[] parameters(byte[] sourceId) {
        return ByteWriter.write(w -> {
            parameter(w, 0x01, 30_000);
            parameter(w, 0x03, 1472);
            parameter(w, 0x04, 65_536);
            parameter(w, 0x05, 16_384);
            parameter(w, 0x06, 16_384);
            parameter(w, 0x07, 16_384);
            parameter(w, 0x08, 0);
            parameter(w, 0x09, 3);
            w.u8(0x0F);
            InitialPacket.varint(w, sourceId.length);
            w.raw(sourceId);
        });
    }

    private static void parameter(ByteWriter writer, int id, int value) {
        byte[] encoded = ByteWriter.write(w -> InitialPacket.varint(w, value));
        writer.u8(id).u8(encoded.length).raw(encoded);
    }

    void take(HandshakeMessage message, boolean protectedLevel) throws MalformedMessage {
        if (finished || unsupported != null) {
            return;
        }
        boolean clear = message.type() == HandshakeMessage.SERVER_HELLO;
        if (clear == protectedLevel || !isDue(message.type())) {
            throw new MalformedMessage("handshake message " + message.type() + " where " + due + " is due");
        }
        byte[] body = message.body();
        switch (message.type()) {
            case HandshakeMessage.SERVER_HELLO -> serverHello(message);
            case HandshakeMessage.ENCRYPTED_EXTENSIONS -> {
                keep(message, ServerMessage.EncryptedExtensions.decode(body), HandshakeMessage.CERTIFICATE);
            }
            case HandshakeMessage.CERTIFICATE_REQUEST ->
                keep(message, ServerMessage.CertificateRequest.decodeTls13(body), HandshakeMessage.CERTIFICATE);
            case HandshakeMessage.CERTIFICATE ->
                keep(message, ServerMessage.Certificate.decodeTls13(body), HandshakeMessage.CERTIFICATE_VERIFY);
            case HandshakeMessage.CERTIFICATE_VERIFY ->
                keep(message, ServerMessage.CertificateVerify.decode(body), HandshakeMessage.FINISHED);
            default -> finished(message);
        }
    }

    private boolean isDue(int type) {
        return type == due || type == HandshakeMessage.CERTIFICATE_REQUEST && due == HandshakeMessage.CERTIFICATE;
    }

    private void keep(HandshakeMessage message, ServerMessage read, int next) {
        messages.add(read);
        transcript.add(message.encode());
        due = next;
    }

    private void serverHello(HandshakeMessage message) throws MalformedMessage {
        ServerMessage.ServerHello answer = ServerMessage.ServerHello.decode(message.body());
        messages.add(answer);
        if (answer.version().compareTo(ProtocolVersion.TLS_1_3) < 0) {
            throw new MalformedMessage("server_hello: " + answer.version().label() + " inside QUIC");
        }
        Optional<Tls13Suite> suite = Tls13Suite.of(answer.cipherSuite()).filter(TrafficKeys::knows);
        if (suite.isEmpty()) {
            unsupported = "cipher suite " + answer.cipherSuite().name();
            return;
        }
        if (answer.isHelloRetryRequest()) {
            retry(message, answer, suite.get());
            return;
        }
        transcript.hashWith(suite.get().hash());
        transcript.add(message.encode());
        KeyShareEntry share =
                answer.keyShare().orElseThrow(() -> new MalformedMessage("server_hello: without key_share"));
        if (!shares.knows(share.group())) {
            unsupported = "group " + share.group().name();
            return;
        }
        Tls13KeySchedule keys = new Tls13KeySchedule(suite.get().hash(), Optional.empty());
        keys.handshake(shares.agree(share.group(), share.keyExchange()));
        byte[] soFar = transcript.hash();
        schedule = keys;
        secrets = new Secrets(suite.get(), keys.clientHandshakeTraffic(soFar), keys.serverHandshakeTraffic(soFar));
        due = HandshakeMessage.ENCRYPTED_EXTENSIONS;
    }

    private void retry(HandshakeMessage message, ServerMessage.ServerHello request, Tls13Suite suite)
            throws MalformedMessage {
        if (secondHello) {
            throw new MalformedMessage("server_hello: a second HelloRetryRequest");
        }
        Optional<NamedGroup> group = request.keyShareGroup();
        if (group.isPresent() && !shares.knows(group.get())) {
            unsupported = "group " + group.get().name();
            return;
        }
        secondHello = true;
        List<Extension> extensions = new ArrayList<>();
        for (Extension extension : first.extensions() == null ? List.<Extension>of() : first.extensions()) {
            boolean isShare = extension.type().code() == Extensions.KEY_SHARE && group.isPresent();
            extensions.add(isShare ? Extensions.keyShares(List.of(shares.offer(group.get()))) : extension);
        }
        request.extension(Extensions.COOKIE)
                .ifPresent(cookie -> extensions.add(new Extension(Extensions.COOKIE, cookie)));
        transcript.replaceByMessageHash(suite.hash());
        transcript.add(message.encode());
        helloOffset = hello.length;
        hello = with(first, first.sessionId(), extensions).encode().encode();
        transcript.add(hello);
    }

    private void finished(HandshakeMessage message) throws MalformedMessage {
        byte[] expected = due(schedule).finished(secrets().server(), transcript.hash());
        if (!MessageDigest.isEqual(expected, message.body())) {
            throw new MalformedMessage("finished: verify_data is not what the transcript gives");
        }
        messages.add(new ServerMessage.Finished(message.body()));
        finished = true;
    }

    private static ClientHello with(ClientHello hello, byte[] sessionId, List<Extension> extensions) {
        return new ClientHello(
                hello.legacyVersion(),
                hello.random(),
                sessionId,
                hello.cipherSuites(),
                hello.compressionMethods(),
                List.copyOf(extensions));
    }

    /** The newest one, which begins at {@link #helloOffset} of the CRYPTO stream. */
    byte[] hello() {
        return hello;
    }

    int helloOffset() {
        return helloOffset;
    }

    boolean saidSecondHello() {
        return secondHello;
    }

    boolean saidServerHello() {
        return secrets != null;
    }

    Secrets secrets() {
        return due(secrets);
    }

    boolean finished() {
        return finished;
    }

    List<ServerMessage> messages() {
        return List.copyOf(messages);
    }

    @Nullable
    String unsupported() {
        return unsupported;
    }

    private static <T> T due(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("asked for before its time");
        }
        return part;
    }
}
