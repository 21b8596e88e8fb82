package io.tlsfleet.tls.exchange;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Like a {@link Conversation} where datagrams go to and fro, any of which may be lost. Single-threaded, used once. Never throws
 * for what a peer sends: a result says it.
 *
 * @param <R> what is known when nothing more is expected
 */
public interface DatagramConversation<R> {
    Step opening();

    /** One datagram of the peer, whole. */
    Step receive(byte[] datagram);

    /** How long to wait from now on before {@link #quiet} is called; empty where the end has come. */
    Optional<Duration> patience();

    /** Nothing came for as long as {@link #patience} said: say it again, or give up. */
    Step quiet();

    /** Called once, after the last datagram. */
    R end(Ending how);

    /** Datagrams to send now, and whether it is over then. */
    record Step(List<byte[]> send, boolean finished) {
        public Step {
            send = List.copyOf(send);
        }
    }
}
