package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.query.Page;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists that are read whole and given in parts only to who asks for parts. */
final class ShortList {
    private ShortList() {}

    static Page<?> page(List<?> all, int limit, @Nullable String cursor) {
        int from = cursor == null ? 0 : Place.parse(cursor).in(all);
        if (all.size() - from <= limit) {
            return Page.all(all.subList(from, all.size()));
        }
        int to = from + limit;
        return new Page<>(all.subList(from, to), new Place(to, name(all.get(to - 1))).text());
    }

    /** How many were given, and the last of them: the rest follows that one, wherever it stands now. */
    private record Place(int given, String last) {
        static Place parse(String cursor) {
            try {
                String[] parts =
                        new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split(" ", 2);
                if (parts.length == 2 && parts[0].matches("[1-9][0-9]{0,8}")) {
                    return new Place(Integer.parseInt(parts[0]), parts[1]);
                }
            } catch (IllegalArgumentException e) {
                // falls through to the message below
            }
            throw Problem.invalid(
                    "cursor", "'" + Text.shown(cursor) + "' is no cursor: give nextCursor of the page before");
        }

        String text() {
            byte[] bytes = (given + " " + last).getBytes(StandardCharsets.UTF_8);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }

        /** Where the rest begins; if the last one is gone, where it stood. */
        int in(List<?> all) {
            if (given <= all.size() && name(all.get(given - 1)).equals(last)) {
                return given;
            }
            for (int i = 0; i < all.size() && !last.isEmpty(); i++) {
                if (name(all.get(i)).equals(last)) {
                    return i + 1;
                }
            }
            return Math.min(last.isEmpty() ? given : given - 1, all.size());
        }
    }

    /** Empty where items have none. */
    private static String name(Object item) {
        JsonNode shown = Json.tree(item);
        return shown.path("id").asText(shown.path("name").asText());
    }
}
