package io.tlsfleet.scanner.capture;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that came in pieces (RFC 791 section 3.2, RFC 8200 section 4.5), in any order. What overlaps is taken from the
 * piece that came first; the oldest datagrams give way when too many are waited for.
 */
final class Fragments {
    private static final int MAX_DATAGRAMS = 1024;
    private static final int MAX_PIECES = 256;
    private static final int MAX_LENGTH = 1 << 16;

    private static final class Datagram {
        private final TreeMap<Integer, byte[]> pieces = new TreeMap<>();
        private int length = -1;
    }

    private final Map<String, Datagram> waiting = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Datagram> eldest) {
            return size() > MAX_DATAGRAMS;
        }
    };

    /** The whole payload when this piece was the last one missing; else null. */
    @Nullable
    ByteBuffer add(String datagram, int offset, boolean more, ByteBuffer piece) {
        Datagram known = waiting.computeIfAbsent(datagram, d -> new Datagram());
        byte[] bytes = new byte[piece.capacity()];
        piece.get(0, bytes);
        if (offset + bytes.length > MAX_LENGTH || known.pieces.size() >= MAX_PIECES) {
            waiting.remove(datagram);
            return null;
        }
        known.pieces.putIfAbsent(offset, bytes);
        if (!more) {
            known.length = offset + bytes.length;
        }
        byte[] whole = whole(known);
        if (whole == null) {
            return null;
        }
        waiting.remove(datagram);
        return ByteBuffer.wrap(whole);
    }

    private static byte @Nullable [] whole(Datagram datagram) {
        if (datagram.length < 0) {
            return null;
        }
        byte[] whole = new byte[datagram.length];
        int at = 0;
        for (Map.Entry<Integer, byte[]> piece : datagram.pieces.entrySet()) {
            int skip = at - piece.getKey();
            if (skip < 0) {
                return null;
            }
            int count = Math.min(piece.getValue().length - skip, datagram.length - at);
            if (count > 0) {
                System.arraycopy(piece.getValue(), skip, whole, at, count);
                at += count;
            }
        }
        return at == datagram.length ? whole : null;
    }
}
