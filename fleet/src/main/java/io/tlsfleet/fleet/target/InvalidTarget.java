package io.tlsfleet.fleet.target;

/** A target that cannot be read; the message names the input and says what would do. */
public final class InvalidTarget extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public InvalidTarget(String message) {
        super(message);
    }
}
