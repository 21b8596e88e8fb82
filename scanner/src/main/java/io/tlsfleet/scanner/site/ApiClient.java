package io.tlsfleet.scanner.site;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.SiteWire;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * POSTs JSON to the API of the fleet with the site's token, which is read from its file each time, or with a client
 * certificate, whose files are read again when they change.
 */
final class ApiClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 64 * 1024 * 1024;
    private static final int SHOWN = 300;

    private final URI api;
    /** The path below which the server is reached, as {@code /tls}. */
    private final String below;

    private final Credential credential;
    private final @Nullable Path ca;
    private final @Nullable URI proxy;
    private volatile Connected connected;

    private record Connected(HttpClient client, Object version) {}

    /**
     * {@code ca}: PEM of the authority that the API's certificate stands on, null for the JDK's own; {@code proxy}: an HTTP
     * proxy, with name and password in the URL if it asks for them.
     */
    ApiClient(URI api, Credential credential, @Nullable Path ca, @Nullable URI proxy) throws IOException {
        this.api = api;
        this.below = api.getRawPath() == null ? "" : api.getRawPath().replaceFirst("/+$", "");
        this.credential = credential;
        this.ca = ca;
        this.proxy = proxy;
        this.connected = connect();
    }

    private Connected connect() throws IOException {
        Object version = credential.version();
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER);
        KeyManager @Nullable [] keys = credential.keys();
        if (ca != null || keys != null) {
            builder.sslContext(context(keys, ca));
        }
        builder.proxy(HttpClient.Builder.NO_PROXY);
        URI through = proxy;
        if (through != null) {
            int port = through.getPort() < 0 ? 3128 : through.getPort();
            builder.proxy(ProxySelector.of(new InetSocketAddress(through.getHost(), port)));
            String user = through.getUserInfo();
            if (user != null) {
                builder.authenticator(new ProxyPassword(user));
            }
        }
        return new Connected(builder.build(), version);
    }

    /** A new one when the files of the certificate are others: what is under way ends on the old one. */
    private HttpClient client() {
        Connected now = connected;
        if (now.version.equals(credential.version())) {
            return now.client;
        }
        synchronized (this) {
            if (connected.version.equals(now.version)) {
                try {
                    connected = connect();
                    now.client.shutdown();
                } catch (IOException e) {
                    throw new ApiAway(String.valueOf(e.getMessage()));
                }
            }
            return connected.client;
        }
    }

    private static final class ProxyPassword extends Authenticator {
        private final String user;

        ProxyPassword(String user) {
            this.user = user;
        }

        @Override
        protected @Nullable PasswordAuthentication getPasswordAuthentication() {
            if (getRequestorType() != RequestorType.PROXY) {
                return null;
            }
            int colon = user.indexOf(':');
            return new PasswordAuthentication(
                    colon < 0 ? user : user.substring(0, colon),
                    (colon < 0 ? "" : user.substring(colon + 1)).toCharArray());
        }
    }

    /** Calls wait; {@link ApiAway} and {@link ApiRefused} come out. */
    <T> T post(String what, String json, Class<T> answer) {
        return Json.read(post(what, json), answer);
    }

    byte[] post(String what, String json) {
        URI uri = api.resolve(below + SiteWire.PATH + what);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8));
        credential.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        try {
            HttpResponse<InputStream> response =
                    client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            byte[] body;
            try (InputStream in = response.body()) {
                body = in.readNBytes(MAX_BYTES + 1);
            }
            int status = response.statusCode();
            if (body.length > MAX_BYTES) {
                throw new ApiAway(uri + " answered more than " + MAX_BYTES + " bytes");
            }
            if (status == 200 || status == 204) {
                return body;
            }
            String said = new String(body, 0, Math.min(body.length, SHOWN), StandardCharsets.UTF_8)
                    .replaceAll("\\p{Cntrl}+", " ");
            if (status == 408 || status == 429 || status >= 500) {
                throw new ApiAway(uri + " answered " + status + ": " + said);
            }
            throw new ApiRefused(status, uri + " answered " + status + ": " + said);
        } catch (IOException e) {
            throw new ApiAway(
                    uri + ": " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiAway(uri + ": interrupted");
        }
    }

    private static SSLContext context(KeyManager @Nullable [] keys, @Nullable Path ca) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, ca == null ? null : trusting(ca), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    private static TrustManager[] trusting(Path ca) throws IOException {
        try (InputStream in = Files.newInputStream(ca)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            if (number == 0) {
                throw new IOException(ca + ": no certificate in it");
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            return trust.getTrustManagers();
        } catch (GeneralSecurityException e) {
            throw new IOException(ca + ": " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw new IOException(ca + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        connected.client.shutdownNow();
    }
}
