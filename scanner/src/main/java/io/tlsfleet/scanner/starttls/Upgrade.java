package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.exchange.Ending;

/** What became of a preamble, and of the conversation behind it. Texts are the peer's own: to be escaped wherever shown. */
public sealed interface Upgrade<R> {
    /**
     * The server consented and the conversation was held. {@code injected} came with the consent, in the clear, before TLS had
     * begun: somebody in the middle, or a broken server; it was not handed to the conversation.
     */
    record Upgraded<R>(R result, String banner, byte[] injected) implements Upgrade<R> {}

    /** The server said no, or does not offer it. */
    record Refused<R>(String reply) implements Upgrade<R> {}

    /** The server turns us away for now, whatever we would ask: too many connections, shutting down. */
    record Busy<R>(String reply) implements Upgrade<R> {}

    /** The connection ended before an answer; {@code heard} bytes had come. */
    record Ended<R>(Ending how, int heard) implements Upgrade<R> {}

    /** The answer is none of this protocol. */
    record Unintelligible<R>(String part) implements Upgrade<R> {}
}
