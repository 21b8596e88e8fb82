package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 500 names behind one address and port of nginx, and three that are not like the others; connections counted before the server. */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class ManyNamesTest {
    private static final int NAMES = 500;

    @TempDir
    Path directory;

    @Test
    void asksEqualNamesInSixConnectionsAndUnequalOnesWhole() throws Exception {
        for (String kind : List.of("rsa", "ec")) {
            Files.createDirectory(directory.resolve(kind));
        }
        PeerProcess.certificate(directory.resolve("rsa"), "-newkey", "rsa:2048");
        PeerProcess.certificate(directory.resolve("ec"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        try (PeerProcess nginx = nginx();
                Front front = new Front((client, number) -> Front.relay(client, nginx.port(), new byte[0]));
                Rig rig = new Rig();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < NAMES; i++) {
                names.add("n" + i + ".example");
            }
            names.add(0, "weak.example");
            names.add(200, "other-key.example");
            names.add(300, "asking.example");
            Map<String, Future<Observation>> scans = new HashMap<>();
            for (String name : names) {
                scans.put(name, threads.submit(() -> rig.scan(front.port(), Depth.STANDARD, name)));
            }
            int whole = 0;
            int most = 0;
            int counted = 0;
            for (String name : names) {
                Observation seen = scans.get(name).get();
                assertThat(seen.scan().outcome()).as(name).isEqualTo(Outcome.COMPLETE);
                counted += seen.scan().connections();
                boolean inferred = seen.coverage().stream().anyMatch(c -> Boolean.TRUE.equals(c.inferred()));
                if (name.startsWith("n")) {
                    whole += inferred ? 0 : 1;
                    most = inferred ? Math.max(most, seen.scan().connections()) : most;
                    assertThat(Rig.suites(seen, "TLSv1.2"))
                            .as(name)
                            .containsExactlyInAnyOrder(
                                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
                    assertThat(seen.clientAuthentication().mode()).isEqualTo("none");
                    assertThat(seen.served()).hasSize(1);
                    assertThat(seen.endpoint().sni()).isEqualTo(name);
                } else {
                    assertThat(inferred).as(name).isFalse();
                }
            }
            System.err.printf(
                    "names: %d at one listener, %d asked whole, the others in at most %d connections, %d in all%n",
                    names.size(), whole + 3, most, front.accepted());
            // the first on the listener was one of the three: those that were asked beside it were asked whole too
            assertThat(whole).as("names asked whole").isBetween(1, 4);
            assertThat(most).isLessThanOrEqualTo(6);
            assertThat(front.accepted()).isEqualTo(counted);
            assertThat(Rig.suites(scans.get("weak.example").get(), "TLSv1.2")).contains("TLS_RSA_WITH_AES_128_CBC_SHA");
            assertThat(Rig.suites(scans.get("other-key.example").get(), "TLSv1.2"))
                    .containsExactly("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
            assertThat(scans.get("asking.example").get().clientAuthentication().mode())
                    .isEqualTo("requested");
        }
    }

    private PeerProcess nginx() throws IOException {
        int port = PeerProcess.freePort();
        String equal = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384";
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(
                conf,
                """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 2048; }
                http { access_log off; server_names_hash_max_size 4096; ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1;
                """.formatted(directory)
                        + server(port, "~^n[0-9]+", "rsa", equal, "")
                        + server(port, "weak.example", "rsa", equal + ":AES128-SHA", "")
                        + server(port, "other-key.example", "ec", "ECDHE-ECDSA-AES128-GCM-SHA256", "")
                        + server(
                                port,
                                "asking.example",
                                "rsa",
                                equal,
                                "ssl_verify_client optional_no_ca; ssl_client_certificate " + directory
                                        + "/rsa/cert.pem;")
                        + "}");
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }

    private String server(int port, String name, String kind, String ciphers, String more) {
        return """
                server { listen 127.0.0.1:%1$d ssl; server_name %2$s; ssl_certificate %3$s/%4$s/cert.pem;
                  ssl_certificate_key %3$s/%4$s/key.pem; ssl_ciphers %5$s; %6$s location / { return 200 ok; } }
                """.formatted(port, name, directory, kind, ciphers, more);
    }
}
