package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.MalformedMessage;

/** What a protocol puts around the bytes of TLS; most put nothing. */
interface Framing {
    /** What goes out. */
    default byte[] wrap(byte[] tls) {
        return tls;
    }

    /** What came in; empty as long as a frame is incomplete. */
    default byte[] unwrap(Incoming in) throws MalformedMessage {
        return in.takeAll();
    }
}
