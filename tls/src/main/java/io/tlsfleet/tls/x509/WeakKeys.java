package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.ChainVerdict.KeyWeakness;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keys that protect nothing, or less than they should: too short (BR 6.1.5), of a form that nobody should use, or with
 * a structure that lets anyone find the private key (ROCA, primes close together, small factors).
 */
final class WeakKeys {
    private static final int SMALL_PRIME_LIMIT = 752;
    private static final int FERMAT_ROUNDS = 100;
    private static final int KEPT = 4_096;
    private static final BigInteger SMALL_PRIMES_PRODUCT = product(3, SMALL_PRIME_LIMIT);
    private static final List<Residues> ROCA = roca();
    private static final Map<String, List<Finding>> ANSWERS =
            Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, List<Finding>> eldest) {
                    return size() > KEPT;
                }
            });

    private WeakKeys() {}

    private record Finding(String kind, boolean compromised, String detail) {}

    private record Residues(int prime, Set<Integer> subgroup) {}

    static List<KeyWeakness> of(CertificateFacts certificate) {
        PublicKeyFacts key = certificate.key();
        List<Finding> known = ANSWERS.get(certificate.spkiSha256());
        if (known == null) {
            known = findings(key);
            ANSWERS.put(certificate.spkiSha256(), known);
        }
        List<KeyWeakness> all = new ArrayList<>();
        known.forEach(
                finding -> all.add(new KeyWeakness(certificate, finding.kind, finding.compromised, finding.detail)));
        ListedKeys.listing(key)
                .ifPresent(list -> all.add(new KeyWeakness(
                        certificate,
                        "listed",
                        true,
                        "the key stands on the list " + list + " of keys whose private half is known")));
        return all;
    }

    private static List<Finding> findings(PublicKeyFacts key) {
        List<Finding> found = new ArrayList<>();
        BigInteger modulus = key.modulus();
        BigInteger exponent = key.exponent();
        if (modulus != null && exponent != null) {
            rsa(modulus, exponent, found);
        } else if (key.type().equals("ECDSA")) {
            if ("explicit".equals(key.curve())) {
                found.add(new Finding("curve-explicit", false, "the curve is given by its parameters, not by name"));
            }
            if (key.bits() > 0 && key.bits() < 256) {
                found.add(new Finding("ec-short", false, key.bits() + " bits (" + key.curve() + ")"));
            }
        } else if (key.type().equals("DSA")) {
            found.add(new Finding("dsa", false, "DSA of " + key.bits() + " bits: no TLS client takes it any more"));
        }
        return List.copyOf(found);
    }

    private static void rsa(BigInteger modulus, BigInteger exponent, List<Finding> found) {
        int bits = modulus.bitLength();
        if (bits < 2_048) {
            found.add(new Finding("rsa-short", false, "RSA of " + bits + " bits"));
        } else if (bits % 8 != 0) {
            found.add(new Finding("rsa-odd-size", false, "RSA of " + bits + " bits, no multiple of 8 (BR 6.1.5)"));
        }
        if (exponent.equals(BigInteger.ONE)) {
            found.add(new Finding("exponent-one", true, "the RSA exponent is 1: a signature is its own message"));
        } else if (!exponent.testBit(0)) {
            found.add(new Finding("exponent-even", false, "the RSA exponent is even"));
        }
        if (!modulus.testBit(0)) {
            found.add(new Finding("modulus-even", true, "the RSA modulus is even"));
            return;
        }
        if (bits > Signatures.MAX_RSA_BITS) {
            return;
        }
        if (!modulus.gcd(SMALL_PRIMES_PRODUCT).equals(BigInteger.ONE)) {
            found.add(new Finding("small-factor", true, "the RSA modulus has a factor below " + SMALL_PRIME_LIMIT));
        }
        if (isRoca(modulus)) {
            found.add(new Finding("roca", true, "the primes have ROCA's form (CVE-2017-15361)"));
        }
        if (closePrimes(modulus)) {
            found.add(new Finding("close-primes", true, "Fermat's method factors it (CVE-2022-26320)"));
        }
    }

    /** Infineon's primes make the modulus a power of 65537 modulo every small prime. */
    private static boolean isRoca(BigInteger modulus) {
        for (Residues residues : ROCA) {
            int residue = modulus.mod(BigInteger.valueOf(residues.prime)).intValue();
            if (!residues.subgroup.contains(residue)) {
                return false;
            }
        }
        return true;
    }

    private static boolean closePrimes(BigInteger modulus) {
        BigInteger[] root = modulus.sqrtAndRemainder();
        if (root[1].signum() == 0) {
            return true;
        }
        BigInteger a = root[0].add(BigInteger.ONE);
        BigInteger square = a.multiply(a).subtract(modulus);
        for (int i = 0; i < FERMAT_ROUNDS; i++) {
            if (maybeSquare(square) && square.sqrtAndRemainder()[1].signum() == 0) {
                return true;
            }
            square = square.add(a.shiftLeft(1)).add(BigInteger.ONE);
            a = a.add(BigInteger.ONE);
        }
        return false;
    }

    /** Squares are few modulo 64, 63 and 65; what is none there needs no root. */
    private static boolean maybeSquare(BigInteger number) {
        int low = number.intValue() & 63;
        if (low != 0 && low != 1 && low != 4 && low != 9 && low != 16 && low != 17 && low != 25 && low != 33
                && low != 36 && low != 41 && low != 49 && low != 57) {
            return false;
        }
        int residue = number.mod(BigInteger.valueOf(63 * 65)).intValue();
        return isSquareModulo(residue % 63, 63) && isSquareModulo(residue % 65, 65);
    }

    private static boolean isSquareModulo(int residue, int modulus) {
        for (int i = 0; i <= modulus / 2; i++) {
            if (i * i % modulus == residue) {
                return true;
            }
        }
        return false;
    }

    private static BigInteger product(int from, int to) {
        BigInteger product = BigInteger.ONE;
        for (int p = from; p < to; p++) {
            if (BigInteger.valueOf(p).isProbablePrime(20)) {
                product = product.multiply(BigInteger.valueOf(p));
            }
        }
        return product;
    }

    private static List<Residues> roca() {
        List<Residues> all = new ArrayList<>();
        for (int p = 3; p <= 167; p++) {
            if (!BigInteger.valueOf(p).isProbablePrime(20)) {
                continue;
            }
            Set<Integer> subgroup = new HashSet<>();
            int power = 1;
            while (subgroup.add(power)) {
                power = power * (65_537 % p) % p;
            }
            all.add(new Residues(p, Set.copyOf(subgroup)));
        }
        return List.copyOf(all);
    }
}
