package io.tlsfleet.fleet.target;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Targets out of JSON objects, one a line (NDJSON), read as they stream. Empty lines are passed over. */
public final class JsonTargets implements Iterator<ImportLine> {
    private static final int LONGEST_LINE = 64 * 1024;

    private final BufferedReader in;
    private long line;
    private @Nullable ImportLine next;

    public JsonTargets(BufferedReader in) {
        this.in = in;
        this.next = read();
    }

    /** One object as a request's body or a line has it. */
    public static Target target(JsonNode json) {
        if (!json.isObject()) {
            throw new InvalidTarget("expected a JSON object like {\"host\": \"shop.example\"}");
        }
        Map<String, String> fields = new HashMap<>();
        List<String> addresses = new ArrayList<>();
        Map<String, String> tags = new LinkedHashMap<>();
        json.properties().forEach(member -> {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (value.isNull()) {
                return;
            }
            switch (name) {
                case "tags" ->
                    object(value)
                            .properties()
                            .forEach(tag -> tags.put(tag.getKey(), text("tags/" + tag.getKey(), tag.getValue())));
                case "addresses" -> {
                    if (!value.isArray()) {
                        throw new InvalidTarget("addresses is no array");
                    }
                    value.forEach(address -> addresses.add(text("addresses", address)));
                }
                case "sites" -> {
                    if (!value.isArray() || value.isEmpty() || json.hasNonNull("site")) {
                        throw new InvalidTarget("sites is no array of names, or site is given too");
                    }
                    List<String> sites = new ArrayList<>();
                    value.forEach(site -> sites.add(text("sites", site)));
                    fields.put("site", String.join(String.valueOf(Target.SITES_PARTED_BY), sites));
                }
                case "port", "intervalSeconds" -> {
                    if (!value.isIntegralNumber()) {
                        throw new InvalidTarget(
                                name + " '" + TargetLines.shown(value.asText()) + "' is no whole number");
                    }
                    fields.put(name, value.asText());
                }
                default -> {
                    if (!TargetFields.NAMES.contains(name)) {
                        throw new InvalidTarget("'" + TargetLines.shown(name)
                                + "' is not known; there are tags, sites, " + String.join(", ", TargetFields.NAMES));
                    }
                    fields.put(name, text(name, value));
                }
            }
        });
        return TargetFields.target(fields, addresses, tags);
    }

    private static JsonNode object(JsonNode value) {
        if (!value.isObject()) {
            throw new InvalidTarget("tags is no object of texts");
        }
        return value;
    }

    private static String text(String name, JsonNode value) {
        if (!value.isTextual()) {
            throw new InvalidTarget(TargetLines.shown(name) + " is no text");
        }
        return value.textValue();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public ImportLine next() {
        ImportLine now = next;
        if (now == null) {
            throw new NoSuchElementException();
        }
        next = read();
        return now;
    }

    private @Nullable ImportLine read() {
        while (true) {
            StringBuilder text = new StringBuilder();
            int length = line(text);
            if (length < 0) {
                return null;
            }
            line++;
            if (length > LONGEST_LINE) {
                return new ImportLine.Bad(line, "longer than " + LONGEST_LINE + " characters");
            }
            if (text.isEmpty() || text.toString().isBlank()) {
                continue;
            }
            return one(text.toString());
        }
    }

    private ImportLine one(String text) {
        JsonNode json;
        try {
            json = Json.parse(line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text);
        } catch (UncheckedIOException e) {
            return new ImportLine.Bad(line, "no JSON: " + TargetLines.shown(text));
        }
        try {
            return new ImportLine.Good(line, target(json));
        } catch (IllegalArgumentException e) {
            return new ImportLine.Bad(line, String.valueOf(e.getMessage()));
        }
    }

    /** Into {@code text} as far as it may be long; answers how long it was, or -1 at the end. */
    private int line(StringBuilder text) {
        try {
            int length = 0;
            int c = in.read();
            if (c < 0) {
                return -1;
            }
            while (c >= 0 && c != '\n') {
                if (++length <= LONGEST_LINE) {
                    text.append((char) c);
                }
                c = in.read();
            }
            return length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
