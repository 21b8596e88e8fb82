package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * The way to one endpoint: every connection of a scan goes through here, one after the other, is counted, and ends before the
 * endpoint's deadline.
 */
final class Line {
    private final Connector connector;
    private final Destination destination;
    private final Limits limits;
    private final long deadlineNanos;
    private int connections;
    private long bytesSent;
    private long bytesReceived;

    Line(Connector connector, Destination destination, Limits limits, Duration deadline) {
        this.connector = connector;
        this.destination = destination;
        this.limits = limits;
        this.deadlineNanos = System.nanoTime() + deadline.toNanos();
    }

    /** With the first bytes that came, which tell TLS from what is none. */
    record Heard<R>(R result, byte[] firstBytes) {}

    <R> Talk<Heard<R>> talk(Conversation<R> conversation) {
        Talk<Heard<R>> talk = await(conversation);
        if (!(talk instanceof Talk.NotHeld<Heard<R>> none && none.reason() == Reason.BLOCKED_BY_POLICY)) {
            connections++;
        }
        if (talk instanceof Talk.Held<Heard<R>> held) {
            bytesSent += held.bytesSent();
            bytesReceived += held.bytesReceived();
        }
        return talk;
    }

    private <R> Talk<Heard<R>> await(Conversation<R> conversation) {
        try {
            return connector
                    .talk(destination, new FirstBytes<>(conversation), limits.within(remaining()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a conversation failed in itself", e.getCause());
        }
    }

    void pause(Duration length) {
        try {
            Thread.sleep(length.compareTo(remaining()) < 0 ? length : remaining());
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        }
    }

    /** At most this many connections a second from now on. */
    void slowDown(double ratePerSecond) {
        connector.slowDown(destination.address(), ratePerSecond);
    }

    boolean isOver() {
        return remaining().isZero();
    }

    Duration remaining() {
        return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    }

    int connections() {
        return connections;
    }

    long bytesSent() {
        return bytesSent;
    }

    long bytesReceived() {
        return bytesReceived;
    }

    private static final class FirstBytes<R> implements Conversation<Heard<R>> {
        private static final int ENOUGH = 16;

        private final Conversation<R> inner;
        private byte[] first = new byte[0];

        FirstBytes(Conversation<R> inner) {
            this.inner = inner;
        }

        @Override
        public byte[] opening() {
            return inner.opening();
        }

        @Override
        public Turn receive(byte[] chunk) {
            if (first.length < ENOUGH) {
                int had = first.length;
                first = Arrays.copyOf(first, Math.min(ENOUGH, had + chunk.length));
                System.arraycopy(chunk, 0, first, had, first.length - had);
            }
            return inner.receive(chunk);
        }

        @Override
        public Optional<Duration> patience() {
            return inner.patience();
        }

        @Override
        public Turn quiet() {
            return inner.quiet();
        }

        @Override
        public Heard<R> end(Ending how) {
            return new Heard<>(inner.end(how), first);
        }
    }
}
