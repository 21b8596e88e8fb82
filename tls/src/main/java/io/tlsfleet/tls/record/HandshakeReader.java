package io.tlsfleet.tls.record;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts handshake messages together from the fragments of handshake records (RFC 8446 section 5.1: a message may span
 * records, a record may hold several). Limits: 64 KiB a message, 256 KiB for Certificate and its kin, 64 messages.
 */
public final class HandshakeReader {
    private static final int HEADER = 4;
    private static final int MAX_MESSAGE = 64 * 1024;
    private static final int MAX_CERTIFICATE = 256 * 1024;
    private static final int MAX_MESSAGES = 64;

    private byte[] pending = new byte[0];
    private int used;
    private int messages;

    public List<HandshakeMessage> feed(byte[] fragment) throws MalformedMessage {
        append(fragment);
        List<HandshakeMessage> whole = new ArrayList<>();
        int at = 0;
        while (used - at >= HEADER) {
            int type = pending[at] & 0xFF;
            int length = (pending[at + 1] & 0xFF) << 16 | (pending[at + 2] & 0xFF) << 8 | pending[at + 3] & 0xFF;
            if (length > limit(type)) {
                throw new MalformedMessage("handshake message " + type + ": " + length + " bytes, more than we read");
            }
            if (used - at - HEADER < length) {
                break;
            }
            if (++messages > MAX_MESSAGES) {
                throw new MalformedMessage("handshake: more than " + MAX_MESSAGES + " messages");
            }
            whole.add(new HandshakeMessage(type, Arrays.copyOfRange(pending, at + HEADER, at + HEADER + length)));
            at += HEADER + length;
        }
        System.arraycopy(pending, at, pending, 0, used - at);
        used -= at;
        return whole;
    }

    public boolean isAtBoundary() {
        return used == 0;
    }

    /** The bytes of memory that it keeps. */
    public int held() {
        return pending.length;
    }

    private void append(byte[] fragment) {
        if (used + fragment.length > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(pending.length * 2, used + fragment.length));
        }
        System.arraycopy(fragment, 0, pending, used, fragment.length);
        used += fragment.length;
    }

    private static int limit(int type) {
        return type == HandshakeMessage.CERTIFICATE || type == HandshakeMessage.COMPRESSED_CERTIFICATE
                ? MAX_CERTIFICATE
                : MAX_MESSAGE;
    }
}
