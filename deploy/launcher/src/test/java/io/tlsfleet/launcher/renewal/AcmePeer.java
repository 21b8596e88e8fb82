package io.tlsfleet.launcher.renewal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** An ACME server's unauthenticated half: the directory, and renewal information of certificates that it knows (RFC 9773). */
final class AcmePeer implements AutoCloseable {
    record Window(Instant start, Instant end, @Nullable String explanation) {}

    final List<String> asked = new CopyOnWriteArrayList<>();
    final Map<CertificateFacts, Window> windows = new ConcurrentHashMap<>();
    volatile String retryAfter = "21600";
    volatile boolean offersRenewalInfo = true;
    private final HttpsServer server;

    AcmePeer() {
        try {
            Pki.Issued own = Pki.leaf(l -> {
                l.subject = "CN=localhost";
                l.names = List.of("localhost");
                l.from = Instant.now().minus(Duration.ofDays(1));
            });
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry("own", own.keys().getPrivate(), new char[0], new Certificate[] {
                read(own.der()), read(Pki.INTERMEDIATE.der())
            });
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
            server.createContext("/", this::answer);
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Certificate read(byte[] der) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    String directory() {
        return base() + "/directory";
    }

    private String base() {
        return "https://localhost:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        asked.add(path);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        if (!exchange.getRequestMethod().equals("GET")) {
            send(exchange, 405, "{\"type\":\"urn:ietf:params:acme:error:malformed\"}");
        } else if (path.equals("/directory")) {
            send(
                    exchange,
                    200,
                    "{\"newNonce\":\"" + base() + "/nonce\""
                            + (offersRenewalInfo ? ",\"renewalInfo\":\"" + base() + "/renewal-info\"" : "") + "}");
        } else if (path.startsWith("/renewal-info/")) {
            renewalInfo(exchange, path.substring("/renewal-info/".length()));
        } else {
            send(exchange, 404, "{}");
        }
    }

    /** Decoded and compared as bytes: whoever writes the id in another form is not known here. */
    private void renewalInfo(HttpExchange exchange, String id) throws IOException {
        String[] parts = id.split("\\.", -1);
        if (parts.length != 2 || id.contains("=")) {
            send(exchange, 400, "{\"type\":\"urn:ietf:params:acme:error:malformed\"}");
            return;
        }
        byte[] key;
        byte[] serial;
        try {
            key = Base64.getUrlDecoder().decode(parts[0]);
            serial = Base64.getUrlDecoder().decode(parts[1]);
        } catch (IllegalArgumentException e) {
            send(exchange, 400, "{\"type\":\"urn:ietf:params:acme:error:malformed\"}");
            return;
        }
        for (Map.Entry<CertificateFacts, Window> known : windows.entrySet()) {
            CertificateFacts facts = known.getKey();
            byte[] own =
                    Objects.requireNonNull(facts.extensions().authorityKeyId()).keyId();
            if (Arrays.equals(key, own) && Arrays.equals(serial, facts.serialNumber())) {
                Window window = known.getValue();
                exchange.getResponseHeaders().add("Retry-After", retryAfter);
                send(
                        exchange,
                        200,
                        "{\"suggestedWindow\":{\"start\":\"" + window.start + "\",\"end\":\"" + window.end + "\"}"
                                + (window.explanation == null
                                        ? ""
                                        : ",\"explanationURL\":\"" + window.explanation + "\"")
                                + "}");
                return;
            }
        }
        send(exchange, 404, "{\"type\":\"urn:ietf:params:acme:error:malformed\",\"detail\":\"not issued here\"}");
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
