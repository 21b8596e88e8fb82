package io.tlsfleet.scanner.site;

import java.io.Serial;

/** The API answered that it will not: the same again would be refused again. */
public final class ApiRefused extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;

    ApiRefused(int status, String message) {
        super(message);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
