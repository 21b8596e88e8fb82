package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.wire.ByteWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.KEM;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.DHParameters;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.util.BigIntegers;

/**
 * One key pair of ours and what it makes with a peer's public value. Curves are Bouncy Castle's arithmetic, two to four
 * times as fast as the JDK's key agreement; ML-KEM is the JDK's.
 */
sealed interface KeyExchange {
    byte[] publicValue();

    /** Throws anything at all for a value that is none. */
    byte[] agree(byte[] peerValue) throws GeneralSecurityException;

    /**
     * RFC 7748; RFC 8446 section 7.4.2 wants an all-zero secret refused. Our scalar has 128 bits, as on the other curves: it is not
     * clamped to 255, which no peer can see, but a multiple of the cofactor, so that points of small order give zero.
     */
    final class X25519 implements KeyExchange {
        private static final byte[] BASE = {
            9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        };

        private final byte[] privateKey;
        private final byte[] publicKey;

        X25519(SecureRandom random) {
            this(scalar(random));
        }

        /** Little-endian, of any length, and not clamped here. */
        X25519(byte[] privateKey) {
            this.privateKey = privateKey;
            this.publicKey = Ladder25519.multiply(privateKey, BASE);
        }

        private static byte[] scalar(SecureRandom random) {
            byte[] scalar = new byte[16];
            random.nextBytes(scalar);
            scalar[0] &= (byte) 0xF8;
            scalar[15] |= (byte) 0x80;
            return scalar;
        }

        @Override
        public byte[] publicValue() {
            return publicKey.clone();
        }

        @Override
        public byte[] agree(byte[] peerValue) throws GeneralSecurityException {
            if (peerValue.length != Ladder25519.LENGTH) {
                throw new GeneralSecurityException("x25519");
            }
            byte[] secret = Ladder25519.multiply(privateKey, peerValue);
            int any = 0;
            for (byte b : secret) {
                any |= b;
            }
            if (any == 0) {
                throw new GeneralSecurityException("x25519: point of small order");
            }
            return secret;
        }
    }

    final class X448 implements KeyExchange {
        private final byte[] privateKey = new byte[org.bouncycastle.math.ec.rfc7748.X448.SCALAR_SIZE];
        private final byte[] publicKey = new byte[org.bouncycastle.math.ec.rfc7748.X448.POINT_SIZE];

        X448(SecureRandom random) {
            org.bouncycastle.math.ec.rfc7748.X448.generatePrivateKey(random, privateKey);
            org.bouncycastle.math.ec.rfc7748.X448.generatePublicKey(privateKey, 0, publicKey, 0);
        }

        @Override
        public byte[] publicValue() {
            return publicKey.clone();
        }

        @Override
        public byte[] agree(byte[] peerValue) throws GeneralSecurityException {
            byte[] secret = new byte[56];
            if (peerValue.length != publicKey.length
                    || !org.bouncycastle.math.ec.rfc7748.X448.calculateAgreement(
                            privateKey, 0, peerValue, 0, secret, 0)) {
                throw new GeneralSecurityException("x448");
            }
            return secret;
        }
    }

    /** ECDH on a Weierstrass curve, prime or binary: uncompressed points, the x coordinate at full length. */
    final class Curve implements KeyExchange {
        private static final int PRIVATE_BITS = 128;

        private final X9ECParameters curve;
        private final BigInteger privateKey;
        private final byte[] publicKey;

        /** Of no more than 128 bits: we send nothing secret, and each bit costs an agreement time. */
        Curve(String name, SecureRandom random) {
            this(name, new BigInteger(privateBits(name), random).setBit(privateBits(name) - 1));
        }

        private static int privateBits(String name) {
            return Math.min(PRIVATE_BITS, parameters(name).getN().bitLength() - 1);
        }

        Curve(String name, BigInteger privateKey) {
            this.curve = parameters(name);
            this.privateKey = privateKey;
            this.publicKey = curve.getG().multiply(privateKey).normalize().getEncoded(false);
        }

        private static X9ECParameters parameters(String name) {
            X9ECParameters fast = CustomNamedCurves.getByName(name);
            X9ECParameters known = fast != null ? fast : ECNamedCurveTable.getByName(name);
            if (known == null) {
                throw new IllegalArgumentException("no curve is called " + name);
            }
            return known;
        }

        @Override
        public byte[] publicValue() {
            return publicKey.clone();
        }

        @Override
        public byte[] agree(byte[] peerValue) throws GeneralSecurityException {
            // decodePoint refuses what is not on the curve or not in its subgroup.
            ECPoint point = curve.getCurve().decodePoint(peerValue);
            if (point.isInfinity()) {
                throw new GeneralSecurityException("point at infinity");
            }
            ECPoint shared = point.multiply(privateKey).normalize();
            if (shared.isInfinity()) {
                throw new GeneralSecurityException("point of small order");
            }
            return shared.getAffineXCoord().getEncoded();
        }
    }

