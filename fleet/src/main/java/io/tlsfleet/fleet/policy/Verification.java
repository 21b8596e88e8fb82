package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Depth;
import java.util.List;

/** How little must be asked to see whether one finding is mended. */
public final class Verification {
    /** What the issuers say, the page, and what is only asked deep down. */
    private static final List<String> DEEP = List.of(
            "certificate.revoked", "revocation.", "http.", "dns.", "handshake.", "resumption.", "vulnerability.");

    private static final List<String> CERTIFICATE = List.of("certificate.", "ocsp.", "endpoint.", "starttls.");

    private Verification() {}

    public static Depth depth(String rule) {
        if (DEEP.stream().anyMatch(rule::startsWith)) {
            return Depth.FULL;
        }
        return CERTIFICATE.stream().anyMatch(rule::startsWith) ? Depth.CERTIFICATE : Depth.STANDARD;
    }
}
