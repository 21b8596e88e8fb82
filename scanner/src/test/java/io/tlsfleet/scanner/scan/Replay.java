package io.tlsfleet.scanner.scan;

import io.tlsfleet.scanner.probe.KeyExchangeParameters;
import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.PublicKeyFacts;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says a recorded hello to a real server, word for word but for the name, and reads what it chose; a HelloRetryRequest is answered. */
final class Replay {
    private static final int PATIENCE_MILLIS = 5000;
    /** Two bytes, the inner type and a tag; EncryptedExtensions are longer (RFC 8446 section 5.2). */
    private static final int SEALED_ALERT = 2 + 1 + 16;

    private static final Map<Integer, String> CURVES = Map.of(256, "secp256r1", 384, "secp384r1", 521, "secp521r1");

    private final KeyShares shares;
    private final ClientHello hello;
    private final HandshakeReader handshake = new HandshakeReader();
    private @Nullable ServerHello chosen;
    private @Nullable NamedGroup group;
    private boolean retried;
    private boolean protectedFromHere;

    /** {@code why}: the alert, or how the connection ended, where nothing was chosen. */
    record Real(
            boolean connects,
            @Nullable String version,
            @Nullable String suite,
            @Nullable String group,
            boolean retry,
            @Nullable String why) {}

    private Replay(KeyShares shares, ClientHello hello) {
        this.shares = shares;
        this.hello = hello;
    }

    static Real ask(int port, byte[] body, KeyShares shares) throws IOException, MalformedMessage {
        Replay replay = new Replay(shares, toHere(ClientHello.decode(body)));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setSoLinger(true, 0);
            send(socket.getOutputStream(), replay.hello.encode());
            return replay.read(socket);
        } catch (SocketTimeoutException e) {
            return failed("silence");
        } catch (SocketException e) {
            return failed("reset");
        }
    }

    /** The client meant another server; to this one it would say this one's name. */
    private static ClientHello toHere(ClientHello hello) {
        if (hello.extensions() == null) {
            return hello;
        }
        List<Extension> extensions = new ArrayList<>(hello.extensions());
        extensions.replaceAll(e -> e.type().code() == Extensions.SERVER_NAME ? Extensions.serverName("localhost") : e);
        return new ClientHello(
                hello.legacyVersion(),
                hello.random(),
                hello.sessionId(),
                hello.cipherSuites(),
                hello.compressionMethods(),
                extensions);
    }

    private Real read(Socket socket) throws IOException, MalformedMessage {
        RecordReader records = new RecordReader();
        byte[] buffer = new byte[16 * 1024];
        for (int n = socket.getInputStream().read(buffer);
                n >= 0;
                n = socket.getInputStream().read(buffer)) {
            for (TlsRecord record : records.feed(Arrays.copyOf(buffer, n))) {
                if (record.type() == TlsRecord.ALERT && record.fragment()[0] == 2) {
                    return failed(new AlertDescription(record.fragment()[1] & 0xFF).toString());
                }
                if (protectedFromHere && record.type() == TlsRecord.APPLICATION_DATA) {
                    return record.fragment().length == SEALED_ALERT
                            ? failed("an alert under encryption")
                            : done(java.util.Objects.requireNonNull(chosen));
                }
                if (record.type() == TlsRecord.HANDSHAKE) {
                    for (HandshakeMessage message : handshake.feed(record.fragment())) {
                        Real real = take(message, socket.getOutputStream());
                        if (real != null) {
                            return real;
                        }
                    }
                }
            }
        }
        return failed("closed");
    }

    private @Nullable Real take(HandshakeMessage message, OutputStream out) throws IOException, MalformedMessage {
        switch (message.type()) {
            case HandshakeMessage.SERVER_HELLO -> {
                ServerHello answer = ServerHello.decode(message.body());
                chosen = answer;
                if (answer.version().equals(ProtocolVersion.TLS_1_3)) {
                    NamedGroup wanted = answer.keyShareGroup().orElse(group);
                    group = wanted;
                    protectedFromHere = !answer.isHelloRetryRequest();
                    if (answer.isHelloRetryRequest()) {
                        retried = true;
                        send(out, second(answer, wanted).encode());
                    }
                }
            }
            case HandshakeMessage.CERTIFICATE -> {
                if (!knowsCurve(message)) {
                    return failed("the client does not know the curve of the certificate's key");
                }
            }
            case HandshakeMessage.SERVER_KEY_EXCHANGE -> {
                ServerHello answer = java.util.Objects.requireNonNull(chosen);
                group = KeyExchangeParameters.read(answer.cipherSuite(), answer.version(), message.body())
                        .group();
            }
            case HandshakeMessage.SERVER_HELLO_DONE -> {
                return done(java.util.Objects.requireNonNull(chosen));
            }
            default -> {}
        }
        return null;
    }

    /** Go serves its certificate to anyone; the client breaks off then (RFC 8422 section 5.3). */
    private boolean knowsCurve(HandshakeMessage message) throws MalformedMessage {
        byte[] leaf = ServerMessage.Certificate.decodeTls12(message.body())
                .entries()
                .getFirst()
                .der();
        PublicKeyFacts key = CertificateFacts.read(leaf).key();
        List<String> groups = ClientOffer.of(hello.encode().body()).groups().stream()
                .map(NamedGroup::name)
                .toList();
        return !key.type().equals("ECDSA") || groups.isEmpty() || groups.contains(CURVES.get(key.bits()));
    }

    private Real done(ServerHello answer) throws MalformedMessage {
        CipherSuite suite = answer.cipherSuite();
        return new Real(
                true, answer.version().label(), suite.name(), group == null ? null : group.name(), retried, null);
    }

    /** The first hello with the share that is asked for and the cookie, without tickets (RFC 8446 section 4.1.2). */
    private ClientHello second(ServerHello retry, @Nullable NamedGroup wanted) {
        List<Extension> extensions = new ArrayList<>();
        for (Extension extension : java.util.Objects.requireNonNull(hello.extensions())) {
            int type = extension.type().code();
            if (type == Extensions.KEY_SHARE && wanted != null) {
                extensions.add(Extensions.keyShares(List.of(shares.offer(wanted))));
            } else if (type != Extensions.PRE_SHARED_KEY && type != Extensions.EARLY_DATA) {
                extensions.add(extension);
            }
        }
        Optional<byte[]> cookie = retry.extension(Extensions.COOKIE);
        cookie.ifPresent(bytes -> extensions.add(new Extension(Extensions.COOKIE, bytes)));
        return new ClientHello(
                hello.legacyVersion(),
                hello.random(),
                hello.sessionId(),
                hello.cipherSuites(),
                hello.compressionMethods(),
                extensions);
    }

    private static void send(OutputStream out, HandshakeMessage message) throws IOException {
        out.write(new TlsRecord(TlsRecord.HANDSHAKE, 0x0301, message.encode()).encode());
        out.flush();
    }

    private static Real failed(String why) {
        return new Real(false, null, null, null, false, why);
    }
}
