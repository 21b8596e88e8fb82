package io.tlsfleet.tls.fingerprint;

/** Words that JA4 and its kin share. */
public final class Ja4Text {
    private Ja4Text() {}

    /** Two characters for a version number; {@code 00} for one that JA4 does not know. */
    public static String version(int code) {
        return switch (code) {
            case 0x0304 -> "13";
            case 0x0303 -> "12";
            case 0x0302 -> "11";
            case 0x0301 -> "10";
            case 0x0300 -> "s3";
            case 0x0002 -> "s2";
            case 0xFEFF -> "d1";
            case 0xFEFD -> "d2";
            case 0xFEFC -> "d3";
            default -> "00";
        };
    }
}
