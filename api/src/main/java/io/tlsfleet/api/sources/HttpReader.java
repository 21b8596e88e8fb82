package io.tlsfleet.api.sources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tlsfleet.fleet.target.AddressGate;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** GETs JSON from an inventory's API: no redirects, half a minute, a size that fits a large cluster, past the address gate. */
final class HttpReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 256 * 1024 * 1024;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The one who asks is known, and may not. */
    static final class Forbidden extends IOException {
        private static final long serialVersionUID = 1;

        private Forbidden(String message) {
            super(message);
        }
    }

    private final URI base;
    private final Map<String, String> headers;
    private final AddressGate gate;
    private final HttpClient client;

    /** {@code ca}: PEM of the authority that the API's certificate stands on, null for the JDK's own. */
    HttpReader(URI base, Map<String, String> headers, @Nullable Path ca, AddressGate gate) throws IOException {
        this.base = base;
        this.headers = headers;
        this.gate = gate;
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(TIMEOUT);
        if (ca != null) {
            builder.sslContext(OwnAuthority.trusting(ca));
        }
        client = builder.build();
    }

    JsonNode get(String path) throws IOException {
        return find(path)
                .orElseThrow(() -> new IOException("GET " + base.resolve(path) + ": 404, there is no such resource"));
    }

    /** Empty for 404: a cluster need not know every kind of resource. */
    Optional<JsonNode> find(String path) throws IOException {
        URI uri = base.resolve(path);
        for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
            Optional<String> objection = gate.objection(address);
            if (objection.isPresent()) {
                throw new IOException("GET " + uri + ": " + objection.get());
            }
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(TIMEOUT).header("Accept", "application/json");
        headers.forEach(request::header);
        try {
            HttpResponse<InputStream> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() == 404) {
                    return Optional.empty();
                }
                if (response.statusCode() == 403) {
                    throw new Forbidden("GET " + uri + ": answered 403; is the token right, and may it read this?");
                }
                if (response.statusCode() != 200) {
                    throw new IOException("GET " + uri + ": answered " + response.statusCode()
                            + (response.statusCode() == 401 ? "; is the token right?" : ""));
                }
                byte[] bytes = body.readNBytes(MAX_BYTES + 1);
                if (bytes.length > MAX_BYTES) {
                    throw new IOException("GET " + uri + ": more than " + MAX_BYTES + " bytes");
                }
                return Optional.of(MAPPER.readTree(bytes));
            }
        } catch (ConnectException e) {
            ConnectException named = new ConnectException(base.toString());
            named.initCause(e);
            throw named;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("GET " + uri + ": interrupted", e);
        }
    }
}
