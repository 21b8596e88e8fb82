package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** As in Alertmanager: a label and {@code =}, {@code !=}, {@code =~} or {@code !~}; regular expressions are anchored. */
public record Matcher(String name, String operator, String value) {

    public static List<Matcher> list(JsonNode matchers) {
        List<Matcher> all = new ArrayList<>();
        for (JsonNode matcher : matchers) {
            all.add(new Matcher(
                    matcher.path("name").asText(),
                    matcher.path("operator").asText("="),
                    matcher.path("value").asText()));
        }
        return all;
    }

    public boolean matches(Map<String, String> labels) {
        String label = labels.getOrDefault(name, "");
        return switch (operator) {
            case "=" -> label.equals(value);
            case "!=" -> !label.equals(value);
            case "=~" -> Pattern.matches(value, label);
            case "!~" -> !Pattern.matches(value, label);
            default -> throw new IllegalArgumentException("operator '" + operator + "' is none of = != =~ !~");
        };
    }
}
