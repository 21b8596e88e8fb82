package io.tlsfleet.fleet.observation;

/** Why a fact is unknown: one closed list for code, metrics, alerts and UI. */
public enum Reason {
    DNS_FAILURE,
    CONNECT_REFUSED,
    CONNECT_TIMEOUT,
    NO_ROUTE,
    RESET,
    CLOSED,
    READ_TIMEOUT,
    DEADLINE,
    STARTTLS_REFUSED,
    NOT_TLS,
    MALFORMED,
    CLIENT_CERTIFICATE_REQUIRED,
    RATE_LIMITED,
    BLOCKED_BY_POLICY,
    UNSUPPORTED,
    INTERRUPTED,
    INTERNAL;

    /** As in reports and labels: {@code connect-timeout}. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
