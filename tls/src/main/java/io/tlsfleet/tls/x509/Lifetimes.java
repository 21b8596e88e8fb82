package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.ChainVerdict.Lifetime;
import java.time.Duration;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How long a public leaf may live (Baseline Requirements 6.3.2), by the limit in force at its notBefore. */
public final class Lifetimes {
    private static final NavigableMap<Instant, Integer> LIMITS = new TreeMap<>();

    static {
        LIMITS.put(Instant.MIN, 1_825);
        LIMITS.put(Instant.parse("2015-04-01T00:00:00Z"), 1_188);
        LIMITS.put(Instant.parse("2018-03-01T00:00:00Z"), 825);
        LIMITS.put(Instant.parse("2020-09-01T00:00:00Z"), 398);
        LIMITS.put(Instant.parse("2026-03-15T00:00:00Z"), 200);
        LIMITS.put(Instant.parse("2027-03-15T00:00:00Z"), 100);
        LIMITS.put(Instant.parse("2029-03-15T00:00:00Z"), 47);
    }

    private Lifetimes() {}

    /** The most days that a certificate issued then may live. */
    public static int limitDays(Instant issued) {
        return LIMITS.floorEntry(issued).getValue();
    }

    /** Since when a limit so low or lower is in force, or will be, for certificates of so many days; null: never. */
    public static @Nullable Instant refusedFrom(int days) {
        return LIMITS.entrySet().stream()
                .filter(limit -> limit.getValue() < days)
                .map(java.util.Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    static @Nullable Lifetime of(CertificateFacts leaf) {
        Instant notBefore = leaf.notBefore();
        Instant notAfter = leaf.notAfter();
        if (notBefore == null || notAfter == null || notAfter.isBefore(notBefore)) {
            return null;
        }
        Duration length = Duration.between(notBefore, notAfter).plusSeconds(1);
        // a fraction of a day counts as a day, and both ends belong to the period
        long days = Math.ceilDiv(length.toSeconds(), Duration.ofDays(1).toSeconds());
        return new Lifetime(
                length,
                (int) Math.min(days, Integer.MAX_VALUE),
                LIMITS.floorEntry(notBefore).getValue());
    }
}