    /**
     * Diffie-Hellman modulo p; our exponent has 256 bits, which RFC 7919 section 5.2 finds enough up to ffdhe4096. Above that it
     * has 128: we send nothing secret, and the server chooses how long we calculate.
     */
    final class FiniteField implements KeyExchange {
        static final int MAX_BITS = 8192;
        private static final int EXPONENT_BITS = 256;
        private static final int LARGE = 4096;

        private final BigInteger p;
        private final BigInteger privateKey;
        private final BigInteger publicKey;

        FiniteField(BigInteger p, BigInteger g, SecureRandom random) {
            if (p.bitLength() > MAX_BITS || p.compareTo(BigInteger.TEN) < 0) {
                throw new IllegalArgumentException("a modulus of " + p.bitLength() + " bits");
            }
            this.p = p;
            int bits = p.bitLength() > LARGE ? EXPONENT_BITS / 2 : EXPONENT_BITS;
            this.privateKey = new BigInteger(bits, random).setBit(bits - 1);
            this.publicKey = g.modPow(privateKey, p);
        }

        static FiniteField named(String name, SecureRandom random) {
            DHParameters group = switch (name) {
                case "ffdhe2048" -> DHStandardGroups.rfc7919_ffdhe2048;
                case "ffdhe3072" -> DHStandardGroups.rfc7919_ffdhe3072;
                case "ffdhe4096" -> DHStandardGroups.rfc7919_ffdhe4096;
                case "ffdhe6144" -> DHStandardGroups.rfc7919_ffdhe6144;
                case "ffdhe8192" -> DHStandardGroups.rfc7919_ffdhe8192;
                default -> throw new IllegalArgumentException("no group is called " + name);
            };
            return new FiniteField(group.getP(), group.getG(), random);
        }

        @Override
        public byte[] publicValue() {
            return BigIntegers.asUnsignedByteArray((p.bitLength() + 7) / 8, publicKey);
        }

        @Override
        public byte[] agree(byte[] peerValue) throws GeneralSecurityException {
            BigInteger y = new BigInteger(1, peerValue);
            if (y.compareTo(BigInteger.ONE) <= 0 || y.compareTo(p.subtract(BigInteger.ONE)) >= 0) {
                throw new GeneralSecurityException("public value out of range");
            }
            return BigIntegers.asUnsignedByteArray((p.bitLength() + 7) / 8, y.modPow(privateKey, p));
        }
    }

    /** FIPS 203: our encapsulation key goes out, a ciphertext comes back. */
    final class MlKem implements KeyExchange {
        private final PrivateKey privateKey;
        private final byte[] encapsulationKey;

        MlKem(String parameterSet, SecureRandom random) {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(parameterSet);
                generator.initialize(new java.security.spec.NamedParameterSpec(parameterSet), random);
                KeyPair pair = generator.generateKeyPair();
                int length = switch (parameterSet) {
                    case "ML-KEM-512" -> 800;
                    case "ML-KEM-768" -> 1184;
                    default -> 1568;
                };
                byte[] encoded = pair.getPublic().getEncoded();
                privateKey = pair.getPrivate();
                // SubjectPublicKeyInfo ends with the bare key.
                encapsulationKey = Arrays.copyOfRange(encoded, encoded.length - length, encoded.length);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("JDK 24 and later have " + parameterSet, e);
            }
        }

        @Override
        public byte[] publicValue() {
            return encapsulationKey.clone();
        }

        @Override
        public byte[] agree(byte[] peerValue) throws GeneralSecurityException {
            return KEM.getInstance("ML-KEM")
                    .newDecapsulator(privateKey)
                    .decapsulate(peerValue)
                    .getEncoded();
        }
    }

    /** Two exchanges side by side, values and secrets concatenated (RFC 10024; draft-ietf-tls-hybrid-design). */
    record Hybrid(KeyExchange first, KeyExchange second) implements KeyExchange {
        @Override
        public byte[] publicValue() {
            return new ByteWriter()
                    .raw(first.publicValue())
                    .raw(second.publicValue())
                    .toBytes();
        }

        @Override
        public byte[] agree(byte[] peerValue) throws GeneralSecurityException {
            int cut = peerLength(first, peerValue.length);
            byte[] one = first.agree(Arrays.copyOfRange(peerValue, 0, cut));
            byte[] two = second.agree(Arrays.copyOfRange(peerValue, cut, peerValue.length));
            return new ByteWriter().raw(one).raw(two).toBytes();
        }

        /** A ciphertext is shorter than an encapsulation key; a classical value is as long as ours. */
        private int peerLength(KeyExchange exchange, int whole) throws GeneralSecurityException {
            int length =
                    exchange instanceof MlKem ? whole - second.publicValue().length : exchange.publicValue().length;
            if (length < 0 || length > whole) {
                throw new GeneralSecurityException("hybrid share of " + whole + " bytes");
            }
            return length;
        }
    }
}
