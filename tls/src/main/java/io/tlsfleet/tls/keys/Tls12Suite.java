package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the record layer needs of a suite below TLS 1.3. {@code aead} null: a MAC beside a block cipher ({@code blockLength}
 * above 0), a stream cipher or none ({@code keyLength} 0).
 */
record Tls12Suite(
        SuiteFacts facts,
        Hash prf,
        Aead.@Nullable Algorithm aead,
        Hash mac,
        String cipher,
        int keyLength,
        int blockLength) {

    static Optional<Tls12Suite> of(CipherSuite suite) {
        SuiteFacts facts = suite.facts();
        boolean keyExchangeKnown = switch (facts.keyExchange()) {
            case RSA, DHE, ECDHE -> true;
            default -> false;
        };
        if (!keyExchangeKnown || facts.isExport() || suite.name().endsWith("_OLD")) {
            return Optional.empty();
        }
        Hash prf = facts.hash().equals("SHA384") ? Hash.SHA_384 : Hash.SHA_256;
        Aead.Algorithm aead = aead(facts.cipher());
        if (aead != null) {
            return Optional.of(new Tls12Suite(facts, prf, aead, prf, facts.cipher(), aead.keyLength(), 0));
        }
        Hash mac = switch (facts.hash()) {
            case "MD5" -> Hash.MD5;
            case "SHA" -> Hash.SHA_1;
            case "SHA256" -> Hash.SHA_256;
            default -> Hash.SHA_384;
        };
        return switch (facts.cipher()) {
            case "AES_128_CBC", "CAMELLIA_128_CBC", "ARIA_128_CBC", "SEED_CBC" ->
                Optional.of(new Tls12Suite(facts, prf, null, mac, facts.cipher(), 16, 16));
            case "AES_256_CBC", "CAMELLIA_256_CBC", "ARIA_256_CBC" ->
                Optional.of(new Tls12Suite(facts, prf, null, mac, facts.cipher(), 32, 16));
            case "3DES_EDE_CBC" -> Optional.of(new Tls12Suite(facts, prf, null, mac, facts.cipher(), 24, 8));
            case "DES_CBC" -> Optional.of(new Tls12Suite(facts, prf, null, mac, facts.cipher(), 8, 8));
            case "IDEA_CBC" -> Optional.of(new Tls12Suite(facts, prf, null, mac, facts.cipher(), 16, 8));
            case "RC4_128" -> Optional.of(new Tls12Suite(facts, prf, null, mac, facts.cipher(), 16, 0));
            case "NULL" -> Optional.of(new Tls12Suite(facts, prf, null, mac, facts.cipher(), 0, 0));
            default -> Optional.empty();
        };
    }

    private static Aead.@Nullable Algorithm aead(String cipher) {
        for (Aead.Algorithm algorithm : Aead.Algorithm.values()) {
            if (algorithm.name().equals(cipher)) {
                return algorithm;
            }
        }
        return null;
    }
}
