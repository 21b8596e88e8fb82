package io.tlsfleet.tls.quic;

import java.util.Arrays;
import java.util.BitSet;

/** Pieces of a CRYPTO stream in any order, put together; what is beyond 64 KiB is dropped. */
public final class CryptoStream {
    private static final int LIMIT = 64 * 1024;

    private byte[] bytes = new byte[2048];
    private final BitSet known = new BitSet();

    public void add(InitialPacket.Crypto piece) {
        if (piece.offset() > LIMIT - piece.data().length) {
            return;
        }
        int from = (int) piece.offset();
        int to = from + piece.data().length;
        if (to > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, to));
        }
        System.arraycopy(piece.data(), 0, bytes, from, piece.data().length);
        known.set(from, to);
    }

    /** The bytes of memory that it keeps. */
    public int held() {
        return bytes.length + known.size() / Byte.SIZE;
    }

    /** What is known without a gap from the beginning. */
    public byte[] prefix() {
        return Arrays.copyOf(bytes, known.nextClearBit(0));
    }
}
