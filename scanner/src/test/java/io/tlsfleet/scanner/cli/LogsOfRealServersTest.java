package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * Real clients fail at real servers, each in one way, and the line that the server wrote is put under that cause: the
 * words are theirs, not ours. Each server has a port that takes TLS 1.2 with one suite, and one that wants a certificate.
 */
class LogsOfRealServersTest {
    @TempDir
    static Path directory;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Map<String, Server> SERVERS = new TreeMap<>();

    /** {@code log}: where it writes what went wrong. */
    private record Server(PeerProcess process, int plain, int mutual, Path log) {}

    @BeforeAll
    static void start() throws Exception {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        Files.writeString(
                directory.resolve("site.pem"),
                Files.readString(directory.resolve("cert.pem")) + Files.readString(directory.resolve("key.pem")));
        Path stranger = Files.createDirectory(directory.resolve("stranger"));
        PeerProcess.certificate(stranger, "-newkey", "rsa:2048");
        Path ca = Files.createDirectory(directory.resolve("ca"));
        PeerProcess.certificate(ca, "-newkey", "rsa:2048");
        PeerProcess.run(
                directory,
                "openssl",
                "req",
                "-new",
                "-nodes",
                "-newkey",
                "rsa:2048",
                "-keyout",
                "old.key",
                "-out",
                "old.csr",
                "-subj",
                "/CN=old");
        PeerProcess.run(
                directory,
                "openssl",
                "x509",
                "-req",
                "-in",
                "old.csr",
                "-CA",
                "ca/cert.pem",
                "-CAkey",
                "ca/key.pem",
                "-set_serial",
                "7",
                "-days",
                "0",
                "-out",
                "old.pem");
        SERVERS.put("nginx", nginx());
        SERVERS.put("haproxy", haproxy());
        SERVERS.put("apache", apache());
        awaitExpiry();
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(server -> server.process.close());
    }

    @ParameterizedTest(name = "{0}: {1} -> {2}")
    @CsvSource(textBlock = """
            nginx, old-version, version-mismatch
            nginx, other-suite, no-shared-suite
            nginx, plain-http, not-tls
            nginx, garbage, not-tls
            nginx, distrust, unknown-ca
            nginx, silence, timeout
            nginx, hang-up, closed
            nginx, no-certificate, client-certificate-missing
            nginx, strange-certificate, client-certificate-unknown-ca
            nginx, expired-certificate, client-certificate-expired
            haproxy, old-version, version-mismatch
            haproxy, other-suite, no-shared-suite
            haproxy, plain-http, not-tls
            haproxy, garbage, not-tls
            haproxy, distrust, unknown-ca
            haproxy, silence, timeout
            haproxy, hang-up, closed
            haproxy, no-certificate, client-certificate-missing
            haproxy, strange-certificate, client-certificate-unknown-ca
            haproxy, expired-certificate, client-certificate-expired
            apache, old-version, version-mismatch
            apache, other-suite, no-shared-suite
            apache, plain-http, not-tls
            apache, garbage, not-tls
            apache, distrust, unknown-ca
            apache, silence, timeout
            apache, hang-up, closed
            apache, no-certificate, client-certificate-missing
            apache, strange-certificate, client-certificate-unknown-ca
            apache, expired-certificate, client-certificate-expired
            """)
    void putsWhatTheServerWroteUnderItsCause(String name, String failure, String cause) throws Exception {
        Server server = Objects.requireNonNull(SERVERS.get(name));
        int from = Files.readString(server.log, StandardCharsets.ISO_8859_1).length();

        fail(server, failure);

        long end = System.nanoTime() + PATIENCE.toNanos();
        Map<String, Long> counts;
        String wrote;
        do {
            Thread.sleep(50);
            wrote = Files.readString(server.log, StandardCharsets.ISO_8859_1).substring(from);
            counts = causes(wrote);
        } while (!counts.equals(Map.of(cause, 1L)) && System.nanoTime() < end);
        assertThat(counts).as(wrote).isEqualTo(Map.of(cause, 1L));
    }

