package io.tlsfleet.tls.fingerprint;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * JARM (Althouse, Smart, Nunnally, Brady; salesforce/jarm): ten ClientHellos of odd shapes, and a hash of what the
 * server chose for each. Thirty characters are suite and version of the ten answers, thirty-two a SHA-256 over their
 * ALPN and extension types. One connection an answer; only the first read, of at most {@value #READ_LIMIT} bytes, counts.
 */
public final class Jarm {
    /** The answer of a server that said nothing useful. */
    public static final String NO_ANSWER = "|||";

    public static final int READ_LIMIT = 1484;

    /** Sixty-two zeros: the server answered none of the ten, or one of them timed out. */
    public static final String ZERO = "0".repeat(62);

    private static final List<Integer> SUITES =
            codes("0016 0033 0067 c09e c0a2 009e 0039 006b c09f c0a3 009f 0045 00be "
                    + "0088 00c4 009a c008 c009 c023 c0ac c0ae c02b c00a c024 c0ad c0af c02c c072 c073 cca9 1302 1301 cc14 c007 c012 "
                    + "c013 c027 c02f c014 c028 c030 c060 c061 c076 c077 cca8 1305 1304 1303 cc13 c011 000a 002f 003c c09c c0a0 009c "
                    + "0035 003d c09d c0a1 009d 0041 00ba 0084 00c0 0007 0004 0005");
    /** A suite's place in this list, from 1, is its number in the hash: ascending, TLS 1.3's last. */
    private static final List<Integer> NUMBERED = SUITES.stream()
            .sorted((a, b) -> Integer.compare(isTls13(a) ? a + 0x10000 : a, isTls13(b) ? b + 0x10000 : b))
            .toList();

    private static final List<String> ALPN =
            List.of("http/0.9", "http/1.0", "http/1.1", "spdy/1", "spdy/2", "spdy/3", "h2", "h2c", "hq");
    private static final List<String> RARE_ALPN =
            List.of("http/0.9", "http/1.0", "spdy/1", "spdy/2", "spdy/3", "h2c", "hq");
    private static final List<Integer> GROUPS = codes("001d 0017 0018 0019");
    private static final List<Integer> SCHEMES = codes("0403 0804 0401 0503 0805 0501 0806 0601 0201");
    private static final int GREASE = 0x5A5A;
    private static final int X25519 = 0x001D;

    private enum Order {
        FORWARD,
        REVERSE,
        TOP_HALF,
        BOTTOM_HALF,
        MIDDLE_OUT
    }

    /** {@code supported}: the highest of supported_versions, null where the extension is left out. */
    private record Shape(
            ProtocolVersion version,
            boolean tls13Suites,
            Order suites,
            boolean grease,
            List<String> alpn,
            @org.jspecify.annotations.Nullable ProtocolVersion supported,
            boolean reversed) {}

    private static final List<Shape> SHAPES = List.of(
            new Shape(ProtocolVersion.TLS_1_2, true, Order.FORWARD, false, ALPN, ProtocolVersion.TLS_1_2, true),
            new Shape(ProtocolVersion.TLS_1_2, true, Order.REVERSE, false, ALPN, ProtocolVersion.TLS_1_2, false),
            new Shape(ProtocolVersion.TLS_1_2, true, Order.TOP_HALF, false, ALPN, null, false),
            new Shape(ProtocolVersion.TLS_1_2, true, Order.BOTTOM_HALF, false, RARE_ALPN, null, false),
            new Shape(ProtocolVersion.TLS_1_2, true, Order.MIDDLE_OUT, true, RARE_ALPN, null, true),
            new Shape(ProtocolVersion.TLS_1_1, true, Order.FORWARD, false, ALPN, null, false),
            new Shape(ProtocolVersion.TLS_1_3, true, Order.FORWARD, false, ALPN, ProtocolVersion.TLS_1_3, true),
            new Shape(ProtocolVersion.TLS_1_3, true, Order.REVERSE, false, ALPN, ProtocolVersion.TLS_1_3, false),
            new Shape(ProtocolVersion.TLS_1_3, false, Order.FORWARD, false, ALPN, ProtocolVersion.TLS_1_3, false),
            new Shape(ProtocolVersion.TLS_1_3, true, Order.MIDDLE_OUT, true, ALPN, ProtocolVersion.TLS_1_3, true));

    private Jarm() {}

    /**
     * The ten hellos as records, in the order of the hash. The name is always sent, an address too: so does the
     * reference. {@code random}, 32 bytes, serves as random, session id and key share.
     */
    public static List<byte[]> hellos(String name, byte[] random) {
        return SHAPES.stream().map(shape -> hello(shape, name, random)).toList();
    }

    /** What one answer says: {@code cipher|version|alpn|ext-ext}; {@link #NO_ANSWER} for anything but a ServerHello. */
    public static String raw(byte[] answer) {
        return JarmAnswer.read(answer);
    }

    /** The hash of ten raw answers. */
    public static String hash(List<String> raws) {
        if (raws.size() != SHAPES.size()) {
            throw new IllegalArgumentException("JARM wants " + SHAPES.size() + " answers, not " + raws.size());
        }
        if (raws.stream().allMatch(NO_ANSWER::equals)) {
            return ZERO;
        }
        StringBuilder fuzzy = new StringBuilder();
        StringBuilder rest = new StringBuilder();
        for (String raw : raws) {
            String[] parts = raw.split("\\|", -1);
            fuzzy.append(suite(parts[0])).append(version(parts[1]));
            rest.append(parts[2]).append(parts[3]);
        }
        return fuzzy + sha256(rest.toString()).substring(0, 32);
    }

    /** A suite's number in two hex digits; one past the list for a suite that was not offered. */
    private static String suite(String hex) {
        if (hex.isEmpty()) {
            return "00";
        }
        int at = NUMBERED.indexOf(Integer.parseInt(hex, 16));
        return "%02x".formatted(at < 0 ? NUMBERED.size() + 1 : at + 1);
    }

    private static String version(String hex) {
        return hex.isEmpty() ? "0" : String.valueOf((char) ('a' + Character.digit(hex.charAt(3), 16) % 6));
    }

    private static byte[] hello(Shape shape, String name, byte[] random) {
        List<Integer> suites = new ArrayList<>(ordered(
                SUITES.stream().filter(s -> shape.tls13Suites || !isTls13(s)).toList(), shape.suites));
        List<Extension> extensions = new ArrayList<>();
        if (shape.grease) {
            suites.addFirst(GREASE);
            extensions.add(Extensions.empty(GREASE));
        }
        extensions.add(Extensions.serverName(name));
        extensions.add(Extensions.empty(Extensions.EXTENDED_MASTER_SECRET));
        extensions.add(new Extension(Extensions.MAX_FRAGMENT_LENGTH, new byte[] {1}));
        extensions.add(Extensions.renegotiationInfo());
        extensions.add(u16List(Extensions.SUPPORTED_GROUPS, GROUPS));
        extensions.add(new Extension(Extensions.EC_POINT_FORMATS, new byte[] {1, 0}));
        extensions.add(Extensions.empty(Extensions.SESSION_TICKET));
        extensions.add(Extensions.alpn(shape.reversed ? shape.alpn.reversed() : shape.alpn));
        extensions.add(u16List(Extensions.SIGNATURE_ALGORITHMS, SCHEMES));
        extensions.add(keyShare(shape.grease, random));
        extensions.add(Extensions.pskKeyExchangeModes());
        if (shape.supported != null) {
            extensions.add(supportedVersions(shape.supported, shape.reversed, shape.grease));
        }
        boolean tls13 = shape.version.equals(ProtocolVersion.TLS_1_3);
        ClientHello hello = new ClientHello(
                tls13 ? ProtocolVersion.TLS_1_2 : shape.version,
                random,
                random,
                suites.stream().map(CipherSuite::new).toList(),
                new byte[] {0},
                extensions);
        int outer = tls13 ? ProtocolVersion.TLS_1_0.code() : shape.version.code();
        return new TlsRecord(TlsRecord.HANDSHAKE, outer, hello.encode().encode()).encode();
    }

    private static Extension keyShare(boolean grease, byte[] random) {
        return new Extension(
                Extensions.KEY_SHARE,
                ByteWriter.write(w -> w.vec16(list -> {
                    if (grease) {
                        list.u16(GREASE).vec16(new byte[] {0});
                    }
                    list.u16(X25519).vec16(random);
                })));
    }

    private static Extension supportedVersions(ProtocolVersion highest, boolean reversed, boolean grease) {
        List<ProtocolVersion> versions = ProtocolVersion.ALL.stream()
                .filter(v -> v.compareTo(ProtocolVersion.TLS_1_0) >= 0 && v.compareTo(highest) <= 0)
                .collect(Collectors.toCollection(ArrayList::new));
        if (reversed) {
            Collections.reverse(versions);
        }
        if (grease) {
            versions.addFirst(new ProtocolVersion(GREASE));
        }
        return Extensions.supportedVersions(versions);
    }

    private static List<Integer> ordered(List<Integer> suites, Order order) {
        int middle = suites.size() / 2;
        return switch (order) {
            case FORWARD -> suites;
            case REVERSE -> suites.reversed();
            case TOP_HALF -> suites.subList(0, middle + 1).reversed();
            case BOTTOM_HALF -> suites.subList(middle + 1, suites.size());
            case MIDDLE_OUT -> {
                List<Integer> outwards = new ArrayList<>(List.of(suites.get(middle)));
                for (int i = 1; i <= middle; i++) {
                    outwards.add(suites.get(middle + i));
                    outwards.add(suites.get(middle - i));
                }
                yield outwards;
            }
        };
    }

    private static Extension u16List(int type, List<Integer> values) {
        return new Extension(type, ByteWriter.write(w -> w.vec16(list -> values.forEach(list::u16))));
    }

    private static boolean isTls13(int suite) {
        return suite >>> 8 == 0x13;
    }

    private static List<Integer> codes(String hex) {
        return java.util.Arrays.stream(hex.split(" "))
                .map(s -> Integer.parseInt(s, 16))
                .toList();
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
