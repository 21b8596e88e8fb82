package io.tlsfleet.tls.exchange;

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

    /** Called once, after the last byte. */
    R end(Ending how);
}
