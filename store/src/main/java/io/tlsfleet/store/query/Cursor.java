package io.tlsfleet.store.query;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sort key of the last item of a page, opaque to whoever carries it. */
record Cursor(List<String> values) {
    static Cursor of(Object... values) {
        List<String> texts = new ArrayList<>();
        for (Object value : values) {
            texts.add(String.valueOf(value));
        }
        return new Cursor(texts);
    }

    /** Null for the first page. */
    static @Nullable Cursor parse(@Nullable String text, int length) {
        if (text == null) {
            return null;
        }
        try {
            JsonNode array = Json.parse(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
            List<String> values = new ArrayList<>();
            array.forEach(value -> values.add(value.asText()));
            if (array.isArray() && values.size() == length) {
                return new Cursor(values);
            }
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new InvalidCursor(text);
        }
        throw new InvalidCursor(text);
    }

    String text() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(values));
    }

    String text(int i) {
        return values.get(i);
    }

    long number(int i) {
        try {
            return Long.parseLong(values.get(i));
        } catch (NumberFormatException e) {
            throw new InvalidCursor(values.get(i));
        }
    }
}
