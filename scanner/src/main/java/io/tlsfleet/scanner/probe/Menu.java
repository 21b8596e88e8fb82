package io.tlsfleet.scanner.probe;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import io.tlsfleet.tls.registry.SuiteFacts.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The lists that hellos are made of. Every code point of the registry is on one of them; the order puts first what today's
 * servers have, and ephemeral finite-field suites behind all others, because some servers hang up on them (see {@code
 * docs/decisions/engine-enumeration.md}).
 */
public final class Menu {
    /** wolfSSL protests against more than 150 suites in a hello. */
    public static final int MOST_OF_SSL3 = 150;

    /** Later than SSL 3.0 and on no server that speaks it. */
    private static final Pattern BESIDE_SSL3 = Pattern.compile("SALSA20|GOST|SM4|_RMD|ECC_|IBC_|IBSDH");

    private Menu() {}

    /** TLS 1.3: suites named by cipher and hash alone. */
    public static final List<CipherSuite> TLS13_SUITES =
            first(CipherSuite.all().stream().filter(s -> s.facts().isTls13()).toList(), 0x1301, 0x1302, 0x1303);

    /** Up to TLS 1.2: what nearly all servers choose from, at most 64. */
    private static final List<CipherSuite> COMMON = suites(
            0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC023, 0xC027, 0xC024, 0xC028, 0xC009, 0xC013, 0xC00A,
            0xC014, 0xC0AC, 0xC0AD, 0xC0AE, 0xC0AF, 0xC008, 0xC012, 0xC007, 0xC011, 0x009C, 0x009D, 0x003C, 0x003D,
            0x002F, 0x0035, 0x0041, 0x0084, 0xC09C, 0xC09D, 0xC0A0, 0xC0A1, 0x000A, 0x0096, 0x0005, 0x0004, 0x0009,
            0x0003, 0x0006, 0x0008, 0x003B, 0x0002, 0x0001, 0xC018, 0xC019, 0x008C, 0x009E, 0x009F, 0xCCAA, 0x0067,
            0x006B, 0x0033, 0x0039, 0x0045, 0x0088, 0xC09E, 0xC09F, 0x0016, 0x009A, 0x0015, 0x0034, 0x003A);

    /** The whole registry but TLS 1.3's and SSL 2.0's, common ones first, DHE last. */
    private static final List<CipherSuite> EVERYTHING = everything();

    public static final List<NamedGroup> TLS13_GROUPS = groups(
            0x11EC, 0x001D, 0x0017, 0x0018, 0x11EB, 0x11ED, 0x0019, 0x001E, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104,
            0x0200, 0x0201, 0x0202, 0x001F, 0x0020, 0x0021, 0x0029, 0x11EE, 0x6399, 0x639A, 0x001A, 0x001B, 0x001C,
            0x0022, 0x0023, 0x0024, 0x0025, 0x0026, 0x0027, 0x0028, 0x0016, 0x0015, 0x0014, 0x0013, 0x0012, 0x0011,
            0x0010, 0x000F, 0x000E, 0x000D, 0x000C, 0x000B, 0x000A, 0x0009, 0x0008, 0x0007, 0x0006, 0x0005, 0x0004,
            0x0003, 0x0002, 0x0001);

    /** RFC 8446 section 4.2.7: reserved for older versions, and not to be offered by a client of TLS 1.3 alone. */
    public static final List<NamedGroup> OLD_GROUPS = groups(
            0x001A, 0x001B, 0x001C, 0x0016, 0x0015, 0x0014, 0x0013, 0x0012, 0x0011, 0x0010, 0x000F, 0x000E, 0x000D,
            0x000C, 0x000B, 0x000A, 0x0009, 0x0008, 0x0007, 0x0006, 0x0005, 0x0004, 0x0003, 0x0002, 0x0001, 0xFF01,
            0xFF02);

    public static final List<NamedGroup> FINITE_FIELD_GROUPS = groups(0x0100, 0x0101, 0x0102, 0x0103, 0x0104);

    /** Curves for ECDHE up to TLS 1.2, then RFC 7919's groups. */
    public static final List<NamedGroup> TLS12_GROUPS = groups(
            0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x001A, 0x001B, 0x001C, 0x0016, 0x0029, 0x0022, 0x0023, 0x0024,
            0x0025, 0x0026, 0x0027, 0x0028, 0x0015, 0x0014, 0x0013, 0x0012, 0x0011, 0x0010, 0x000F, 0x000E, 0x000D,
            0x000C, 0x000B, 0x000A, 0x0009, 0x0008, 0x0007, 0x0006, 0x0005, 0x0004, 0x0003, 0x0002, 0x0001, 0xFF01,
            0xFF02, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104);

