package io.tlsfleet.tls.registry;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.bouncycastle.crypto.params.DHParameters;

/** Finite-field primes that have a name: RFC 7919, RFC 3526, RFC 2409. */
public final class KnownPrimes {
    private static final Map<BigInteger, String> NAMES = names();

    private KnownPrimes() {}

    /** The prime's name, or {@code sha256:} and the hash of its shortest big-endian form. */
    public static String name(BigInteger p) {
        String name = NAMES.get(p);
        return name != null ? name : "sha256:" + HexFormat.of().formatHex(sha256(shortest(p)));
    }

    private static byte[] shortest(BigInteger p) {
        byte[] bytes = p.toByteArray();
        return bytes.length > 1 && bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<BigInteger, String> names() {
        Map<BigInteger, String> names = new HashMap<>();
        add(names, "ffdhe2048", DHStandardGroups.rfc7919_ffdhe2048);
        add(names, "ffdhe3072", DHStandardGroups.rfc7919_ffdhe3072);
        add(names, "ffdhe4096", DHStandardGroups.rfc7919_ffdhe4096);
        add(names, "ffdhe6144", DHStandardGroups.rfc7919_ffdhe6144);
        add(names, "ffdhe8192", DHStandardGroups.rfc7919_ffdhe8192);
        add(names, "modp768", DHStandardGroups.rfc2409_768);
        add(names, "modp1024", DHStandardGroups.rfc2409_1024);
        add(names, "modp1536", DHStandardGroups.rfc3526_1536);
        add(names, "modp2048", DHStandardGroups.rfc3526_2048);
        add(names, "modp3072", DHStandardGroups.rfc3526_3072);
        add(names, "modp4096", DHStandardGroups.rfc3526_4096);
        add(names, "modp6144", DHStandardGroups.rfc3526_6144);
        add(names, "modp8192", DHStandardGroups.rfc3526_8192);
        return Map.copyOf(names);
    }

    private static void add(Map<BigInteger, String> names, String name, DHParameters group) {
        names.put(group.getP(), name);
    }
}
