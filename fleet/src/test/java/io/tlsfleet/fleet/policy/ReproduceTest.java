package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every finding's command, in a real shell with this machine's openssl and curl, against a real server. */
class ReproduceTest {
    private static final Pattern NOT_UNDERSTOOD = Pattern.compile(
            "unknown option|Unknown option|Error with command|no cipher match|SSL_CONF_cmd|unable to load|not found|[Uu]sage:|syntax error|"
                    + "Use -help for summary|is unknown|invalid option|error setting");
    private static final Pattern PORT = Pattern.compile("ACCEPT .*:([0-9]+)");

    @TempDir
    private static Path scratch;

    private static final List<Process> SERVERS = new ArrayList<>();
    private static int port;
    private static int earlyPort;

    @BeforeAll
    static void serve() throws Exception {
        assertThat(run(
                        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=shop.example"
                                + " -addext subjectAltName=DNS:shop.example; ls"))
                .contains("cert.pem");
        port = start("-www -cipher ALL:@SECLEVEL=0 -client_renegotiation");
        earlyPort = start("-early_data");
    }

    /** Answers its port. */
    private static int start(String options) throws IOException {
        Process server = new ProcessBuilder(
                        ("openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem " + options).split(" "))
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .start();
        SERVERS.add(server);
        BufferedReader said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder all = new StringBuilder();
        String line;
        while ((line = said.readLine()) != null) {
            all.append(line).append('\n');
            Matcher matcher = PORT.matcher(line);
            if (matcher.find()) {
                Thread.ofVirtual().start(() -> said.lines().forEach(ignored -> {}));
                return Integer.parseInt(matcher.group(1));
            }
        }
        throw new IllegalStateException("openssl s_server did not start: " + all);
    }

    @AfterAll
    static void stop() {
        SERVERS.forEach(Process::destroy);
    }

    @Test
    void thisMachinesToolsUnderstandEveryCommandOrItSaysWhatItTakes() {
        List<String> wrong = new ArrayList<>();
        Map<String, String> commands = commands();
        assertThat(commands.size()).isGreaterThan(60);
        commands.forEach((rule, command) -> {
            String out = command.startsWith("dig ") ? "" : run(here(command));
            boolean remarked = command.contains("  # ");
            if (NOT_UNDERSTOOD.matcher(out).find() != remarked && !mayBeEither(command)) {
                wrong.add(rule + ": " + command + "\n" + out.lines().limit(6).toList());
            }
        });
        assertThat(wrong).isEmpty();
    }

    /** A newer OpenSSL has the hybrid group, and compression is only said to be none. */
    private static boolean mayBeEither(String command) {
        return command.contains("MLKEM") || command.contains(" -comp ");
    }

    @Test
    void theyShowWhatTheyAreFor() {
        Map<String, String> shown = new TreeMap<>();
        commands().forEach((rule, command) -> {
            if (SHOWS.containsKey(rule)) {
                shown.put(rule, run(here(command)));
            }
        });
        SHOWS.forEach((rule, text) -> assertThat(shown.get(rule)).as(rule).containsPattern(text));
    }

    private static final Map<String, String> SHOWS = Map.ofEntries(
            Map.entry("protocol.tls10-accepted", "Protocol *: TLSv1\\b|New, TLSv1.0"),
            Map.entry("protocol.tls11-accepted", "TLSv1\\.1"),
            Map.entry("cipher.cbc", "ECDHE-RSA-AES128-SHA256"),
            Map.entry("cipher.cbc-with-tls10", "Cipher is ECDHE-RSA-AES128-SHA\\b"),
            Map.entry("cipher.anonymous", "ADH-AES128-GCM-SHA256"),
            Map.entry("cipher.no-forward-secrecy", "Cipher is AES128-GCM-SHA256"),
            Map.entry("certificate.expires-soon", "notAfter="),
            Map.entry("certificate.intermediate-expires-first", "Not After :"),
            Map.entry("certificate.weak-signature", "Signature Algorithm: sha256WithRSAEncryption"),
            Map.entry("certificate.weak-key", "2048 bit"),
            Map.entry("certificate.name-mismatch", "DNS:shop.example"),
            Map.entry("certificate.key-shared", "[0-9a-f]{64}"),
            Map.entry("certificate.chain-includes-root", "s:CN = ?shop.example"),
            Map.entry("certificate.duplicate-serial", "Serial Number:"),
            Map.entry("ocsp.staple-missing", "no response sent"),
            Map.entry("kex.dh-weak", "Server Temp Key: DH"),
            Map.entry("signature.sha1-accepted", "Peer signing digest: SHA1"),
            Map.entry("handshake.client-renegotiation", "RENEGOTIATING"),
            Map.entry("handshake.no-extended-master-secret", "Extended master secret: yes"),
            Map.entry("handshake.early-data", "Early data was accepted"),
            Map.entry("resumption.none", "Reused, TLSv1.2"),
            Map.entry("resumption.ticket-lifetime-exceeds-rotation", "7200"),
            Map.entry("resumption.ticket-key-not-rotated", "0000 - "));

    /** The rule's own finding of each file, and the rule. */
    private static Map<String, String> commands() {
        Map<String, String> commands = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of("src/test/golden"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".speaks.json")).toList()) {
                String rule = file.getFileName().toString().replace(".speaks.json", "");
                for (JsonNode finding : Json.parse(Files.readString(file)).path("findings")) {
                    String command = finding.path("reproduce").asText("");
                    if (!command.isEmpty() && finding.path("rule").asText().equals(rule)) {
                        commands.put(rule, command);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return commands;
    }

    private static String here(String command) {
        return command.replace("192.0.2.7:443", "127.0.0.1:" + (command.contains("-early_data") ? earlyPort : port))
                .replaceAll("-connect 192\\.0\\.2\\.[0-9]+:25 ", "-connect 127.0.0.1:" + port + " ")
                .replace("http://ocsp.example/", "http://127.0.0.1:1/")
                // s_server answers neither HEAD nor EHLO: that these options are understood is all it can show
                .replace("curl -sSk", "curl -sSk -m 3")
                .replaceFirst("^(.* -starttls .*)$", "timeout 5 $1");
    }

    private static String run(String command) {
        try {
            Process shell = new ProcessBuilder("sh", "-c", command)
                    .directory(scratch.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            Thread late = Thread.ofVirtual().start(() -> {
                try {
                    if (!shell.waitFor(40, TimeUnit.SECONDS)) {
                        shell.descendants().forEach(ProcessHandle::destroyForcibly);
                        shell.destroyForcibly();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            late.interrupt();
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
