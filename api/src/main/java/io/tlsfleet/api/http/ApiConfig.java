package io.tlsfleet.api.http;

import io.tlsfleet.fleet.target.AddressRange;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.tls.keys.ClientIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the server is reached. Without TLS it listens on loopback, or on other addresses for trusted proxies alone. A port
 * of 0 takes a free one.
 */
public record ApiConfig(
        String bind,
        int port,
        @Nullable Tls tls,
        List<AddressRange> trustedProxies,
        @Nullable String publicUrl,
        String webRoot,
        long maxBodyBytes,
        long maxImportBytes,
        int maxRequests,
        int perEndpointMetrics) {
    public static final int DEFAULT_PORT = 8080;
    public static final String LOOPBACK = "127.0.0.1";

    /** Files, read again when they change: PEM, the certificate also DER or PKCS#7. {@code asksWorkers}: who connects is asked for a certificate, and may have none. */
    public record Tls(Path certificate, Path key, boolean asksWorkers) {
        public Tls(Path certificate, Path key) {
            this(certificate, key, false);
        }

        /** What they hold; {@code IllegalArgumentException} names the file that cannot be used, and why. */
        ClientIdentity identity() {
            byte[] chain = read("--tls-certificate", certificate);
            byte[] secret = read("--tls-key", key);
            try {
                return ClientIdentity.of(chain, secret);
            } catch (ClientIdentity.Unusable e) {
                String first = "--tls-certificate " + certificate;
                String second = "--tls-key " + key;
                String named = switch (e.part()) {
                    case CERTIFICATE -> first;
                    case KEY -> second;
                    case BOTH -> first + ", " + second;
                };
                throw new IllegalArgumentException(named + ": " + e.getMessage(), e);
            }
        }

        /** That both can be read and belong together. */
        public void check() {
            identity();
        }

        private static byte[] read(String option, Path file) {
            try {
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw new IllegalArgumentException(option + " " + file + ": " + FileFault.of(e), e);
            }
        }
    }

    public ApiConfig {
        trustedProxies = List.copyOf(trustedProxies);
        publicUrl = publicUrl == null ? null : PublicUrl.checked(publicUrl);
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is out of range 1 to 65535");
        }
        if (!isLoopback(bind) && tls == null && trustedProxies.isEmpty()) {
            throw new IllegalArgumentException(
                    "--bind " + bind + " is reachable from other machines, so TLS must be on: give"
                            + " --tls-certificate and --tls-key, or --trusted-proxy for the proxy in front that ends TLS");
        }
    }

    /** As {@code up} has it. */
    public static ApiConfig loopback(int port) {
        return new ApiConfig(LOOPBACK, port, null, List.of(), null, "webroot", 4 << 20, 1L << 30, 256, 10_000);
    }

    public ApiConfig withBind(String address) {
        return new ApiConfig(
                address,
                port,
                tls,
                trustedProxies,
                publicUrl,
                webRoot,
                maxBodyBytes,
                maxImportBytes,
                maxRequests,
                perEndpointMetrics);
    }

    /** Where people reach the pages: what was said, else this machine, else unknown. */
    public @Nullable String linkBase() {
        String host = bind.indexOf(':') >= 0 ? "[" + bind + "]" : bind;
        return publicUrl != null
                ? publicUrl
                : isLoopback() && port > 0 ? (tls == null ? "http://" : "https://") + host + ":" + port : null;
    }

    /** The path below which people reach all of it, as {@code /tls}; empty where it is the root. */
    public String prefix() {
        return publicUrl == null ? "" : publicUrl.replaceFirst("^https?://[^/]*", "");
    }

    public boolean isLoopback() {
        return isLoopback(bind);
    }

    private static boolean isLoopback(String bind) {
        return bind.equals("localhost") || Peer.isLoopback(bind);
    }
}
