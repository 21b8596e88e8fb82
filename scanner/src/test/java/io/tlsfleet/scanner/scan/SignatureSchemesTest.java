package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every scheme that OpenSSL was told to sign with, and none that it was not. */
@Timeout(90)
class SignatureSchemesTest {
    @TempDir
    Path directory;

    @Test
    void findsExactlyTheSchemesThatAreConfigured() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        assertThat(schemes("-sigalgs", "RSA-PSS+SHA384:RSA+SHA512:RSA-PSS+SHA512:ECDSA+SHA256"))
                .containsOnlyKeys("TLSv1.2", "TLSv1.3")
                .hasEntrySatisfying(
                        "TLSv1.2",
                        seen -> assertThat(seen)
                                .containsExactlyInAnyOrder(
                                        "rsa_pss_rsae_sha384", "rsa_pkcs1_sha512", "rsa_pss_rsae_sha512"))
                .hasEntrySatisfying(
                        "TLSv1.3",
                        seen -> assertThat(seen)
                                .containsExactlyInAnyOrder("rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"));
    }

    @Test
    void knowsThatTls13TiesTheCurveToTheHashAndTls12DoesNot() {
        PeerProcess.certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1");
        assertThat(schemes("-sigalgs", "ECDSA+SHA256:ECDSA+SHA384"))
                .hasEntrySatisfying(
                        "TLSv1.2",
                        seen -> assertThat(seen)
                                .containsExactlyInAnyOrder("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"))
                .hasEntrySatisfying("TLSv1.3", seen -> assertThat(seen).containsExactly("ecdsa_secp384r1_sha384"));
    }

    @Test
    void findsEdwardsCurvesAndNothingElseForTheirKeys() {
        PeerProcess.certificate(directory, "-newkey", "ed25519");
        assertThat(schemes())
                .hasEntrySatisfying("TLSv1.2", seen -> assertThat(seen).containsExactly("ed25519"))
                .hasEntrySatisfying("TLSv1.3", seen -> assertThat(seen).containsExactly("ed25519"));
    }

    /** Also where two keys are for the same suites. */
    @Test
    void findsTheChainOfEveryKey() throws IOException {
        Path second = Files.createDirectory(directory.resolve("second"));
        for (List<String> keys : List.of(List.of("ed25519", "ed448"), List.of("rsa:2048", "rsa-pss"))) {
            PeerProcess.certificate(directory, "-newkey", keys.getFirst());
            PeerProcess.certificate(second, "-newkey", keys.getLast());
            for (String version : List.of("-tls1_3", "-tls1_2")) {
                try (PeerProcess server = server("-dcert", "second/cert.pem", "-dkey", "second/key.pem", version);
                        Rig rig = new Rig()) {
                    Depth depth = version.equals("-tls1_3") ? Depth.STANDARD : Depth.FULL;
                    Observation seen = rig.scan(server.port(), depth);
                    assertThat(seen.served()).as("%s %s", keys, version).hasSize(2);
                    assertThat(seen.coverage()).noneMatch(c -> c.fact().startsWith("/signatureSchemes"));
                }
            }
        }
    }

    /** Two keys of which each has schemes of its own. */
    @Test
    void asksForEveryKindOfKeyWithinTheBudget() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        Path second = Files.createDirectory(directory.resolve("ec"));
        PeerProcess.certificate(second, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl; ssl_protocols TLSv1.2 TLSv1.3;
                  ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem;
                  ssl_certificate %1$s/ec/cert.pem; ssl_certificate_key %1$s/ec/key.pem;
                  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; location / { return 200 ok; } } }
                """.formatted(directory, port));
        try (PeerProcess nginx = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
                Rig rig = new Rig()) {
            Observation seen = rig.scan(nginx.port(), Depth.FULL);
            Map<String, List<String>> schemes = Objects.requireNonNull(seen.signatureSchemes());
            assertThat(schemes.get("TLSv1.2"))
                    .contains(
                            "ecdsa_secp256r1_sha256",
                            "ecdsa_secp384r1_sha384",
                            "ecdsa_secp521r1_sha512",
                            "rsa_pkcs1_sha256",
                            "rsa_pkcs1_sha384",
                            "rsa_pkcs1_sha512",
                            "rsa_pss_rsae_sha256",
                            "rsa_pss_rsae_sha384",
                            "rsa_pss_rsae_sha512")
                    .doesNotContain("rsa_pkcs1_md5", "ed25519", "rsa_pss_pss_sha256");
            assertThat(schemes.get("TLSv1.3"))
                    .containsExactlyInAnyOrder(
                            "ecdsa_secp256r1_sha256",
                            "rsa_pss_rsae_sha256",
                            "rsa_pss_rsae_sha384",
                            "rsa_pss_rsae_sha512");
            assertThat(seen.coverage()).isEmpty();
            assertThat(seen.scan().connections()).isLessThanOrEqualTo(66);
        }
    }

    private PeerProcess server(String... more) {
        List<String> words = new ArrayList<>(
                List.of("openssl", "s_server", "-accept", "{port}", "-cert", "cert.pem", "-key", "key.pem"));
        words.addAll(List.of(more));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }

    private Map<String, List<String>> schemes(String... more) {
        try (PeerProcess server = server(more);
                Rig rig = new Rig()) {
            Observation seen = rig.scan(server.port(), Depth.FULL);
            assertThat(seen.coverage()).noneMatch(c -> c.fact().startsWith("/signatureSchemes"));
            return Objects.requireNonNull(seen.signatureSchemes());
        }
    }
}
