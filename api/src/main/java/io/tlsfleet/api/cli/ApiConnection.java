package io.tlsfleet.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.sources.OwnAuthority;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.FileFault;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where the API is and who asks, as the commands that ask it take it. */
final class ApiConnection {
    static final int BAD_INPUT = 2;
    static final int AWAY = 3;

    @Option(
            names = "--api",
            paramLabel = "URL",
            converter = Urls.class,
            description = "where tlsfleet listens (default: ${DEFAULT-VALUE})")
    private URI api = URI.create("http://127.0.0.1:8080");

    @Option(names = "--token-file", paramLabel = "FILE", description = "holds a token for the API; else TLSFLEET_TOKEN")
    private @Nullable Path tokenFile;

    @Option(
            names = "--api-ca",
            paramLabel = "FILE",
            description = "PEM of the authority that the API's certificate stands on")
    private @Nullable Path apiCa;

    static final class Urls implements ITypeConverter<URI> {
        @Override
        public URI convert(String word) {
            try {
                URI url = URI.create(word);
                if (List.of("http", "https").contains(String.valueOf(url.getScheme())) && url.getHost() != null) {
                    return url;
                }
            } catch (IllegalArgumentException e) {
                // said below
            }
            throw new TypeConversionException("'" + word + "' is no URL like https://tlsfleet.example:8080");
        }
    }

    /** What ends a command, with its exit code. */
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1;
        private final int exitCode;

        Failed(int exitCode, String message) {
            super(message);
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    JsonNode get(String path, Map<String, List<String>> query) throws Failed, InterruptedException {
        List<String> asked = new ArrayList<>();
        query.forEach((name, values) ->
                values.forEach(value -> asked.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8))));
        return send(
                "GET",
                asked.isEmpty() ? path : path + "?" + String.join("&", asked),
                HttpRequest.BodyPublishers.noBody());
    }

    JsonNode post(String path) throws Failed, InterruptedException {
        return send("POST", path, HttpRequest.BodyPublishers.noBody());
    }

    JsonNode put(String path, JsonNode body) throws Failed, InterruptedException {
        return send("PUT", path, HttpRequest.BodyPublishers.ofString(body.toString()));
    }

    URI api() {
        return api;
    }

    HttpClient client() throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
        if (apiCa != null) {
            builder.sslContext(OwnAuthority.trusting(apiCa));
        }
        return builder.build();
    }

    /** A server may be reached below a path, as {@code https://ops.example/tls}. */
    private static String below(URI api) {
        return api.getRawPath() == null ? "" : api.getRawPath().replaceFirst("/+$", "");
    }

    /** With the token, where there is one. */
    HttpRequest.Builder request(String path) throws Failed {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(below(api) + "/api/v1" + path));
        String token = tokenFile != null ? token(tokenFile) : System.getenv("TLSFLEET_TOKEN");
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    static String token(Path file) throws Failed {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new Failed(BAD_INPUT, file + ": " + FileFault.of(e));
        }
    }

    private JsonNode send(String method, String path, HttpRequest.BodyPublisher body)
            throws Failed, InterruptedException {
        try (HttpClient client = client()) {
            HttpRequest.Builder request =
                    request(path).timeout(Duration.ofMinutes(2)).method(method, body);
            if (body.contentLength() != 0) {
                request.header("Content-Type", "application/json");
            }
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new Failed(
                        BAD_INPUT, api + " answered " + response.statusCode() + ": " + detail(response.body()));
            }
            return Json.parse(response.body());
        } catch (SSLHandshakeException e) {
            throw new Failed(BAD_INPUT, untrusted(e));
        } catch (NoSuchFileException e) {
            throw new Failed(BAD_INPUT, e.getMessage() + ": no such file");
        } catch (IOException e) {
            throw new Failed(
                    AWAY,
                    api + ": nothing answers there ("
                            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()) + ")");
        }
    }

    String untrusted(SSLHandshakeException e) {
        return api + ": its certificate is not trusted (" + e.getMessage() + "); give --api-ca FILE";
    }

    private static String detail(String body) {
        try {
            JsonNode problem = Json.parse(body);
            return problem.path("detail").asText(problem.path("title").asText());
        } catch (RuntimeException e) {
            return "no problem document";
        }
    }
}
