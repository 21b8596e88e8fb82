package io.tlsfleet.api.auth;

import java.util.Locale;

/** What a route asks of whoever calls it. */
public enum Access {
    /** No token at all: signing in, and the description of the API. */
    PUBLIC,
    /** Metrics: without a token where the server listens on loopback and nobody forwarded the request. */
    OPEN,
    /** Up or down: as {@link #OPEN}, on other addresses too, and with a token of any role where one is needed. */
    HEALTH,
    VIEWER,
    OPERATOR,
    ADMIN,
    AUDITOR,
    /** Looking up which clients talk to whom. */
    CLIENTS,
    /** Handing in sightings of clients. */
    SENSOR,
    /** Workers of remote sites. */
    SITE;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
