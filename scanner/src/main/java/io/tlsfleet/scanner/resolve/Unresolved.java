package io.tlsfleet.scanner.resolve;

/** A name without a usable address; the message says so to a person. */
public final class Unresolved extends Exception {
    private static final long serialVersionUID = 1;

    public Unresolved(String message) {
        super(message);
    }
}
