package io.tlsfleet.scanner.capture;

import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.quic.CryptoStream;
import io.tlsfleet.tls.quic.InitialKeys;
import io.tlsfleet.tls.quic.InitialPacket;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The datagrams between two sockets, both ways: QUIC's Initial packets and DTLS's handshake records. */
final class UdpFlow {
    private static final int DTLS_HEADER = 13;
    private static final int DTLS_HANDSHAKE_HEADER = 12;
    private static final int MAX_HELLO = 64 * 1024;
    /** A connection has two hellos of either side, unless it is odd. */
    private static final int MAX_MESSAGES = 8;

    private final Consumer<SeenHello> seen;
    private byte @Nullable [] originalId;
    private String clientSocket = "";
    private final Map<String, Side> sides = new HashMap<>();
    private final Map<String, CryptoStream> dtlsMessages = new Latest<>();
    /** Hashes of their bodies: the same one again is a retransmission, another one a new connection. */
    private final Map<String, Integer> dtlsWhole = new Latest<>();

    /** What one side says in QUIC's CRYPTO stream; {@code from}: where the message begins that is waited for. */
    private static final class Side {
        private CryptoStream stream = new CryptoStream();
        private boolean waits;
        private long from;
        private int hellos;

        void add(InitialPacket.Crypto piece) {
            long at = piece.offset() - from;
            int old = Math.clamp(-at, 0, piece.data().length);
            if (old < piece.data().length) {
                stream.add(
                        new InitialPacket.Crypto(at + old, Arrays.copyOfRange(piece.data(), old, piece.data().length)));
                waits = true;
            }
        }

        /** The next whole message with its header; null while it is not there. */
        byte @Nullable [] next() {
            byte[] known = stream.prefix();
            int length = known.length < 4 ? Integer.MAX_VALUE : 4 + u24(known, 1);
            if (known.length < length) {
                return null;
            }
            from += length;
            stream = new CryptoStream();
            waits = known.length > length;
            if (waits) {
                stream.add(new InitialPacket.Crypto(0, Arrays.copyOfRange(known, length, known.length)));
            }
            return Arrays.copyOf(known, length);
        }
    }

    private static final class Latest<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > MAX_MESSAGES;
        }
    }

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
        int quic = sides.values().stream()
                .filter(side -> side.waits)
                .mapToInt(side -> side.stream.held() + Backlog.PIECE)
                .sum();
        return quic
                + dtlsMessages.values().stream()
                        .mapToInt(s -> s.held() + Backlog.PIECE)
                        .sum();
    }

    /** Whether these bytes, which may be cut, may be of a handshake. */
    static boolean mayHoldHello(byte[] bytes) {
        return bytes.length == 0 || bytes[0] == TlsRecord.HANDSHAKE || (bytes[0] & 0xC0) == 0xC0;
    }

    private void quic(String source, byte[] bytes, int frame) throws MalformedMessage {
        int at = 0;
        while (at < bytes.length) {
            Optional<InitialPacket.Header> header = InitialPacket.header(bytes, at);
            if (header.isEmpty()) {
                at = InitialPacket.end(bytes, at);
                continue;
            }
            Optional<InitialPacket> packet = open(source, bytes, at, header.get());
            if (packet.isPresent()) {
                Side side = sides.computeIfAbsent(source, s -> new Side());
                if (side.hellos < MAX_MESSAGES) {
                    packet.get().cryptoFrames().forEach(side::add);
                    emit(side, source.equals(clientSocket), frame);
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
            sides.clear();
        }
        return first;
    }

    /** A HelloRetryRequest and what answers it stand in the same streams. */
    private void emit(Side side, boolean client, int frame) {
        int wanted = client ? HandshakeMessage.CLIENT_HELLO : HandshakeMessage.SERVER_HELLO;
        for (byte[] message = side.next(); message != null; message = side.next()) {
            if (message[0] == wanted) {
                side.hellos++;
                byte[] body = Arrays.copyOfRange(message, 4, message.length);
                seen.accept(new SeenHello(frame, client, Transport.QUIC, body, List.of()));
            }
        }
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
                    CryptoStream pieces = dtlsMessages.computeIfAbsent(key, k -> new CryptoStream());
                    pieces.add(new InitialPacket.Crypto(offset, Arrays.copyOfRange(bytes, from, from + size)));
                    byte[] known = pieces.prefix();
                    if (known.length >= total) {
                        dtlsMessages.remove(key);
                        byte[] body = Arrays.copyOf(known, total);
                        Integer before = dtlsWhole.put(key, Arrays.hashCode(body));
                        if (before == null || before != Arrays.hashCode(body)) {
                            seen.accept(new SeenHello(frame, client, Transport.DTLS, body, List.of()));
                        }
                    }
                }
                message = from + size;
            }
            at = end;
        }
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
