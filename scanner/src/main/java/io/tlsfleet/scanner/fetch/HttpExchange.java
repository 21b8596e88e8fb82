package io.tlsfleet.scanner.fetch;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 request and its response (RFC 9112), without cookies, credentials or a second request. */
final class HttpExchange implements Conversation<HttpAnswer> {
    private static final int MAX_HEAD = 16 * 1024;
    /** Of an answer that does not say its length. */
    private static final int MAX_UNSAID = 16 << 20;

    static final String WITHOUT_LENGTH = ", and does not say its length";

    private final byte[] request;
    private final int maxBody;
    private final Received received = new Received();
    private final ByteArrayOutputStream joined = new ByteArrayOutputStream();
    private int chunkStart;
    /** Of an answer that says its length: filled as it comes, so that a long one is held once. */
    private byte @Nullable [] sized;

    private int filled;
    private int status;
    private @Nullable Map<String, String> headers;
    private int bodyStart;
    private @Nullable String failure;
    private byte @Nullable [] body;

    /** {@code body} null: GET. */
    HttpExchange(String host, String path, byte @Nullable [] body, String contentType, int maxBody) {
        StringBuilder head = new StringBuilder(body == null ? "GET " : "POST ")
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(host)
                .append("\r\nUser-Agent: tlsfleet\r\nAccept: */*\r\nConnection: close\r\n");
        if (body != null) {
            head.append("Content-Type: ")
                    .append(contentType)
                    .append("\r\nContent-Length: ")
                    .append(body.length)
                    .append("\r\n");
        }
        byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        int length = body == null ? 0 : body.length;
        request = Arrays.copyOf(start, start.length + length);
        if (body != null) {
            System.arraycopy(body, 0, request, start.length, length);
        }
        this.maxBody = maxBody;
    }

    @Override
    public byte[] opening() {
        return request;
    }

    @Override
    public Turn receive(byte[] chunk) {
        if (sized != null) {
            fill(sized, chunk, 0, chunk.length);
            return body == null ? Turn.WAIT : Turn.FINISHED;
        }
        received.writeBytes(chunk);
        if (headers == null) {
            head();
        }
        if (failure == null && received.size() - bodyStart > Math.min(maxBody, MAX_UNSAID) + MAX_HEAD) {
            failure = unsaid();
        }
        if (failure == null && headers != null) {
            whole(false);
        }
        return failure != null || body != null ? Turn.FINISHED : Turn.WAIT;
    }

    @Override
    public HttpAnswer end(Ending how) {
        if (failure == null && body == null && sized == null && headers != null && how == Ending.CLOSED) {
            whole(true);
        }
        if (failure != null) {
            return HttpAnswer.failed(failure);
        }
        if (body == null || headers == null) {
            return HttpAnswer.failed(
                    switch (how) {
                        case READ_TIMEOUT, DEADLINE -> "no whole answer in time";
                        case RESET -> "reset after " + (received.size() + filled) + " bytes";
                        case TOO_MUCH -> unsaid(); // a length would have been refused, or have ended it
                        case CLOSED, FINISHED -> "closed after " + (received.size() + filled) + " bytes";
                    });
        }
        return new HttpAnswer(status, headers, body, null);
    }

    private void head() {
        byte[] bytes = received.toByteArray();
        String text = new String(bytes, 0, Math.min(bytes.length, MAX_HEAD), StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            if (bytes.length >= MAX_HEAD) {
                failure = "the answer's head is larger than " + MAX_HEAD + " bytes";
            }
            return;
        }
        String[] lines = text.substring(0, end).split("\r\n", -1);
        if (!lines[0].matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
            failure = "the answer is no HTTP";
            return;
        }
        status = Integer.parseInt(lines[0], 9, 12, 10);
        Map<String, String> read = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                read.putIfAbsent(
                        lines[i].substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
        }
        headers = read;
        bodyStart = end + 4;
    }

    /** The body, once it is there: by chunks, by its length, or up to the end of the connection. */
    private void whole(boolean closed) {
        Map<String, String> known = headers == null ? Map.of() : headers;
        if (known.getOrDefault("transfer-encoding", "").toLowerCase(Locale.ROOT).contains("chunked")) {
            chunked();
            return;
        }
        String length = known.get("content-length");
        if (length == null) {
            if (closed || status == 204 || status == 304) {
                body = Arrays.copyOfRange(received.toByteArray(), bodyStart, received.size());
            }
            return;
        }
        if (!length.matches("[0-9]{1,9}") || Integer.parseInt(length) > maxBody) {
            failure = "the answer is larger than " + maxBody + " bytes";
            return;
        }
        byte[] whole = new byte[Integer.parseInt(length)];
        sized = whole;
        fill(whole, received.octets(), bodyStart, received.size());
    }

    private void fill(byte[] whole, byte[] from, int start, int end) {
        int length = Math.min(end - start, whole.length - filled);
        System.arraycopy(from, start, whole, filled, length);
        filled += length;
        if (filled == whole.length) {
            body = whole;
        }
    }

    /** Goes on where the last chunk ended: a long answer comes in a thousand pieces, and none is looked at twice. */
    private void chunked() {
        byte[] bytes = received.octets();
        int end = received.size();
        int at = chunkStart == 0 ? bodyStart : chunkStart;
        while (true) {
            int line = at;
            while (line + 1 < end && !(bytes[line] == '\r' && bytes[line + 1] == '\n')) {
                line++;
            }
            if (line + 1 >= end) {
                if (line - at > MAX_HEAD) {
                    failure = "the answer's chunks do not hold together";
                }
                return;
            }
            String size = new String(bytes, at, line - at, StandardCharsets.ISO_8859_1).split(";", 2)[0].strip();
            if (!size.matches("[0-9A-Fa-f]{1,7}")) {
                failure = "the answer's chunks do not hold together";
                return;
            }
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                body = joined.toByteArray();
                return;
            }
            if (joined.size() + length > Math.min(maxBody, MAX_UNSAID)) {
                failure = unsaid();
                return;
            }
            if (line + 2 + length + 2 > end) {
                return;
            }
            joined.write(bytes, line + 2, length);
            at = line + 2 + length + 2;
            chunkStart = at;
        }
    }

    private String unsaid() {
        return "the answer is larger than " + Math.min(maxBody, MAX_UNSAID) + " bytes" + WITHOUT_LENGTH;
    }

    /** Shows what it holds without a copy. */
    private static final class Received extends ByteArrayOutputStream {
        byte[] octets() {
            return buf;
        }
    }
}
