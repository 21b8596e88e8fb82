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
                  - job_name: by-label
                    metrics_path: /probe
                    params: {module: [icmp]}
                    static_configs: [{targets: ['ftp.example:21'], labels: {__param_module: ftp}}, {targets: ['rpc.example:50051'], labels: {__param_module: grpc}}]
                    http_sd_configs: [{url: 'http://sd.example'}]
                """);
        Files.createDirectory(dir.resolve("sd"));
        file("sd/a.json", "[{\"targets\": [\"api.example:8443\"], \"labels\": {\"env\": \"prod\"}}]");
        Path blackbox = file("blackbox.yml", """
                modules:
                  http_2xx: {prober: http}
                  icmp: {prober: icmp}
                  grpc: {prober: grpc, grpc: {tls: true, tls_config: {server_name: rpc.inner}}}
                  ftp: {prober: tcp, tcp: {query_response: [{expect: '^220'}, {send: 'AUTH TLS'}, {expect: '^234'}, {starttls: true}]}}
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
                        tuple("2001:db8::1", 8443, "inner.example", null),
                        tuple("ftp.example", 21, null, "ftp"),
                        tuple("rpc.example", 50051, "rpc.inner", null));
        assertThat(found.targets().get(0).tags()).isEqualTo(Map.of("job", "secure", "team", "core"));
        assertThat(found.targets().get(2).tags()).containsEntry("env", "prod");
        assertThat(found.passedOver())
                .containsExactlyInAnyOrder(
                        "job web: http://plain.example is plain http",
                        "job web: target '' is no host or URL",
                        "job ping: module icmp probes by icmp, not over TLS",
                        "job by-label: http_sd_configs are asked by Prometheus, not here");
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
    void followsNoIncludeOfAZone() throws IOException {
        file("part.zone", "mail IN A 192.0.2.2\n");
        Path zone = file("whole.zone", "$ORIGIN example.\nwww IN A 192.0.2.1\n$INCLUDE part.zone\n");
        assertThatThrownBy(() -> ZoneSource.read(zone, "", List.of(443)))
                .isInstanceOf(IOException.class)
                .hasMessage("whole.zone:3: $INCLUDE is not followed: import that file by itself");
    }

    @Test
    void generatesNamesOfAZoneUpToACap() throws IOException {
        Path some = file("some.zone", "$ORIGIN example.\n$GENERATE 1-9/4 h$ 300 A 192.0.2.$\n");
        assertThat(ZoneSource.read(some, "", List.of(443)).targets())
                .extracting(Target::host)
                .containsExactly("h1.example", "h5.example", "h9.example");
        Path many = file(
                "many.zone",
                "$ORIGIN example.\n$GENERATE 1-99 a$ 300 A 192.0.2.$\n$GENERATE 1-100000 h$ 300 A 10.0.0.1\n");
        assertThatThrownBy(() -> ZoneSource.read(many, "", List.of(443)))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(many.toString(), "$GENERATE 1-100000 h$", "100099", "narrow the range");
    }

    @Test
    void passesOverWhatNoHostIsCalled() throws IOException {
        Path zone = file(
                "odd.zone", "$ORIGIN example.\nesc\\046dot IN A 192.0.2.1\nBücher IN A 192.0.2.2\nUP IN A 192.0.2.3\n");
        Found names = ZoneSource.read(zone, "", List.of(443));
        assertThat(names.targets()).extracting(Target::host).containsExactly("up.example");
        assertThat(names.passedOver())
                .hasSize(2)
                .anySatisfy(p -> assertThat(p).contains("'esc\\.dot.example' is no host name"));
        Path config = file("odd.yml", """
                scrape_configs:
                  - job_name: a
                    scheme: https
                    static_configs: [{targets: ['x y', 'straße.example', '10.0.0.999:1', "e\\e[1m.example"]}]
                """);
        Found targets = PrometheusSource.read(config, null);
        assertThat(targets.targets()).extracting(Target::host).containsExactly("xn--strae-oqa.example");
        assertThat(targets.passedOver())
                .hasSize(3)
                .contains("x y:443: 'x y' is no host name or address", "10.0.0.999:1: '10.0.0.999' is no IPv4 address")
                .noneSatisfy(p -> assertThat(p).contains("\u001b"));
    }

    @Test
    void asksJobsOfPrometheusByTheirServerName() throws IOException {
        Path config = file("names.yml", """
                scrape_configs:
                  - job_name: named
                    scheme: https
                    tls_config: {server_name: inner.example}
                    static_configs: [{targets: ['10.0.0.9:9100']}]
                  - job_name: probed
                    metrics_path: /probe
                    tls_config: {server_name: exporter.example}
                    static_configs: [{targets: ['shop.example']}]
                """);
        assertThat(PrometheusSource.read(config, null).targets())
                .extracting(Target::host, Target::sni)
                .containsExactly(tuple("10.0.0.9", "inner.example"), tuple("shop.example", null));
    }

    @Test
    void namesFilesOfPrometheusThatHoldNoTargets() throws IOException {
        Path config = file("files.yml", """
                scrape_configs:
                  - job_name: a
                    scheme: https
                    file_sd_configs: [{files: ['passwd', 'word.yml', 'good.yaml', 'none-*.json']}]
                """);
        file("passwd", "[{targets: [a.example]}]");
        Path word = file("word.yml", "root:x:0\n");
        file("good.yaml", "[{targets: [b.example]}]");
        Found found = PrometheusSource.read(config, null);
        assertThat(found.targets()).extracting(Target::host).containsExactly("b.example");
        assertThat(found.passedOver())
                .containsExactly(
                        "job a: passwd is neither .json nor .yml nor .yaml",
                        "job a: " + word + " holds no list of targets",
                        "job a: none-*.json names no file");
    }

    @Test
    void readsAllDatacentersOfConsul() throws IOException {
        String web =
                "[{\"Node\":\"n1\",\"Datacenter\":\"%s\",\"Address\":\"%s\",\"ServiceAddress\":\"\",\"ServicePort\":8080,\"ServiceTags\":[\"HTTPS\"],\"ServiceMeta\":{\"tls-server-name\":\"web.example\"}}]";
        HttpServer server = serving(
                "X-Consul-Token: secret",
                Map.of(
                        "/v1/catalog/datacenters", "[\"dc1\", \"dc two\"]",
                        "/v1/catalog/services?dc=dc1", "{\"web\": [\"https\"], \"db\": [], \"my mail\": []}",
                        "/v1/catalog/services?dc=dc+two", "{\"web\": [\"https\"]}",
                        "/v1/catalog/service/web?dc=dc1", web.formatted("dc1", "10.0.0.1"),
                        "/v1/catalog/service/web?dc=dc+two", web.formatted("dc two", "10.2.0.1"),
                        "/v1/catalog/service/db?dc=dc1",
                                "[{\"Address\":\"10.0.0.2\",\"ServicePort\":5432,\"ServiceTags\":[]}]",
                        "/v1/catalog/service/my%20mail?dc=dc1",
                                "[{\"Address\":\"10.0.0.3\",\"ServiceAddress\":\"mail.example\",\"ServicePort\":25,\"ServiceTags\":[],\"ServiceMeta\":{\"starttls\":\"smtp\"}}]"));
        try {
            Found found = ConsulSource.read(url(server), "secret", null, AddressGate.local());
            assertThat(found.targets())
                    .extracting(Target::host, Target::port, Target::sni, Target::starttls)
                    .containsExactlyInAnyOrder(
                            tuple("10.0.0.1", 8080, "web.example", null),
                            tuple("10.2.0.1", 8080, "web.example", null),
                            tuple("mail.example", 25, null, "smtp"));
            assertThat(found.targets().getFirst().tags())
                    .containsEntry("datacenter", "dc1")
                    .containsEntry("service", "web");
            assertThat(found.passedOver()).containsExactly("db: 1 instances without a word of TLS");
            assertThatThrownBy(() -> ConsulSource.read(url(server), null, null, AddressGate.internet()))
                    .hasMessageContaining("127.0.0.1");
            assertThatThrownBy(() -> ConsulSource.read(url(server), "wrong", null, AddressGate.local()))
                    .hasMessageContaining("answered 403; is the token right, and may it read this?");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void readsKubernetesAndNeverAKey() throws IOException {
        HttpServer server = serving(
                "Authorization: Bearer t",
                Map.of(
                        "/apis/networking.k8s.io/v1/ingresses?limit=500",
                                "{\"metadata\":{\"continue\":\"abc\"},\"items\":[{\"metadata\":{\"name\":\"shop\",\"namespace\":\"web\"},\"spec\":{\"tls\":[{\"hosts\":[\"shop.example\",\"*.shop.example\"],\"secretName\":\"shop-tls\"}]}}]}",
                        "/apis/networking.k8s.io/v1/ingresses?limit=500&continue=abc",
                                "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"all\",\"namespace\":\"web\"},\"spec\":{\"tls\":[{\"secretName\":\"x\"}],\"rules\":[{\"host\":\"one.example\"},{\"host\":\"two.example\"}]}},{\"metadata\":{\"name\":\"wild\",\"namespace\":\"web\"},\"spec\":{\"tls\":[{\"hosts\":[\"*.corp.example\"],\"secretName\":\"denied\"}],\"rules\":[{\"host\":\"a.corp.example\"},{\"host\":\"x.y.corp.example\"},{\"host\":\"b.example\"}]}}]}",
                        "/apis/gateway.networking.k8s.io/v1/gateways?limit=500",
                                "{\"items\":[{\"metadata\":{\"name\":\"edge\",\"namespace\":\"infra\"},\"spec\":{\"listeners\":[{\"name\":\"any\",\"protocol\":\"HTTPS\",\"port\":8443,\"hostname\":\"*.gw.example\"},{\"name\":\"plain\",\"protocol\":\"HTTP\",\"port\":80}]}}]}",
                        "/apis/gateway.networking.k8s.io/v1/httproutes?limit=500",
                                "{\"items\":[{\"metadata\":{\"name\":\"r\",\"namespace\":\"web\"},\"spec\":{\"parentRefs\":[{\"name\":\"edge\",\"namespace\":\"infra\"}],\"hostnames\":[\"a.gw.example\",\"b.other.example\"]}}]}",
                        "/api/v1/services?limit=500",
                                "{\"items\":[{\"metadata\":{\"name\":\"lb\",\"namespace\":\"web\"},\"spec\":{\"type\":\"LoadBalancer\",\"ports\":[{\"port\":443},{\"port\":80}]},\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.9\"}]}}}]}",
                        "/api/v1/namespaces/web/secrets/shop-tls",
                                "{\"data\":{\"tls.crt\":\"bm9uZQ==\",\"tls.key\":\"never\"}}"));
        try {
            Found found = KubernetesSource.read(
                    url(server), "t", null, new KubernetesSource.Wanted(true, true), AddressGate.local());
            assertThat(found.targets())
                    .extracting(Target::host, Target::port)
                    .containsExactly(
                            tuple("shop.example", 443),
                            tuple("one.example", 443),
                            tuple("two.example", 443),
                            tuple("a.corp.example", 443),
                            tuple("a.gw.example", 8443),
                            tuple("203.0.113.9", 443),
                            tuple("lb.web.svc", 443));
            assertThat(found.targets().getFirst().tags()).containsEntry("kubernetes", "ingress web/shop");
            assertThat(found.targets().toString()).doesNotContain("never");
            assertThat(found.passedOver())
                    .anySatisfy(p -> assertThat(p).startsWith("secret web/shop-tls: its tls.crt is no certificate"))
                    .anySatisfy(p -> assertThat(p).startsWith("secret web/denied: the token may not read it"))
                    .anySatisfy(p -> assertThat(p).contains("*.shop.example is a wildcard"))
                    .noneSatisfy(p -> assertThat(p).contains("*.corp.example"));
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

    /** Answers just these requests, with their query, and only to who shows this header. */
    private static HttpServer serving(String header, Map<String, String> answers) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String[] credential = header.split(": ", 2);
        server.createContext("/", exchange -> {
            boolean known = credential[1].equals(exchange.getRequestHeaders().getFirst(credential[0]));
            String answer = answers.get(exchange.getRequestURI().toString());
            byte[] bytes = (known ? String.valueOf(answer) : "no").getBytes(StandardCharsets.UTF_8);
            boolean denied = !known || exchange.getRequestURI().getPath().endsWith("/denied");
            exchange.sendResponseHeaders(denied ? 403 : answer == null ? 404 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }
}
