package io.tlsfleet.scanner.scan;

import io.tlsfleet.tls.fingerprint.Ja4Plus;
import org.jspecify.annotations.Nullable;

/**
 * Fingerprints beyond those that every scan takes: JA4S and JA4X where their plugin is there and was asked for, and JARM,
 * ten connections, also below depth full.
 */
public record Extras(@Nullable Ja4Plus ja4Plus, boolean jarm) {
    public static final Extras NONE = new Extras(null, false);
}
