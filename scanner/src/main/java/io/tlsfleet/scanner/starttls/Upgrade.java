package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;

/** What became of a preamble. Texts are the peer's own: to be escaped wherever shown. */
public sealed interface Upgrade {
    /**
     * The server consented: {@link #then} begins TLS on this connection. {@code injected} came with the consent, in the clear,
     * before TLS had begun: somebody in the middle, or a broken server.
     */
    record Consent(String banner, byte[] injected, Framing framing) implements Upgrade {
        public <R> Conversation<R> then(Conversation<R> conversation) {
            return new Framed<>(framing, conversation);
        }
    }

    /** The server said no, or does not offer it. */
    record Refused(String reply) implements Upgrade {}

    /** The server turns us away for now, whatever we would ask: too many connections, shutting down. */
    record Busy(String reply) implements Upgrade {}

    /** The connection ended before an answer; {@code heard} bytes had come. */
    record Ended(Ending how, int heard) implements Upgrade {}

    /** The answer is none of this protocol. */
    record Unintelligible(String part) implements Upgrade {}
}