    @ParameterizedTest(name = "openssl s_client: {0} -> {1}")
    @CsvSource(textBlock = """
            old-version, version-mismatch
            other-suite, handshake-failure
            distrust, self-signed
            wrong-name, name-mismatch
            to-plain-port, not-tls
            """)
    void readsWhatOpensslSaysToItsUser(String failure, String cause) throws Exception {
        Server server = Objects.requireNonNull(SERVERS.get("nginx"));
        String said = switch (failure) {
            case "old-version" -> client(server.plain, "-tls1_1", "-cipher", "ALL@SECLEVEL=0");
            case "other-suite" -> client(server.plain, "-tls1_2", "-cipher", "AES256-SHA256");
            case "distrust" -> client(server.plain, "-verify_return_error");
            case "wrong-name" ->
                client(server.plain, "-CAfile", "cert.pem", "-verify_return_error", "-verify_hostname", "shop.example");
            default -> {
                int port = PeerProcess.freePort();
                Path web = Files.createTempDirectory(directory, "web");
                Files.writeString(
                        web.resolve("nginx.conf"),
                        "daemon off; pid w.pid; error_log stderr; events {} http { access_log off;"
                                + " server { listen 127.0.0.1:" + port + "; } }");
                try (PeerProcess plain = PeerProcess.start(
                        web, port, List.of("nginx", "-p", web.toString(), "-c", "nginx.conf", "-e", "stderr"))) {
                    yield client(plain.port());
                }
            }
        };
        assertThat(causes(said)).as(said).isEqualTo(Map.of(cause, 1L));
    }

    @Test
    void saysNothingOfConnectionsThatSucceed() throws Exception {
        for (Server server : SERVERS.values()) {
            int from = Files.readString(server.log, StandardCharsets.ISO_8859_1).length();
            String said = client(server.plain, "-CAfile", "cert.pem", "-verify_return_error");
            assertThat(said).contains("Verify return code: 0 (ok)");
            assertThat(causes(said)).isEmpty();
            Thread.sleep(200);
            String wrote =
                    Files.readString(server.log, StandardCharsets.ISO_8859_1).substring(from);
            assertThat(causes(wrote)).as(wrote).isEmpty();
        }
    }

    /** Through the command, as its user would. */
    private static Map<String, Long> causes(String log) throws IOException {
        Path file = Files.createTempFile(directory, "part", ".log");
        Files.writeString(file, log, StandardCharsets.ISO_8859_1);
        StringWriter out = new StringWriter();
        int code = new CommandLine(new DiagnoseCommand(InstantSource.system(), "test"))
                .setOut(new PrintWriter(out))
                .execute("--log", file.toString(), "--format", "json");
        assertThat(code).isZero();
        Map<String, Long> counts = new TreeMap<>();
        for (JsonNode cause : Json.parse(out.toString()).path("causes")) {
            counts.put(cause.path("cause").asText(), cause.path("count").asLong());
            assertThat(cause.path("remedy").asText()).isNotBlank();
            assertThat(cause.path("examples")).isNotEmpty();
        }
        return counts;
    }

