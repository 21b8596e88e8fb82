package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.exchange.Conversation;
import java.time.Duration;

/** The way to the endpoint, behind its STARTTLS preamble if it has one; each call is one connection and waits for its end. */
public interface Wire {
    <R> Heard<R> say(Conversation<R> conversation);

    /** The same way, with {@code command} in the segment that asks for TLS; only where there is a STARTTLS preamble of text. */
    Wire injecting(byte[] command);

    /** Bytes that came in the clear behind the server's consent to STARTTLS, on all connections so far. */
    long injectedBytes();

    void pause(Duration length);

    /** What became of one connection. */
    sealed interface Heard<R> {
        record Told<R>(R result, Duration connect) implements Heard<R> {}

        record Nothing<R>(Reason reason) implements Heard<R> {}
    }
}
