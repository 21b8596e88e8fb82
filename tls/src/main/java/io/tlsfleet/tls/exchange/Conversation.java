package io.tlsfleet.tls.exchange;

import java.time.Duration;
import java.util.Optional;

/**
 * One connection's worth of talking, without the connection: bytes to send first, an answer to each chunk that comes
 * back, and a result when it is over. Single-threaded, used once. Never throws for what a peer sends: a result says it.
 *
 * @param <R> what is known when the connection has ended
 */
public interface Conversation<R> {
    /** Sent as soon as the connection stands; may be empty when the peer speaks first. */
    byte[] opening();

    /** The peer's next bytes, in whatever chunks they come. */
    Turn receive(byte[] chunk);

    /**
     * How long the peer may be silent before {@link #quiet} is called; asked anew after the opening and after each turn. Empty:
     * silence means nothing but the connection's own read timeout.
     */
    default Optional<Duration> patience() {
        return Optional.empty();
    }

    /** The peer was silent for {@link #patience}: the end, or, for what wants a pause between two sends, the next bytes. */
    default Turn quiet() {
        return Turn.FINISHED;
    }

    /** Called once, after the last byte. */
    R end(Ending how);
}
