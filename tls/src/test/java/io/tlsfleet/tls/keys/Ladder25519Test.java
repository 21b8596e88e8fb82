package io.tlsfleet.tls.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ladder25519Test {
    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final byte[] BASE = HexFormat.of().parseHex("09" + "00".repeat(31));

    /** RFC 7748 section 5.2: each result is the next one's scalar. */
    @Test
    void aThousandTimesOnItself() {
        byte[] scalar = BASE;
        byte[] u = BASE;
        for (int i = 0; i < 1000; i++) {
            byte[] result = Ladder25519.multiply(clamped(scalar), u);
            u = scalar;
            scalar = result;
        }
        assertThat(HexFormat.of().formatHex(scalar))
                .isEqualTo("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    }

    /** With coordinates at the edges of the field among them: zero, one, and what lies around the prime. */
    @Test
    void agreesWithBouncyCastle() {
        Random random = new Random(25519);
        for (int i = 0; i < 2000; i++) {
            byte[] scalar = bytes(random, 32);
            byte[] u = bytes(random, 32);
            if (i % 4 == 0) {
                u = littleEndian(P.add(BigInteger.valueOf(i / 4 % 38 - 19)).mod(BigInteger.TWO.pow(255)));
            }
            byte[] expected = new byte[32];
            X25519.scalarMult(scalar, 0, u, 0, expected, 0);
            assertThat(Ladder25519.multiply(clamped(scalar), u)).isEqualTo(expected);
        }
    }

    @Test
    void aShortKeyAgreesWithAPeersClampedOne() throws GeneralSecurityException {
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < 100; i++) {
            KeyExchange ours = new KeyExchange.X25519(random);
            byte[] theirs = new byte[32];
            random.nextBytes(theirs);
            byte[] theirPublic = new byte[32];
            X25519.scalarMultBase(theirs, 0, theirPublic, 0);
            byte[] expected = new byte[32];
            assertThat(X25519.calculateAgreement(theirs, 0, ours.publicValue(), 0, expected, 0))
                    .isTrue();
            assertThat(ours.agree(theirPublic)).isEqualTo(expected);
        }
    }

    @Test
    void noTwoKeysAreAlike() {
        SecureRandom random = new SecureRandom();
        assertThat(new KeyExchange.X25519(random).publicValue())
                .isNotEqualTo(new KeyExchange.X25519(random).publicValue());
    }

    /** Every point of small order, on the curve and on its twist. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            })
    void refusesPointsOfSmallOrder(String u) {
        KeyExchange ours = new KeyExchange.X25519(new SecureRandom());
        assertThatThrownBy(() -> ours.agree(HexFormat.of().parseHex(u))).isInstanceOf(GeneralSecurityException.class);
    }

    private static byte[] clamped(byte[] scalar) {
        byte[] out = scalar.clone();
        out[0] &= (byte) 0xF8;
        out[31] = (byte) (out[31] & 0x7F | 0x40);
        return out;
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] littleEndian(BigInteger number) {
        byte[] big = number.toByteArray();
        byte[] out = new byte[32];
        for (int i = 0; i < Math.min(32, big.length); i++) {
            out[i] = big[big.length - 1 - i];
        }
        return out;
    }
}
