package io.tlsfleet.store.retention;

/** How long things are kept, in days; history is dropped by whole weeks. */
public record RetentionSettings(
        int history, int resolvedFindings, int notifications, int clientFingerprints, int recentObservations) {
    public static final RetentionSettings DEFAULT = new RetentionSettings(400, 90, 90, 30, 7);

    public RetentionSettings {
        if (history < 7 || resolvedFindings < 1 || notifications < 1 || recentObservations < 1) {
            throw new IllegalArgumentException("retention is counted in days: history from 7, the rest from 1");
        }
        if (clientFingerprints < 1 || clientFingerprints > 30) {
            throw new IllegalArgumentException("client fingerprints are kept for 1 to 30 days");
        }
    }
}
