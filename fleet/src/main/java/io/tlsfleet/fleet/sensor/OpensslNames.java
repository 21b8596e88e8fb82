package io.tlsfleet.fleet.sensor;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The code points behind lists as OpenSSL's programs log them: nginx writes names with colons between ({@code
 * ECDHE-RSA-AES128-GCM-SHA256:0x00ff}), HAProxy the bytes of the hello in hex. IANA's names are understood too.
 */
final class OpensslNames {
    private static final Pattern BYTES = Pattern.compile("(?:[0-9A-Fa-f]{4})+");
    private static final Pattern NUMBER = Pattern.compile("0x([0-9A-Fa-f]{1,4})");
    private static final Pattern IANA = Pattern.compile("TLS_(\\w+)_WITH_(\\w+)");
    private static final Map<String, Integer> SUITES = suiteNames();
    private static final Map<String, Integer> GROUPS = groupNames();

    private OpensslNames() {}

    /** A name that nobody knows is left out. */
    static List<Integer> suites(String list) {
        return codes(list, SUITES);
    }

    static List<Integer> groups(String list) {
        return codes(list, GROUPS);
    }

    private static List<Integer> codes(String list, Map<String, Integer> names) {
        if (BYTES.matcher(list).matches()) {
            return java.util.stream.IntStream.range(0, list.length() / 4)
                    .mapToObj(i -> Integer.valueOf(list.substring(4 * i, 4 * i + 4), 16))
                    .toList();
        }
        return Arrays.stream(list.split(":"))
                .map(word -> code(word, names))
                .filter(Objects::nonNull)
                .toList();
    }

    private static @Nullable Integer code(String word, Map<String, Integer> names) {
        Matcher number = NUMBER.matcher(word);
        return number.matches() ? Integer.valueOf(number.group(1), 16) : names.get(word);
    }

    private static Map<String, Integer> suiteNames() {
        Map<String, Integer> names = new HashMap<>();
        for (CipherSuite suite : CipherSuite.all()) {
            names.put(suite.name(), suite.code());
            names.putIfAbsent(openssl(suite.name()), suite.code());
        }
        return names;
    }

    /** As {@code openssl ciphers -stdname} pairs them. */
    static String openssl(String iana) {
        Matcher parts = IANA.matcher(iana);
        if (!parts.matches()) {
            return iana;
        }
        String exchange = parts.group(1).replace("PSK_DHE", "DHE_PSK");
        boolean psk = exchange.endsWith("PSK");
        String cipher = parts.group(2)
                .replaceFirst("^(AES|CAMELLIA|ARIA)_(\\d+)_", "$1$2_")
                .replaceFirst("^3DES_EDE_CBC", psk ? "3DES_EDE_CBC" : "DES_CBC3")
                .replaceFirst("^CHACHA20_POLY1305_SHA256$", "CHACHA20_POLY1305")
                .replaceFirst("_CCM_8$", "_CCM8");
        if (exchange.startsWith("SRP")) {
            exchange = exchange.replaceFirst("SRP_SHA", "SRP");
            cipher = cipher.replaceFirst("^AES(\\d+)", "AES_$1");
        } else if (!psk || cipher.startsWith("CAMELLIA")) {
            cipher = cipher.replaceFirst("^(AES\\d+|CAMELLIA\\d+|SEED)_CBC", "$1");
        }
        if (cipher.startsWith("ARIA") && exchange.equals("ECDHE_RSA")) {
            exchange = "ECDHE";
        }
        exchange = exchange.replace("ECDH_anon", "AECDH").replace("DH_anon", "ADH");
        return (exchange.equals("RSA") ? cipher : exchange + "_" + cipher).replace('_', '-');
    }

    private static Map<String, Integer> groupNames() {
        Map<String, Integer> names = new HashMap<>();
        for (NamedGroup group : NamedGroup.all()) {
            names.put(group.name(), group.code());
            names.put(group.name().toUpperCase(java.util.Locale.ROOT), group.code());
        }
        names.put("prime256v1", 0x0017);
        names.put("P-256", 0x0017);
        names.put("P-384", 0x0018);
        names.put("P-521", 0x0019);
        return names;
    }
}
