package io.tlsfleet.fleet.observation;

/** A scan as a whole; partial when one of protocols, suites, groups, certificates, staple is unknown. */
public enum Outcome {
    COMPLETE,
    PARTIAL,
    NOT_TLS,
    UNREACHABLE;

    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
