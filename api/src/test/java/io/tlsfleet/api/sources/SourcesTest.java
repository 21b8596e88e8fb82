package io.tlsfleet.api.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {
    @TempDir
    Path dir;

    @Test
    void readsPrometheusWithItsBlackboxModules() throws IOException {
        Path config = file("prometheus.yml", """
                scrape_configs:
                  - job_name: node
                    static_configs: [{targets: ['10.0.0.1:9100']}]
                  - job_name: secure
                    scheme: https
                    static_configs: [{targets: ['metrics.example:9443'], labels: {team: core, __meta: x}}]
                  - job_name: web
                    metrics_path: /probe
                    params: {module: [http_2xx]}
                    static_configs: [{targets: ['https://shop.example/a?b', 'http://plain.example', 'shop.example', '']}]
                    file_sd_configs: [{files: ['sd/*.json']}]
                  - job_name: mail
                    metrics_path: /probe
                    params: {module: [smtp_starttls]}
                    static_configs: [{targets: ['mail.example:25']}]
                  - job_name: other
                    metrics_path: /probe
                    params: {module: [sni]}
                    static_configs: [{targets: ['[2001:db8::1]:8443']}]
                  - job_name: ping
                    metrics_path: /probe
                    params: {module: [icmp]}
                    static_configs: [{targets: ['192.0.2.1']}]
                """);
        Files.createDirectory(dir.resolve("sd"));
        file("sd/a.json", "[{\"targets\": [\"api.example:8443\"], \"labels\": {\"env\": \"prod\"}}]");
        Path blackbox = file("blackbox.yml", """
                modules:
                  http_2xx: {prober: http}
                  icmp: {prober: icmp}
                  sni: {prober: tcp, tcp: {tls: true, tls_config: {server_name: inner.example}}}
                  smtp_starttls:
                    prober: tcp
                    tcp:
                      query_response:
                        - expect: "^220 "
                        - send: "EHLO prober"
                        - expect: "^250-STARTTLS"
                        - send: "STARTTLS"
                        - expect: "^220"
                        - starttls: true
                """);
        Found found = PrometheusSource.read(config, blackbox);
        assertThat(found.targets())
                .extracting(Target::host, Target::port, Target::sni, Target::starttls)
                .containsExactly(
                        tuple("metrics.example", 9443, null, null),
                        tuple("shop.example", 443, null, null),
                        tuple("api.example", 8443, null, null),
                        tuple("mail.example", 25, null, "smtp"),
                        tuple("2001:db8::1", 8443, "inner.example", null));
        assertThat(found.targets().get(0).tags()).isEqualTo(Map.of("job", "secure", "team", "core"));
        assertThat(found.targets().get(2).tags()).containsEntry("env", "prod");
        assertThat(found.passedOver())
                .containsExactlyInAnyOrder(
                        "job web: http://plain.example is plain http",
                        "job web: target '' is no host or URL",
                        "job ping: module icmp probes by icmp, not over TLS");
        assertThatThrownBy(() -> PrometheusSource.read(file("bad.yml", "a: [b"), null))
                .hasMessageContaining("bad.yml");
    }

    @Test
    void readsZones() throws IOException {
        Path zone = file("example.zone", """
                $ORIGIN example.
                $TTL 300
                @ IN SOA ns.example. admin.example. 1 2 3 4 5
                @ IN MX 10 mail
                www IN A 192.0.2.1
                www IN AAAA 2001:db8::1
                cdn IN CNAME edge.cdn.test.
                *.apps IN A 192.0.2.2
                _imaps._tcp IN SRV 0 1 993 mail
                _http._tcp IN SRV 0 1 80 www
                """);
        Found found = ZoneSource.read(zone, "", List.of(443, 8443));
        assertThat(found.targets())
                .extracting(Target::host, Target::port, Target::starttls)
                .containsExactlyInAnyOrder(
                        tuple("mail.example", 25, "smtp"),
                        tuple("www.example", 443, null),
                        tuple("www.example", 8443, null),
                        tuple("cdn.example", 443, null),
                        tuple("cdn.example", 8443, null),
                        tuple("mail.example", 993, null));
        assertThat(found.passedOver()).containsExactly("*.apps.example: a wildcard names no host");
        assertThatThrownBy(() -> ZoneSource.read(file("bad.zone", "www IN A 192.0.2.999\n"), "example", List.of(443)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void readsConsulOverItsApi() throws IOException {
        HttpServer server = serving(Map.of(
                "/v1/catalog/services", "{\"web\": [\"https\"], \"db\": []}",
                "/v1/catalog/service/web",
                        "[{\"Node\":\"n1\",\"Datacenter\":\"dc1\",\"Address\":\"10.0.0.1\",\"ServiceAddress\":\"\",\"ServicePort\":8080,\"ServiceTags\":[\"HTTPS\"]}]",
                "/v1/catalog/service/db", "[{\"Address\":\"10.0.0.2\",\"ServicePort\":5432,\"ServiceTags\":[]}]"));
        try {
            Found found = ConsulSource.read(url(server), "secret", AddressGate.local());
            assertThat(found.targets()).extracting(Target::host, Target::port).containsExactly(tuple("10.0.0.1", 8080));
            assertThat(found.passedOver()).containsExactly("db: 1 instances without a word of TLS");
            assertThatThrownBy(() -> ConsulSource.read(url(server), null, AddressGate.internet()))
                    .hasMessageContaining("127.0.0.1");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void readsKubernetesAndNeverAKey() throws IOException {
        HttpServer server = serving(Map.of(
                "/apis/networking.k8s.io/v1/ingresses",
                        "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"shop\",\"namespace\":\"web\"},\"spec\":{\"tls\":[{\"hosts\":[\"shop.example\",\"*.shop.example\"],\"secretName\":\"shop-tls\"}]}}]}",
                "/api/v1/services",
                        "{\"items\":[{\"metadata\":{\"name\":\"lb\",\"namespace\":\"web\"},\"spec\":{\"type\":\"LoadBalancer\",\"ports\":[{\"port\":443},{\"port\":80}]},\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.9\"}]}}}]}",
                "/api/v1/namespaces/web/secrets/shop-tls",
                        "{\"data\":{\"tls.crt\":\"bm9uZQ==\",\"tls.key\":\"never\"}}"));
        try {
            Found found = KubernetesSource.read(url(server), "t", null, true, AddressGate.local());
            assertThat(found.targets())
                    .extracting(Target::host, Target::port)
                    .containsExactly(tuple("shop.example", 443), tuple("203.0.113.9", 443));
            assertThat(found.targets().getFirst().tags()).containsEntry("kubernetes", "ingress web/shop");
            assertThat(found.passedOver())
                    .anySatisfy(p -> assertThat(p).startsWith("secret web/shop-tls: its tls.crt is no certificate"))
                    .anySatisfy(p -> assertThat(p).contains("*.shop.example is a wildcard"));
        } finally {
            server.stop(0);
        }
    }

    private Path file(String name, String text) throws IOException {
        Path file = dir.resolve(name);
        Files.writeString(file, text);
        return file;
    }

    private static URI url(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static HttpServer serving(Map<String, String> answers) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String answer = answers.get(exchange.getRequestURI().getPath());
            byte[] bytes = String.valueOf(answer).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer == null ? 404 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }
}
