package io.tlsfleet.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {
    @Test
    void exposesEveryClosedLabelSetFromTheStartAtZero() throws Exception {
        try (RunningApi api = new RunningApi()) {
            String text = api.send("GET", "/metrics", null).body();
            assertThat(text)
                    .contains("tlsfleet_endpoints{state=\"never-scanned\"} 0")
                    .contains("tlsfleet_findings_open{rule=\"certificate.expired\",severity=\"critical\"} 0")
                    .contains("tlsfleet_owner_findings_open{owner=\"other\",severity=\"critical\"} 0")
                    .contains("tlsfleet_certificates_expiring{stage=\"expired\"} 0")
                    .contains("tlsfleet_scans_total{outcome=\"not-tls\",depth=\"verify\"} 0")
                    .contains("tlsfleet_connections_total{result=\"read-timeout\"} 0")
                    .contains("tlsfleet_probe_unknown_total{reason=\"client-certificate-required\"} 0")
                    .contains("tlsfleet_scan_duration_seconds_bucket{le=\"+Inf\"} 0")
                    .contains("tlsfleet_queue_due 0")
                    .contains("tlsfleet_queue_oldest_due_seconds 0")
                    .contains("tlsfleet_leases_held 0")
                    .contains("tlsfleet_leases_expired_total 0")
                    .contains("tlsfleet_notifications_pending 0")
                    .contains("tlsfleet_metrics_endpoints_omitted 0")
                    .contains("tlsfleet_build_info{version=\"test\",commit=\"commit\"} 1");
            promtool(text);
        }
    }

    @Test
    void staysReadableWithHostileOwnersAndCountsWhatWasScanned() throws Exception {
        try (RunningApi api = new RunningApi()) {
            StringBuilder targets = new StringBuilder("[{\"host\":\"h.example\",\"owner\":\"a\\\"b\\\\c\\nd\\u202e\"}");
            for (int i = 0; i < 80; i++) {
                targets.append(",{\"host\":\"h")
                        .append(i)
                        .append(".example\",\"owner\":\"o")
                        .append(i)
                        .append("\"}");
            }
            assertThat(api.post("/api/v1/targets", targets.append("]").toString())
                            .status())
                    .isEqualTo(201);
            assertThat(new Scanned(api).accepting("SSLv3", "TLSv1.2", "TLSv1.3"))
                    .isEqualTo(81);
            Thread.sleep(2100);
            String text = api.send("GET", "/metrics", null).body();
            assertThat(text)
                    .contains("tlsfleet_endpoints{state=\"findings\"} 81")
                    .contains("tlsfleet_findings_open{rule=\"protocol.sslv3-accepted\",severity=\"critical\"} 81")
                    .contains("tlsfleet_scans_total{outcome=\"complete\",depth=\"standard\"} 81")
                    .contains("tlsfleet_scan_duration_seconds_count 81")
                    .contains("tlsfleet_connections_total{result=\"ok\"} " + 81 * 27)
                    .contains("protocols=\"SSLv3,TLSv1.2,TLSv1.3\"")
                    .contains("a\\\"b\\\\c");
            assertThat(text.lines()
                            .filter(line -> line.startsWith("tlsfleet_owner_findings_open{"))
                            .count())
                    .isLessThanOrEqualTo(51 * 5);
            promtool(text);
            String probe = api.send("GET", "/probe?target=h.example:443&module=tls", null)
                    .body();
            assertThat(probe)
                    .contains("probe_success 1")
                    .contains("probe_duration_seconds 0.041")
                    .contains("probe_tls_version_info{version=\"TLS 1.3\"} 1")
                    .contains("tlsfleet_probe_finding{rule=\"protocol.sslv3-accepted\",severity=\"critical\"} 1");
            promtool(probe);
            assertThat(api.send("GET", "/probe?target=other.example:443", null)
                            .json()
                            .path("field")
                            .asText())
                    .isEqualTo("target");
            assertThat(api.send("GET", "/metrics", null, "X-Forwarded-For", "192.0.2.1")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void tellsLongNamesApartAndCountsWhatItLeavesOut() throws Exception {
        try (RunningApi api = new RunningApi()) {
            String label = "a".repeat(60);
            String name = String.join(".", label, label, label, "example");
            assertThat(api.post(
                                    "/api/v1/targets",
                                    "[{\"host\":\"%1$s\"},{\"host\":\"%1$s\",\"port\":8443},{\"host\":\"x.example\"},{\"host\":\"x.example\",\"sni\":\"y.example\"}]"
                                            .formatted(name))
                            .status())
                    .isEqualTo(201);
            assertThat(new Scanned(api).accepting("TLSv1.3")).isEqualTo(4);
            String text = api.send("GET", "/metrics", null).body();
            assertThat(text)
                    .contains("tlsfleet_endpoint_info{endpoint=\"" + name + ":443\"")
                    .contains("tlsfleet_endpoint_info{endpoint=\"" + name + ":8443\"")
                    .contains("tlsfleet_metrics_endpoints_omitted 0");
            promtool(text);
            // named twice, in the same words
            api.database.sql().change("UPDATE target SET sni = host WHERE sni = 'y.example'");
            Thread.sleep(2100);
            assertThat(api.send("GET", "/metrics", null).body()).contains("tlsfleet_metrics_endpoints_omitted 1");
        }
    }

    private static void promtool(String text) throws IOException, InterruptedException {
        Process promtool = new ProcessBuilder(List.of("promtool", "check", "metrics"))
                .redirectErrorStream(true)
                .start();
        promtool.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        promtool.getOutputStream().close();
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
    }
}
