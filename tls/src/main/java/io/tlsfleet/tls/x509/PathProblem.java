package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;

/** Why a path is not to be trusted. */
record PathProblem(TrustStatus status, String reason) {

    /** Of several problems the one that says most about the chain; it is the one that a person has to mend first. */
    int weight() {
        return switch (status) {
            case TRUSTED -> 0;
            case EXPIRED -> 1;
            case NOT_YET_VALID -> 2;
            case UNKNOWN -> 3;
            case WEAK_SIGNATURE -> 4;
            case UNTRUSTED -> 5;
            case PATH_LENGTH -> 6;
            case NAME_CONSTRAINT -> 7;
            case REVOKED -> 8;
            case MALFORMED -> 9;
        };
    }
}
