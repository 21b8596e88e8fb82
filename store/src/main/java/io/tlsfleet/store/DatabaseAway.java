package io.tlsfleet.store;

/** The database could not be reached, or went away amid a statement: nothing is wrong with the question, ask again. */
public final class DatabaseAway extends RuntimeException {
    private static final long serialVersionUID = 1;

    public DatabaseAway(String message, Throwable cause) {
        super(message, cause);
    }
}
