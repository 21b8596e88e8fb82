package io.tlsfleet.scanner.capture;

import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds TLS in one direction of a byte stream, at its start or behind a STARTTLS, SOCKS or CONNECT preamble, and reads
 * the handshake messages that stand in clear. Gives up after {@value #SEARCH_LIMIT} bytes without a hello.
 */
final class HandshakeScanner {
    private static final int SEARCH_LIMIT = 64 * 1024;
    private static final int HEADER = 5;
    /** A header, a piece of five bytes and three bytes of the next header. */
    private static final int LONGEST_START = HEADER + 5 + 3;

    private static final int MAX_FRAGMENT = (1 << 14) + 2048;

    private final Consumer<SeenHello> seen;
    private HandshakeReader messages = new HandshakeReader();
    private byte[] pending = new byte[0];
    private int passed;
    private boolean found;
    private boolean done;
    private boolean hello;
    /** A ServerHello that waits for the Certificate behind it. */
    private @Nullable SeenHello serverHello;

    HandshakeScanner(Consumer<SeenHello> seen) {
        this.seen = seen;
    }

    void feed(byte[] bytes, int frame) {
        if (done) {
            return;
        }
        byte[] all = Arrays.copyOf(pending, pending.length + bytes.length);
        System.arraycopy(bytes, 0, all, pending.length, bytes.length);
        int at = 0;
        if (!found) {
            at = search(all);
            passed += at;
        }
        if (found) {
            at = records(all, at, frame);
        }
        done |= passed > SEARCH_LIMIT;
        pending = done ? new byte[0] : Arrays.copyOfRange(all, at, all.length);
        if (done) {
            messages = new HandshakeReader();
            finish();
        }
    }

    /** Bytes are missing here: what was begun has no end, and TLS may begin anew. */
    void gap() {
        finish();
        messages = new HandshakeReader();
        pending = new byte[0];
        found = false;
    }

    /** Whether TLS has begun. */
    boolean hasFound() {
        return found;
    }

    /** Whether a hello was whole. */
    boolean hasSeen() {
        return hello;
    }

    /** Whether nothing more is looked for. */
    boolean isDone() {
        return done;
    }

    /** What waits for its rest, in bytes. */
    int held() {
        return pending.length + messages.held() + (serverHello == null ? 0 : serverHello.body().length);
    }

    /** Hands out a ServerHello whose certificate was never seen. */
    void finish() {
        if (serverHello != null) {
            seen.accept(serverHello);
            serverHello = null;
        }
    }

    /** Where TLS begins, or where to look on when more has come. */
    private int search(byte[] bytes) {
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == TlsRecord.HANDSHAKE) {
                if (bytes.length - at < LONGEST_START) {
                    return at;
                }
                if (looksLikeHello(bytes, at) || looksLikePiece(bytes, at)) {
                    found = true;
                    return at;
                }
            }
        }
        return bytes.length;
    }

    /** Whether these bytes begin with a hello. */
    static boolean isHello(byte[] bytes) {
        return bytes.length >= LONGEST_START && bytes[0] == TlsRecord.HANDSHAKE && looksLikeHello(bytes, 0);
    }

    private static boolean looksLikeHello(byte[] b, int at) {
        int recordLength = (b[at + 3] & 0xFF) << 8 | b[at + 4] & 0xFF;
        int messageLength = (b[at + 6] & 0xFF) << 16 | (b[at + 7] & 0xFF) << 8 | b[at + 8] & 0xFF;
        return b[at + 1] == 3
                && b[at + 2] <= 4
                && recordLength >= 6
                && recordLength <= MAX_FRAGMENT
                && (b[at + 5] == HandshakeMessage.CLIENT_HELLO || b[at + 5] == HandshakeMessage.SERVER_HELLO)
                && messageLength >= 38
                && messageLength <= SEARCH_LIMIT
                && (b[at + 9] == 3 || b[at + 9] == 0x7F || b[at + 9] == 0 && b[at + 10] == 2);
    }

    /** A record too small for the start of a hello, and the header of the next one behind it. */
    private static boolean looksLikePiece(byte[] b, int at) {
        int length = (b[at + 3] & 0xFF) << 8 | b[at + 4] & 0xFF;
        int next = at + HEADER + length;
        return b[at + 1] == 3
                && b[at + 2] <= 4
                && length >= 1
                && length < 6
                && (b[at + 5] == HandshakeMessage.CLIENT_HELLO || b[at + 5] == HandshakeMessage.SERVER_HELLO)
                && next + 2 < b.length
                && b[next] == TlsRecord.HANDSHAKE
                && b[next + 1] == b[at + 1]
                && b[next + 2] == b[at + 2];
    }

    private int records(byte[] bytes, int from, int frame) {
        int at = from;
        while (!done && bytes.length - at >= HEADER) {
            int length = (bytes[at + 3] & 0xFF) << 8 | bytes[at + 4] & 0xFF;
            int type = bytes[at] & 0xFF;
            if (length > MAX_FRAGMENT || bytes[at + 1] != 3 || type == TlsRecord.APPLICATION_DATA) {
                done = true;
                return at;
            }
            if (bytes.length - at - HEADER < length) {
                break;
            }
            if (type == TlsRecord.HANDSHAKE) {
                take(Arrays.copyOfRange(bytes, at + HEADER, at + HEADER + length), frame);
            } else if (type == TlsRecord.CHANGE_CIPHER_SPEC) {
                messages = new HandshakeReader();
            }
            at += HEADER + length;
        }
        return at;
    }

    private void take(byte[] fragment, int frame) {
        try {
            for (HandshakeMessage message : messages.feed(fragment)) {
                take(message, frame);
            }
        } catch (MalformedMessage e) {
            done = true; // behind the change of keys nothing stands in clear
        }
    }

    private void take(HandshakeMessage message, int frame) throws MalformedMessage {
        switch (message.type()) {
            case HandshakeMessage.CLIENT_HELLO -> {
                hello = true;
                seen.accept(new SeenHello(frame, true, Transport.TCP, message.body(), List.of()));
            }
            case HandshakeMessage.SERVER_HELLO -> {
                hello = true;
                finish();
                serverHello = new SeenHello(frame, false, Transport.TCP, message.body(), List.of());
            }
            case HandshakeMessage.CERTIFICATE -> {
                SeenHello begun = serverHello;
                if (begun != null) {
                    List<byte[]> chain = ServerMessage.Certificate.decodeTls12(message.body()).entries().stream()
                            .map(ServerMessage.Certificate.Entry::der)
                            .toList();
                    serverHello = new SeenHello(begun.frame(), false, Transport.TCP, begun.body(), chain);
                    finish();
                }
            }
            default -> {}
        }
    }
}
