package io.tlsfleet.tls.registry;

import java.util.Locale;
import java.util.Set;

/**
 * What a cipher suite's name says of it (RFC 5246 appendix C: {@code TLS_kx_auth_WITH_cipher_mac}; RFC 8446 appendix
 * B.4: cipher and hash alone). A number without a name has {@link KeyExchange#UNKNOWN} and strength -1.
 *
 * @param cipher the bulk cipher as the name spells it: {@code AES_128_GCM}, {@code 3DES_EDE_CBC}, {@code NULL}
 * @param hash the name's last part: {@code SHA256}, or {@code SHA}, {@code MD5}; empty where the name has none
 * @param strengthBits what breaking the cipher costs: 112 for three-key 3DES (NIST SP 800-57), 40 for export, 0 for NULL
 * @param blockBits 0 for a stream cipher
 */
public record SuiteFacts(
        KeyExchange keyExchange,
        Authentication authentication,
        String cipher,
        String hash,
        Mode mode,
        int strengthBits,
        int blockBits,
        boolean isExport) {

    public enum KeyExchange {
        /** TLS 1.3: the suite does not say; always forward secret with a key share. */
        ANY,
        RSA,
        DH,
        DHE,
        ECDH,
        ECDHE,
        PSK,
        DHE_PSK,
        ECDHE_PSK,
        RSA_PSK,
        SRP,
        ECCPWD,
        CECPQ1,
        KRB5,
        GOST,
        SM2,
        FORTEZZA,
        NONE,
        UNKNOWN
    }

    public enum Authentication {
        /** TLS 1.3: the certificate decides, not the suite. */
        ANY,
        RSA,
        ECDSA,
        DSS,
        PSK,
        SRP,
        KRB5,
        GOST,
        SM2,
        PASSWORD,
        FORTEZZA,
        ANONYMOUS,
        UNKNOWN
    }

    public enum Mode {
        AEAD,
        CBC,
        STREAM,
        NONE,
        UNKNOWN
    }

    private static final Set<KeyExchange> FORWARD_SECRET = Set.of(
            KeyExchange.ANY,
            KeyExchange.DHE,
            KeyExchange.ECDHE,
            KeyExchange.DHE_PSK,
            KeyExchange.ECDHE_PSK,
            KeyExchange.SRP,
            KeyExchange.ECCPWD,
            KeyExchange.CECPQ1);

    public boolean isForwardSecret() {
        return FORWARD_SECRET.contains(keyExchange);
    }

    public boolean isTls13() {
        return keyExchange == KeyExchange.ANY;
    }

    public boolean isAnonymous() {
        return authentication == Authentication.ANONYMOUS;
    }

    /** The server signs with or decrypts by a certificate's key. */
    public boolean usesCertificate() {
        return switch (authentication) {
            case ANY, RSA, ECDSA, DSS, GOST, SM2, FORTEZZA -> true;
            case PSK, SRP, KRB5, PASSWORD, ANONYMOUS, UNKNOWN -> keyExchange == KeyExchange.RSA_PSK;
        };
    }

    /** The server chooses a finite-field group for it. */
    public boolean usesFiniteFieldGroup() {
        return keyExchange == KeyExchange.DHE || keyExchange == KeyExchange.DHE_PSK;
    }

    /** The server chooses a curve (before TLS 1.3) for it. */
    public boolean usesCurve() {
        return keyExchange == KeyExchange.ECDHE || keyExchange == KeyExchange.ECDHE_PSK;
    }

    /** {@code RC4}, {@code AES}, {@code 3DES}, {@code CHACHA20}, … : the cipher without size and mode. */
    public String family() {
        String name = cipher.startsWith("ESTREAM_") ? cipher.substring("ESTREAM_".length()) : cipher;
        int end = name.indexOf('_');
        String first = end < 0 ? name : name.substring(0, end);
        if (first.equals("DES40")) {
            return "DES";
        }
        return cipher.startsWith("DES_192_EDE3") ? "3DES" : first;
    }

    static SuiteFacts of(CipherSuite suite) {
        String name = suite.name();
        if (name.startsWith("0x") || name.endsWith("_SCSV")) {
            return new SuiteFacts(
                    KeyExchange.UNKNOWN, Authentication.UNKNOWN, "UNKNOWN", "", Mode.UNKNOWN, -1, 0, false);
        }
        String bare = name.endsWith("_OLD") ? name.substring(0, name.length() - "_OLD".length()) : name;
        if (bare.startsWith("SSL_CK_")) {
            return sslv2(bare.substring("SSL_CK_".length()));
        }
        String rest = bare.substring(bare.indexOf('_') + 1);
        int with = rest.indexOf("_WITH_");
        if (with >= 0) {
            return of(rest.substring(0, with), rest.substring(with + "_WITH_".length()));
        }
        int shangMi = rest.indexOf("_SM4_");
        if (shangMi > 0) {
            String left = rest.substring(0, shangMi);
            return of(left.equals("RSA") ? "RSA" : left + "_SM2", rest.substring(shangMi + 1));
        }
        return of("", rest);
    }

    private static SuiteFacts of(String keyExchangeAndAuthentication, String cipherAndHash) {
        String left = keyExchangeAndAuthentication.replace("_FIPS", "");
        boolean export = left.contains("EXPORT");
        left = left.replace("_EXPORT1024", "").replace("_EXPORT", "");
        String right = cipherAndHash.replaceAll("_[LS2]$", "");
        int last = right.lastIndexOf('_');
        String tail = last < 0 ? "" : right.substring(last + 1);
        boolean hashed = tail.startsWith("SHA") || HASHES.contains(tail);
        String cipher = hashed ? right.substring(0, last) : right;
        if (cipher.matches("SHA\\d+")) {
            cipher = "NULL";
        }
        Mode mode = mode(cipher);
        return new SuiteFacts(
                keyExchange(left),
                authentication(left),
                cipher,
                hashed ? tail : mode == Mode.AEAD && !cipher.contains("MGM") ? "SHA256" : "",
                mode,
                strength(cipher),
                block(cipher),
                export);
    }

    private static SuiteFacts sslv2(String name) {
        int with = name.indexOf("_WITH_");
        String cipher = with < 0 ? name : name.substring(0, with);
        boolean export = cipher.contains("EXPORT40");
        int strength = export
                ? 40
                : cipher.startsWith("DES_192")
                        ? 112
                        : cipher.startsWith("DES_64") ? 56 : cipher.equals("RC4_64") ? 64 : strength(cipher);
        return new SuiteFacts(
                KeyExchange.RSA,
                Authentication.RSA,
                cipher,
                name.contains("_SHA") ? "SHA" : "MD5",
                cipher.equals("NULL") ? Mode.NONE : cipher.startsWith("RC4") ? Mode.STREAM : Mode.CBC,
                strength,
                cipher.startsWith("RC4") || cipher.equals("NULL") ? 0 : 64,
                export);
    }

    private static KeyExchange keyExchange(String left) {
        if (left.isEmpty()) {
            return KeyExchange.ANY;
        }
        return switch (left) {
            case "RSA" -> KeyExchange.RSA;
            case "PSK" -> KeyExchange.PSK;
            case "DHE_PSK", "PSK_DHE" -> KeyExchange.DHE_PSK;
            case "ECDHE_PSK" -> KeyExchange.ECDHE_PSK;
            case "RSA_PSK" -> KeyExchange.RSA_PSK;
            case "DH_anon" -> KeyExchange.DHE;
            case "ECDH_anon" -> KeyExchange.ECDHE;
            case "KRB5" -> KeyExchange.KRB5;
            case "ECCPWD" -> KeyExchange.ECCPWD;
            case "NULL" -> KeyExchange.NONE;
            case "FORTEZZA_KEA" -> KeyExchange.FORTEZZA;
            case "ECC_SM2", "IBC_SM2" -> KeyExchange.SM2;
            case "ECDHE_SM2", "IBSDH_SM2" -> KeyExchange.ECDHE;
            default -> {
                for (KeyExchange candidate : BY_PREFIX) {
                    if (left.startsWith(candidate.name() + "_")) {
                        yield candidate;
                    }
                }
                yield left.startsWith("GOST") ? KeyExchange.GOST : KeyExchange.UNKNOWN;
            }
        };
    }

    private static Authentication authentication(String left) {
        if (left.isEmpty()) {
            return Authentication.ANY;
        }
        if (left.equals("RSA") || left.endsWith("_RSA")) {
            return Authentication.RSA;
        }
        int last = left.lastIndexOf('_');
        return switch (left.substring(last + 1).toUpperCase(Locale.ROOT)) {
            case "ECDSA" -> Authentication.ECDSA;
            case "DSS" -> Authentication.DSS;
            case "ANON", "NULL" -> Authentication.ANONYMOUS;
            case "PSK" -> Authentication.PSK;
            case "DHE" -> left.startsWith("PSK") ? Authentication.PSK : Authentication.UNKNOWN;
            case "SHA" -> Authentication.SRP;
            case "KRB5" -> Authentication.KRB5;
            case "ECCPWD" -> Authentication.PASSWORD;
            case "KEA" -> Authentication.FORTEZZA;
            case "SM2" -> Authentication.SM2;
            default -> left.startsWith("GOST") ? Authentication.GOST : Authentication.UNKNOWN;
        };
    }

    private static Mode mode(String cipher) {
        if (cipher.equals("NULL")) {
            return Mode.NONE;
        }
        if (cipher.contains("GCM")
                || cipher.contains("CCM")
                || cipher.contains("POLY1305")
                || cipher.startsWith("AEGIS")
                || cipher.contains("MGM")) {
            return Mode.AEAD;
        }
        return cipher.contains("CBC") ? Mode.CBC : Mode.STREAM;
    }

    private static int strength(String cipher) {
        if (cipher.equals("NULL")) {
            return 0;
        }
        if (cipher.startsWith("3DES")) {
            return 112;
        }
        if (cipher.startsWith("DES40") || cipher.endsWith("_40")) {
            return 40;
        }
        if (cipher.startsWith("DES") || cipher.endsWith("_56")) {
            return 56;
        }
        if (cipher.startsWith("FORTEZZA")) {
            return 80;
        }
        return cipher.contains("256")
                        || cipher.startsWith("CHACHA20")
                        || cipher.contains("SALSA20")
                        || cipher.startsWith("28147")
                        || cipher.startsWith("KUZNYECHIK")
                        || cipher.startsWith("MAGMA")
                ? 256
                : 128;
    }

    private static int block(String cipher) {
        if (cipher.startsWith("3DES")
                || cipher.startsWith("DES")
                || cipher.startsWith("RC2")
                || cipher.startsWith("IDEA")
                || cipher.startsWith("MAGMA")
                || cipher.startsWith("28147")
                || cipher.startsWith("FORTEZZA")) {
            return 64;
        }
        return cipher.equals("NULL")
                        || cipher.startsWith("RC4")
                        || cipher.startsWith("CHACHA20")
                        || cipher.contains("SALSA20")
                ? 0
                : 128;
    }

    private static final Set<String> HASHES = Set.of("MD5", "RMD", "SM3", "GOSTR3411", "IMIT", "OMAC");

    /** Longer names first. */
    private static final KeyExchange[] BY_PREFIX = {
        KeyExchange.ECDHE, KeyExchange.ECDH, KeyExchange.DHE, KeyExchange.DH, KeyExchange.SRP, KeyExchange.CECPQ1
    };
}
