package io.tlsfleet.scanner.site;

import java.io.Serial;

/** The API did not answer, or not now: the same again later may succeed. */
public final class ApiAway extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    ApiAway(String message) {
        super(message);
    }
}
