package io.tlsfleet.api.auth;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * {@code tf_}, 160 random bits and a CRC-32, both in base 62: found by secret scanners, and a typing error is told from a
 * revoked token without asking the database.
 */
public record ApiToken(String text) {
    public static final String PREFIX = "tf_";
    private static final int RANDOM_BYTES = 20;
    private static final int RANDOM_DIGITS = 27;
    private static final int CHECK_DIGITS = 6;
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public ApiToken {
        if (!isWellFormed(text)) {
            throw new IllegalArgumentException("not a token: it begins with " + PREFIX + " and has "
                    + (PREFIX.length() + RANDOM_DIGITS + CHECK_DIGITS)
                    + " characters, the last six of which are a checksum");
        }
    }

    public static ApiToken random(RandomGenerator random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String body = PREFIX + base62(new BigInteger(1, bytes), RANDOM_DIGITS);
        return new ApiToken(body + check(body));
    }

    public static boolean isWellFormed(String text) {
        int body = PREFIX.length() + RANDOM_DIGITS;
        return text.startsWith(PREFIX)
                && text.length() == body + CHECK_DIGITS
                && text.chars().skip(PREFIX.length()).allMatch(c -> DIGITS.indexOf(c) >= 0)
                && check(text.substring(0, body)).equals(text.substring(body));
    }

    /** What is stored. Without a salt, which 160 random bits do not need. */
    public byte[] sha256() {
        return sha256(text);
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return PREFIX + "…";
    }

    private static String check(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return base62(BigInteger.valueOf(crc.getValue()), CHECK_DIGITS);
    }

    private static String base62(BigInteger number, int digits) {
        StringBuilder out = new StringBuilder();
        BigInteger base = BigInteger.valueOf(DIGITS.length());
        BigInteger rest = number;
        for (int i = 0; i < digits; i++) {
            BigInteger[] parts = rest.divideAndRemainder(base);
            out.append(DIGITS.charAt(parts[1].intValue()));
            rest = parts[0];
        }
        return out.reverse().toString();
    }
}
