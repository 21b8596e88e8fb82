package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.store.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code up --demo} with its worker, and what {@code /probe} says of the demo's servers beside what blackbox_exporter says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class BlackboxTest {
    /** Servers that Go's TLS speaks with: it knows neither SSLv3 nor ML-KEM nor a handshake that asks for a certificate it has not. */
    private static final List<String> BOTH = List.of(
            "good",
            "weak-suites",
            "expired",
            "expiring",
            "wrong-name",
            "self-signed",
            "missing-intermediate",
            "stapled-good",
            "plain-http");

    @TempDir
    static Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private Product product;
    private Process blackbox;
    private URI blackboxUrl;

    @BeforeAll
    void start() throws Exception {
        product = Product.start(
                directory,
                "up",
                "up",
                "--demo",
                "--port",
                "0",
                "--data-dir",
                directory.resolve("up").toString(),
                "--database-url",
                Product.url(TestPostgres.shared().emptyDatabase()));
        product.base();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        blackboxUrl = URI.create("http://127.0.0.1:" + port);
        StringBuilder modules = new StringBuilder("modules:\n");
        for (String server : BOTH) {
            for (boolean any : List.of(false, true)) {
                modules.append(
                        "  %s%s: {prober: tcp, timeout: 5s, tcp: {tls: true, tls_config: {server_name: %s.demo.tlsfleet.test, ca_file: %s, insecure_skip_verify: %s}}}\n"
                                .formatted(
                                        server,
                                        any ? "_insecure" : "",
                                        server,
                                        directory.resolve("up/demo/root.pem"),
                                        any));
            }
        }
        Path config = Files.writeString(directory.resolve("blackbox.yml"), modules);
        try {
            blackbox = new ProcessBuilder(
                            "prometheus-blackbox-exporter",
                            "--config.file=" + config,
                            "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("blackbox.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("this test needs prometheus-blackbox-exporter (deploy/test-packages.txt)", e);
        }
        product.await(
                () -> product.get("/api/v1/progress").path("done").asInt() == 16, Duration.ofMinutes(2), "all scanned");
        product.await(
                () -> {
                    try {
                        return get(blackboxUrl.resolve("/-/healthy")).contains("Healthy");
                    } catch (IOException e) {
                        return false;
                    }
                },
                Duration.ofSeconds(30),
                "answered by blackbox_exporter");
    }

    @AfterAll
    void stop() throws InterruptedException {
        product.close();
        blackbox.destroyForcibly();
        blackbox.waitFor(5, TimeUnit.SECONDS);
        client.close();
    }

    @Test
    void theWorkerWithinIsCountedAndItsSiteIsScanning() {
        assertThat(product.get("/api/v1/summary")
                        .path("scanner")
                        .path("workers")
                        .asInt())
                .isOne();
        JsonNode workers = product.get("/api/v1/workers").path("items");
        assertThat(workers).hasSize(1);
        assertThat(workers.path(0).path("site").asText()).isEqualTo("local");
        product.get("/api/v1/sites")
                .path("items")
                .forEach(site -> assertThat(site.path("state").asText())
                        .isEqualTo(site.path("name").asText().equals("local") ? "scanning" : "idle"));
    }

    @Test
    void meansWhatBlackboxExporterMeans() throws IOException {
        Map<String, String> addresses = new TreeMap<>();
        product.get("/api/v1/targets")
                .path("items")
                .forEach(t -> addresses.put(
                        t.path("host").asText().replace(".demo.tlsfleet.test", ""),
                        t.path("addresses").path(0).asText()));
        for (String server : BOTH) {
            String address = addresses.get(server) + ":8443";
            Map<String, Double> theirs =
                    metrics(get(blackboxUrl.resolve("/probe?module=" + server + "&target=" + address)));
            Map<String, Double> unverified =
                    metrics(get(blackboxUrl.resolve("/probe?module=" + server + "_insecure&target=" + address)));
            Map<String, Double> ours = ours(server, "tls_connect");
            for (String name :
                    List.of("probe_success", "probe_ip_protocol", "probe_ip_addr_hash", "probe_failed_due_to_regex")) {
                assertThat(ours.get(name)).as(server + " " + name).isEqualTo(theirs.get(name));
            }
            assertThat(ours(server, "tls_insecure").get("probe_success"))
                    .as(server + " any certificate")
                    .isEqualTo(unverified.get("probe_success"));
            assertThat(ours.get("probe_duration_seconds")).isPositive();
            // where it does not verify, blackbox_exporter has no certificate to speak of; ours stays
            for (Map.Entry<String, Double> one : unverified.entrySet()) {
                String name = one.getKey();
                if (name.startsWith("probe_tls_") || name.startsWith("probe_ssl_last_chain_info")) {
                    assertThat(ours).as(server).containsEntry(name, 1.0);
                } else if (name.equals("probe_ssl_earliest_cert_expiry")) {
                    assertThat(ours.get(name)).as(server + " " + name).isCloseTo(one.getValue(), within(1.0));
                }
            }
            Double chain = theirs.get("probe_ssl_last_chain_expiry_timestamp_seconds");
            if (chain != null) {
                assertThat(ours.get("probe_ssl_last_chain_expiry_timestamp_seconds"))
                        .as(server + " chain")
                        .isCloseTo(chain, within(1.0));
            }
        }
    }

    @Test
    void answersUrlsModulesAndWhatIsNotThere() {
        assertThat(send("/probe?target=https://good.demo.tlsfleet.test:8443/a?module=x&module=http_2xx")
                        .body())
                .contains("probe_http_ssl 1")
                .contains("probe_success 1");
        assertThat(send("/probe?target=good.demo.tlsfleet.test:8443&module=smtp_starttls")
                        .statusCode())
                .isEqualTo(404);
        assertThat(send("/probe?target=http://good.demo.tlsfleet.test").statusCode())
                .isEqualTo(400);
        assertThat(send("/probe").statusCode()).isEqualTo(400);
    }

    @Test
    void asksAtOnceWhenToldTo() {
        HttpResponse<String> first = product.send("GET", "/probe?target=good.demo.tlsfleet.test:8443&live=1", "");
        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        Map<String, Double> live = metrics(first.body());
        assertThat(live).containsEntry("probe_success", 1.0);
        assertThat(live.get("tlsfleet_probe_age_seconds")).isBetween(0.0, 11.0);
        HttpResponse<String> late = product.send(
                "GET",
                "/probe?target=tarpit.demo.tlsfleet.test:8443&live=1",
                "",
                "X-Prometheus-Scrape-Timeout-Seconds",
                "0.6");
        assertThat(late.statusCode()).as(late.body()).isEqualTo(504);
        assertThat(late.body()).contains("no worker of its site has scanned it within 100 ms");
    }

    private Map<String, Double> ours(String server, String module) {
        HttpResponse<String> answer = send("/probe?target=" + server + ".demo.tlsfleet.test:8443&module=" + module);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return metrics(answer.body());
    }

    private HttpResponse<String> send(String path) {
        return product.send("GET", path, "");
    }

    private String get(URI uri) throws IOException {
        try {
            return client.send(
                            HttpRequest.newBuilder(uri)
                                    .timeout(Duration.ofSeconds(20))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            return Assertions.fail(e);
        }
    }

    private static Map<String, Double> metrics(String text) {
        Map<String, Double> metrics = new TreeMap<>();
        text.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).forEach(line -> {
            int end = line.lastIndexOf(' ');
            metrics.put(line.substring(0, end), Double.parseDouble(line.substring(end + 1)));
        });
        return metrics;
    }
}
