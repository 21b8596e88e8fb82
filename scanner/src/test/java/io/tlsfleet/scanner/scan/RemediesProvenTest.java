package io.tlsfleet.scanner.scan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.Rules;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Remedies;
import io.tlsfleet.fleet.report.Stack;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is set up badly, its findings, and for each finding the lines that are shown for that server: put into
 * its configuration, they make the finding go away on the real thing.
 */
class RemediesProvenTest {
    @TempDir
    static Path directory;

    private static final Pattern TAKEN_OUT = Pattern.compile("^# take ([\\w.-]+)");

    private static Rig rig;
    private static HttpServer plain;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        PeerProcess.certificate(Files.createDirectory(directory.resolve("ca")), "-newkey", "rsa:2048");
        PeerProcess.run(directory, "openssl", "dhparam", "-dsaparam", "-out", "dh1024.pem", "1024");
        intermediate();
        plain = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        plain.createContext("/", exchange -> {
            byte[] ok = "ok".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, ok.length);
            exchange.getResponseBody().write(ok);
            exchange.close();
        });
        plain.start();
    }

    @AfterAll
    static void stop() {
        plain.stop(0);
        rig.close();
    }

    /** A leaf whose issuer is not in its file, and the file in which it is. */
    private static void intermediate() throws IOException {
        Files.writeString(directory.resolve("ca.ext"), "basicConstraints=critical,CA:true\n");
        Files.writeString(directory.resolve("leaf.ext"), "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n");
        for (String name : List.of("mid", "leaf")) {
            PeerProcess.run(
                    directory,
                    "openssl",
                    "req",
                    "-new",
                    "-nodes",
                    "-newkey",
                    "rsa:2048",
                    "-keyout",
                    name + ".key",
                    "-out",
                    name + ".csr",
                    "-subj",
                    name.equals("mid") ? "/CN=Mid CA" : "/CN=localhost");
            String issuer = name.equals("mid") ? "ca/cert.pem" : "mid.pem";
            String key = name.equals("mid") ? "ca/key.pem" : "mid.key";
            PeerProcess.run(
                    directory,
                    "openssl",
                    "x509",
                    "-req",
                    "-in",
                    name + ".csr",
                    "-CA",
                    issuer,
                    "-CAkey",
                    key,
                    "-days",
                    "60",
                    "-set_serial",
                    name.equals("mid") ? "2" : "3",
                    "-extfile",
                    (name.equals("mid") ? "ca" : "leaf") + ".ext",
                    "-out",
                    name + ".pem");
        }
        String leaf = Files.readString(directory.resolve("leaf.pem"));
        String mid = Files.readString(directory.resolve("mid.pem"));
        Files.writeString(directory.resolve("fullchain.pem"), leaf + mid);
        String key = Files.readString(directory.resolve("leaf.key"));
        Files.writeString(directory.resolve("bad.pem"), leaf + key);
        Files.writeString(directory.resolve("site.pem"), leaf + mid + key);
    }

    /** Apache has no comments behind a value, and says of a line that has one that it takes fewer arguments. */
    @Test
    void apacheReadsEveryLine() throws IOException {
        Path modules = Path.of("/usr/lib/apache2/modules");
        assertThat(modules.resolve("mod_ssl.so")).as("apache2-bin is installed").exists();
        Files.createDirectories(directory.resolve("logs"));
        List<String> lines = new ArrayList<>(List.of("ServerRoot " + directory, "ServerName localhost"));
        lines.add("Listen 127.0.0.1:" + PeerProcess.freePort());
        for (String module : List.of("mpm_event", "socache_shmcb", "ssl", "headers", "alias", "authz_core")) {
            lines.add("LoadModule " + module + "_module " + modules.resolve("mod_" + module + ".so"));
        }
        Set<String> shown = new TreeSet<>();
        Rules.all().forEach(rule -> shown.addAll(Remedies.lines(rule.id(), Stack.APACHE)));
        assertThat(shown).hasSizeGreaterThan(10);
        lines.addAll(shown);
        Files.write(directory.resolve("apache.conf"), lines);
        assertThat(PeerProcess.run(
                        directory,
                        "apache2",
                        "-t",
                        "-f",
                        directory.resolve("apache.conf").toString()))
                .contains("Syntax OK");
    }

    @Test
    void nginxIsMendedByItsLines() throws IOException {
        Map<String, List<String>> bad = new LinkedHashMap<>();
        put(bad, "ssl_certificate leaf.pem;");
        put(bad, "ssl_protocols TLSv1 TLSv1.1 TLSv1.2;");
        put(bad, "ssl_ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0;");
        put(bad, "ssl_prefer_server_ciphers on;");
        put(bad, "ssl_ecdh_curve secp192k1:prime256v1;");
        Set<String> proven =
                prove(Stack.NGINX, bad, lines -> nginx("ssl_certificate_key leaf.key;\n" + String.join("\n", lines)));
        assertThat(proven)
                .contains(
                        "protocol.tls10-accepted",
                        "protocol.tls11-accepted",
                        "protocol.tls13-missing",
                        "cipher.anonymous",
                        "cipher.null",
                        "cipher.no-forward-secrecy",
                        "cipher.cbc",
                        "cipher.weak-first",
                        "kex.group-weak",
                        "http.hsts-missing",
                        "certificate.chain-incomplete");
        assertThat(ticketAfter(
                        Stack.NGINX, bad, lines -> nginx("ssl_certificate_key leaf.key;\n" + String.join("\n", lines))))
                .isEqualTo(FactState.REFUSED);
    }

    @Test
    void weakParametersGoWithTheSuitesThatNeedThem() throws IOException {
        Map<String, List<String>> nginx = new LinkedHashMap<>();
        put(nginx, "ssl_certificate fullchain.pem;");
        put(nginx, "ssl_ciphers DHE+AESGCM:ECDHE+AESGCM:@SECLEVEL=0;");
        put(nginx, "ssl_dhparam dh1024.pem;");
        assertThat(prove(
                        Stack.NGINX,
                        nginx,
                        lines -> nginx("ssl_certificate_key leaf.key;\n" + String.join("\n", lines))))
                .contains("kex.dh-weak");
    }

    @Test
    void nginxStopsTakingEarlyData() throws IOException {
        Map<String, List<String>> bad = new LinkedHashMap<>();
        put(bad, "ssl_certificate fullchain.pem;");
        put(bad, "ssl_protocols TLSv1.2 TLSv1.3;");
        put(bad, "ssl_early_data on;");
        assertThat(prove(
                        Stack.NGINX, bad, lines -> nginx("ssl_certificate_key leaf.key;\n" + String.join("\n", lines))))
                .contains("handshake.early-data");
    }

    @Test
    void haproxyIsMendedByItsLines() throws IOException {
        Map<String, List<String>> bad = new LinkedHashMap<>();
        put(bad, "ssl-default-bind-options ssl-min-ver TLSv1.0");
        put(bad, "ssl-default-bind-ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0");
        put(bad, "ssl-default-bind-curves secp192k1:prime256v1");
        Set<String> proven = prove(Stack.HAPROXY, bad, RemediesProvenTest::haproxy);
        assertThat(proven)
                .contains(
                        "protocol.tls10-accepted",
                        "protocol.tls11-accepted",
                        "cipher.no-forward-secrecy",
                        "cipher.cbc",
                        "kex.group-weak",
                        "http.hsts-missing",
                        "certificate.chain-incomplete");
        assertThat(ticketAfter(Stack.HAPROXY, bad, RemediesProvenTest::haproxy)).isEqualTo(FactState.REFUSED);
    }

    @Test
    void stunnelIsMendedByItsLines() throws IOException {
        Map<String, List<String>> bad = new LinkedHashMap<>();
        put(bad, "cert = leaf.pem");
        put(bad, "sslVersionMin = TLSv1");
        put(bad, "ciphers = ALL:COMPLEMENTOFALL:@SECLEVEL=0");
        put(bad, "curves = secp192k1:prime256v1");
        put(bad, "renegotiation = yes");
        Set<String> proven = prove(Stack.STUNNEL, bad, RemediesProvenTest::stunnel);
        assertThat(proven)
                .contains(
                        "protocol.tls10-accepted",
                        "protocol.tls11-accepted",
                        "cipher.no-forward-secrecy",
                        "cipher.cbc",
                        "kex.group-weak",
                        "certificate.chain-incomplete");
        assertThat(ticketAfter(Stack.STUNNEL, bad, RemediesProvenTest::stunnel)).isEqualTo(FactState.REFUSED);
    }

    /** Each finding of the bad server that has lines, with only those lines changed, one after the other. */
    private static Set<String> prove(
            Stack stack, Map<String, List<String>> bad, Function<List<String>, PeerProcess> server) throws IOException {
        Set<String> found = rules(server.apply(flat(bad)));
        Map<List<String>, Set<String>> byLines = new LinkedHashMap<>();
        for (String rule : found) {
            List<String> lines = Remedies.lines(rule, stack);
            if (!lines.isEmpty() && lines.stream().noneMatch(RemediesProvenTest::isElsewhere)) {
                byLines.computeIfAbsent(lines, l -> new TreeSet<>()).add(rule);
            }
        }
        Set<String> proven = new TreeSet<>();
        byLines.forEach((lines, rules) -> {
            Set<String> left = rules(server.apply(flat(applied(bad, lines))));
            assertThat(left).as(stack.title() + " with " + lines).doesNotContainAnyElementsOf(rules);
            proven.addAll(rules);
        });
        return proven;
    }

    /** What needs another OpenSSL than this machine's, or a file and a place that only the operator knows. */
    private static boolean isElsewhere(String line) {
        return line.contains("needs OpenSSL 3.5") || line.contains("HAProxy 3.0") || line.startsWith("resolver");
    }

    private static FactState ticketAfter(
            Stack stack, Map<String, List<String>> bad, Function<List<String>, PeerProcess> server) {
        Map<String, List<String>> mended = applied(bad, Remedies.lines("resumption.ticket-key-not-rotated", stack));
        try (PeerProcess running = server.apply(flat(mended))) {
            Observation.Resumption seen =
                    requireNonNull(rig.scan(running.port(), Depth.FULL).resumption());
            return requireNonNull(seen.tls12()).ticket();
        }
    }

    private static Set<String> rules(PeerProcess server) {
        try (server) {
            Observation seen = rig.scan(server.port(), Depth.FULL);
            assertThat(seen.scan().outcome().word())
                    .as(String.valueOf(seen.coverage()))
                    .isIn("complete", "partial");
            List<Finding> findings = Judge.judge(
                            seen, List.of(Policies.standard()), List.of(store()), Memory.NONE, Instant.now())
                    .findings();
            return findings.stream().map(Finding::rule).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static io.tlsfleet.tls.x509.TrustStore store() {
        try {
            return io.tlsfleet.tls.x509.TrustStore.of(
                    "given",
                    io.tlsfleet.tls.x509.Pem.certificates(Files.readAllBytes(directory.resolve("ca/cert.pem"))));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void put(Map<String, List<String>> lines, String line) {
        lines.computeIfAbsent(key(line), key -> new ArrayList<>()).add(line);
    }

    /** A setting by its name; HAProxy's options are one setting each. */
    private static String key(String line) {
        String[] words = line.split("[ =]+", 3);
        return words[0].equals("ssl-default-bind-options") || words[0].equals("options")
                ? words[0] + " " + words[1]
                : words[0];
    }

    private static Map<String, List<String>> applied(Map<String, List<String>> bad, List<String> lines) {
        Map<String, List<String>> mended = new LinkedHashMap<>(bad);
        List<String> settings = lines.stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith(";"))
                .toList();
        lines.stream()
                .map(TAKEN_OUT::matcher)
                .filter(java.util.regex.Matcher::find)
                .forEach(out -> mended.remove(out.group(1)));
        settings.forEach(line -> mended.remove(key(line)));
        settings.forEach(line -> put(mended, line));
        return mended;
    }

    private static List<String> flat(Map<String, List<String>> lines) {
        return lines.values().stream().flatMap(List::stream).toList();
    }

    private static PeerProcess nginx(String settings) {
        int port = PeerProcess.freePort();
        return started(port, """
                daemon off; master_process off; pid %1$s/nginx-%2$d.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl; server_name localhost;
                  %3$s
                  location / { return 200 ok; } } }
                """.formatted(directory, port, settings), file -> List.of("nginx", "-c", file));
    }

    private static PeerProcess haproxy(List<String> lines) {
        int port = PeerProcess.freePort();
        String global = lines.stream().filter(l -> l.startsWith("ssl-default")).collect(Collectors.joining("\n  "));
        String frontend = lines.stream().filter(l -> l.startsWith("http-")).collect(Collectors.joining("\n  "));
        String bind =
                lines.stream().filter(l -> l.startsWith("bind")).findFirst().orElse("bind … ssl crt bad.pem");
        return started(
                port,
                """
                global
                  maxconn 200
                  crt-base %1$s
                  %2$s
                defaults
                  mode http
                  timeout client 10s
                  timeout server 10s
                  timeout connect 5s
                frontend f
                  %3$s
                  %4$s
                  http-request return status 200
                """.formatted(directory, global, bind.replace("…", "127.0.0.1:" + port), frontend),
                file -> List.of("haproxy", "-db", "-f", file));
    }

    private static PeerProcess stunnel(List<String> lines) {
        int port = PeerProcess.freePort();
        return started(
                port,
                """
                foreground = yes
                pid =
                debug = err
                securityLevel = 0
                [tls]
                accept = 127.0.0.1:%d
                connect = 127.0.0.1:%d
                key = %s/leaf.key
                %s
                """.formatted(
                                port,
                                plain.getAddress().getPort(),
                                directory,
                                String.join("\n", lines).replace("cert = ", "cert = " + directory + "/")),
                file -> List.of("stunnel", file));
    }

    private static PeerProcess started(int port, String conf, Function<String, List<String>> command) {
        Path file = directory.resolve("server-" + port + ".conf");
        try {
            Files.writeString(file, conf);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return PeerProcess.start(directory, port, command.apply(file.toString()));
    }
}
