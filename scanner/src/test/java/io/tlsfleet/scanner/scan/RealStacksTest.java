package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.scanner.scan.StackTable.Says;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every stack that Debian or Maven has, each configured in several ways: what its configuration says against what a scan says. */
class RealStacksTest {
    private static final String GCM128 = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    private static final String GCM256 = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    private static final String CHACHA = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
    private static final String EC_GCM128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    private static final String RSA_CBC128 = "TLS_RSA_WITH_AES_128_CBC_SHA";
    private static final String[] ALL_13 = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
    };

    /** So many facts are right today; fewer is a step back. */
    private static final int FLOOR = 290;

    @TempDir
    static Path directory;

    private static Rig rig;
    private static StackPrograms stacks;
    private static final StackTable TABLE = new StackTable();

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        stacks = new StackPrograms(directory);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void nothingIsWrong() throws IOException {
        List<Stack> stacks = List.of(
                RealStacksTest::nginx,
                RealStacksTest::haproxy,
                RealStacksTest::openssl,
                RealStacksTest::gnutls,
                RealStacksTest::nss,
                RealStacksTest::lighttpd,
                RealStacksTest::caddy,
                RealStacksTest::dovecot,
                RealStacksTest::javaLibraries);
        List<String> notStarted = new ArrayList<>();
        for (Stack stack : stacks) {
            try {
                stack.scan();
            } catch (IllegalStateException | UncheckedIOException e) {
                notStarted.add(String.valueOf(e.getMessage()));
            }
        }
        System.out.println(TABLE.text());
        assertThat(notStarted).isEmpty();
        assertThat(TABLE.wrongs()).isEmpty();
        assertThat(TABLE.right()).isGreaterThanOrEqualTo(FLOOR);
    }

    /** It breaks off every hello that asks for a staple, and says in a HelloRetryRequest without a group that it has none. */
    @Test
    @SuppressWarnings("NullAway") // a part that is missing here is a failed test
    void knowsTls13OfWolfSslAndThatNothingIsKnownOfItsStaple() throws IOException {
        try (PeerProcess lighttpd = stacks.lighttpd("wolfssl", "\"MaxProtocol\" => \"TLSv1.3\"")) {
            Observation seen = rig.scan(lighttpd.port(), Depth.FULL);
            assertThat(seen.negotiated().protocol()).isEqualTo("TLSv1.3");
            assertThat(Rig.suites(seen, "TLSv1.3")).contains(ALL_13);
            assertThat(Rig.groups(seen, "TLSv1.3")).contains("x25519", "secp256r1", "secp384r1");
            assertThat(seen.features()).containsEntry("extendedMasterSecret", FactState.ACCEPTED);
            assertThat(seen.coverage())
                    .extracting(Observation.Coverage::fact)
                    .contains("/certificates/0/ocspStaple", "/features/statusRequestV2")
                    .doesNotContain("/groups/TLSv1.2", "/groups/TLSv1.3", "/negotiated", "/protocols/TLSv1.3");
        }
    }

    /** It asks for a certificate, and hangs up on whoever does not speak its protocol. */
    @Test
    @SuppressWarnings("NullAway") // a part that is missing here is a failed test
    void asksOfClientCertificatesInTheOnlyProtocolThatGnuTlsTakes() {
        String command = "gnutls-serv --port {port} --x509keyfile rsa/key.pem --x509certfile rsa/cert.pem --quiet"
                + " --alpn h2 --alpn-fatal";
        try (PeerProcess server = PeerProcess.start(directory, command.split(" "))) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.alpn().accepted()).containsExactly("h2");
            assertThat(seen.clientAuthentication().mode()).isEqualTo("requested");
        }
    }

    /** Its tickets begin with a counter and an initialization vector; those of OpenSSL with the name of their key. */
    @Test
    @SuppressWarnings("NullAway") // a part that is missing here is a failed test
    void takesOnlyANameForTheNameOfATicketKey() {
        try (PeerProcess jsse = stacks.java("jsse", "rsa/store.p12", "TLSv1.2", GCM128)) {
            var seen = rig.scan(jsse.port(), Depth.FULL).resumption().tls12();
            assertThat(seen.ticket()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.ticketKeyName()).isNull();
        }
        try (PeerProcess openssl = stacks.server("rsa", "-tls1_2")) {
            assertThat(rig.scan(openssl.port(), Depth.FULL).resumption().tls12().ticketKeyName())
                    .hasSize(32);
        }
    }

    private interface Stack {
        void scan() throws IOException;
    }

    private static void scan(String stack, PeerProcess peer, Says says) {
        try (peer) {
            TABLE.compare(stack, says, rig.scan(peer.port(), Depth.STANDARD));
        }
    }

    private static void nginx() throws IOException {
        scan(
                "nginx, both keys, client's order",
                stacks.nginx("""
                        ssl_certificate DIR/rsa/cert.pem; ssl_certificate_key DIR/rsa/key.pem;
                        ssl_certificate DIR/ec/cert.pem; ssl_certificate_key DIR/ec/key.pem;
                        ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1;
                        ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305;
                        """),
                Says.speaks("TLSv1.2", "TLSv1.3")
                        .suites("TLSv1.2", EC_GCM128, GCM128, CHACHA)
                        .clientsOrder("TLSv1.2")
                        .suites("TLSv1.3", ALL_13)
                        .groups("TLSv1.2", "x25519", "secp256r1")
                        .groups("TLSv1.3", "x25519", "secp256r1")
                        .keys("ECDSA", "RSA")
                        .clientCertificate("none"));
        scan(
                "nginx, old versions, server's order",
                stacks.nginx("""
                        ssl_certificate DIR/rsa/cert.pem; ssl_certificate_key DIR/rsa/key.pem;
                        ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_prefer_server_ciphers on;
                        ssl_ciphers AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0;
                        """),
                Says.speaks("TLSv1.0", "TLSv1.1", "TLSv1.2")
                        .ordered("TLSv1.2", RSA_CBC128, GCM256, GCM128)
                        .suites("TLSv1.1", RSA_CBC128)
                        .suites("TLSv1.0", RSA_CBC128)
                        .keys("RSA"));
        scan(
                "nginx, only TLS 1.3, wants a certificate",
                stacks.nginx("""
                        ssl_certificate DIR/ec/cert.pem; ssl_certificate_key DIR/ec/key.pem; ssl_protocols TLSv1.3;
                        ssl_verify_client on; ssl_client_certificate DIR/rsa/cert.pem; ssl_ecdh_curve secp384r1;
                        """),
                Says.speaks("TLSv1.3")
                        .suites("TLSv1.3", ALL_13)
                        .groups("TLSv1.3", "secp384r1")
                        .keys("ECDSA")
                        .clientCertificate("requested"));
    }

    private static void haproxy() throws IOException {
        scan(
                "haproxy, TLS 1.2 with its own order",
                stacks.haproxy(
                        "rsa",
                        "ssl-max-ver TLSv1.2 ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"
                                + " curves X25519:P-256 alpn h2,http/1.1"),
                Says.speaks("TLSv1.2")
                        .ordered("TLSv1.2", GCM256, GCM128)
                        .groups("TLSv1.2", "x25519", "secp256r1")
                        .alpn("h2", "http/1.1")
                        .keys("RSA"));
        scan(
                "haproxy, TLS 1.3 and a required certificate",
                stacks.haproxy(
                        "ec",
                        "ssl-min-ver TLSv1.3 ciphersuites TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"
                                + " curves P-256 verify required ca-file " + directory.resolve("rsa/cert.pem")),
                Says.speaks("TLSv1.3")
                        .suites("TLSv1.3", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256")
                        .groups("TLSv1.3", "secp256r1")
                        .clientCertificate("required")
                        .keys("ECDSA"));
    }

    private static void openssl() {
        scan(
                "s_server, DHE alone",
                stacks.server(
                        "rsa", "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-SHA", "-serverpref"),
                Says.speaks("TLSv1.2")
                        .ordered("TLSv1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA")
                        .groups("TLSv1.2")
                        .prime("TLSv1.2", "modp2048"));
        scan(
                "s_server, TLS 1.0 alone",
                stacks.server("rsa", "-tls1", "-cipher", "AES128-SHA:ECDHE-RSA-AES256-SHA:@SECLEVEL=0"),
                Says.speaks("TLSv1.0").suites("TLSv1.0", RSA_CBC128, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"));
        scan(
                "s_server, PSK and no certificate",
                stacks.server(
                        "rsa",
                        "-tls1_2",
                        "-nocert",
                        "-psk",
                        "00112233",
                        "-cipher",
                        "PSK-AES128-CBC-SHA:PSK-AES256-CBC-SHA"),
                Says.speaks("TLSv1.2")
                        .suites("TLSv1.2", "TLS_PSK_WITH_AES_128_CBC_SHA", "TLS_PSK_WITH_AES_256_CBC_SHA"));
        scan(
                "s_server, TLS 1.3 with CCM and four groups",
                stacks.server(
                        "ec",
                        "-tls1_3",
                        "-ciphersuites",
                        "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256",
                        "-groups",
                        "X448:P-521:P-256:ffdhe2048"),
                Says.speaks("TLSv1.3")
                        .suites("TLSv1.3", "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")
                        .groups("TLSv1.3", "x448", "secp521r1", "secp256r1", "ffdhe2048"));
        scan(
                "s_server, anonymous",
                stacks.server("rsa", "-tls1_2", "-cipher", "ADH-AES128-SHA256:AECDH-AES128-SHA:@SECLEVEL=0"),
                Says.speaks("TLSv1.2")
                        .suites(
                                "TLSv1.2",
                                "TLS_DH_anon_WITH_AES_128_CBC_SHA256",
                                "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"));
    }

    private static void gnutls() {
        scan(
                "gnutls-serv, TLS 1.3, two groups",
                stacks.gnutls(
                        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519:-CIPHER-ALL:+AES-256-GCM"),
                Says.speaks("TLSv1.3")
                        .suites("TLSv1.3", "TLS_AES_256_GCM_SHA384")
                        .groups("TLSv1.3", "secp384r1", "x25519"));
        scan(
                "gnutls-serv, old and weak",
                stacks.gnutls(
                        "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:-KX-ALL:+RSA:-CIPHER-ALL:+AES-128-CBC:+3DES-CBC"),
                Says.speaks("TLSv1.0", "TLSv1.1")
                        .suites("TLSv1.1", RSA_CBC128, "TLS_RSA_WITH_3DES_EDE_CBC_SHA")
                        .suites("TLSv1.0", RSA_CBC128, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"));
        scan(
                "gnutls-serv, one curve and one suite",
                stacks.gnutls(
                        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-GROUP-ALL:+GROUP-SECP521R1:-CIPHER-ALL:+AES-128-GCM"),
                Says.speaks("TLSv1.2").suites("TLSv1.2", GCM128).groups("TLSv1.2", "secp521r1"));
        scan(
                "gnutls-serv, DHE for those who name ffdhe3072",
                stacks.gnutls(
                        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL:+GROUP-FFDHE3072:-CIPHER-ALL:+AES-256-GCM"),
                Says.speaks("TLSv1.2")
                        .suites("TLSv1.2", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384")
                        .prime("TLSv1.2", "ffdhe3072"));
    }

    private static void nss() {
        scan(
                "selfserv, TLS 1.2, three suites",
                stacks.selfserv("tls1.2:tls1.2", ":C02F:C030:009C", "x25519,P256"),
                Says.speaks("TLSv1.2")
                        .suites("TLSv1.2", GCM128, GCM256, "TLS_RSA_WITH_AES_128_GCM_SHA256")
                        .groups("TLSv1.2", "x25519", "secp256r1")
                        .keys("RSA"));
        scan(
                "selfserv, TLS 1.0 to 1.3",
                stacks.selfserv("tls1.0:tls1.3", ":002F:C02F:1301:1302", "P256,P384,FF2048"),
                Says.speaks("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
                        .suites("TLSv1.3", "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")
                        .suites("TLSv1.2", GCM128, RSA_CBC128)
                        .suites("TLSv1.0", RSA_CBC128)
                        .groups("TLSv1.3", "secp256r1", "secp384r1", "ffdhe2048"));
    }

    private static void lighttpd() throws IOException {
        // the others take no OpenSSL names there
        for (String library : List.of("openssl", "mbedtls", "wolfssl", "gnutls", "nss")) {
            boolean named = List.of("openssl", "wolfssl").contains(library);
            String two = "\"CipherString\" => \"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384\"";
            Says says = Says.speaks("TLSv1.2").keys("RSA");
            scan(
                    "lighttpd with " + library,
                    stacks.lighttpd(library, "\"MaxProtocol\" => \"TLSv1.2\"" + (named ? ", " + two : "")),
                    named ? says.suites("TLSv1.2", GCM128, GCM256) : says);
            if (!library.equals("mbedtls")) {
                scan(
                        "lighttpd with " + library + ", up to TLS 1.3",
                        stacks.lighttpd(library, "\"MaxProtocol\" => \"TLSv1.3\""),
                        Says.speaks("TLSv1.2", "TLSv1.3").keys("RSA"));
            }
        }
    }

    private static void caddy() throws IOException {
        scan(
                "caddy, TLS 1.2, two suites",
                stacks.caddy("protocols tls1.2 tls1.2\nciphers " + GCM256 + " " + GCM128 + "\ncurves secp384r1"),
                Says.speaks("TLSv1.2")
                        .suites("TLSv1.2", GCM256, GCM128)
                        .groups("TLSv1.2", "secp384r1")
                        .alpn("h2", "http/1.1"));
        scan(
                "caddy as it comes",
                stacks.caddy("curves x25519 secp256r1"),
                Says.speaks("TLSv1.2", "TLSv1.3")
                        .suites("TLSv1.3", ALL_13)
                        .suites("TLSv1.2", GCM128, GCM256, CHACHA)
                        .groups("TLSv1.3", "x25519", "secp256r1"));
    }

    private static void dovecot() throws IOException {
        scan(
                "dovecot without DH parameters",
                stacks.dovecot("""
                        ssl_min_protocol = TLSv1.2
                        ssl_cipher_list = ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-CAMELLIA128-SHA:AES128-SHA
                        ssl_prefer_server_ciphers = no
                        ssl_curve_list = X25519:P-256
                        """),
                Says.speaks("TLSv1.2", "TLSv1.3")
                        .suites("TLSv1.2", GCM128, RSA_CBC128)
                        .suites("TLSv1.3", ALL_13)
                        .groups("TLSv1.3", "x25519", "secp256r1"));
        scan(
                "dovecot, its own order, from TLS 1.0",
                stacks.dovecot("""
                        ssl_min_protocol = TLSv1
                        ssl_cipher_list = AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0
                        ssl_prefer_server_ciphers = yes
                        ssl_curve_list = P-384
                        ssl_dh = <DIR/dh.pem
                        """),
                Says.speaks("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
                        .ordered("TLSv1.2", RSA_CBC128, GCM256, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", GCM128)
                        .suites("TLSv1.1", RSA_CBC128, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA")
                        .suites("TLSv1.0", RSA_CBC128, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA")
                        .groups("TLSv1.2", "secp384r1")
                        .groups("TLSv1.3", "secp384r1")
                        .keys("RSA"));
    }

    private static void javaLibraries() {
        scan(
                "JSSE, SSL 3.0 to TLS 1.2, weak suites",
                stacks.java(
                        "jsse",
                        "rsa/store.p12",
                        "SSLv3,TLSv1,TLSv1.1,TLSv1.2",
                        RSA_CBC128 + "," + GCM128 + ",SSL_RSA_WITH_RC4_128_MD5,SSL_RSA_EXPORT_WITH_RC4_40_MD5"),
                Says.speaks("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")
                        .suites("TLSv1.2", GCM128, RSA_CBC128, "TLS_RSA_WITH_RC4_128_MD5")
                        .suites("TLSv1.1", RSA_CBC128, "TLS_RSA_WITH_RC4_128_MD5")
                        .suites("TLSv1.0", RSA_CBC128, "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_EXPORT_WITH_RC4_40_MD5")
                        .suites("SSLv3", RSA_CBC128, "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_EXPORT_WITH_RC4_40_MD5"));
        scan(
                "JSSE, TLS 1.3",
                stacks.java("jsse", "ec/store.p12", "TLSv1.3", "TLS_AES_128_GCM_SHA256,TLS_CHACHA20_POLY1305_SHA256"),
                Says.speaks("TLSv1.3")
                        .suites("TLSv1.3", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
                        .keys("ECDSA"));
        scan(
                "Bouncy Castle, Camellia and ARIA",
                stacks.java("bouncy", "ec/store.p12", "TLSv1.2,TLSv1.1", "0xC086,0xC05C,0xC009", "0x17,0x18"),
                Says.speaks("TLSv1.1", "TLSv1.2")
                        .suites(
                                "TLSv1.2",
                                "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA")
                        .suites("TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA")
                        .groups("TLSv1.2", "secp256r1", "secp384r1"));
        scan(
                "Bouncy Castle, hybrid groups",
                stacks.java("bouncy", "ec/store.p12", "TLSv1.3", "0x1301,0x1302", "0x11EC,0x11EB,0x11ED,0x1D"),
                Says.speaks("TLSv1.3")
                        .suites("TLSv1.3", "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")
                        .groups("TLSv1.3", "X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "x25519"));
        scan(
                "BoringSSL, a hybrid group and another",
                stacks.java("boringssl", "ec", "TLSv1.3", "X25519MLKEM768,P-384"),
                Says.speaks("TLSv1.3").suites("TLSv1.3", ALL_13).groups("TLSv1.3", "X25519MLKEM768", "secp384r1"));
    }
}
