package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.scanner.resolve.Bind;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What surrounds an endpoint, found by a scan beside a real nginx and a real BIND. */
@Timeout(60)
class SurroundingsTest {
    @TempDir
    Path directory;

    @Test
    void setsTheNamesRecordsBesideTheServedChain() throws Exception {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        CertificateFacts leaf = leaf();
        String key = HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256").digest(leaf.key().spki()));
        int port = PeerProcess.freePort();
        try (PeerProcess nginx = nginx(port);
                Bind bind = Bind.start(
                        directory,
                        """
                        www IN A 127.0.0.1
                        _%1$d._tcp.www IN TLSA 3 1 1 %2$s
                        _%1$d._tcp.www IN TLSA 3 0 1 %3$s
                        _%1$d._tcp.www IN TLSA 2 0 1 %3$s
                        _%1$d._tcp.www IN TLSA 9 0 1 %3$s
                        _%1$d._tcp.old IN TLSA 3 1 1 %4$s
                        @ IN CAA 0 issue "letsencrypt.org"
                        """.formatted(port, key, leaf.sha256(), "00".repeat(32)),
                        "_%d._tcp.old IN TLSA 3 1 1 %s\n".formatted(port, "00".repeat(32)));
                Rig rig = new Rig(bind.validating())) {
            Report good = judged(rig.scan(nginx.port(), Depth.FULL, "www.shop.test"));
            Observation.Dns dns = Objects.requireNonNull(good.dns());
            assertThat(dns.addresses()).containsExactly("127.0.0.1");
            assertThat(dns.caa()).containsExactly("0 issue \"letsencrypt.org\"");
            assertThat(dns.authenticated()).isTrue();
            assertThat(dns.https()).isNull();
            assertThat(dns.tlsa())
                    .extracting(t -> t.usage() + " " + t.selector() + " " + t.matches())
                    .containsExactlyInAnyOrder("3 1 true", "3 0 true", "2 0 false", "9 0 null");
            assertThat(good.coverage()).noneMatch(c -> c.fact().startsWith("/dns"));
            assertThat(rules(good)).doesNotContain("dns.tlsa-mismatch", "dns.caa-missing");

            assertThat(rules(judged(rig.scan(nginx.port(), Depth.FULL, "old.shop.test"))))
                    .contains("dns.tlsa-mismatch");
            Report insecure = judged(rig.scan(nginx.port(), Depth.FULL, "old.plain.test"));
            Observation.Dns unsigned = Objects.requireNonNull(insecure.dns());
            assertThat(unsigned.authenticated()).isFalse();
            assertThat(unsigned.tlsa())
                    .extracting(Observation.Dns.Tlsa::matches)
                    .containsExactly(false);
            assertThat(rules(insecure)).doesNotContain("dns.tlsa-mismatch").contains("dns.caa-missing");

            Report elsewhere = judged(rig.scan(nginx.port(), Depth.FULL, "www.elsewhere.example"));
            assertThat(elsewhere.coverage())
                    .extracting(Observation.Coverage::fact)
                    .contains("/dns/addresses", "/dns/caa", "/dns/tlsa", "/dns/https", "/dns/authenticated");
            assertThat(rules(elsewhere)).doesNotContain("dns.caa-missing");
            assertThat(rig.scan(nginx.port(), Depth.STANDARD, "www.shop.test").dns())
                    .isNull();
        }
    }

    private static Report judged(Observation seen) {
        return Judge.judge(
                seen,
                List.of(Objects.requireNonNull(Policies.find(Policies.DEFAULT))),
                List.of(),
                Memory.NONE,
                Instant.parse("2026-11-21T08:00:00Z"));
    }

    private static List<String> rules(Report report) {
        return report.findings().stream().map(f -> f.rule()).toList();
    }

    private CertificateFacts leaf() throws IOException {
        String pem = Files.readString(directory.resolve("cert.pem"));
        return CertificateFacts.read(Base64.getMimeDecoder()
                .decode(pem.replaceAll("-----[A-Z ]+-----", "").strip()));
    }

    private PeerProcess nginx(int port) throws IOException {
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl;
                  ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem; location / { return 200 ok; } } }
                """.formatted(directory, port));
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }
}
