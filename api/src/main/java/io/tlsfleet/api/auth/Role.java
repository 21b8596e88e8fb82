package io.tlsfleet.api.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a token may do; what is not listed is denied. */
public enum Role {
    VIEWER,
    OPERATOR,
    ADMIN,
    AUDITOR,
    WORKER,
    SENSOR;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> named(String word) {
        return Arrays.stream(values()).filter(r -> r.word().equals(word)).findFirst();
    }

    /** A worker of a remote site leases and reports and sees nothing else, a sensor only hands in sightings; an auditor reads, and reads the audit log. */
    public boolean may(Access access) {
        return switch (access) {
            case PUBLIC, HEALTH -> true;
            case OPEN, VIEWER -> this != WORKER && this != SENSOR;
            case OPERATOR -> this == OPERATOR || this == ADMIN;
            case ADMIN -> this == ADMIN;
            case AUDITOR -> this == AUDITOR || this == ADMIN;
            case CLIENTS -> this == OPERATOR || this == ADMIN || this == AUDITOR;
            case SENSOR -> this == SENSOR || this == OPERATOR || this == ADMIN;
            case SITE -> this == WORKER;
        };
    }
}
