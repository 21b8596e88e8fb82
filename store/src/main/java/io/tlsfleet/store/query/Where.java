package io.tlsfleet.store.query;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditions and their parameters, which are never part of the text. */
final class Where {
    private final StringBuilder text = new StringBuilder();
    private final List<@Nullable Object> parameters = new ArrayList<>();

    /** {@code ?} stands for the parameters in order. */
    Where and(String condition, @Nullable Object... values) {
        text.append(text.isEmpty() ? "WHERE " : " AND ").append(fill(condition, values));
        return this;
    }

    /** Only when there is something to compare with. */
    Where andIf(@Nullable Object value, String condition) {
        return value == null ? this : and(condition, value);
    }

    /** A parameter outside of a condition: its {@code $n}. */
    String parameter(@Nullable Object value) {
        parameters.add(value);
        return "$" + parameters.size();
    }

    String text() {
        return text.toString();
    }

    @Nullable
    Object[] parameters() {
        return parameters.toArray();
    }

    /** A LIKE pattern that finds the text anywhere. */
    static String anywhere(String part) {
        return "%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    }

    private String fill(String condition, @Nullable Object... values) {
        StringBuilder out = new StringBuilder();
        int next = 0;
        for (int i = 0; i < condition.length(); i++) {
            if (condition.charAt(i) == '?') {
                out.append(parameter(values[next++]));
            } else {
                out.append(condition.charAt(i));
            }
        }
        return out.toString();
    }
}
