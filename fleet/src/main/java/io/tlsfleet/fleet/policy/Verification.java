package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Depth;
import java.util.List;

/**
 * How little must be asked to see whether one finding is mended. Never less than all chains: one that another client gets
 * would be taken for gone.
 */
public final class Verification {
    /** What the issuers say, the page, and what is only asked deep down. */
    private static final List<String> DEEP = List.of(
            "certificate.revoked", "revocation.", "http.", "dns.", "handshake.", "resumption.", "vulnerability.");

    private Verification() {}

    public static Depth depth(String rule) {
        return DEEP.stream().anyMatch(rule::startsWith) ? Depth.FULL : Depth.STANDARD;
    }
}
