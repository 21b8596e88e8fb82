package io.tlsfleet.store;

import org.jspecify.annotations.Nullable;

/** The database was there and refused a statement. */
public final class StatementRefused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String state;
    private final @Nullable String constraint;

    StatementRefused(String message, String state, @Nullable String constraint, Throwable cause) {
        super(message, cause);
        this.state = state;
        this.constraint = constraint;
    }

    /** SQLSTATE, five characters. */
    public String state() {
        return state;
    }

    /** The constraint that was broken, where it was one. */
    public @Nullable String constraint() {
        return constraint;
    }

    /** Two transactions stood in each other's way, and this one was chosen to begin anew. */
    boolean isWorthAnotherTry() {
        return state.equals("40001") || state.equals("40P01");
    }
}
