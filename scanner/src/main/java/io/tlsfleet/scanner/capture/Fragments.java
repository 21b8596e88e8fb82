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

    private final class Datagram implements Backlog.Part {
        private final String name;
        private final TreeMap<Integer, byte[]> pieces = new TreeMap<>();
        private int length = -1;
        private int held;

        Datagram(String name) {
            this.name = name;
        }

        @Override
        public boolean leave() {
            return waiting.remove(name) != null;
        }
    }

    private final Backlog backlog;
    private final LinkedHashMap<String, Datagram> waiting = new LinkedHashMap<>();

    Fragments(Backlog backlog) {
        this.backlog = backlog;
    }

    /** The whole payload when this piece was the last one missing; else null. */
    @Nullable
    ByteBuffer add(String datagram, int offset, boolean more, ByteBuffer piece) {
        Datagram known = waiting.computeIfAbsent(datagram, Datagram::new);
        if (waiting.size() > MAX_DATAGRAMS) {
            backlog.drop(waiting.firstEntry().getValue());
        }
        byte[] bytes = new byte[piece.capacity()];
        piece.get(0, bytes);
        if (offset + bytes.length > MAX_LENGTH || known.pieces.size() >= MAX_PIECES) {
            backlog.drop(known);
            return null;
        }
        if (known.pieces.putIfAbsent(offset, bytes) == null) {
            known.held += bytes.length + Backlog.PIECE;
        }
        if (!more) {
            known.length = offset + bytes.length;
        }
        byte[] whole = whole(known);
        backlog.hold(known, whole == null ? known.held : 0);
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
