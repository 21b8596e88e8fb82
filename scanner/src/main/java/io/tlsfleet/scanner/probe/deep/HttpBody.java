package io.tlsfleet.scanner.probe.deep;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A body out of its chunks (RFC 9112 section 7.1) and its gzip, as long as that stays small. */
final class HttpBody {
    private static final int MAX_UNPACKED = 1024 * 1024;
    private static final int MAX_SIZE_LINE = 1024;

    private HttpBody() {}

    /** Each byte a character; null where it is not whole, or packed otherwise. */
    static @Nullable String text(
            byte[] body, String transferEncoding, String contentEncoding, String contentLength, boolean ended) {
        String transfer = transferEncoding.strip().toLowerCase(Locale.ROOT);
        byte[] whole;
        if (transfer.equals("chunked")) {
            whole = unchunked(body);
        } else if (transfer.isEmpty()) {
            whole = upTo(contentLength, body, ended);
        } else {
            whole = null;
        }
        if (whole == null) {
            return null;
        }
        return switch (contentEncoding.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> new String(whole, StandardCharsets.ISO_8859_1);
            case "gzip", "x-gzip" -> unzipped(whole);
            default -> null;
        };
    }

    private static byte @Nullable [] upTo(String contentLength, byte[] body, boolean ended) {
        if (contentLength.isEmpty()) {
            return ended ? body : null;
        }
        boolean known = contentLength.matches("\\d{1,9}");
        int length = known ? Integer.parseInt(contentLength) : Integer.MAX_VALUE;
        return length > body.length ? null : Arrays.copyOf(body, length);
    }

    private static byte @Nullable [] unchunked(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int end = at;
            while (end < body.length && body[end] != '\n' && end - at < MAX_SIZE_LINE) {
                end++;
            }
            if (end >= body.length || body[end] != '\n') {
                return null;
            }
            String line = new String(body, at, end - at, StandardCharsets.ISO_8859_1);
            int extension = line.indexOf(';');
            String size = (extension < 0 ? line : line.substring(0, extension)).strip();
            if (!size.matches("[0-9A-Fa-f]{1,7}")) {
                return null;
            }
            int length = Integer.parseInt(size, 16);
            at = end + 1;
            if (length == 0) {
                return out.toByteArray();
            }
            if (length > body.length - at) {
                return null;
            }
            out.write(body, at, length);
            at += length;
            // the line's end behind the chunk
            while (at < body.length && (body[at] == '\r' || body[at] == '\n')) {
                at++;
            }
        }
    }

    private static @Nullable String unzipped(byte[] packed) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            byte[] plain = in.readNBytes(MAX_UNPACKED + 1);
            return plain.length > MAX_UNPACKED ? null : new String(plain, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // No gzip, or cut off.
            return null;
        }
    }
}
