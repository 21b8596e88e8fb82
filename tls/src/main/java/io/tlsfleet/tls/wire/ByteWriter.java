package io.tlsfleet.tls.wire;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** Writes what {@link ByteReader} reads. Lengths are filled in by the writer; too long a vector is our own bug. */
public final class ByteWriter {
    private byte[] bytes = new byte[256];
    private int length;

    public static byte[] write(Consumer<ByteWriter> content) {
        ByteWriter writer = new ByteWriter();
        content.accept(writer);
        return writer.toBytes();
    }

    public ByteWriter u8(int value) {
        room(1);
        bytes[length++] = (byte) value;
        return this;
    }

    public ByteWriter u16(int value) {
        room(2);
        bytes[length++] = (byte) (value >>> 8);
        bytes[length++] = (byte) value;
        return this;
    }

    public ByteWriter u24(int value) {
        return u8(value >>> 16).u16(value);
    }

    public ByteWriter u32(long value) {
        return u16((int) (value >>> 16)).u16((int) value);
    }

    public ByteWriter u64(long value) {
        return u32(value >>> 32).u32(value);
    }

    /** One after the other, without a length in front. */
    public <T> ByteWriter u16s(List<T> values, ToIntFunction<T> code) {
        room(2 * values.size());
        for (T value : values) {
            u16(code.applyAsInt(value));
        }
        return this;
    }

    public ByteWriter raw(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    public ByteWriter vec8(byte[] value) {
        return vec(1, value);
    }

    public ByteWriter vec16(byte[] value) {
        return vec(2, value);
    }

    public ByteWriter vec24(byte[] value) {
        return vec(3, value);
    }

    public ByteWriter vec8(Consumer<ByteWriter> content) {
        return vec(1, content);
    }

    public ByteWriter vec16(Consumer<ByteWriter> content) {
        return vec(2, content);
    }

    public ByteWriter vec24(Consumer<ByteWriter> content) {
        return vec(3, content);
    }

    public int size() {
        return length;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private ByteWriter vec(int prefix, Consumer<ByteWriter> content) {
        room(prefix);
        int start = length;
        length += prefix;
        content.accept(this);
        prefix(start, prefix, length - start - prefix);
        return this;
    }

    private ByteWriter vec(int prefix, byte[] value) {
        room(prefix);
        prefix(length, prefix, value.length);
        length += prefix;
        return raw(value);
    }

    private void prefix(int at, int prefix, int size) {
        if (size >= 1 << 8 * prefix) {
            throw new IllegalArgumentException("vector of " + size + " bytes with a prefix of " + prefix);
        }
        for (int i = 0; i < prefix; i++) {
            bytes[at + i] = (byte) (size >>> 8 * (prefix - 1 - i));
        }
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
