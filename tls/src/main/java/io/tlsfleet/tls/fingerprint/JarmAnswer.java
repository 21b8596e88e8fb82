package io.tlsfleet.tls.fingerprint;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads one answer the way the definition of JARM does, with its oddities, because a hash is worth nothing when it
 * differs from everybody else's: fixed offsets, slices that may run beyond the end, and byte patterns behind the hello
 * (a Certificate message, two others) that leave the extensions empty.
 */
final class JarmAnswer {
    private static final byte[] ALPN = {0, 0x10};
    private static final byte[] PATTERN_A = {0x0E, (byte) 0xAC, 0x0B};
    private static final byte[] PATTERN_B = {0x0F, (byte) 0xF0, 0x0B};

    private final byte[] answer;

    private JarmAnswer(byte[] answer) {
        this.answer = answer;
    }

    static String read(byte[] answer) {
        byte[] first = answer.length > Jarm.READ_LIMIT ? Arrays.copyOf(answer, Jarm.READ_LIMIT) : answer;
        if (first.length < 44 || first[0] != 22 || first[5] != 2) {
            return Jarm.NO_ANSWER;
        }
        return new JarmAnswer(first).read();
    }

    private String read() {
        int sessionId = answer[43] & 0xFF;
        String suite = hex(44 + sessionId, 2);
        String version = hex(9, 2);
        String extensions = extensions(sessionId);
        return extensions == null ? Jarm.NO_ANSWER : suite + "|" + version + "|" + extensions;
    }

    /** {@code alpn|type-type}, {@code |} where there are none; null where the reference fails: an ALPN that is empty or no UTF-8, an end within. */
    private @org.jspecify.annotations.Nullable String extensions(int sessionId) {
        int length = sessionId + 47;
        if (length >= answer.length
                || answer[length] == 11
                || Arrays.equals(slice(sessionId + 50, 3), PATTERN_A)
                || Arrays.equals(slice(82, 3), PATTERN_B)
                || sessionId + 42 >= number(slice(3, 2))) {
            return "|";
        }
        int at = sessionId + 49;
        int last = at - 1 + number(slice(length, 2));
        // the reference cannot make a number of nothing, and then knows nothing of the whole answer
        List<byte[]> types = new ArrayList<>();
        List<byte[]> values = new ArrayList<>();
        while (at < last) {
            types.add(slice(at, 2));
            if (at + 2 >= answer.length) {
                return null;
            }
            int size = number(slice(at + 2, 2));
            if (size == 0 && Arrays.equals(types.getLast(), ALPN) && firstAlpn(types) == types.size() - 1) {
                return null;
            }
            values.add(slice(at + 4, size));
            at += 4 + size;
        }
        String alpn = alpn(types, values);
        if (alpn == null) {
            return null;
        }
        return alpn + "|"
                + String.join("-", types.stream().map(HexFormat.of()::formatHex).toList());
    }

    private static @org.jspecify.annotations.Nullable String alpn(List<byte[]> types, List<byte[]> values) {
        int first = firstAlpn(types);
        if (first < 0) {
            return "";
        }
        byte[] value = values.get(first);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value, Math.min(3, value.length), Math.max(0, value.length - 3)))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static int firstAlpn(List<byte[]> types) {
        for (int i = 0; i < types.size(); i++) {
            if (Arrays.equals(types.get(i), ALPN)) {
                return i;
            }
        }
        return -1;
    }

    private String hex(int from, int length) {
        return HexFormat.of().formatHex(slice(from, length));
    }

    /** What there is of {@code length} bytes. */
    private byte[] slice(int from, int length) {
        int start = Math.min(from, answer.length);
        return Arrays.copyOfRange(answer, start, Math.min(answer.length, start + length));
    }

    private static int number(byte[] bytes) {
        int value = 0;
        for (byte b : bytes) {
            value = value << 8 | b & 0xFF;
        }
        return value;
    }
}
