package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.fingerprint.Ja4Plus;
import io.tlsfleet.tls.fingerprint.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JARM of four stacks on loopback at depth standard. The values are those of the reference (salesforce/jarm, jarm.py at
 * e00ad79b0216) against the same servers set up in the same way, recorded on 2026-11-21 with OpenSSL 3.0 and nginx 1.22 of
 * Debian 12, its caddy 2.6 and JDK 25; {@code -Djarm.reference=FILE} asks that script again instead of our scanner.
 */
class ExtrasTest {
    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        rig = new Rig(new Extras(null, true));
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void knowsOpenSslByItsJarm() {
        try (PeerProcess server = openssl()) {
            assertThat(jarm(server.port())).isEqualTo("07d14d16d21d21d00042d43d000000aa99ce74e2c6d013c745aa52b5cc042d");
        }
    }

    @Test
    void knowsNginxByItsJarm() throws IOException {
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl http2; server_name localhost;
                  ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem; ssl_protocols TLSv1.2 TLSv1.3; } }
                """.formatted(directory, port));
        try (PeerProcess server = PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()))) {
            assertThat(jarm(server.port())).isEqualTo("21d19d00021d21d00042d43d00000091f9827a8676a9d9f27d421962a09b5d");
        }
    }

    @Test
    void knowsGoByItsJarm() throws IOException {
        int port = PeerProcess.freePort();
        Path config = directory.resolve("caddy.json");
        Files.writeString(config, """
                {"admin": {"disabled": true}, "apps": {
                  "http": {"servers": {"s": {"listen": ["127.0.0.1:%d"], "automatic_https": {"disable": true},
                    "tls_connection_policies": [{}], "routes": [{"handle": [{"handler": "static_response", "body": "ok"}]}]}}},
                  "tls": {"certificates": {"load_files": [{"certificate": "%2$s/cert.pem", "key": "%2$s/key.pem"}]}}}}
                """.formatted(port, directory));
        try (PeerProcess server =
                PeerProcess.start(directory, port, List.of("caddy", "run", "--config", config.toString()))) {
            assertThat(jarm(server.port())).isEqualTo("3fd3fd00000000000043d3fd3fd43d1f95be2da273ef2c8a48299dbff3c2cf");
        }
    }

    @Test
    void knowsJavaByItsJarm() throws Exception {
        PeerProcess.run(
                directory,
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                "cert.pem",
                "-inkey",
                "key.pem",
                "-out",
                "k.p12",
                "-passout",
                "pass:changeit");
        KeyStore keys = KeyStore.getInstance(directory.resolve("k.p12").toFile(), "changeit".toCharArray());
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        try (SSLServerSocket listening = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> serve(listening));
            assertThat(jarm(listening.getLocalPort()))
                    .isEqualTo("2ad2ad16d2ad2ad00042d42d00042ddb04deffa1705e2edc44cae1ed24a4da");
        }
    }

    private static void serve(SSLServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) listening.accept();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        socket.startHandshake();
                    } catch (SSLHandshakeException e) {
                        // the question was answered
                    } catch (IOException e) {
                        // so it was
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    @Test
    void takesJa4sAndJa4xOnlyWhereThePluginWasAskedFor() {
        Ja4Plus plugin = new Ja4Plus() {
            @Override
            public Ja4s ja4s(byte[] serverHello, Transport transport) {
                return new Ja4s("s" + serverHello.length, transport.word());
            }

            @Override
            public String ja4x(byte[] certificate) {
                return "x" + certificate.length;
            }
        };
        try (PeerProcess server = openssl();
                Rig plus = new Rig(new Extras(plugin, false))) {
            Observation.Fingerprints with = Objects.requireNonNull(
                    plus.scan(server.port(), Depth.STANDARD).fingerprints());
            assertThat(with.ja4s())
                    .hasSameSizeAs(with.ja3s())
                    .allSatisfy(f -> assertThat(f.hash()).matches("s[0-9]+"));
            assertThat(with.ja4x())
                    .singleElement()
                    .satisfies(f -> assertThat(f.hash()).matches("x[0-9]+"));
            assertThat(with.jarm()).as("not asked for below depth full").isNull();
            Observation.Fingerprints without = Objects.requireNonNull(
                    rig.scan(server.port(), Depth.STANDARD).fingerprints());
            assertThat(without.ja4s()).isNull();
            assertThat(without.ja4x()).isNull();
        }
    }

    private static PeerProcess openssl() {
        int port = PeerProcess.freePort();
        return PeerProcess.start(
                directory,
                port,
                List.of("openssl", "s_server", "-accept", "127.0.0.1:" + port, "-cert", "cert.pem", "-key", "key.pem"));
    }

    private static String jarm(int port) {
        String file = System.getProperty("jarm.reference");
        if (file != null) {
            String told = PeerProcess.run(directory, "python3", file, "localhost", "-p", Integer.toString(port));
            return told.replaceFirst("(?s).*JARM: ([0-9a-f]{62}).*", "$1");
        }
        Observation seen = rig.scan(port, Depth.STANDARD);
        return Objects.requireNonNull(
                Objects.requireNonNull(seen.fingerprints()).jarm());
    }
}
