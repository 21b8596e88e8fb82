package io.tlsfleet.launcher.demo;

import java.util.Locale;

/** One line a server: its name and what it should be found as. docs/demo.md is the same table for readers. */
public enum DemoServer {
    GOOD(1, "TLS 1.2 and 1.3, ECDSA P-256, whole chain: nothing to fix"),
    POST_QUANTUM_ONLY(2, "TLS 1.3 with X25519MLKEM768 and no other group: nothing a current browser minds"),
    OLD_VERSIONS(3, "TLS 1.0 and 1.1, nothing newer"),
    SSLV3_RC4(4, "SSLv3 and TLS 1.2, RC4 in both"),
    WEAK_SUITES(5, "TLS 1.2 with 3DES, NULL and anonymous suites beside a good one"),
    EXPIRED(6, "a certificate that expired two weeks ago"),
    EXPIRING(7, "a certificate that expires in five days"),
    WRONG_NAME(8, "a certificate for another name"),
    SELF_SIGNED(9, "a certificate that signed itself"),
    MISSING_INTERMEDIATE(10, "the leaf alone; the intermediate can be fetched by AIA"),
    RSA1024_SHA1(11, "a 1024-bit RSA key, signed with SHA-1"),
    STAPLED_GOOD(12, "an OCSP staple that says good"),
    STAPLED_EXPIRED(13, "an OCSP staple that ran out a week ago"),
    CLIENT_CERTIFICATE(14, "a handshake that fails without a client certificate"),
    TARPIT(15, "accepts connections and never says a word"),
    PLAIN_HTTP(16, "HTTP without TLS");

    static final String DOMAIN = ".demo.tlsfleet.test";
    static final int PORT = 8443;

    private final int number;
    private final String foundAs;

    DemoServer(int number, String foundAs) {
        this.number = number;
        this.foundAs = foundAs;
    }

    /** As on the command line: {@code old-versions}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String host() {
        return word() + DOMAIN;
    }

    public String foundAs() {
        return foundAs;
    }

    /** One address each, so that one port serves all and budgets per address do not add up. */
    String address(String network) {
        return network + number;
    }
}