    /** Those of ECDHE alone. */
    public static final List<NamedGroup> CURVES =
            TLS12_GROUPS.stream().filter(g -> !FINITE_FIELD_GROUPS.contains(g)).toList();

    public static final List<SignatureScheme> RSA_SCHEMES =
            schemes(0x0804, 0x0401, 0x0805, 0x0501, 0x0806, 0x0601, 0x0809, 0x080A, 0x080B, 0x0301, 0x0201, 0x0101);
    /** Of a key that is for PSS alone (RFC 8446 section 4.2.3). */
    public static final List<SignatureScheme> PSS_SCHEMES = schemes(0x0809, 0x080A, 0x080B);

    public static final List<SignatureScheme> PLAIN_RSA_SCHEMES =
            RSA_SCHEMES.stream().filter(s -> !PSS_SCHEMES.contains(s)).toList();
    public static final List<SignatureScheme> ECDSA_SCHEMES =
            schemes(0x0403, 0x0503, 0x0603, 0x081A, 0x081B, 0x081C, 0x0303, 0x0203, 0x0103);
    public static final List<SignatureScheme> OTHER_SCHEMES = schemes(
            0x0807, 0x0808, 0x0904, 0x0905, 0x0906, 0x0708, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202, 0x0102, 0x0709,
            0x070A, 0x070B, 0x070C, 0x070D, 0x070E, 0x070F);

    /** What an up-to-date client sends: browsers of 2026. */
    public static final List<SignatureScheme> MODERN_SCHEMES =
            schemes(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0807, 0x0603);

    /** Those of RFC 8446 section 4.2.3 that sign TLS 1.3. */
    public static final List<SignatureScheme> TLS13_SCHEMES =
            schemes(0x0403, 0x0804, 0x0503, 0x0805, 0x0806, 0x0603, 0x0807, 0x0808, 0x0809, 0x080A, 0x080B);

    /** Those with MD5 or SHA-224, and DSA but with SHA-1 and SHA-256: for a server of TLS 1.2 that signs with nothing better. */
    public static final List<SignatureScheme> LAST_SCHEMES =
            schemes(0x0101, 0x0103, 0x0102, 0x0301, 0x0303, 0x0302, 0x0502, 0x0602);

    /**
     * Strong ones first, so that a server that follows the client signs with those; 32, for LibreSSL cannot read a hello with more.
     * The others are {@link #LAST_SCHEMES}.
     */
    public static final List<SignatureScheme> ALL_SCHEMES = allSchemes();

    public static final List<CipherSuite> MODERN_SUITES = suites(
            0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D,
            0x002F, 0x0035, 0x009E, 0x009F, 0xC009, 0xC00A, 0x0033, 0x0039);
    public static final List<NamedGroup> MODERN_GROUPS =
            groups(0x11EC, 0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x0100, 0x0101);
    /** What an agreement costs us, least first (see {@code docs/decisions/handshake-curves-by-bouncy-castle.md}). */
    public static final List<NamedGroup> CHEAP_SHARES = groups(0x001D, 0x0017, 0x11EC, 0x11EB, 0x0018, 0x001E, 0x0019);

    public static final List<NamedGroup> MODERN_SHARES = groups(0x11EC, 0x001D);

    /** Enough for most servers in a hello of less than 256 bytes. */
    public static final List<CipherSuite> SMALL_SUITES = suites(
            0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC009, 0xC013, 0xC00A, 0xC014, 0x009C, 0x009D, 0x002F,
            0x0035, 0x000A, 0x009E, 0x009F, 0x0033, 0x0039);

    public static final List<NamedGroup> SMALL_GROUPS = groups(0x001D, 0x0017, 0x0018, 0x0019, 0x0100);
    public static final List<SignatureScheme> SMALL_SCHEMES =
            schemes(0x0403, 0x0804, 0x0401, 0x0503, 0x0501, 0x0601, 0x0603, 0x0807, 0x0203, 0x0201);

    /** Application protocols that a web or mail server is asked for; others on the user's word. */
    public static final List<String> ALPN = List.of(
            "h2",
            "http/1.1",
            "http/1.0",
            "http/0.9",
            "spdy/3.1",
            "imap",
            "pop3",
            "managesieve",
            "ftp",
            "nntp",
            "xmpp-client",
            "xmpp-server",
            "irc",
            "mqtt",
            "postgresql",
            "tds/8.0",
            "dot",
            "grpc-exp",
            "stun.turn");

