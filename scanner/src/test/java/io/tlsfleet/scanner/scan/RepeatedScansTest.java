package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same server asked again says the same, near by and on a bad way. {@code -Dloss.repeats=50} is the long run, in a network
 * that loses packets: {@code bench/run loss}, see {@code docs/decisions/engine-honesty.md}.
 */
class RepeatedScansTest {
    private static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");
    private static final int REPEATS = Integer.getInteger("loss.repeats", 6);
    private static final long SEED = Long.getLong("loss.seed", 20261121);
    private static final int AT_ONCE = 3;

    /** So much of a hundred facts is still known on the bad way: a scan that gave up at once would never be wrong. */
    private static final int KNOWN_AT_LEAST = Integer.getInteger("loss.known", 60);

    @TempDir
    static Path directory;

    private static PeerProcess server;
    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        for (String kind : List.of("rsa", "ec")) {
            Files.createDirectory(directory.resolve(kind));
        }
        PeerProcess.certificate(directory.resolve("rsa"), "-newkey", "rsa:2048");
        PeerProcess.certificate(directory.resolve("ec"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        int port = PeerProcess.freePort();
        Path conf = Files.writeString(directory.resolve("nginx.conf"), """
                daemon off; master_process off; pid DIR/nginx.pid; error_log DIR/nginx.log;
                events { worker_connections 512; }
                http {
                  access_log off;
                  server {
                    listen 127.0.0.1:PORT ssl http2; server_name localhost;
                    ssl_certificate DIR/rsa/cert.pem; ssl_certificate_key DIR/rsa/key.pem;
                    ssl_certificate DIR/ec/cert.pem; ssl_certificate_key DIR/ec/key.pem;
                    ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1;
                    ssl_prefer_server_ciphers on; ssl_session_cache shared:a:1m;
                    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA:@SECLEVEL=0;
                    location / { return 200 ok; }
                  }
                }
                """.replace("DIR", directory.toString())
                .replace("PORT", Integer.toString(port)));
        server = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
        rig = new Rig(new Politeness(64, 1000, 1000, 0), Limits.STANDARD, Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() {
        rig.close();
        server.close();
    }

    @Test
    void twoScansOfAQuietServerAreEqualButForTimes() {
        Observation first = rig.scan(server.port(), Depth.FULL);
        assertThat(first.coverage()).isEmpty();
        assertThat(withoutTimes(rig.scan(server.port(), Depth.FULL))).isEqualTo(withoutTimes(first));
        assertThat(withoutTimes(rig.scan(server.port(), Depth.STANDARD)))
                .isEqualTo(withoutTimes(rig.scan(server.port(), Depth.STANDARD)))
                .isNotEqualTo(withoutTimes(first));
    }

    @Test
    void aBadWayTakesAwayFactsAndChangesNone() throws InterruptedException, ExecutionException {
        FactSheet truth = FactSheet.of(undoubted());
        List<String> lies = new ArrayList<>();
        int known = 0;
        int fewest = Integer.MAX_VALUE;
        int facts = truth.facts().size() + truth.lists().size();
        try (ExecutorService scans = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Observation>> all = new ArrayList<>();
            for (int i = 0; i < REPEATS; i++) {
                long seed = SEED + i;
                all.add(scans.submit(() -> onTheBadWay(seed)));
            }
            for (int i = 0; i < REPEATS; i++) {
                Observation seen = all.get(i).get();
                FactSheet sheet = FactSheet.of(seen);
                int here = sheet.agreesWith(truth);
                known += here;
                fewest = Math.min(fewest, here);
                for (String lie : sheet.liesAgainst(truth)) {
                    lies.add("seed " + (SEED + i) + ": " + lie);
                }
                System.out.printf(
                        "seed %d: %d of %d facts known, %s, %d connections, %d ms%n",
                        SEED + i,
                        here,
                        facts,
                        seen.scan().outcome().word(),
                        seen.scan().connections(),
                        seen.scan().durationMillis());
            }
        }
        System.out.printf(
                "%d repeats: %d facts right, %d wrong, %d unknown%n",
                REPEATS, known, lies.size(), REPEATS * facts - known - lies.size());
        assertThat(lies).isEmpty();
        assertThat(fewest * 100 / facts).isGreaterThanOrEqualTo(KNOWN_AT_LEAST);
    }

    private static Observation onTheBadWay(long seed) {
        try (LongWay way = new LongWay(server.port(), 200, new LongWay.Troubles(2, 2, 5), seed)) {
            return rig.scan(way.port(), Depth.STANDARD);
        }
    }

    /** Without doubt even where the network itself loses packets. */
    private static Observation undoubted() {
        Observation seen = rig.scan(server.port(), Depth.STANDARD);
        for (int attempt = 0; !seen.coverage().isEmpty() && attempt < 10; attempt++) {
            seen = rig.scan(server.port(), Depth.STANDARD);
        }
        assertThat(seen.coverage()).isEmpty();
        assertThat(Rig.suites(seen, "TLSv1.2"))
                .containsExactly(
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_RSA_WITH_AES_128_CBC_SHA");
        assertThat(Rig.suites(seen, "TLSv1.3")).hasSize(3);
        assertThat(Rig.groups(seen, "TLSv1.3")).containsExactlyInAnyOrder("x25519", "secp256r1");
        return seen;
    }

    /** The report, but for when it was made, how long it took, and bytes: an ECDSA signature is 70 to 72 of them. */
    private static JsonNode withoutTimes(Observation seen) {
        try {
            ObjectNode report = (ObjectNode)
                    new ObjectMapper().readTree(Json.write(Judge.judge(seen, List.of(), List.of(), Memory.NONE, AT)));
            report.remove(List.of("timing"));
            ((ObjectNode) report.get("scan")).remove(List.of("startedAt", "durationMillis", "bytesReceived"));
            return report;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
