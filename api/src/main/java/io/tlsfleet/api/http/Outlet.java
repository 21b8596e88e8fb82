package io.tlsfleet.api.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicBoolean;

/** A response that stays open and is written from any thread; a client that reads too slowly is cut off. */
public final class Outlet {
    private final HttpServerResponse response;
    private final Context loop;
    private final AtomicBoolean closed = new AtomicBoolean();

    Outlet(HttpServerResponse response, Context loop) {
        this.response = response;
        this.loop = loop;
    }

    /** Sends the head; {@code onClose} runs once, whoever ends it. */
    void open(String contentType, Runnable onClose) {
        loop.runOnContext(v -> {
            Runnable once = () -> {
                if (closed.compareAndSet(false, true)) {
                    onClose.run();
                }
            };
            response.closeHandler(gone -> once.run());
            response.exceptionHandler(failure -> once.run());
            response.setChunked(true)
                    .putHeader("Content-Type", contentType)
                    .putHeader("Content-Encoding", "identity")
                    .putHeader("X-Accel-Buffering", "no")
                    .writeHead();
        });
    }

    /** Whether the stream still stands; a full write queue ends it, and the client comes back and reads anew. */
    public boolean write(String text) {
        if (closed.get()) {
            return false;
        }
        loop.runOnContext(v -> {
            if (closed.get() || response.ended() || response.closed()) {
                return;
            }
            if (response.writeQueueFull()) {
                response.reset();
                return;
            }
            response.write(text);
        });
        return true;
    }

    void end() {
        loop.runOnContext(v -> {
            if (!response.ended() && !response.closed()) {
                response.end();
            }
        });
    }
}
