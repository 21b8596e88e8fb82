package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The server's bytes that no one has taken yet. */
final class Incoming {
    private static final int MAX_LINE = 8 * 1024;

    private byte[] bytes = new byte[0];

    void add(byte[] chunk) {
        int had = bytes.length;
        bytes = Arrays.copyOf(bytes, had + chunk.length);
        System.arraycopy(chunk, 0, bytes, had, chunk.length);
    }

    int size() {
        return bytes.length;
    }

    int at(int index) {
        return bytes[index] & 0xFF;
    }

    byte[] take(int length) {
        byte[] taken = Arrays.copyOf(bytes, length);
        bytes = Arrays.copyOfRange(bytes, length, bytes.length);
        return taken;
    }

    byte[] takeAll() {
        return take(bytes.length);
    }

    /** A line without its end, each byte a character. */
    Optional<String> line() throws MalformedMessage {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                String line = new String(take(i + 1), StandardCharsets.ISO_8859_1);
                return Optional.of(line.stripTrailing());
            }
        }
        if (bytes.length > MAX_LINE) {
            throw new MalformedMessage("starttls: a line of more than " + MAX_LINE + " bytes");
        }
        return Optional.empty();
    }

    String text() {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
