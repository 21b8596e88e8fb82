package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OpenApiTest {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    @Test
    void describesEveryRouteAndNothingElse() {
        try (RunningApi api = new RunningApi()) {
            JsonNode document = api.send("GET", "/openapi.json", null).json();
            assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
            Set<String> described = new TreeSet<>();
            document.path("paths")
                    .properties()
                    .forEach(path -> path.getValue().properties().forEach(operation -> {
                        if (METHODS.contains(operation.getKey())) {
                            described.add(operation.getKey() + " " + path.getKey() + " "
                                    + operation.getValue().path("x-access").asText());
                        }
                    }));
            Set<String> served = api.routes().stream()
                    .map(route -> route.method().name().toLowerCase(java.util.Locale.ROOT) + " " + route.path() + " "
                            + route.access().word())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(described).isEqualTo(served);
        }
    }

    @Test
    void namesOnlySchemasThatAreThere() {
        try (RunningApi api = new RunningApi()) {
            String text = api.send("GET", "/openapi.json", null).body();
            JsonNode schemas = api.send("GET", "/openapi.json", null)
                    .json()
                    .path("components")
                    .path("schemas");
            var references = java.util.regex.Pattern.compile("#/components/schemas/(\\w+)")
                    .matcher(text);
            Set<String> used = new TreeSet<>();
            while (references.find()) {
                used.add(references.group(1));
            }
            Set<String> defined = new TreeSet<>();
            schemas.fieldNames().forEachRemaining(defined::add);
            assertThat(defined).isEqualTo(used);
        }
    }

    /** What is closed for itself cannot be part of something larger: nothing would be valid. */
    @Test
    void buildsNoSchemaOnOneThatIsClosed() {
        try (RunningApi api = new RunningApi()) {
            JsonNode document = api.send("GET", "/openapi.json", null).json();
            Set<String> closed = new TreeSet<>();
            document.findValues("allOf")
                    .forEach(parts -> parts.forEach(part -> {
                        String reference = part.path("$ref").asText();
                        JsonNode base = document.at(reference.isEmpty() ? "/none" : reference.substring(1));
                        if (base.has("unevaluatedProperties")
                                || base.path("additionalProperties").isBoolean()) {
                            closed.add(reference);
                        }
                    }));
            assertThat(closed).isEmpty();
        }
    }
}
