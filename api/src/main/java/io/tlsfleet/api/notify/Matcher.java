package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.input.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** As in Alertmanager: a label and {@code =}, {@code !=}, {@code =~} or {@code !~}; regular expressions are anchored. */
public record Matcher(String name, String operator, String value) {

    public static final String LABELS =
            "severity, rule, owner, site, environment, policy, host, endpoint, cause, tag.KEY";
    private static final Set<String> NAMES =
            Set.of("severity", "rule", "owner", "site", "environment", "policy", "host", "endpoint", "cause");
    private static final Set<String> OPERATORS = Set.of("=", "!=", "=~", "!~");
    private static final Pattern TEXT =
            Pattern.compile("\\s*([A-Za-z0-9_.-]+)\\s*(=~|!~|!=|=)\\s*(?:\"([^\"]*)\"|(.*?))\\s*");
    private static final int LONGEST = 500;

    /** What is wrong, and with which part of it. */
    public record Objection(String field, String why) {}

    public static boolean isLabel(String name) {
        return NAMES.contains(name) || name.startsWith("tag.");
    }

    /** Empty when it is a matcher. */
    public static Optional<Objection> objection(String name, String operator, String value) {
        if (!isLabel(name)) {
            return Optional.of(new Objection("name", "'" + Text.shown(name) + "' is none of " + LABELS));
        }
        if (!OPERATORS.contains(operator)) {
            return Optional.of(new Objection("operator", "'" + Text.shown(operator) + "' is none of =, !=, =~, !~"));
        }
        if (value.length() > LONGEST) {
            return Optional.of(new Objection("value", "longer than " + LONGEST + " characters"));
        }
        try {
            if (operator.endsWith("~")) {
                Pattern.compile(value);
            }
            return Optional.empty();
        } catch (PatternSyntaxException e) {
            return Optional.of(
                    new Objection("value", "'" + Text.shown(value) + "' is no pattern: " + e.getDescription()));
        }
    }

    /** As in Alertmanager: {@code owner="web"}, {@code tag.env=~prod|stage}; empty when it is none. */
    public static Optional<Matcher> parse(String text) {
        java.util.regex.Matcher found = TEXT.matcher(text);
        if (!found.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                new Matcher(found.group(1), found.group(2), found.group(3) != null ? found.group(3) : found.group(4)));
    }

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
