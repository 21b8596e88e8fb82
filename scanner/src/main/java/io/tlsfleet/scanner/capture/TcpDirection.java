package io.tlsfleet.scanner.capture;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One direction of a TCP connection put in order: what comes twice is dropped, what comes early waits, and where a
 * piece never comes the stream goes on behind the gap once {@value #MAX_WAITING} pieces wait for it.
 */
final class TcpDirection {
    private static final int MAX_WAITING = 64;

    private final TreeMap<Long, byte[]> waiting = new TreeMap<>();
    private boolean started;
    /** Sequence numbers are kept as distances from the first one, so that they never wrap. */
    private long first;

    private long next;

    void add(Segment segment, Consumer<byte[]> inOrder) {
        if (segment.syn() || !started) {
            started = true;
            first = segment.syn() ? segment.sequence() + 1 : segment.sequence();
            next = 0;
            waiting.clear();
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
        waiting.merge(at, segment.payload(), (a, b) -> a.length >= b.length ? a : b);
        if (waiting.size() > MAX_WAITING) {
            next = Math.max(next, waiting.firstKey());
        }
        deliver(inOrder);
    }

    private void deliver(Consumer<byte[]> inOrder) {
        for (Map.Entry<Long, byte[]> entry = waiting.firstEntry();
                entry != null && entry.getKey() <= next;
                entry = waiting.firstEntry()) {
            waiting.pollFirstEntry();
            int skip = (int) (next - entry.getKey());
            byte[] bytes = entry.getValue();
            if (skip < bytes.length) {
                next += bytes.length - skip;
                inOrder.accept(skip == 0 ? bytes : java.util.Arrays.copyOfRange(bytes, skip, bytes.length));
            }
        }
    }
}
