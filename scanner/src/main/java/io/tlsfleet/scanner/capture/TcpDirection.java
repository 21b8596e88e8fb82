package io.tlsfleet.scanner.capture;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * One direction of a TCP connection put in order: what comes twice is dropped, what comes early waits, and where a
 * piece never comes the stream goes on behind the gap once {@value #MAX_WAITING} pieces or 64 KiB wait for it, or the
 * capture ends. Where no SYN was seen, the first pieces are kept: one from before them may still come.
 */
final class TcpDirection {
    private static final int MAX_WAITING = 64;
    private static final int MAX_BYTES = 64 * 1024;
    private static final int FAR = 1 << 24;
    private static final int MAX_EARLY = 16;
    private static final int MAX_EARLY_BYTES = 16 * 1024;

    /** What comes of it. */
    interface Stream {
        /** The next bytes; {@code frame} brought the last of all that was needed for them. */
        void bytes(byte[] bytes, int frame);

        /** Bytes are missing here for good. */
        void gap();

        /** All that was told so far comes again, with what stands before it in front. */
        void again();
    }

    private record Piece(byte[] bytes, int frame) {}

    private final Stream stream;
    private final TreeMap<Long, Piece> waiting = new TreeMap<>();
    private final TreeMap<Long, Piece> early = new TreeMap<>();
    private int bytes;
    private int earlyBytes;
    private boolean started;
    private boolean settled;
    /** Sequence numbers are kept as distances from the first one, so that they never wrap. */
    private long first;

    private long next;
    private int latest;

    TcpDirection(Stream stream) {
        this.stream = stream;
    }

    void add(Segment segment, int frame) {
        long sequence = segment.sequence() + (segment.syn() ? 1 : 0);
        if (!started) {
            started = true;
            first = sequence;
        }
        if (segment.syn()) {
            begin((int) (sequence - first));
        }
        if (segment.payload().length == 0) {
            return;
        }
        long at = (int) (sequence - first);
        if (at < next - (1L << 30)) {
            at += 1L << 32;
        }
        Piece piece = new Piece(segment.payload(), frame);
        if (!settled) {
            keep(at, piece);
        }
        if (at + piece.bytes.length <= next) {
            return;
        }
        put(at, piece);
        while (waiting.size() > MAX_WAITING || bytes > MAX_BYTES) {
            skipGap();
        }
        deliver();
    }

    /** Whether that SYN may be of this connection, and came late or twice. */
    boolean mayBegin(Segment syn) {
        int before = (int) (first + (early.isEmpty() ? 0 : early.firstKey()) - syn.sequence() - 1);
        return started && before >= 0 && before < MAX_EARLY_BYTES;
    }

    /** Whether that segment is so far from all before it that it is of another connection between the same sockets. */
    boolean isFar(Segment segment) {
        int distance = (int) (segment.sequence() - first - next);
        return started && Math.abs((long) distance) > FAR;
    }

    /** Nothing from before what was seen is of interest any more. */
    void settle() {
        settled = true;
        early.clear();
        earlyBytes = 0;
    }

    /** No more will come: what waits is told as it is. */
    void finish() {
        while (!waiting.isEmpty()) {
            skipGap();
        }
    }

    /** What waits costs so many bytes. */
    int held() {
        return bytes + waiting.size() * Backlog.PIECE;
    }

    /** What is kept for what may come before it costs so many bytes. */
    int kept() {
        return earlyBytes + early.size() * Backlog.PIECE;
    }

    void clear() {
        settle();
        waiting.clear();
        bytes = 0;
    }

    /** A SYN says where it all begins. */
    private void begin(int at) {
        if (!settled && at < next) {
            restart(at);
        }
        settle();
    }

    private void keep(long at, Piece piece) {
        if (!early.isEmpty() && at < early.firstKey()) {
            early.put(at, piece);
            earlyBytes += piece.bytes.length;
            restart(at);
        } else if (early.putIfAbsent(at, piece) == null) {
            earlyBytes += piece.bytes.length;
        }
        if (early.size() > MAX_EARLY || earlyBytes > MAX_EARLY_BYTES) {
            settle();
        }
    }

    private void restart(long at) {
        stream.again();
        next = at;
        early.forEach(this::put);
        deliver();
    }

    private void put(long at, Piece piece) {
        Piece known = waiting.get(at);
        if (known == null || known.bytes.length < piece.bytes.length) {
            waiting.put(at, piece);
            bytes += piece.bytes.length - (known == null ? 0 : known.bytes.length);
        }
    }

    private void skipGap() {
        if (waiting.firstKey() > next) {
            next = waiting.firstKey();
            stream.gap();
        }
        deliver();
    }

    private void deliver() {
        for (Map.Entry<Long, Piece> entry = waiting.firstEntry();
                entry != null && entry.getKey() <= next;
                entry = waiting.firstEntry()) {
            waiting.pollFirstEntry();
            int skip = (int) (next - entry.getKey());
            byte[] piece = entry.getValue().bytes;
            bytes -= piece.length;
            if (skip < piece.length) {
                next += piece.length - skip;
                latest = Math.max(latest, entry.getValue().frame);
                stream.bytes(skip == 0 ? piece : Arrays.copyOfRange(piece, skip, piece.length), latest);
            }
        }
    }
}
