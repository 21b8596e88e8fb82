package io.tlsfleet.tls.wire;

/** Bytes that do not have the shape their place demands; the message names the part and the offset. */
public final class MalformedMessage extends Exception {
    public MalformedMessage(String part) {
        // A peer's fault needs no stack trace, and a hostile one would make us pay for thousands.
        super(part, null, false, false);
    }
}
