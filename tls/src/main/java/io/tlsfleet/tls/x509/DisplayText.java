package io.tlsfleet.tls.x509;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HexFormat;

/**
 * Text out of certificates: strings decoded without loss, and shown so that they cannot steer a terminal, a log line or
 * the direction of a page. A byte that is no UTF-8 travels as a lone surrogate (U+DC80 + byte - 0x80) and is shown in hex.
 */
public final class DisplayText {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private DisplayText() {}

    /** UTF-8 where it is valid, else the single byte as a lone low surrogate. */
    static String utf8(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        int i = 0;
        while (i < bytes.length) {
            int length = sequence(bytes, i);
            if (length == 0) {
                text.append((char) (0xDC00 | bytes[i] & 0xFF));
                i++;
            } else {
                text.append(new String(bytes, i, length, StandardCharsets.UTF_8));
                i += length;
            }
        }
        return text.toString();
    }

    /** ASCII; any other byte as a lone low surrogate. */
    static String ascii(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            text.append(b >= 0 ? (char) b : (char) (0xDC00 | b & 0xFF));
        }
        return text.toString();
    }

    /** Whether anything in it was no text in its declared encoding. */
    static boolean broken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.isHighSurrogate(text.charAt(i))
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    return true;
                }
            }
        }
        return false;
    }

    /** Safe to show: control, direction and invisible characters and broken bytes as {@code \xNN} of their UTF-8. */
    public static String safe(String text) {
        return escape(text, "\\x");
    }

    /** The same with RFC 4514's spelling of an escaped octet, {@code \NN}. */
    static String escapeForName(String text) {
        return escape(text, "\\");
    }

    private static String escape(String text, String prefix) {
        if (plain(text)) {
            return text;
        }
        String composed = broken(text) ? text : Normalizer.normalize(text, Normalizer.Form.NFC);
        StringBuilder safe = new StringBuilder(composed.length() + 16);
        for (int i = 0; i < composed.length(); ) {
            int c = composed.codePointAt(i);
            i += Character.charCount(c);
            if (c >= 0xD800 && c <= 0xDFFF) {
                safe.append(prefix).append(HEX.toHexDigits((byte) c));
            } else if (hidden(c)) {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    safe.append(prefix).append(HEX.toHexDigits(b));
                }
            } else {
                safe.appendCodePoint(c);
            }
        }
        return safe.toString();
    }

    private static boolean plain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private static boolean hidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    private static int sequence(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        if (first < 0x80) {
            return 1;
        }
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || at + length > bytes.length) {
            return 0;
        }
        int code = first & 0xFF >> length + 1;
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return 0;
            }
            code = code << 6 | bytes[at + i] & 0x3F;
        }
        boolean overlong = length == 3 && code < 0x800 || length == 4 && (code < 0x10000 || code > 0x10FFFF);
        return overlong || code >= 0xD800 && code <= 0xDFFF ? 0 : length;
    }
}
