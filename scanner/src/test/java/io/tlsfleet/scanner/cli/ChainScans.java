package io.tlsfleet.scanner.cli;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.StoreFile;
import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scans of openssl s_server with chains of any make, with pages on loopback for what certificates point to; and which
 * rules about certificates spoke.
 */
class ChainScans {
    static final String HOST = "shop.example";
    static final Duration DAY = Duration.ofDays(1);

    final TestAuthority root = TestAuthority.root("Root");
    final TestAuthority middle = root.intermediate("Middle", new Wanted());
    final TestAuthority stranger = TestAuthority.root("Stranger");
    final Map<String, byte[]> pages = new ConcurrentHashMap<>();
    final List<String> more = new ArrayList<>();
    final List<String> asked = new CopyOnWriteArrayList<>();
    final HttpServer http;
    JsonNode report = com.fasterxml.jackson.databind.node.MissingNode.getInstance();

    @TempDir
    Path dir;

    ChainScans() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void pages() throws IOException {
        http.createContext("/", exchange -> {
            byte[] page = pages.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(page == null ? 404 : 200, page == null ? -1 : page.length);
            if (page != null) {
                exchange.getResponseBody().write(page);
            }
            exchange.close();
        });
        http.start();
        Files.writeString(dir.resolve("root.pem"), pem(root));
        Files.writeString(
                dir.resolve("public.pem"),
                StoreFile.write(new TrustStore(
                        "public",
                        true,
                        LocalDate.of(2026, 11, 1),
                        "test",
                        List.of(new TrustStore.Anchor(CertificateFacts.read(root.der()), null)))));
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    String url(String path) {
        return "http://127.0.0.1:" + http.getAddress().getPort() + path;
    }

    static Wanted shop() {
        return new Wanted().dns(HOST);
    }

    TestAuthority leaf(Wanted wanted) {
        return middle.issue("leaf", wanted);
    }

    void staple(byte[] response) throws IOException {
        more.clear();
        more.addAll(List.of(
                "-status_file", Files.write(dir.resolve("staple.der"), response).toString()));
    }

    List<String> inFull(TestAuthority leaf) {
        return rules(scan(
                NOW,
                HOST,
                List.of(leaf, middle),
                "--depth",
                "full",
                "--trust",
                dir.resolve("root.pem").toString()));
    }

    /** NAME.pem and NAME.key. */
    void write(String name, TestAuthority one) throws IOException {
        Files.writeString(dir.resolve(name + ".pem"), pem(one));
        Files.writeString(
                dir.resolve(name + ".key"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(one.keyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
    }

    String rootFile() {
        return dir.resolve("root.pem").toString();
    }

    List<String> found(Instant at, @Nullable String name, TestAuthority... chain) {
        return rules(scan(
                at, name, List.of(chain), "--trust", dir.resolve("root.pem").toString()));
    }

    List<String> rules(JsonNode said) {
        report = said;
        List<String> rules = new ArrayList<>();
        for (JsonNode finding : said.path("findings")) {
            String rule = finding.path("rule").asText();
            if (rule.startsWith("certificate.") || rule.startsWith("ocsp.") || rule.startsWith("revocation.")) {
                rules.add(rule);
            }
        }
        return rules;
    }

    JsonNode scan(Instant at, @Nullable String name, List<TestAuthority> chain, String... options) {
        try {
            write("cert", chain.getFirst());
            Files.move(dir.resolve("cert.key"), dir.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
            StringBuilder others = new StringBuilder();
            chain.stream().skip(1).forEach(one -> others.append(pem(one)));
            Files.writeString(dir.resolve("others.pem"), others);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        List<String> words = new ArrayList<>(List.of(options));
        if (chain.size() > 1) {
            words.add("--chain");
        }
        return serve(at, name, words.toArray(String[]::new));
    }

    /** {@code cert.pem} with {@code key.pem}, and {@code others.pem} where {@code --chain} is among the options. */
    JsonNode serve(Instant at, @Nullable String name, String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        boolean chain = words.remove("--chain");
        int port = PeerProcess.freePort();
        List<String> server = new ArrayList<>(List.of(
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:" + port,
                "-key",
                "key.pem",
                "-cert",
                "cert.pem",
                "-www",
                "-cipher",
                "ECDHE+AESGCM:@SECLEVEL=0"));
        if (chain) {
            server.addAll(List.of("-cert_chain", "others.pem"));
        }
        server.addAll(more);
        if (!words.contains("--depth")) {
            words.addAll(List.of("--depth", "certificate"));
        }
        words.addAll(List.of(
                "127.0.0.1:" + port, "--sni", name == null ? "none" : name, "--at", at.toString(), "--format", "json"));
        try (PeerProcess peer = PeerProcess.start(dir, port, server)) {
            Said said = Said.scan(words.toArray(String[]::new));
            assertThat(said.exit()).as(said.err()).isZero();
            assertThat(said.report().at("/scan/outcome").asText())
                    .as("%s %d", said.err(), peer.port())
                    .isEqualTo("complete");
            return said.report();
        }
    }

    static String pem(TestAuthority authority) {
        return CertificateFacts.read(authority.der()).pem();
    }
}
