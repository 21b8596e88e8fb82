package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Grade;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real nginx set up as a level of Mozilla's guide says has that level and none better; one step outside costs it. The
 * settings are written down here from the guide (6.0; old from 5.8), not taken from our policies. Debian's OpenSSL has no
 * 3DES, so old goes without its last suite.
 */
class MozillaLevelsOnNginxTest {
    private static final String INTERMEDIATE =
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                    + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
    private static final String OLD = INTERMEDIATE
            + ":ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"
            + "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:"
            + "AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA";
    private static final String CURVES = "X25519:prime256v1:secp384r1";

    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        certificate("p256", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        certificate("p384", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384");
        certificate("p521", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512");
        certificate("rsa", "rsa:2048");
        certificate("rsa384", "rsa:3072", "-sha384");
        certificate("weak", "rsa:1024");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static void certificate(String name, String... newKey) throws IOException {
        Path at = Files.createDirectory(directory.resolve(name));
        String[] words = new String[newKey.length + 1];
        words[0] = "-newkey";
        System.arraycopy(newKey, 0, words, 1, newKey.length);
        PeerProcess.certificate(at, words);
    }

    @ParameterizedTest(name = "{0} {1} {2} {3} -> {4}")
    @CsvSource(textBlock = """
            # exactly as the level says
            TLSv1.3,                         modern,       p256,      '',               modern
            TLSv1.3,                         modern,       p384,      '',               modern
            TLSv1.2 TLSv1.3,                 intermediate, p256,      '',               intermediate
            TLSv1.2 TLSv1.3,                 intermediate, rsa,       '',               intermediate
            TLSv1.2 TLSv1.3,                 intermediate, rsa+p256,  '',               intermediate
            TLSv1 TLSv1.1 TLSv1.2 TLSv1.3,   old,          rsa,       '',               old
            TLSv1 TLSv1.1 TLSv1.2 TLSv1.3,   old,          rsa+p256,  '',               old
            # less than the level allows is still within it, and still no better level
            TLSv1.2 TLSv1.3,                 ECDHE-ECDSA-AES256-GCM-SHA384, p256, '',   intermediate
            TLSv1.2 TLSv1.3,                 old,          rsa,       '',               old
            # one step outside
            TLSv1.3,                         modern,       rsa,       'RSA 2048',       intermediate
            TLSv1.3,                         modern,       p521,      'ECDSA P-521',    none
            TLSv1.2 TLSv1.3,                 modern-suites-too, p256, 'TLS 1.2',        intermediate
            TLSv1.2,                         intermediate, rsa,       'TLS 1.3',        old
            TLSv1.1 TLSv1.2 TLSv1.3,         old,          rsa,       'TLS 1.1',        old
            TLSv1.2 TLSv1.3,                 intermediate+AES128-GCM-SHA256, rsa, 'TLS_RSA_WITH_AES_128_GCM_SHA256', old
            TLSv1.2 TLSv1.3,                 intermediate+CAMELLIA128-SHA, rsa, 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA', none
            TLSv1 TLSv1.1 TLSv1.2 TLSv1.3,   old+NULL-SHA256, rsa,    'TLS_RSA_WITH_NULL_SHA256', none
            TLSv1.2 TLSv1.3,                 intermediate, weak,      'RSA 1024',       none
            TLSv1.2 TLSv1.3,                 intermediate, rsa384,    'sha384WithRSAEncryption', none
            """)
    void hasTheLevelItIsSetUpFor(String versions, String suites, String keys, String deviation, String level)
            throws IOException {
        try (PeerProcess nginx = nginx(versions, suites(suites), keys)) {
            Report report = judged(nginx.port(), "public-web");

            Grade.MozillaLevel grade =
                    (Grade.MozillaLevel) Objects.requireNonNull(report.grades().get("mozilla-6.0"));
            assertThat(grade.level()).as(grade.deviations().toString()).isEqualTo(level);
            assertThat(String.join("\n", grade.deviations())).contains(deviation);
            assertThat(grade.notAsked()).isEmpty();
        }
    }

    /** The policy of a level has nothing against a server that is set up as the level says. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
            mozilla-modern-6.0,       TLSv1.3,                       modern,       p256
            mozilla-intermediate-6.0, TLSv1.2 TLSv1.3,               intermediate, rsa+p256
            mozilla-old-5.8,          TLSv1 TLSv1.1 TLSv1.2 TLSv1.3, old,          rsa
            """)
    void itsPolicyForbidsNothingOfIt(String policy, String versions, String suites, String keys) throws IOException {
        try (PeerProcess nginx = nginx(versions, suites(suites), keys)) {
            assertThat(judged(nginx.port(), policy).findings())
                    .extracting(Finding::rule)
                    .noneMatch(rule -> rule.endsWith("not-in-policy"))
                    .noneMatch(rule -> rule.startsWith("protocol."))
                    .noneMatch(rule -> rule.equals("cipher.no-forward-secrecy") || rule.equals("cipher.weak-first"));
        }
    }

    private static String suites(String word) {
        return word.replace("modern-suites-too", "ECDHE-ECDSA-CHACHA20-POLY1305")
                .replace("modern", INTERMEDIATE)
                .replace("intermediate", INTERMEDIATE)
                .replace("old", OLD)
                .replace('+', ':');
    }

    private static Report judged(int port, String policy) {
        return Judge.judge(
                rig.scan(port, Depth.STANDARD),
                List.of(Policies.named(policy)),
                List.of(),
                Memory.NONE,
                Instant.parse("2026-11-21T08:00:00Z"));
    }

    private static PeerProcess nginx(String versions, String suites, String keys) throws IOException {
        int port = PeerProcess.freePort();
        Path home = Files.createTempDirectory(directory, "nginx");
        StringBuilder certificates = new StringBuilder();
        for (String key : keys.split("\\+", -1)) {
            certificates
                    .append("ssl_certificate ")
                    .append(directory.resolve(key).resolve("cert.pem"))
                    .append("; ssl_certificate_key ")
                    .append(directory.resolve(key).resolve("key.pem"))
                    .append("; ");
        }
        Files.writeString(home.resolve("nginx.conf"), """
                daemon off; pid n.pid; error_log stderr; events {}
                http { access_log off; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
                  server { listen 127.0.0.1:%d ssl; ssl_protocols %s; ssl_ciphers %s:@SECLEVEL=0; ssl_ecdh_curve %s;
                    ssl_prefer_server_ciphers %s; %s add_header Strict-Transport-Security "max-age=63072000" always;
                    location / { return 200 ok; } } }
                """.formatted(
                        port, versions, suites, CURVES, versions.contains("TLSv1 ") ? "on" : "off", certificates));
        return PeerProcess.start(
                home, port, List.of("nginx", "-p", home.toString(), "-c", "nginx.conf", "-e", "stderr"));
    }
}
