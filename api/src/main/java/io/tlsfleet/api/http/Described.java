package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The parameters of every route as openapi.json has them; a mistyped filter must not answer as if there were none. */
final class Described {
    private static final Map<String, Set<String>> QUERIES = read();

    private Described() {}

    /** {@code given}: names of parameters in the query or the path. */
    static void check(Route route, Collection<String> given) {
        if (given.isEmpty() || !route.path().startsWith("/api/v1/")) {
            return;
        }
        Set<String> known = QUERIES.getOrDefault(key(route.method().name(), route.path()), Set.of());
        for (String name : given) {
            if (!known.contains(name) && !route.path().contains("{" + name + "}")) {
                throw Problem.invalid(
                        Text.shown(name),
                        "'" + Text.shown(name) + "' is no parameter here; there "
                                + (known.isEmpty() ? "are none" : "is " + String.join(", ", known)));
            }
        }
    }

    private static String key(String method, String path) {
        return method.toUpperCase(Locale.ROOT) + " " + path;
    }

    private static Map<String, Set<String>> read() {
        JsonNode document;
        try (InputStream in = Objects.requireNonNull(Described.class.getResourceAsStream(HealthRoutes.OPENAPI))) {
            document = Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Set<String>> queries = new HashMap<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    Set<String> names = new TreeSet<>();
                    for (JsonNode parameter : operation.getValue().path("parameters")) {
                        String reference = parameter.path("$ref").asText();
                        JsonNode full = reference.isEmpty() ? parameter : document.at(reference.substring(1));
                        if (full.path("in").asText().equals("query")) {
                            names.add(full.path("name").asText());
                        }
                    }
                    queries.put(key(operation.getKey(), path.getKey()), names);
                }));
        return queries;
    }
}
