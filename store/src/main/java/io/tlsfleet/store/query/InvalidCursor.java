package io.tlsfleet.store.query;

/** A cursor that no page of ours gave. */
public final class InvalidCursor extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    InvalidCursor(String text) {
        super("'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text)
                + "' is no cursor: give nextCursor of the page before, or none");
    }
}
