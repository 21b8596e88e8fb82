package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.util.BigIntegers;

/** The server's RSA key as a key exchange uses it (RFC 5246 section 7.4.7.1): padded by hand, so that it can be padded wrongly. */
public final class RsaKeyExchange {
    /** What the judge of signatures takes too; a server chooses how long we calculate. */
    private static final int MAX_BITS = 8192;

    private static final int MAX_EXPONENT_BITS = 64;

    private final BigInteger modulus;
    private final BigInteger exponent;

    private RsaKeyExchange(BigInteger modulus, BigInteger exponent) {
        this.modulus = modulus;
        this.exponent = exponent;
    }

    public static RsaKeyExchange of(byte[] certificate) throws MalformedMessage {
        try {
            RSAPublicKey key = RSAPublicKey.getInstance(Certificate.getInstance(certificate)
                    .getSubjectPublicKeyInfo()
                    .parsePublicKey());
            if (key.getModulus().bitLength() > MAX_BITS || key.getModulus().bitLength() < 384) {
                throw new MalformedMessage(
                        "certificate: an RSA modulus of " + key.getModulus().bitLength() + " bits");
            }
            if (key.getPublicExponent().bitLength() > MAX_EXPONENT_BITS) {
                throw new MalformedMessage("certificate: an RSA exponent of "
                        + key.getPublicExponent().bitLength() + " bits");
            }
            return new RsaKeyExchange(key.getModulus(), key.getPublicExponent());
        } catch (java.io.IOException | RuntimeException e) {
            throw new MalformedMessage("certificate: no RSA key in it");
        }
    }

    public int modulusLength() {
        return (modulus.bitLength() + 7) / 8;
    }

    /** PKCS #1 v1.5, type 2. */
    public static byte[] pad(int modulusLength, byte[] premasterSecret, SecureRandom random) {
        byte[] block = new byte[modulusLength];
        random.nextBytes(block);
        for (int i = 2; i < modulusLength; i++) {
            while (block[i] == 0) {
                block[i] = (byte) random.nextInt(256);
            }
        }
        block[0] = 0;
        block[1] = 2;
        int at = modulusLength - premasterSecret.length;
        block[at - 1] = 0;
        System.arraycopy(premasterSecret, 0, block, at, premasterSecret.length);
        return block;
    }

    public byte[] encrypt(byte[] block) throws MalformedMessage {
        BigInteger m = new BigInteger(1, Arrays.copyOf(block, block.length));
        try {
            return BigIntegers.asUnsignedByteArray(modulusLength(), m.modPow(exponent, modulus));
        } catch (ArithmeticException e) {
            throw new MalformedMessage("certificate: an RSA key that cannot be computed with");
        }
    }
}
