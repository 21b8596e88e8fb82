package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The server's bytes that no one has taken yet. */
final class Incoming {
    private static final int MAX_LINE = 8 * 1024;

    private byte[] bytes = new byte[0];
    private int from;
    private int to;

    void add(byte[] chunk) {
        if (to + chunk.length > bytes.length) {
            byte[] larger = new byte[Math.max(size() + chunk.length, 2 * size())];
            System.arraycopy(bytes, from, larger, 0, size());
            to -= from;
            from = 0;
            bytes = larger;
        }
        System.arraycopy(chunk, 0, bytes, to, chunk.length);
        to += chunk.length;
    }

    int size() {
        return to - from;
    }

    int at(int index) {
        return bytes[from + index] & 0xFF;
    }

    byte[] take(int length) {
        byte[] taken = Arrays.copyOfRange(bytes, from, from + length);
        from += length;
        return taken;
    }

    void skip(int length) {
        from += length;
    }

    byte[] takeAll() {
        return take(size());
    }

    /** A line without its end, each byte a character. */
    Optional<String> line() throws MalformedMessage {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                String line = new String(bytes, from, i - from, StandardCharsets.ISO_8859_1);
                from = i + 1;
                return Optional.of(line.stripTrailing());
            }
        }
        if (size() > MAX_LINE) {
            throw new MalformedMessage("starttls: a line of more than " + MAX_LINE + " bytes");
        }
        return Optional.empty();
    }

    String text() {
        return new String(bytes, from, size(), StandardCharsets.ISO_8859_1);
    }
}
