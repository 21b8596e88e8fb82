package io.tlsfleet.launcher.demo;

import java.util.Locale;

/** One line a server: its name and what it should be found as. docs/demo.md is the same table for readers. */
public enum DemoServer {
    GOOD("TLS 1.2 and 1.3, ECDSA P-256, whole chain: nothing to fix"),
    POST_QUANTUM_ONLY("TLS 1.3 with X25519MLKEM768 and no other group: nothing a current browser minds"),
    OLD_VERSIONS("TLS 1.0 and 1.1, nothing newer"),
    SSLV3_RC4("SSLv3 and TLS 1.2, RC4 in both"),
    WEAK_SUITES("TLS 1.2 with 3DES, NULL and anonymous suites beside a good one"),
    EXPIRED("a certificate that expired two weeks ago"),
    EXPIRING("a certificate that expires in five days"),
    WRONG_NAME("a certificate for another name"),
    SELF_SIGNED("a certificate that signed itself"),
    MISSING_INTERMEDIATE("the leaf alone; the intermediate can be fetched by AIA"),
    RSA1024_SHA1("a 1024-bit RSA key, signed with SHA-1"),
    STAPLED_GOOD("an OCSP staple that says good"),
    STAPLED_EXPIRED("an OCSP staple that ran out a week ago"),
    CLIENT_CERTIFICATE("a handshake that fails without a client certificate"),
    TARPIT("accepts connections and never says a word"),
    PLAIN_HTTP("HTTP without TLS");

    static final String DOMAIN = ".demo.tlsfleet.test";
    static final int PORT = 8443;

    private final String foundAs;

    DemoServer(String foundAs) {
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
        return network + (ordinal() + 1);
    }
}
