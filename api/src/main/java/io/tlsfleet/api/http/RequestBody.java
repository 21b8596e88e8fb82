package io.tlsfleet.api.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as a stream that a virtual thread reads and that holds back the peer: one buffer is asked for
 * when the last is used up. A body over the limit, or a peer that stops sending, ends in a problem.
 */
final class RequestBody extends InputStream {
    private static final int IDLE_SECONDS = 30;
    private static final Object END = new Object();

    private final HttpServerRequest request;
    private final Context loop;
    private final long limit;
    private final LinkedBlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    private @Nullable Buffer current;
    private int position;
    private long taken;
    private boolean ended;

    /** On the event loop, with the request paused. */
    RequestBody(HttpServerRequest request, Context loop, long limit) {
        this.request = request;
        this.loop = loop;
        this.limit = limit;
        request.handler(arrived::add);
        request.endHandler(v -> arrived.add(END));
        request.exceptionHandler(arrived::add);
    }

    /** All of it, at most {@code limit} bytes. */
    byte[] all(long most) throws IOException {
        byte[] bytes = readNBytes((int) Math.min(most + 1, Integer.MAX_VALUE - 8));
        if (bytes.length > most) {
            throw tooLarge(most);
        }
        return bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        Buffer buffer = current;
        while (buffer == null || position == buffer.length()) {
            if (ended) {
                return -1;
            }
            buffer = next();
            current = buffer;
            position = 0;
        }
        int count = Math.min(length, buffer.length() - position);
        buffer.getBytes(position, position + count, into, offset);
        position += count;
        return count;
    }

    /** Whether the peer has nothing more to send. */
    boolean isUsedUp() {
        return ended;
    }

    private @Nullable Buffer next() throws IOException {
        loop.runOnContext(v -> request.fetch(1));
        Object what;
        try {
            what = arrived.poll(IDLE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (what == null) {
            throw Problem.of(408, "Request timeout", "the body stopped after " + taken + " bytes");
        }
        if (what instanceof Throwable failure) {
            throw new IOException("the body broke off after " + taken + " bytes", failure);
        }
        if (what instanceof Buffer buffer) {
            taken += buffer.length();
            if (taken > limit) {
                throw tooLarge(limit);
            }
            return buffer;
        }
        ended = true;
        return Buffer.buffer();
    }

    private static Problem tooLarge(long limit) {
        return Problem.of(413, "Body too large", "body", "the body is larger than " + limit + " bytes");
    }
}
