package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Every rule there is, in the order in which people read them (rules.json). */
public final class Rules {
    private static final Map<String, Rule> ALL = load();

    private Rules() {}

    public static Collection<Rule> all() {
        return ALL.values();
    }

    public static Rule named(String id) {
        Rule rule = find(id);
        if (rule == null) {
            throw new IllegalArgumentException("no rule is called " + id);
        }
        return rule;
    }

    public static @Nullable Rule find(String id) {
        return ALL.get(id);
    }

    private static Map<String, Rule> load() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(Rules.class.getResourceAsStream("rules.json"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Rule rule : Json.readInput(text, Rule[].class)) {
                if (rules.put(rule.id(), rule) != null) {
                    throw new IllegalStateException("rules.json: twice: " + rule.id());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Collections.unmodifiableMap(rules);
    }
}