    /** What nobody speaks. */
    public static final String UNKNOWN_ALPN = "tlsfleet-unknown";

    /** What is asked for with one version, worked out once for all scans. */
    private record Course(List<CipherSuite> common, List<CipherSuite> everything, List<CipherSuite> withoutSrp) {
        static Course of(ProtocolVersion version) {
            List<CipherSuite> common =
                    COMMON.stream().filter(s -> isOf(s, version)).toList();
            Set<CipherSuite> ordered = new LinkedHashSet<>(common);
            ordered.addAll(EVERYTHING);
            return new Course(
                    common,
                    List.copyOf(ordered),
                    ordered.stream()
                            .filter(s -> s.facts().keyExchange() != KeyExchange.SRP)
                            .toList());
        }
    }

    private static final Map<ProtocolVersion, Course> COURSES =
            ProtocolVersion.ALL.stream().collect(Collectors.toUnmodifiableMap(v -> v, Course::of));

    private static final List<CipherSuite> OF_SSL3 = everything(ProtocolVersion.SSL_3).stream()
            .filter(s -> isOf(s, ProtocolVersion.SSL_3)
                    && !BESIDE_SSL3.matcher(s.name()).find())
            .limit(MOST_OF_SSL3)
            .toList();

    /** The first bundle for a version up to TLS 1.2. */
    public static List<CipherSuite> common(ProtocolVersion version) {
        return course(version).common;
    }

    /** What SSL 3.0 had or could have, common ones first; when it refuses them all there is no SSL 3.0. */
    public static List<CipherSuite> ofSsl3() {
        return OF_SSL3;
    }

    /** Every suite that a hello up to TLS 1.2 may name. */
    public static List<CipherSuite> everything(ProtocolVersion version) {
        return course(version).everything;
    }

    /** The same but for what a server that chooses it refuses for want of a user's name (RFC 5054 section 2.5.1.2). */
    public static List<CipherSuite> withoutSrp(ProtocolVersion version) {
        return course(version).withoutSrp;
    }

    private static Course course(ProtocolVersion version) {
        Course known = COURSES.get(version);
        return known == null ? Course.of(version) : known;
    }

    /** AEAD and SHA-2 suites came with TLS 1.2 (RFC 5246 section 1.2). */
    private static boolean isOf(CipherSuite suite, ProtocolVersion version) {
        SuiteFacts facts = suite.facts();
        return version.compareTo(ProtocolVersion.TLS_1_2) >= 0
                || facts.mode() != Mode.AEAD
                        && !facts.hash().startsWith("SHA2")
                        && !facts.hash().startsWith("SHA3");
    }

    private static List<CipherSuite> everything() {
        Set<CipherSuite> ordered = new LinkedHashSet<>(COMMON);
        List<CipherSuite> finiteField = new ArrayList<>();
        for (CipherSuite suite : CipherSuite.all()) {
            SuiteFacts facts = suite.facts();
            if (suite.code() > 0xFFFF || facts.isTls13() || facts.keyExchange() == KeyExchange.UNKNOWN) {
                continue;
            }
            if (facts.usesFiniteFieldGroup()) {
                finiteField.add(suite);
            } else {
                ordered.add(suite);
            }
        }
        ordered.addAll(finiteField);
        return List.copyOf(ordered);
    }

    private static List<SignatureScheme> allSchemes() {
        Set<SignatureScheme> ordered = new LinkedHashSet<>(MODERN_SCHEMES);
        Stream.of(ECDSA_SCHEMES, RSA_SCHEMES, OTHER_SCHEMES).forEach(ordered::addAll);
        LAST_SCHEMES.forEach(ordered::remove);
        return List.copyOf(ordered);
    }

    private static List<CipherSuite> first(List<CipherSuite> all, int... codes) {
        Set<CipherSuite> ordered = new LinkedHashSet<>(suites(codes));
        ordered.addAll(all);
        return List.copyOf(ordered);
    }

    private static List<CipherSuite> suites(int... codes) {
        return Arrays.stream(codes).mapToObj(CipherSuite::new).toList();
    }

    private static List<NamedGroup> groups(int... codes) {
        return Arrays.stream(codes).mapToObj(NamedGroup::new).toList();
    }

    private static List<SignatureScheme> schemes(int... codes) {
        return Arrays.stream(codes).mapToObj(SignatureScheme::new).toList();
    }
}
