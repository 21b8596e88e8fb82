package io.tlsfleet.store.query;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Some of a list, and where the rest begins. */
public record Page<T>(List<T> items, @Nullable String nextCursor) {
    public static <T> Page<T> all(List<T> items) {
        return new Page<>(items, null);
    }

    /** From one item more than was asked for. */
    static <T> Page<T> of(List<T> oneMore, int limit, Function<T, Cursor> key) {
        if (oneMore.size() <= limit) {
            return new Page<>(oneMore, null);
        }
        List<T> items = new ArrayList<>(oneMore.subList(0, limit));
        return new Page<>(items, key.apply(items.getLast()).text());
    }
}
