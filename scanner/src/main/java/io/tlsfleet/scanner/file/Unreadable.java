package io.tlsfleet.scanner.file;

import io.tlsfleet.fleet.observation.Reason;

/** No certificate could be had from a file; the message names it and says why. */
public final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;
    private final Reason reason;

    Unreadable(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    /** What a person reads. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
