package io.tlsfleet.fleet.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Remedies as lines of configuration, by rule and stack (remedies.json). */
public final class Remedies {
    private static final class Shipped {
        static final Map<String, JsonNode> BY_RULE = load();
    }

    private Remedies() {}

    /** None where no setting of that stack mends it. */
    public static List<String> lines(String rule, Stack stack) {
        JsonNode lines =
                Shipped.BY_RULE.containsKey(rule) ? Shipped.BY_RULE.get(rule).get(stack.word()) : null;
        List<String> text = new ArrayList<>();
        if (lines != null) {
            lines.forEach(line -> text.add(line.textValue()));
        }
        return text;
    }

    private static Map<String, JsonNode> load() {
        Map<String, JsonNode> rules = new HashMap<>();
        try (InputStream in = Remedies.class.getResourceAsStream("/io/tlsfleet/fleet/policy/remedies.json")) {
            if (in == null) {
                throw new IllegalStateException("remedies.json is not there");
            }
            JsonNode groups = Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            groups.forEach(group -> group.get("rules").forEach(rule -> rules.put(rule.textValue(), group)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rules;
    }
}
