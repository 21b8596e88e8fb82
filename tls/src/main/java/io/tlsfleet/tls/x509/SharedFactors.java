package io.tlsfleet.tls.x509;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * RSA keys that share a prime with another: both private keys can be computed by anyone who has the two public ones
 * (Heninger et al., "Mining Your Ps and Qs", 2012). Bernstein's batch method: the product of all moduli by a tree, its
 * remainder by each modulus squared down the same tree, then one gcd a key.
 */
public final class SharedFactors {
    /** A smaller one is an accident of a modulus that is no product of two primes, and proves nothing of the other key. */
    private static final int LEAST_BITS = 64;

    private SharedFactors() {}

    /** By modulus: the factor that it shares. A modulus given twice counts once; even and tiny numbers are left out. */
    public static Map<BigInteger, BigInteger> of(Iterable<BigInteger> moduli) {
        Set<BigInteger> distinct = new LinkedHashSet<>();
        for (BigInteger modulus : moduli) {
            if (modulus.signum() > 0 && modulus.testBit(0) && modulus.bitLength() > LEAST_BITS) {
                distinct.add(modulus);
            }
        }
        Map<BigInteger, BigInteger> shared = new HashMap<>();
        if (distinct.size() < 2) {
            return shared;
        }
        List<List<BigInteger>> tree = products(List.copyOf(distinct));
        List<BigInteger> remainders = tree.getLast();
        for (int level = tree.size() - 2; level >= 0; level--) {
            List<BigInteger> nodes = tree.get(level);
            List<BigInteger> next = new ArrayList<>(nodes.size());
            for (int i = 0; i < nodes.size(); i++) {
                BigInteger node = nodes.get(i);
                next.add(remainders.get(i / 2).mod(node.multiply(node)));
            }
            remainders = next;
        }
        List<BigInteger> leaves = tree.getFirst();
        for (int i = 0; i < leaves.size(); i++) {
            BigInteger modulus = leaves.get(i);
            BigInteger factor = remainders.get(i).divide(modulus).gcd(modulus);
            if (factor.bitLength() > LEAST_BITS) {
                shared.put(modulus, factor);
            }
        }
        return shared;
    }

    private static List<List<BigInteger>> products(List<BigInteger> leaves) {
        List<List<BigInteger>> tree = new ArrayList<>();
        List<BigInteger> level = leaves;
        tree.add(level);
        while (level.size() > 1) {
            List<BigInteger> above = new ArrayList<>((level.size() + 1) / 2);
            for (int i = 0; i < level.size(); i += 2) {
                above.add(i + 1 < level.size() ? level.get(i).multiply(level.get(i + 1)) : level.get(i));
            }
            tree.add(above);
            level = above;
        }
        return tree;
    }
}
