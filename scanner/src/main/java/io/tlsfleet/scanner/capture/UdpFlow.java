package io.tlsfleet.scanner.capture;

import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.quic.CryptoStream;
import io.tlsfleet.tls.quic.InitialKeys;
import io.tlsfleet.tls.quic.InitialPacket;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The datagrams between two sockets, both ways: QUIC's Initial packets and DTLS's handshake records. */
final class UdpFlow {
    private static final int DTLS_HEADER = 13;
    private static final int DTLS_HANDSHAKE_HEADER = 12;
    private static final int MAX_HELLO = 64 * 1024;
    /** A flow has two hellos of either side, unless it is odd. */
    private static final int MAX_MESSAGES = 8;

    private final Consumer<SeenHello> seen;
    private byte @Nullable [] originalId;
    private String clientSocket = "";
    private final Map<String, CryptoStream> streams = new HashMap<>();
    private final Map<String, CryptoStream> dtlsMessages = new HashMap<>();
    private final Set<String> dtlsWhole = new HashSet<>();
    private boolean clientDone;
    private boolean serverDone;

    UdpFlow(Consumer<SeenHello> seen) {
        this.seen = seen;
    }

    void feed(Segment datagram, int frame) {
        byte[] bytes = datagram.payload();
        try {
            if (bytes.length >= DTLS_HEADER && bytes[0] >= 20 && bytes[0] <= 25 && isDtls(u16(bytes, 1))) {
                dtls(datagram.source(), bytes, frame);
            } else if (bytes.length > 20 && (bytes[0] & 0x80) != 0) {
                quic(datagram.source(), bytes, frame);
            }
        } catch (MalformedMessage e) {
            // not what it looked like, or cut short: the next datagram may be better
        }
    }

    /** What waits for its rest, in bytes. */
    int held() {
        return held(streams) + held(dtlsMessages);
    }

    private static int held(Map<String, CryptoStream> streams) {
        return streams.values().stream().mapToInt(s -> s.held() + Backlog.PIECE).sum();
    }

    private void quic(String source, byte[] bytes, int frame) throws MalformedMessage {
        int at = 0;
        while (at < bytes.length) {
            Optional<InitialPacket.Header> header = InitialPacket.header(bytes, at);
            if (header.isEmpty()) {
                return;
            }
            Optional<InitialPacket> packet = open(source, bytes, at, header.get());
            boolean client = source.equals(clientSocket);
            if (packet.isPresent() && !(client ? clientDone : serverDone)) {
                CryptoStream stream = streams.computeIfAbsent(source, s -> new CryptoStream());
                for (InitialPacket.Crypto piece : packet.get().cryptoFrames()) {
                    stream.add(piece);
                }
                emit(stream.prefix(), client, frame);
                if (client ? clientDone : serverDone) {
                    streams.remove(source);
                }
            }
            at = header.get().end();
        }
    }

    /** A client's Initial opens with keys of its own destination id; all later ones with those of the first. */
    private Optional<InitialPacket> open(String source, byte[] bytes, int at, InitialPacket.Header header) {
        byte[] id = originalId;
        if (id != null) {
            InitialKeys keys = source.equals(clientSocket)
                    ? InitialKeys.client(header.version(), id)
                    : InitialKeys.server(header.version(), id);
            Optional<InitialPacket> packet = InitialPacket.open(bytes, at, header, keys);
            if (packet.isPresent()) {
                return packet;
            }
        }
        Optional<InitialPacket> first =
                InitialPacket.open(bytes, at, header, InitialKeys.client(header.version(), header.destinationId()));
        if (first.isPresent()) {
            originalId = header.destinationId();
            clientSocket = source;
            streams.clear();
            clientDone = false;
            serverDone = false;
        }
        return first;
    }

    private void emit(byte[] stream, boolean client, int frame) {
        if (stream.length < 4) {
            return;
        }
        int length = (stream[1] & 0xFF) << 16 | (stream[2] & 0xFF) << 8 | stream[3] & 0xFF;
        if (stream.length - 4 < length) {
            return;
        }
        int wanted = client ? HandshakeMessage.CLIENT_HELLO : HandshakeMessage.SERVER_HELLO;
        if (stream[0] == wanted) {
            seen.accept(
                    new SeenHello(frame, client, Transport.QUIC, Arrays.copyOfRange(stream, 4, 4 + length), List.of()));
        }
        clientDone |= client;
        serverDone |= !client;
    }

    /** Records of RFC 6347 section 4.1; a handshake message may come in fragments (section 4.2.3). */
    private void dtls(String source, byte[] bytes, int frame) {
        int at = 0;
        while (bytes.length - at >= DTLS_HEADER) {
            int length = u16(bytes, at + 11);
            int epoch = u16(bytes, at + 3);
            int end = Math.min(bytes.length, at + DTLS_HEADER + length);
            int message = at + DTLS_HEADER;
            while (bytes[at] == 22 && epoch == 0 && end - message >= DTLS_HANDSHAKE_HEADER) {
                int total = u24(bytes, message + 1);
                int offset = u24(bytes, message + 6);
                int size = u24(bytes, message + 9);
                int type = bytes[message] & 0xFF;
                int from = message + DTLS_HANDSHAKE_HEADER;
                if (total > MAX_HELLO || size > end - from) {
                    return;
                }
                boolean client = type == HandshakeMessage.CLIENT_HELLO;
                if (client || type == HandshakeMessage.SERVER_HELLO) {
                    String key = source + ' ' + type + ' ' + u16(bytes, message + 4);
                    if (!dtlsWhole.contains(key) && (dtlsMessages.containsKey(key) || hasRoom())) {
                        CryptoStream pieces = dtlsMessages.computeIfAbsent(key, k -> new CryptoStream());
                        pieces.add(new InitialPacket.Crypto(offset, Arrays.copyOfRange(bytes, from, from + size)));
                        if (pieces.prefix().length >= total) {
                            dtlsMessages.remove(key);
                            dtlsWhole.add(key);
                            seen.accept(new SeenHello(
                                    frame, client, Transport.DTLS, Arrays.copyOf(pieces.prefix(), total), List.of()));
                        }
                    }
                }
                message = from + size;
            }
            at = end;
        }
    }

    private boolean hasRoom() {
        return dtlsWhole.size() + dtlsMessages.size() < MAX_MESSAGES;
    }

    /** DTLS 1.0 to 1.3, and 0x0100 of OpenSSL before there was a standard. */
    private static boolean isDtls(int version) {
        return version >>> 8 == 0xFE || version == 0x0100;
    }

    private static int u16(byte[] b, int at) {
        return (b[at] & 0xFF) << 8 | b[at + 1] & 0xFF;
    }

    private static int u24(byte[] b, int at) {
        return (b[at] & 0xFF) << 16 | u16(b, at + 1);
    }
}
