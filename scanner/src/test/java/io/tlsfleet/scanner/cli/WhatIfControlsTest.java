package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * What {@code tlsfleet whatif} says of real clients, from a scan of nginx as it is, against what happens when they connect:
 * to it, and to one that was really changed so.
 */
class WhatIfControlsTest {
    private static final String CIPHERS =
            "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0";
    /** As s_client says it up to TLS 1.2, from TLS 1.3 on, and as gnutls-cli does. */
    private static final Pattern VERSION =
            Pattern.compile("Protocol *: TLSv(1(?:\\.[0-3])?)|New, TLSv(1\\.3)|Description: \\(TLS(1\\.[0-3])");

    /** The directives that a proposal stands for: versions, suites, groups. */
    private static final Map<String, List<String>> CHANGES = Map.of(
            "tls13-only", List.of("TLSv1.3", CIPHERS, "X25519:prime256v1"),
            "tls12-minimum", List.of("TLSv1.2 TLSv1.3", CIPHERS, "X25519:prime256v1"),
            "no-static-rsa",
                    List.of(
                            "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                            "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0",
                            "X25519:prime256v1"),
            "no-cbc",
                    List.of(
                            "TLSv1.2 TLSv1.3",
                            "ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256:@SECLEVEL=0",
                            "X25519:prime256v1"),
            "drop-p256-only", List.of("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", CIPHERS, "X25519"));

    @TempDir
    static Path directory;

