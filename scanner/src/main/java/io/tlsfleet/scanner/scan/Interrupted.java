package io.tlsfleet.scanner.scan;

/** Whoever waited for this scan waits no more. */
public final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1;

    Interrupted(InterruptedException cause) {
        super("interrupted", cause);
    }
}
