package io.tlsfleet.tls.x509;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lists of keys whose private half others have, such as those that Debian's OpenSSL of 2006 to 2008 made
 * (CVE-2008-0166). None ships; {@link #read} takes the forms in which they are published, one key a line:
 * <ul>
 *   <li>20 hex digits as in the package openssl-blacklist: the latter half of the SHA-1 of {@code Modulus=…} and a line feed;
 *   <li>64 hex digits: SHA-256 of the SubjectPublicKeyInfo, or of the number that makes the key (RSA's modulus, the
 *       x coordinate of a point, a raw key) as in dwk_blocklists; 30 of them are badkeys' form;
 *   <li>badkeys' blocklist.dat: records of 16 octets.
 * </ul>
 * Digests are compared by their first 64 bits: of two million listed keys one in 10^13 others is taken for one of them.
 */
public final class ListedKeys {
    private static final AtomicReference<List<ListedKeys>> CHOSEN = new AtomicReference<>(List.of());
    private static final Pattern DIGEST =
            Pattern.compile("(?<![0-9A-Za-z])([0-9A-Fa-f]{64}|[0-9A-Fa-f]{30}|[0-9A-Fa-f]{20})(?![0-9A-Za-z])");
    private static final int RECORD = 16;

    private final String name;
    private final long[] digests;

    private ListedKeys(String name, long[] digests) {
        this.name = name;
        this.digests = digests;
    }

    /** For mains alone, before anything is judged. */
    public static void use(List<ListedKeys> lists) {
        CHOSEN.set(List.copyOf(lists));
    }

    /** The name of a list that has this key. */
    static Optional<String> listing(PublicKeyFacts key) {
        List<ListedKeys> lists = CHOSEN.get();
        if (lists.isEmpty() || key.spki().length == 0) {
            return Optional.empty();
        }
        Set<Long> names = names(key);
        return lists.stream()
                .filter(list -> names.stream().anyMatch(digest -> Arrays.binarySearch(list.digests, digest) >= 0))
                .map(list -> list.name)
                .findFirst();
    }

    /** Throws {@link IllegalArgumentException} with the line that is no key's. */
    public static ListedKeys read(String name, byte[] file) {
        return new ListedKeys(name, binary(file) ? records(file) : lines(file));
    }

    public String name() {
        return name;
    }

    public int size() {
        return digests.length;
    }

    private static boolean binary(byte[] file) {
        int seen = Math.min(file.length, 4_096);
        for (int i = 0; i < seen; i++) {
            if (file[i] < 0x09) {
                return file.length % RECORD == 0;
            }
        }
        return false;
    }

    private static long[] records(byte[] file) {
        ByteBuffer buffer = ByteBuffer.wrap(file);
        long[] digests = new long[file.length / RECORD];
        for (int i = 0; i < digests.length; i++) {
            digests[i] = buffer.getLong(i * RECORD);
        }
        Arrays.sort(digests);
        return digests;
    }

    private static long[] lines(byte[] file) {
        long[] digests = new long[1_024];
        int size = 0;
        int number = 0;
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new ByteArrayInputStream(file), StandardCharsets.ISO_8859_1))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                Matcher digest = DIGEST.matcher(line);
                if (digest.find()) {
                    if (size == digests.length) {
                        digests = Arrays.copyOf(digests, size * 2);
                    }
                    digests[size++] = first(HexFormat.of().parseHex(digest.group(1)));
                } else if (!line.isBlank() && !line.startsWith("#") && number > 1) {
                    throw new IllegalArgumentException("line " + number + " has no digest of 20, 30 or 64 hex digits");
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        if (size == 0) {
            throw new IllegalArgumentException("no key in it: a line has 20, 30 or 64 hex digits");
        }
        long[] sorted = Arrays.copyOf(digests, size);
        Arrays.sort(sorted);
        return sorted;
    }

    private static Set<Long> names(PublicKeyFacts key) {
        Set<Long> names = new LinkedHashSet<>();
        names.add(first(CertificateFacts.digest("SHA-256", key.spki())));
        BigInteger modulus = key.modulus();
        if (modulus != null) {
            String line = "Modulus=" + HexFormat.of().formatHex(octets(modulus)).toUpperCase(Locale.ROOT) + "\n";
            byte[] sha1 = CertificateFacts.digest("SHA-1", line.getBytes(StandardCharsets.US_ASCII));
            names.add(first(Arrays.copyOfRange(sha1, 10, 20)));
            names.add(first(CertificateFacts.digest("SHA-256", octets(modulus))));
        } else if (key.type().equals("ECDSA")) {
            byte[] point = key.key();
            int half = point.length > 1 && point[0] == 4 ? (point.length - 1) / 2 : point.length - 1;
            if (half > 0) {
                BigInteger x = new BigInteger(1, point, 1, half);
                names.add(first(CertificateFacts.digest("SHA-256", octets(x))));
            }
        } else {
            names.add(first(CertificateFacts.digest("SHA-256", octets(new BigInteger(1, key.key())))));
            names.add(first(CertificateFacts.digest("SHA-256", key.key())));
        }
        return names;
    }

    /** Without leading zeros. */
    private static byte[] octets(BigInteger number) {
        byte[] signed = number.toByteArray();
        return signed.length > 1 && signed[0] == 0 ? Arrays.copyOfRange(signed, 1, signed.length) : signed;
    }

    private static long first(byte[] digest) {
        return ByteBuffer.wrap(digest).getLong();
    }
}
