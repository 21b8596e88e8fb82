package io.tlsfleet.scanner.connect;

/**
 * How gently a host is treated; a host is an address. {@code burst} connections may come at once before the rate holds.
 * {@code subnetRate} bounds a whole /24 or /48; 0 means no such bound.
 */
public record Politeness(int concurrentPerHost, double ratePerHost, int burst, double subnetRate) {
    public static final Politeness COMMAND_LINE = new Politeness(4, 50, 32, 0);
    public static final Politeness FLEET = new Politeness(2, 10, 1, 50);

    public Politeness {
        if (concurrentPerHost < 1 || ratePerHost <= 0 || burst < 1 || subnetRate < 0) {
            throw new IllegalArgumentException("a host needs at least one connection and a rate above zero");
        }
    }
}
