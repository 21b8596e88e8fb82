package io.tlsfleet.fleet.lease;

/** A worker as it describes itself. Times are lengths of its own monotonic clock, since clocks of workers are not believed. */
public record Presence(String version, long upMillis, int leasesHeld, long scans, boolean overloaded) {
    public Presence {
        if (upMillis < 0 || leasesHeld < 0 || scans < 0) {
            throw new IllegalArgumentException("a worker's counts are not below zero");
        }
    }
}
