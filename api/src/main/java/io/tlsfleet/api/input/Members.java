package io.tlsfleet.api.input;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.tlsfleet.api.input.InvalidInput.FieldError;
import io.tlsfleet.fleet.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object, taken one by one; what was not taken is unknown, and all problems are reported
 * together by {@link #done}. Until then a wrong member reads as null or as what stands for it.
 */
public final class Members {
    private static final ObjectReader STRICT = Json.mapper()
            .reader()
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** What to do about a site that does not exist. */
    public static final String SITE_FIRST = "; make the site first: PUT /api/v1/sites/NAME";

    private final JsonNode object;
    private final String at;
    private final List<FieldError> errors;
    private final List<String> taken = new ArrayList<>();

    private Members(JsonNode object, String at, List<FieldError> errors) {
        this.object = object;
        this.at = at;
        this.errors = errors;
        if (!object.isObject()) {
            errors.add(new FieldError(at.isEmpty() ? "body" : at, "expected an object, not " + kind(object)));
        }
    }

    /** The text as JSON; a syntax error says where. */
    public static JsonNode parse(String text) {
        if (text.isBlank()) {
            throw new InvalidInput("body", "the body is empty, JSON was expected");
        }
        try {
            return STRICT.readTree(text);
        } catch (JacksonException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new InvalidInput(
                    "body",
                    "not JSON" + where + ": " + Text.shown(Json.inOurWords(String.valueOf(e.getOriginalMessage()))));
        }
    }

    public static Members of(JsonNode object) {
        return new Members(object, "", new ArrayList<>());
    }

    /** One element of an array, whose errors are kept with the others. */
    public static Members of(JsonNode object, String pointer, List<FieldError> errors) {
        return new Members(object, pointer, errors);
    }

    public boolean has(String name) {
        return object.has(name);
    }

    public boolean isNull(String name) {
        return object.path(name).isNull();
    }

    public @Nullable String text(String name, int longest) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            return wrong(name, "expected a text, not " + kind(value));
        }
        String text = value.textValue();
        if (text.length() > longest) {
            return wrong(name, "longer than " + longest + " characters");
        }
        if (text.indexOf('\0') >= 0) {
            return wrong(name, "has a NUL character");
        }
        return text;
    }

    public String requiredText(String name, int longest) {
        String text = text(name, longest);
        if (text == null) {
            if (object.isObject() && !object.hasNonNull(name)) {
                wrong(name, name + " is missing");
            }
            return "";
        }
        if (text.isBlank()) {
            wrong(name, name + " is empty");
        }
        return text;
    }

    public @Nullable Integer integer(String name, int least, int most) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber()) {
            return wrong(name, "expected a whole number, not " + kind(value));
        }
        if (!value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
            return wrong(name, Text.shown(value.asText()) + " is out of range " + least + " to " + most);
        }
        return value.intValue();
    }

    public @Nullable Long id(String name) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 1) {
            return wrong(name, "'" + Text.shown(value.asText()) + "' is no id: a whole number from 1");
        }
        return value.longValue();
    }

    public @Nullable Boolean flag(String name) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        return value.isBoolean()
                ? Boolean.valueOf(value.booleanValue())
                : wrong(name, "expected true or false, not " + kind(value));
    }

    public @Nullable Instant instant(String name) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        try {
            return instantOf(value.asText());
        } catch (DateTimeException e) {
            return wrong(
                    name, "'" + Text.shown(value.asText()) + "' is no RFC 3339 time like 2026-11-21T08:00:00.000Z");
        }
    }

    /** RFC 3339, section 5.6: years have four digits. */
    public static Instant instantOf(String text) {
        if (text.startsWith("+") || text.startsWith("-")) {
            throw new DateTimeException("the year has more than four digits");
        }
        return OffsetDateTime.parse(text).toInstant();
    }

    public @Nullable String word(String name, Set<String> words) {
        String text = text(name, 200);
        if (text != null && !words.contains(text)) {
            return wrong(
                    name,
                    "'" + Text.shown(text) + "' is none of "
                            + words.stream().sorted().collect(Collectors.joining(", ")));
        }
        return text;
    }

    /** The name of a site that there is; who asks for another hears how to make it. */
    public @Nullable String site(String name, Set<String> sites) {
        String text = text(name, 200);
        return text == null || sites.contains(text) ? text : wrong(name, noSite(text, sites));
    }

    public static String noSite(String name, Set<String> sites) {
        return "'" + Text.shown(name) + "' is none of "
                + sites.stream().sorted().collect(Collectors.joining(", ")) + SITE_FIRST;
    }

    public List<String> texts(String name, int most, int longest) {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : array(name, most)) {
            if (!item.isTextual()
                    || item.textValue().length() > longest
                    || item.textValue().indexOf('\0') >= 0) {
                wrong(name + "/" + texts.size(), "expected a text of at most " + longest + " characters");
            }
            texts.add(item.asText());
        }
        return texts;
    }

    public List<JsonNode> array(String name, int most) {
        JsonNode value = take(name);
        List<JsonNode> items = new ArrayList<>();
        if (value == null) {
            return items;
        }
        if (!value.isArray()) {
            wrong(name, "expected an array, not " + kind(value));
        } else if (value.size() > most) {
            wrong(name, value.size() + " items are more than " + most);
        } else {
            value.forEach(items::add);
        }
        return items;
    }

    public Map<String, String> map(String name, int most, int longest) {
        Map<String, String> map = new LinkedHashMap<>();
        JsonNode value = take(name);
        if (value == null) {
            return map;
        }
        if (!value.isObject() || value.size() > most) {
            wrong(name, "expected an object of at most " + most + " texts, not " + kind(value));
            return map;
        }
        value.properties().forEach(entry -> {
            JsonNode text = entry.getValue();
            if (!text.isTextual()
                    || text.textValue().length() > longest
                    || text.textValue().indexOf('\0') >= 0) {
                wrong(name + "/" + Text.shown(entry.getKey()), "expected a text of at most " + longest + " characters");
            } else if (entry.getKey().isBlank()
                    || entry.getKey().length() > 100
                    || entry.getKey().indexOf('\0') >= 0) {
                wrong(name + "/" + Text.shown(entry.getKey()), "a key is 1 to 100 characters");
            } else {
                map.put(entry.getKey(), text.textValue());
            }
        });
        return map;
    }

    /** An object inside this one, whose errors are kept with these. */
    public @Nullable Members object(String name) {
        JsonNode value = take(name);
        return value == null ? null : new Members(value, field(name), errors);
    }

    /** Any JSON, as it is. */
    public @Nullable JsonNode any(String name) {
        return take(name);
    }

    /** What a rule of the caller's own found wrong; null, whatever was to be read. */
    @SuppressWarnings("TypeParameterUnusedInFormals")
    public <T> @Nullable T wrong(String name, String detail) {
        errors.add(new FieldError(field(name), detail.startsWith(name) ? detail : name + ": " + detail));
        return null;
    }

    /** Members that nobody asked for are errors too; throws if there are any. */
    public void done() {
        checkUnknown();
        if (!errors.isEmpty()) {
            throw new InvalidInput(errors);
        }
    }

    public void checkUnknown() {
        if (object.isObject()) {
            object.fieldNames().forEachRemaining(name -> {
                if (!taken.contains(name)) {
                    errors.add(new FieldError(
                            field(Text.shown(name)),
                            "'" + Text.shown(name) + "' is not known here; there are "
                                    + taken.stream().distinct().collect(Collectors.joining(", "))));
                }
            });
        }
    }

    private String field(String name) {
        return at.isEmpty() ? name : at + "/" + name;
    }

    private @Nullable JsonNode take(String name) {
        taken.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "the text '" + Text.shown(node.asText()) + "'";
            case NUMBER -> "the number " + Text.shown(node.asText());
            case BOOLEAN -> node.asText();
            case NULL, MISSING -> "null";
        };
    }
}