    private static void fail(Server server, String how) throws Exception {
        switch (how) {
            case "old-version" -> client(server.plain, "-tls1_1", "-cipher", "ALL@SECLEVEL=0");
            case "other-suite" -> client(server.plain, "-tls1_2", "-cipher", "AES256-SHA256");
            case "distrust" -> client(server.plain, "-tls1_2", "-CAfile", "ca/cert.pem", "-verify_return_error");
            case "no-certificate" -> client(server.mutual);
            case "strange-certificate" ->
                client(server.mutual, "-cert", "stranger/cert.pem", "-key", "stranger/key.pem");
            case "expired-certificate" -> client(server.mutual, "-cert", "old.pem", "-key", "old.key");
            case "plain-http" -> raw(server.plain, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", false);
            case "garbage" -> raw(server.plain, "\u0016 is how a record of TLS begins, and this is none", false);
            case "hang-up" -> raw(server.plain, "\u0016\u0003\u0001", false);
            case "silence" -> raw(server.plain, "\u0016\u0003\u0001", true);
            default -> throw new IllegalArgumentException(how);
        }
    }

    /** Sends these bytes; waits for the server's end of it, or hangs up at once. */
    private static void raw(int port, String bytes, boolean wait) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            if (wait) {
                assertThat(socket.getInputStream().readNBytes(100)).hasSizeLessThan(100);
            }
        }
    }

    /** What {@code openssl s_client} says; it asks for a page, so that the server comes to look at the certificate. */
    private static String client(int port, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", "localhost", "-ign_eof"));
        words.addAll(List.of(more));
        Process process = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try (var in = process.getOutputStream()) {
            in.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // it had failed before it read this
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private static Server nginx() throws IOException {
        int plain = PeerProcess.freePort();
        int mutual = PeerProcess.freePort();
        String common = " ssl_certificate cert.pem; ssl_certificate_key key.pem; location / { return 200 ok; }";
        Path home = home("nginx", "nginx.conf", """
                daemon off; pid n.pid; worker_processes 1; error_log error.log info; events {}
                http { access_log off; client_header_timeout 1s;
                  client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
                  server { listen 127.0.0.1:%d ssl; ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256; %s }
                  server { listen 127.0.0.1:%d ssl; ssl_client_certificate ca/cert.pem; ssl_verify_client on; %s } }
                """.formatted(plain, common, mutual, common));
        PeerProcess process = PeerProcess.start(
                home, plain, List.of("nginx", "-p", home.toString(), "-c", "nginx.conf", "-e", "stderr"));
        return new Server(process, plain, mutual, home.resolve("error.log"));
    }

    /** With the error format of HAProxy's manual: without it a line says no more than "SSL handshake failure". */
    private static Server haproxy() throws IOException {
        int plain = PeerProcess.freePort();
        int mutual = PeerProcess.freePort();
        Path home = home("haproxy", "haproxy.cfg", """
                global
                  log stdout format raw local0
                  ssl-default-bind-options ssl-min-ver TLSv1.2
                defaults
                  mode http
                  log global
                  timeout client 1s
                  timeout server 2s
                  timeout connect 1s
                  error-log-format "%%ci:%%cp [%%tr] %%ft %%ac/%%fc %%[fc_err]/%%[ssl_fc_err,hex]/%%[ssl_c_err]/%%[ssl_c_ca_err]/%%[ssl_fc_is_resumed] %%[ssl_fc_sni]/%%sslv/%%sslc"
                frontend plain
                  bind 127.0.0.1:%d ssl crt site.pem ssl-max-ver TLSv1.2 ciphers ECDHE-RSA-AES128-GCM-SHA256
                  http-request return status 200
                frontend mutual
                  bind 127.0.0.1:%d ssl crt site.pem ca-file ca/cert.pem verify required
                  http-request return status 200
                """.formatted(plain, mutual));
        PeerProcess process = PeerProcess.start(home, plain, List.of("haproxy", "-db", "-f", "haproxy.cfg"));
        return new Server(process, plain, mutual, home.resolve("haproxy-" + plain + ".log"));
    }

    private static Server apache() throws IOException {
        int plain = PeerProcess.freePort();
        int mutual = PeerProcess.freePort();
        String modules = "/usr/lib/apache2/modules/mod_";
        StringBuilder load = new StringBuilder();
        for (String module : List.of("mpm_event", "authz_core", "ssl", "socache_shmcb", "reqtimeout", "unixd")) {
            if (Files.exists(Path.of(modules + module + ".so"))) {
                load.append("LoadModule ")
                        .append(module)
                        .append("_module ")
                        .append(modules)
                        .append(module)
                        .append(".so\n");
            }
        }
        Path home = home(
                "apache",
                "httpd.conf",
                load
                        + """
                ServerRoot "."
                ServerName localhost
                PidFile a.pid
                DefaultRuntimeDir .
                ErrorLog error.log
                LogLevel info
                StartServers 1
                ServerLimit 1
                DocumentRoot .
                Listen 127.0.0.1:%1$d
                Listen 127.0.0.1:%2$d
                RequestReadTimeout handshake=1 header=5
                SSLEngine on
                SSLCertificateFile cert.pem
                SSLCertificateKeyFile key.pem
                <VirtualHost 127.0.0.1:%1$d>
                  SSLEngine on
                  SSLProtocol TLSv1.2
                  SSLCipherSuite ECDHE-RSA-AES128-GCM-SHA256
                  SSLCertificateFile cert.pem
                  SSLCertificateKeyFile key.pem
                </VirtualHost>
                <VirtualHost 127.0.0.1:%2$d>
                  SSLEngine on
                  SSLCertificateFile cert.pem
                  SSLCertificateKeyFile key.pem
                  SSLCACertificateFile ca/cert.pem
                  SSLVerifyClient require
                </VirtualHost>
                """.formatted(plain, mutual)
                                .replace("ServerRoot \".\"", "ServerRoot \"" + directory.resolve("apache") + "\""));
        PeerProcess process = PeerProcess.start(
                home,
                plain,
                List.of("apache2", "-X", "-f", home.resolve("httpd.conf").toString()));
        return new Server(process, plain, mutual, home.resolve("error.log"));
    }

    /** A directory with this configuration and all that it names. */
    private static Path home(String name, String file, String text) throws IOException {
        Path home = Files.createDirectory(directory.resolve(name));
        for (String each : List.of("cert.pem", "key.pem", "site.pem")) {
            Files.copy(directory.resolve(each), home.resolve(each));
        }
        Files.createDirectory(home.resolve("ca"));
        Files.copy(directory.resolve("ca/cert.pem"), home.resolve("ca/cert.pem"));
        Files.writeString(home.resolve(file), text);
        return home;
    }

    /** A certificate of no days ends in the second in which it began. */
    private static void awaitExpiry() throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            Process check = new ProcessBuilder("openssl", "x509", "-checkend", "-1", "-noout", "-in", "old.pem")
                    .directory(directory.toFile())
                    .start();
            if (check.waitFor() != 0) {
                return;
            }
            Thread.sleep(200);
        }
        throw new IllegalStateException("old.pem does not expire");
    }
}
