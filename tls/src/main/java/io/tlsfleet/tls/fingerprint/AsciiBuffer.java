package io.tlsfleet.tls.fingerprint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing line of ASCII that is used again. */
final class AsciiBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

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
        room(6 * count);
        byte[] to = bytes;
        int at = length;
        for (int i = 0; i < count; i++) {
            int value = values[i];
            if (value >= 10_000) {
                to[at++] = (byte) ('0' + value / 10_000);
            }
            if (value >= 1000) {
                to[at++] = (byte) ('0' + value / 1000 % 10);
            }
            if (value >= 100) {
                to[at++] = (byte) ('0' + value / 100 % 10);
            }
            if (value >= 10) {
                to[at++] = (byte) ('0' + value / 10 % 10);
            }
            to[at++] = (byte) ('0' + value % 10);
            to[at++] = '-';
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
            to[at] = HEX[value >>> 12 & 0xF];
            to[at + 1] = HEX[value >>> 8 & 0xF];
            to[at + 2] = HEX[value >>> 4 & 0xF];
            to[at + 3] = HEX[value & 0xF];
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
}
