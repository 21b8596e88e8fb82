package io.tlsfleet.scanner.capture;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One direction of a TCP connection put in order: what comes twice is dropped, what comes early waits, and where a
 * piece never comes the stream goes on behind the gap once {@value #MAX_WAITING} pieces or 64 KiB wait for it.
 */
final class TcpDirection {
    private static final int MAX_WAITING = 64;
    private static final int MAX_BYTES = 64 * 1024;

    private final TreeMap<Long, byte[]> waiting = new TreeMap<>();
    private int bytes;
    private boolean started;
    /** Sequence numbers are kept as distances from the first one, so that they never wrap. */
    private long first;

    private long next;

    void add(Segment segment, Consumer<byte[]> inOrder) {
        if (segment.syn() || !started) {
            started = true;
            first = segment.syn() ? segment.sequence() + 1 : segment.sequence();
            next = 0;
            clear();
        }
        if (segment.payload().length == 0) {
            return;
        }
        long at = (int) (segment.sequence() + (segment.syn() ? 1 : 0) - first);
        if (at < next - (1L << 30)) {
            at += 1L << 32;
        }
        if (at + segment.payload().length <= next) {
            return;
        }
        byte[] known = waiting.get(at);
        if (known == null || known.length < segment.payload().length) {
            waiting.put(at, segment.payload());
            bytes += segment.payload().length - (known == null ? 0 : known.length);
        }
        while (waiting.size() > MAX_WAITING || bytes > MAX_BYTES) {
            next = Math.max(next, waiting.firstKey());
            deliver(inOrder);
        }
        deliver(inOrder);
    }

    /** What waits costs so many bytes. */
    int held() {
        return bytes + waiting.size() * Backlog.PIECE;
    }

    void clear() {
        waiting.clear();
        bytes = 0;
    }

    private void deliver(Consumer<byte[]> inOrder) {
        for (Map.Entry<Long, byte[]> entry = waiting.firstEntry();
                entry != null && entry.getKey() <= next;
                entry = waiting.firstEntry()) {
            waiting.pollFirstEntry();
            int skip = (int) (next - entry.getKey());
            byte[] piece = entry.getValue();
            bytes -= piece.length;
            if (skip < piece.length) {
                next += piece.length - skip;
                inOrder.accept(skip == 0 ? piece : Arrays.copyOfRange(piece, skip, piece.length));
            }
        }
    }
}
