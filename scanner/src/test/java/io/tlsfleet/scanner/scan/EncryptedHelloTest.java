package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.scanner.resolve.Bind;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted Client Hello against NSS' selfserv, which has the key, with the records of a real BIND. */
@Timeout(60)
class EncryptedHelloTest {
    @TempDir
    Path directory;

    @Test
    void tellsAServerThatReadsTheInnerHelloFromOneThatHasAnotherKey() throws Exception {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        PeerProcess.run(
                directory,
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                "cert.pem",
                "-inkey",
                "key.pem",
                "-name",
                "srv",
                "-out",
                "srv.p12",
                "-passout",
                "pass:");
        PeerProcess.run(directory, "certutil", "-N", "-d", "sql:.", "--empty-password");
        PeerProcess.run(directory, "pk12util", "-i", "srv.p12", "-d", "sql:.", "-W", "");
        KeyPair keys = keys();
        byte[] owned = configs(keys);
        byte[] foreign = configs(keys());
        int port = PeerProcess.freePort();
        try (PeerProcess _ = PeerProcess.start(
                        directory,
                        port,
                        List.of(
                                "selfserv",
                                "-d",
                                "sql:.",
                                "-n",
                                "srv",
                                "-p",
                                "" + port,
                                "-V",
                                "tls1.2:tls1.3",
                                "-X",
                                nssKey(keys, owned)));
                Bind bind = Bind.start(directory, """
                        _%1$d._https.good IN HTTPS 1 . alpn=http/1.1 ech=%2$s
                        _%1$d._https.stale IN HTTPS 1 . alpn=http/1.1 ech=%3$s
                        _%1$d._https.none IN HTTPS 1 . alpn=http/1.1
                        """.formatted(port, base64(owned), base64(foreign)), "");
                Rig rig = new Rig(bind.validating())) {
            Observation good = rig.scan(port, Depth.FULL, "good.shop.test");
            assertThat(Objects.requireNonNull(Objects.requireNonNull(good.dns()).https())
                            .ech())
                    .isTrue();
            assertThat(good.features()).containsEntry("encryptedClientHello", FactState.ACCEPTED);
            assertThat(rules(good)).doesNotContain("dns.ech-not-honoured");

            Observation stale = rig.scan(port, Depth.FULL, "stale.shop.test");
            assertThat(stale.features()).containsEntry("encryptedClientHello", FactState.REFUSED);
            assertThat(rules(stale)).contains("dns.ech-not-honoured");

            // without a configuration at hand, a GREASE offer brings the server's own
            assertThat(rig.scan(port, Depth.FULL, "none.shop.test").features())
                    .containsEntry("encryptedClientHello", FactState.ACCEPTED);
        }
    }

    private static List<String> rules(Observation seen) {
        return Judge.judge(
                        seen,
                        List.of(Objects.requireNonNull(Policies.find(Policies.DEFAULT))),
                        List.of(),
                        Memory.NONE,
                        Instant.parse("2026-11-21T08:00:00Z"))
                .findings()
                .stream()
                .map(f -> f.rule())
                .toList();
    }

    private static KeyPair keys() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("X25519").generateKeyPair();
    }

    /** The last 32 bytes of its SubjectPublicKeyInfo. */
    private static byte[] publicKey(KeyPair keys) {
        byte[] spki = keys.getPublic().getEncoded();
        return Arrays.copyOfRange(spki, spki.length - 32, spki.length);
    }

    private static byte[] configs(KeyPair keys) {
        return ByteWriter.write(list -> list.vec16(all -> all.u16(0xFE0D)
                .vec16(c -> c.u8(7)
                        .u16(0x20)
                        .vec16(publicKey(keys))
                        .vec16(suites -> suites.u16(1).u16(1))
                        .u8(64)
                        .vec8("public.example".getBytes(StandardCharsets.US_ASCII))
                        .u16(0))));
    }

    /** selfserv's form: a PKCS #8 with NSS' own OID for the curve, then the configurations. */
    private static String nssKey(KeyPair keys, byte[] configs) {
        byte[] pkcs8 = keys.getPrivate().getEncoded();
        byte[] secret = Arrays.copyOfRange(pkcs8, pkcs8.length - 32, pkcs8.length);
        HexFormat hex = HexFormat.of();
        byte[] key = ByteWriter.write(
                w -> w.raw(hex.parseHex("3067020100301406072a8648ce3d020106092b06010401da470f01044c304a0201010420"))
                        .raw(secret)
                        .raw(hex.parseHex("a123032100"))
                        .raw(publicKey(keys)));
        return base64(ByteWriter.write(w -> w.vec16(key).raw(configs)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
