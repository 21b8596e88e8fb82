package io.tlsfleet.fleet.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What one policy asks for that another does not, setting by setting. */
public final class PolicyDiff {
    private PolicyDiff() {}

    /** {@code setting} is a JSON pointer into a policy; null where one of the two says nothing. */
    public record Line(
            String setting,
            @Nullable String before,
            @Nullable String after) {}

    public static List<Line> between(Policy a, Policy b) {
        List<Line> lines = new ArrayList<>();
        compare("", Json.tree(a), Json.tree(b), lines);
        return lines;
    }

    private static void compare(String at, @Nullable JsonNode a, @Nullable JsonNode b, List<Line> lines) {
        if (a != null && b != null && a.isObject() && b.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            a.fieldNames().forEachRemaining(names::add);
            b.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> compare(at + "/" + name, a.get(name), b.get(name), lines));
        } else if (a != null && b != null && a.isArray() && b.isArray()) {
            a.forEach(item -> {
                if (!holds(b, item)) {
                    lines.add(new Line(at, text(item), null));
                }
            });
            b.forEach(item -> {
                if (!holds(a, item)) {
                    lines.add(new Line(at, null, text(item)));
                }
            });
        } else if (!Objects.equals(a, b)) {
            lines.add(new Line(at, text(a), text(b)));
        }
    }

    private static boolean holds(JsonNode array, JsonNode item) {
        for (JsonNode other : array) {
            if (other.equals(item)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String text(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        if (node.isTextual()) {
            return node.textValue();
        }
        if (node.isObject() && node.isEmpty()) {
            return "off"; // a rule's severity
        }
        if (node.isObject() && node.size() == 1 && node.has("severity")) {
            return node.path("severity").asText();
        }
        if (node.has("of") && node.has("anyOf")) {
            List<String> names = new ArrayList<>();
            node.path("anyOf").forEach(name -> names.add(name.asText()));
            return node.path("of").asText() + ": " + String.join(", ", names);
        }
        if (node.has("severity") && node.has("days") && node.has("percent")) {
            return node.path("severity").asText() + ": under"
                    + (node.path("days").isNull() ? "" : " " + node.path("days").asText() + " days")
                    + (node.path("days").isNull() || node.path("percent").isNull() ? "" : " and")
                    + (node.path("percent").isNull()
                            ? ""
                            : " " + node.path("percent").asText() + " % left");
        }
        return node.toString();
    }
}
