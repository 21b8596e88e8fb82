package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.MalformedMessage;

/** One protocol's way to TLS. Single-threaded, used once. */
interface Dialogue extends Framing {
    /** Empty where the server speaks first. */
    byte[] opening();

    /** Takes what is complete from {@code in} and leaves the rest; called until it wants more bytes. */
    Move next(Incoming in) throws MalformedMessage;

    /** What to do after some bytes. */
    sealed interface Move {
        Move WAIT = new Wait();
        Move AGAIN = new Say(new byte[0]);

        record Wait() implements Move {}

        record Say(byte[] bytes) implements Move {}

        /** {@code last} goes out ahead of TLS. */
        record Ready(byte[] last) implements Move {}

        record No(String reply) implements Move {}

        /** Turned away for now. */
        record Later(String reply) implements Move {}
    }
}
