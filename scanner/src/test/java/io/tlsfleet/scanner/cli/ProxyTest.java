package io.tlsfleet.scanner.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.PeerProcess;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans through proxies, with and without a preamble in the clear: every connection goes through, and none beside. */
class ProxyTest {
    private static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString("scan:secret".getBytes(ISO_8859_1));

    @TempDir
    static Path directory;

    private static PeerProcess server;

    @BeforeAll
    static void start() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        server = PeerProcess.start(
                directory,
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:{port}",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem",
                "-quiet",
                "-cipher",
                "ECDHE-RSA-AES128-GCM-SHA256",
                "-groups",
                "X25519");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void scansThroughConnect() throws IOException {
        try (Relay proxy = new Relay(ProxyTest::connect)) {
            assertWhole(scan(server.port(), "http://scan:secret@127.0.0.1:" + proxy.port()), proxy.carried());
        }
    }

    @Test
    void scansThroughSocks() throws IOException {
        try (Relay proxy = new Relay(ProxyTest::socks)) {
            assertWhole(scan(server.port(), "socks5://127.0.0.1:" + proxy.port()), proxy.carried());
        }
    }

    @Test
    void namesAProxyThatIsNowhere() throws IOException {
        Said said = scan(server.port(), "http://nobody.invalid:3128");
        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).contains("--proxy http://nobody.invalid:3128: nobody.invalid has no address");
    }

    @Test
    void asksForStarttlsThroughConnect() throws IOException {
        try (Relay mail = new Relay(ProxyTest::smtp);
                Relay proxy = new Relay(ProxyTest::connect)) {
            Said said = scan(mail.port(), "http://scan:secret@127.0.0.1:" + proxy.port(), "--starttls", "smtp");
            assertWhole(said, proxy.carried());
            assertThat(mail.carried()).isEqualTo(proxy.carried());
        }
    }

    @Test
    void asksForStarttlsThroughSocks() throws IOException {
        try (Relay mail = new Relay(ProxyTest::postgres);
                Relay proxy = new Relay(ProxyTest::socks)) {
            Said said = scan(mail.port(), "socks5://127.0.0.1:" + proxy.port(), "--starttls", "postgres");
            assertWhole(said, proxy.carried());
            assertThat(mail.carried()).isEqualTo(proxy.carried());
        }
    }

    @Test
    void isUnreachableWhereTheProxyRefuses() throws IOException {
        try (Relay proxy = new Relay(ProxyTest::connect)) {
            Said said = scan(server.port(), "http://scan:wrong@127.0.0.1:" + proxy.port());
            assertThat(said.exit()).isEqualTo(3);
            assertThat(said.report().at("/scan/outcome").asText()).isEqualTo("unreachable");
            assertThat(said.report().at("/scan/detail").asText())
                    .contains("proxy")
                    .contains("407");
            assertThat(proxy.carried()).isZero();
        }
    }

    @Test
    void isUnreachableWhereThereIsNoProxy() {
        int gone = PeerProcess.freePort();
        Said said = scan(server.port(), "http://127.0.0.1:" + gone);
        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.report().at("/scan/reason").asText()).isEqualTo("connect-refused");
        assertThat(said.report().at("/scan/detail").asText()).contains("proxy");
    }

    private static Said scan(int port, String proxy, String... more) {
        List<String> words = new ArrayList<>(
                List.of("127.0.0.1:" + port, "--sni", "localhost", "--format", "json", "--no-network-fetch"));
        words.addAll(List.of("--proxy", proxy));
        words.addAll(List.of(more));
        return Said.scan(words.toArray(String[]::new));
    }

    private static void assertWhole(Said said, int tunnels) {
        assertThat(said.exit()).as(said.err()).isZero();
        JsonNode report = said.report();
        assertThat(report.at("/scan/outcome").asText()).isEqualTo("complete");
        assertThat(report.at("/scan/connections").asInt()).isEqualTo(tunnels).isPositive();
        assertThat(report.at("/protocols/TLSv1.2").asText()).isEqualTo("accepted");
        assertThat(report.at("/protocols/TLSv1.3").asText()).isEqualTo("accepted");
        assertThat(report.at("/cipherSuites/TLSv1.2/suites")).hasSize(1);
        assertThat(report.at("/certificates")).hasSize(1);
    }

    /** RFC 9110 section 9.3.6. */
    private static int connect(InputStream in, OutputStream out) throws IOException {
        String request = Relay.line(in);
        boolean allowed = false;
        for (String header = Relay.line(in); !header.isEmpty(); header = Relay.line(in)) {
            allowed |= header.equalsIgnoreCase("proxy-authorization: " + BASIC);
        }
        String answer = allowed ? "200 Connection established" : "407 Proxy Authentication Required";
        out.write(("HTTP/1.1 " + answer + "\r\n\r\n").getBytes(ISO_8859_1));
        String target = request.substring(0, request.lastIndexOf(' '));
        return allowed ? Integer.parseInt(target.substring(target.lastIndexOf(':') + 1)) : 0;
    }

    /** RFC 1928, without authentication, to an IPv4 address. */
    private static int socks(InputStream in, OutputStream out) throws IOException {
        DataInputStream data = new DataInputStream(in);
        data.readByte();
        data.skipNBytes(data.readUnsignedByte());
        out.write(new byte[] {5, 0});
        data.skipNBytes(3);
        int type = data.readUnsignedByte();
        data.skipNBytes(type == 1 ? 4 : type == 4 ? 16 : data.readUnsignedByte());
        int port = data.readUnsignedShort();
        out.write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 0});
        return port;
    }

    private static int smtp(InputStream in, OutputStream out) throws IOException {
        out.write("220-mail.example\r\n220 at your service\r\n".getBytes(ISO_8859_1));
        for (String line = Relay.line(in); !line.isEmpty(); line = Relay.line(in)) {
            boolean upgrade = line.equalsIgnoreCase("STARTTLS");
            out.write((upgrade ? "220 go ahead\r\n" : "250-mail.example\r\n250 STARTTLS\r\n").getBytes(ISO_8859_1));
            if (upgrade) {
                return server.port();
            }
        }
        return 0;
    }

    private static int postgres(InputStream in, OutputStream out) throws IOException {
        in.readNBytes(8);
        out.write('S');
        return server.port();
    }
}
