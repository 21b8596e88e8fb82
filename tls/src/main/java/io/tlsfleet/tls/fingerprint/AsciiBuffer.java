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

    /** 0 to 65535. */
    void decimal(int value) {
        room(5);
        int digits = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5;
        int rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Two digits, 99 for more. */
    void twoDigits(int value) {
        int shown = Math.min(value, 99);
        ascii((char) ('0' + shown / 10));
        ascii((char) ('0' + shown % 10));
    }

    void hex16(int value) {
        room(4);
        bytes[length++] = HEX[value >>> 12 & 0xF];
        bytes[length++] = HEX[value >>> 8 & 0xF];
        bytes[length++] = HEX[value >>> 4 & 0xF];
        bytes[length++] = HEX[value & 0xF];
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
