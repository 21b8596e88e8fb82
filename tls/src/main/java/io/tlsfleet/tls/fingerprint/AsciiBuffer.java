package io.tlsfleet.tls.fingerprint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing line of ASCII that is used again. */
final class AsciiBuffer {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    /** Of every number its digits and a hyphen, the first in the lowest byte; how many they are in the highest. */
    private static final long[] DECIMALS = decimals();
    /** Of every byte its two hex digits. */
    private static final short[] PAIRS = pairs();

    byte[] bytes = new byte[1024];
    int length;

    void clear() {
        length = 0;
    }

    void ascii(char c) {
        room(1);
        bytes[length++] = (byte) c;
    }

    void ascii(String s) {
        for (int i = 0; i < s.length(); i++) {
            ascii(s.charAt(i));
        }
    }

    void append(byte[] from, int at, int count) {
        room(count);
        System.arraycopy(from, at, bytes, length, count);
        length += count;
    }

    /** Code points as decimals, hyphens between them. */
    void decimals(int[] values, int count) {
        room(6 * count + Long.BYTES);
        byte[] to = bytes;
        int at = length;
        for (int i = 0; i < count; i++) {
            long text = DECIMALS[values[i] & 0xFFFF];
            LONGS.set(to, at, text);
            at += (int) (text >>> 56);
        }
        length = count == 0 ? at : at - 1;
    }

    /** Code points as four hex digits, commas between them. */
    void hex(int[] values, int count) {
        room(5 * count);
        byte[] to = bytes;
        int at = length;
        for (int i = 0; i < count; i++) {
            int value = values[i];
            SHORTS.set(to, at, PAIRS[value >>> 8 & 0xFF]);
            SHORTS.set(to, at + 2, PAIRS[value & 0xFF]);
            to[at + 4] = ',';
            at += 5;
        }
        length = count == 0 ? at : at - 1;
    }

    /** Two digits, 99 for more. */
    void twoDigits(int value) {
        int shown = Math.min(value, 99);
        ascii((char) ('0' + shown / 10));
        ascii((char) ('0' + shown % 10));
    }

    @Override
    @SuppressWarnings("deprecation") // ISO-8859-1 from a slice: the fastest constructor there is
    public String toString() {
        return new String(bytes, 0, 0, length);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    private static long[] decimals() {
        long[] all = new long[1 << 16];
        for (int value = 0; value < all.length; value++) {
            String text = value + "-";
            long packed = (long) text.length() << 56;
            for (int i = 0; i < text.length(); i++) {
                packed |= (long) text.charAt(i) << 8 * i;
            }
            all[value] = packed;
        }
        return all;
    }

    private static short[] pairs() {
        String digits = "0123456789abcdef";
        short[] all = new short[256];
        for (int value = 0; value < all.length; value++) {
            all[value] = (short) (digits.charAt(value >>> 4) | digits.charAt(value & 0xF) << 8);
        }
        return all;
    }
}
