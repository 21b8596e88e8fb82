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
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** POSTs JSON to the API of the fleet with the site's token, which is read from its file each time, so that it can be changed. */
final class ApiClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 64 * 1024 * 1024;
    private static final int SHOWN = 300;

    private final URI api;
    private final Path tokenFile;
    private final HttpClient client;

    /**
     * {@code ca}: PEM of the authority that the API's certificate stands on, null for the JDK's own; {@code proxy}: an HTTP
     * proxy, with name and password in the URL if it asks for them.
     */
    ApiClient(URI api, Path tokenFile, @Nullable Path ca, @Nullable URI proxy) throws IOException {
        this.api = api;
        this.tokenFile = tokenFile;
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER);
        if (ca != null) {
            builder.sslContext(trusting(ca));
        }
        builder.proxy(HttpClient.Builder.NO_PROXY);
        if (proxy != null) {
            int port = proxy.getPort() < 0 ? 3128 : proxy.getPort();
            builder.proxy(ProxySelector.of(new InetSocketAddress(proxy.getHost(), port)));
            String user = proxy.getUserInfo();
            if (user != null) {
                builder.authenticator(new ProxyPassword(user));
            }
        }
        client = builder.build();
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
        URI uri = api.resolve(SiteWire.PATH + what);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + token())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8))
                .build();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
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

    private String token() {
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw new ApiAway("the token file " + tokenFile + " cannot be read: " + e.getMessage());
        }
    }

    private static SSLContext trusting(Path ca) throws IOException {
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
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(ca + ": " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw new IOException(ca + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
