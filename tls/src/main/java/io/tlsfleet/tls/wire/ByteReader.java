package io.tlsfleet.tls.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads big-endian integers and length-prefixed vectors from a slice of an array (RFC 8446 section 3). Never reads
 * beyond its slice; whatever is short, long or left over is a {@link MalformedMessage} that names the part.
 */
public final class ByteReader {
    private final byte[] bytes;
    private final int end;
    private int at;

    private ByteReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    public static ByteReader of(byte[] bytes) {
        return new ByteReader(bytes, 0, bytes.length);
    }

    public static ByteReader of(byte[] bytes, int from, int length) {
        if (from < 0 || length < 0 || from > bytes.length - length) {
            throw new IndexOutOfBoundsException("slice " + from + "+" + length + " of " + bytes.length);
        }
        return new ByteReader(bytes, from, from + length);
    }

    public int remaining() {
        return end - at;
    }

    public boolean isEmpty() {
        return at == end;
    }

    public int u8(String part) throws MalformedMessage {
        need(1, part);
        return bytes[at++] & 0xFF;
    }

    public int u16(String part) throws MalformedMessage {
        need(2, part);
        int value = (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
        at += 2;
        return value;
    }

    public int u24(String part) throws MalformedMessage {
        need(3, part);
        int value = (bytes[at] & 0xFF) << 16 | (bytes[at + 1] & 0xFF) << 8 | bytes[at + 2] & 0xFF;
        at += 3;
        return value;
    }

    public long u32(String part) throws MalformedMessage {
        return (long) u16(part) << 16 | u16(part);
    }

    public long u64(String part) throws MalformedMessage {
        return u32(part) << 32 | u32(part);
    }

    public byte[] take(int length, String part) throws MalformedMessage {
        need(length, part);
        byte[] taken = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return taken;
    }

    public ByteReader sub(int length, String part) throws MalformedMessage {
        need(length, part);
        ByteReader inner = new ByteReader(bytes, at, at + length);
        at += length;
        return inner;
    }

    /** {@code opaque part<0..255>}. */
    public byte[] vec8(String part) throws MalformedMessage {
        return take(u8(part), part);
    }

    /** {@code opaque part<0..2^16-1>}. */
    public byte[] vec16(String part) throws MalformedMessage {
        return take(u16(part), part);
    }

    /** {@code opaque part<0..2^24-1>}. */
    public byte[] vec24(String part) throws MalformedMessage {
        return take(u24(part), part);
    }

    public ByteReader sub8(String part) throws MalformedMessage {
        return sub(u8(part), part);
    }

    public ByteReader sub16(String part) throws MalformedMessage {
        return sub(u16(part), part);
    }

    public ByteReader sub24(String part) throws MalformedMessage {
        return sub(u24(part), part);
    }

    public byte[] rest() {
        byte[] taken = Arrays.copyOfRange(bytes, at, end);
        at = end;
        return taken;
    }

    /** Everything that is left, as 16-bit code points; an odd byte is malformed. */
    public List<Integer> u16List(String part) throws MalformedMessage {
        List<Integer> values = new ArrayList<>(remaining() / 2);
        while (!isEmpty()) {
            values.add(u16(part));
        }
        return values;
    }

    /** States that nothing may be left. */
    public void end(String part) throws MalformedMessage {
        if (!isEmpty()) {
            throw new MalformedMessage(part + ": " + remaining() + " bytes too many at offset " + at);
        }
    }

    private void need(int length, String part) throws MalformedMessage {
        if (length > end - at) {
            throw new MalformedMessage(part + ": wants " + length + " bytes at offset " + at + ", has " + (end - at));
        }
    }
}
