package io.tlsfleet.fleet.policy;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The name that OpenSSL (and so nginx, Apache, HAProxy, Postfix) uses for a suite of TLS 1.2 or older. */
public final class OpenSslNames {
    /** OpenSSL 1.0.2's names for the suites of SSL 2. */
    private static final Map<String, String> SSL2 = Map.of(
            "SSL_CK_RC4_128_WITH_MD5", "RC4-MD5",
            "SSL_CK_RC4_128_EXPORT40_WITH_MD5", "EXP-RC4-MD5",
            "SSL_CK_RC2_128_CBC_WITH_MD5", "RC2-CBC-MD5",
            "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", "EXP-RC2-CBC-MD5",
            "SSL_CK_IDEA_128_CBC_WITH_MD5", "IDEA-CBC-MD5",
            "SSL_CK_DES_64_CBC_WITH_MD5", "DES-CBC-MD5",
            "SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "DES-CBC3-MD5");

    private OpenSslNames() {}

    /** Null where OpenSSL has no such suite or no rule makes its name. */
    public static @Nullable String of(String iana) {
        String old = SSL2.get(iana);
        if (old != null) {
            return old;
        }
        int with = iana.indexOf("_WITH_");
        if (with < 0 || !iana.startsWith("TLS_")) {
            return null;
        }
        String exchange = exchange(iana.substring(4, with));
        String cipher = cipher(iana.substring(with + 6));
        return exchange == null || cipher == null ? null : exchange + cipher;
    }

    /** What OpenSSL 1.1.1 and newer has only when it was built for it, or has no more at all. */
    static boolean isLeftOut(String name) {
        return name.contains("RC4")
                || name.contains("DES-")
                || name.contains("RC2")
                || name.contains("IDEA")
                || name.contains("SEED")
                || name.startsWith("EXP")
                || name.startsWith("ECDH-")
                || name.startsWith("DH-");
    }

    private static @Nullable String exchange(String part) {
        return switch (part) {
            case "RSA" -> "";
            case "DHE_RSA" -> "DHE-RSA-";
            case "DHE_DSS" -> "DHE-DSS-";
            case "DH_RSA" -> "DH-RSA-";
            case "DH_DSS" -> "DH-DSS-";
            case "DH_anon" -> "ADH-";
            case "ECDHE_RSA" -> "ECDHE-RSA-";
            case "ECDHE_ECDSA" -> "ECDHE-ECDSA-";
            case "ECDH_RSA" -> "ECDH-RSA-";
            case "ECDH_ECDSA" -> "ECDH-ECDSA-";
            case "ECDH_anon" -> "AECDH-";
            case "PSK" -> "PSK-";
            case "DHE_PSK" -> "DHE-PSK-";
            case "RSA_PSK" -> "RSA-PSK-";
            case "ECDHE_PSK" -> "ECDHE-PSK-";
            case "SRP_SHA" -> "SRP-";
            case "SRP_SHA_RSA" -> "SRP-RSA-";
            case "SRP_SHA_DSS" -> "SRP-DSS-";
            case "RSA_EXPORT" -> "EXP-";
            case "DHE_RSA_EXPORT" -> "EXP-EDH-RSA-";
            case "DHE_DSS_EXPORT" -> "EXP-EDH-DSS-";
            case "DH_anon_EXPORT" -> "EXP-ADH-";
            case "RSA_EXPORT1024" -> "EXP1024-";
            default -> null;
        };
    }

    private static @Nullable String cipher(String part) {
        return switch (part) {
            case "3DES_EDE_CBC_SHA" -> "DES-CBC3-SHA";
            case "DES_CBC_SHA", "DES40_CBC_SHA" -> "DES-CBC-SHA";
            case "RC2_CBC_40_MD5" -> "RC2-CBC-MD5";
            case "RC4_40_MD5", "RC4_128_MD5" -> "RC4-MD5";
            case "RC4_128_SHA", "RC4_56_SHA" -> "RC4-SHA";
            case "IDEA_CBC_SHA" -> "IDEA-CBC-SHA";
            case "SEED_CBC_SHA" -> "SEED-SHA";
            case "CHACHA20_POLY1305_SHA256" -> "CHACHA20-POLY1305";
            case "NULL_MD5", "NULL_SHA", "NULL_SHA256", "NULL_SHA384" -> part.replace('_', '-');
            default -> block(part);
        };
    }

    /** {@code AES_128_GCM_SHA256} is {@code AES128-GCM-SHA256}, {@code AES_128_CBC_SHA} is {@code AES128-SHA}. */
    private static @Nullable String block(String part) {
        for (String name : new String[] {"AES", "CAMELLIA", "ARIA"}) {
            for (String bits : new String[] {"128", "256"}) {
                String start = name + "_" + bits + "_";
                if (part.startsWith(start)) {
                    String mode = part.substring(start.length());
                    String tail = mode.startsWith("CBC_") ? mode.substring(4) : mode;
                    if (mode.startsWith("CCM_8")) {
                        tail = "CCM8";
                    } else if (mode.startsWith("CCM")) {
                        tail = "CCM";
                    }
                    return name + bits + "-" + tail.replace('_', '-');
                }
            }
        }
        return null;
    }
}
