package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharedFactorsTest {
    private final Random random = new Random(20261121);

    @Test
    void findsTheKeysThatShareAPrimeAndNoOther() {
        List<BigInteger> moduli = new ArrayList<>();
        for (int i = 0; i < 41; i++) {
            moduli.add(prime().multiply(prime()));
        }
        BigInteger lazy = prime();
        BigInteger first = lazy.multiply(prime());
        BigInteger second = lazy.multiply(prime());
        moduli.add(7, first);
        moduli.add(30, second);
        moduli.add(first); // the same key on another host is no second key
        Map<BigInteger, BigInteger> shared = SharedFactors.of(moduli);
        assertThat(shared)
                .containsOnlyKeys(first, second)
                .containsEntry(first, lazy)
                .containsEntry(second, lazy);
    }

    @Test
    void findsAKeyBothOfWhosePrimesAreSharedWithOthers() {
        BigInteger p = prime();
        BigInteger q = prime();
        BigInteger both = p.multiply(q);
        BigInteger one = p.multiply(prime());
        BigInteger other = q.multiply(prime());
        assertThat(SharedFactors.of(List.of(one, both, other)))
                .containsEntry(both, both)
                .containsEntry(one, p)
                .containsEntry(other, q);
    }

    @Test
    void findsNothingAmongFewOrGoodOnes() {
        assertThat(SharedFactors.of(List.of())).isEmpty();
        BigInteger alone = prime().multiply(prime());
        assertThat(SharedFactors.of(List.of(alone, alone))).isEmpty();
        assertThat(SharedFactors.of(List.of(alone, prime().multiply(prime()), BigInteger.TEN, BigInteger.ZERO)))
                .isEmpty();
    }

    @Test
    void takesASmallCommonDivisorForNoSharedPrime() {
        BigInteger seven = BigInteger.valueOf(7);
        assertThat(SharedFactors.of(List.of(seven.multiply(prime()), seven.multiply(prime()))))
                .isEmpty();
    }

    private BigInteger prime() {
        return BigInteger.probablePrime(256, random);
    }
}
