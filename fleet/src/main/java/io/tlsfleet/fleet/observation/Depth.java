package io.tlsfleet.fleet.observation;

/** How much a scan asks. */
public enum Depth {
    CERTIFICATE,
    STANDARD,
    FULL,
    VERIFY;

    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
