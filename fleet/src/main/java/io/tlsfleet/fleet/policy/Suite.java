package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** An accepted cipher suite, with what its name means to a rule. */
record Suite(String name, SuiteFacts facts) {

    private static final int MOST_KNOWN = 2_000;
    private static final Map<Observation.CodePoint, Suite> KNOWN = new ConcurrentHashMap<>();

    static Suite of(Observation.CodePoint point) {
        Suite known = KNOWN.get(point);
        if (known == null) {
            known = new Suite(point.name(), new CipherSuite(Integer.decode(point.code())).facts());
            if (KNOWN.size() < MOST_KNOWN) {
                KNOWN.put(point, known);
            }
        }
        return known;
    }

    /** Without a known name nothing is known but the number, and no rule but a policy's list judges it. */
    boolean known() {
        return facts.keyExchange() != SuiteFacts.KeyExchange.UNKNOWN;
    }

    boolean encrypts() {
        return facts.strengthBits() != 0;
    }

    boolean aead() {
        return facts.mode() == SuiteFacts.Mode.AEAD;
    }

    boolean cbc() {
        return facts.mode() == SuiteFacts.Mode.CBC;
    }

    boolean is(String family) {
        return facts.family().equals(family);
    }

    /** 64-bit blocks, not broken in a way that another rule names. */
    boolean smallBlock() {
        return facts.blockBits() == 64 && facts.strengthBits() > 56 && !is("RC2");
    }

    /** Keys rest on the server's long-lived key alone: whoever gets it reads what was recorded. */
    boolean staticKeyExchange() {
        return switch (facts.keyExchange()) {
            case RSA, DH, ECDH, RSA_PSK, SM2 -> true;
            default -> false;
        };
    }

    boolean broken() {
        return !encrypts()
                || facts.isAnonymous()
                || facts.isExport()
                || facts.strengthBits() < 112
                || is("RC4")
                || is("RC2");
    }
}