    @Test
    void simulationEqualsRealityBeforeAndAfterEachChange() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        Map<String, List<String>> clients = clients();
        Path hellos = directory.resolve("hellos.ndjson");
        Files.write(
                hellos,
                clients.entrySet().stream()
                        .map(c -> "{\"id\": \"%s\", \"hello\": \"%s\"}".formatted(c.getKey(), recorded(c.getValue())))
                        .toList());
        Path report = directory.resolve("report.json");
        List<String> wrong = new ArrayList<>();
        int refused = 0;
        try (PeerProcess nginx = nginx("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", CIPHERS, "X25519:prime256v1")) {
            Said scan = Said.scan(
                    "127.0.0.1:" + nginx.port(), "--sni", "localhost", "--format", "json", "--no-network-fetch");
            assertThat(scan.exit()).as(scan.err()).isZero();
            Files.writeString(report, scan.out());
            refused += compare("as it is", clients, whatIf(report, hellos), nginx.port(), wrong);
        }
        for (Map.Entry<String, List<String>> change : CHANGES.entrySet()) {
            List<String> settings = change.getValue();
            try (PeerProcess nginx = nginx(settings.get(0), settings.get(1), settings.get(2))) {
                Map<String, JsonNode> told = whatIf(report, hellos, "--proposal", change.getKey());
                refused += compare(change.getKey(), clients, told, nginx.port(), wrong);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(refused).as("that the changes lose some").isGreaterThan(10);
    }

    /** A command line by its name; {@code {port}} stands for the port. */
    private static Map<String, List<String>> clients() {
        Map<String, List<String>> clients = new LinkedHashMap<>();
        Map<String, String> openssl = new LinkedHashMap<>();
        openssl.put("openssl", "");
        openssl.put("openssl TLS 1.2", "-tls1_2");
        openssl.put("openssl TLS 1.0", "-tls1 -cipher ALL:@SECLEVEL=0");
        openssl.put("openssl static RSA", "-tls1_2 -cipher AES128-GCM-SHA256:AES256-SHA");
        openssl.put("openssl CBC", "-tls1_2 -cipher ECDHE-RSA-AES128-SHA:AES256-SHA");
        openssl.put("openssl P-256 alone", "-curves P-256");
        openssl.put("openssl P-256, TLS 1.2", "-tls1_2 -curves P-256 -cipher ECDHE-RSA-AES256-GCM-SHA384");
        openssl.put("openssl P-384 alone", "-tls1_3 -curves P-384");
        openssl.forEach((name, options) -> clients.put(
                name, words("openssl s_client -connect 127.0.0.1:{port} -servername localhost " + options)));
        String gnutls = "gnutls-cli --insecure --sni-hostname localhost --port {port} 127.0.0.1 --priority ";
        clients.put("gnutls", words(gnutls + "NORMAL"));
        clients.put("gnutls TLS 1.1", words(gnutls + "NORMAL:-VERS-ALL:+VERS-TLS1.1"));
        clients.put("gnutls secp256r1 alone", words(gnutls + "NORMAL:-GROUP-ALL:+GROUP-SECP256R1:-RSA"));
        String curl = "curl -sk4 https://localhost:{port}/ -o /dev/null ";
        clients.put("curl", words(curl));
        clients.put("curl to TLS 1.2", words(curl + "--tls-max 1.2"));
        clients.put("curl RSA", words(curl + "--tls-max 1.2 --ciphers AES256-SHA"));
        return clients;
    }

    private static List<String> words(String line) {
        return List.of(line.strip().split(" +", -1));
    }

    private static int compare(
            String when, Map<String, List<String>> clients, Map<String, JsonNode> told, int port, List<String> wrong) {
        int refused = 0;
        for (Map.Entry<String, List<String>> client : clients.entrySet()) {
            JsonNode line = told.getOrDefault(client.getKey(), Json.parse("{}"));
            Real real = run(client.getValue(), port);
            boolean sameVersion = real.version() == null
                    || !real.connects()
                    || line.path("version").asText().equals(real.version());
            if (!line.path("connects").isBoolean()
                    || line.path("connects").asBoolean() != real.connects()
                    || !sameVersion) {
                wrong.add(when + ", " + client.getKey() + ": told " + line + ", is " + real);
            }
            refused += real.connects() ? 0 : 1;
        }
        System.out.printf("whatif %-16s %d real clients, %d of them refused%n", when, clients.size(), refused);
        return refused;
    }

    private record Real(
            boolean connects,
            @org.jspecify.annotations.Nullable String version) {}

    private static Real run(List<String> command, int port) {
        List<String> words = new ArrayList<>(command);
        words.replaceAll(w -> w.replace("{port}", Integer.toString(port)));
        try {
            Process process = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            boolean connects = process.waitFor() == 0;
            Matcher version = VERSION.matcher(said);
            return new Real(connects, version.find() ? label(version) : null);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot run " + words.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String label(Matcher version) {
        String number = java.util.stream.IntStream.rangeClosed(1, 3)
                .mapToObj(version::group)
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElseThrow();
        return "TLSv" + (number.equals("1") ? "1.0" : number);
    }

    /** The first bytes that a client says, in hex. */
    private static String recorded(List<String> command) {
        try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<byte[]> first = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try (Socket socket = listening.accept()) {
                    InputStream in = socket.getInputStream();
                    byte[] header = in.readNBytes(5);
                    byte[] rest = in.readNBytes((header[3] & 0xFF) << 8 | header[4] & 0xFF);
                    byte[] all = java.util.Arrays.copyOf(header, 5 + rest.length);
                    System.arraycopy(rest, 0, all, 5, rest.length);
                    first.complete(all);
                } catch (IOException | RuntimeException e) {
                    first.completeExceptionally(e);
                }
            });
            run(command, listening.getLocalPort());
            return HexFormat.of()
                    .formatHex(first.orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
                            .join());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Map<String, JsonNode> whatIf(Path report, Path hellos, String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> words = new ArrayList<>(List.of(report.toString(), "--clients", hellos.toString()));
        words.addAll(List.of(more));
        int exit = new CommandLine(new WhatIfCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new));
        assertThat(exit).as(err.toString()).isZero();
        Map<String, JsonNode> told = new HashMap<>();
        out.toString()
                .lines()
                .map(Json::parse)
                .forEach(line -> told.put(line.path("id").asText(), line));
        return told;
    }

    private static PeerProcess nginx(String protocols, String ciphers, String curves) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx-" + port + ".conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl; server_name localhost;
                  ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem; ssl_protocols %3$s;
                  ssl_ciphers %4$s; ssl_ecdh_curve %5$s; location / { return 200 ok; } } }
                """.formatted(directory, port, protocols, ciphers, curves));
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }
}
