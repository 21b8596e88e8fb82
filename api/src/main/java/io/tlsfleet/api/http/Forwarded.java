package io.tlsfleet.api.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header Forwarded (RFC 7239 section 4). It is read from its end, where the nearest proxy wrote: whatever a client put
 * before that, an open quote among it, changes nothing behind it.
 */
final class Forwarded {
    private static final Pattern PAIR = Pattern.compile(
            "[ \\t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:\"([^\"\\\\]*)\"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))[ \\t]*");

    private Forwarded() {}

    /** What each proxy said, the nearest first, up to the first that cannot be read; names in lower case. */
    static List<Map<String, String>> nearestFirst(List<String> lines) {
        List<Map<String, String>> all = new ArrayList<>();
        for (String line : lines.reversed()) {
            for (String element : split(line, ',').reversed()) {
                if (element.isBlank()) {
                    continue; // an empty element of a list counts for nothing (RFC 9110 section 5.6.1)
                }
                Optional<Map<String, String>> read = element(element);
                if (read.isEmpty()) {
                    return all;
                }
                all.add(read.get());
            }
        }
        return all;
    }

    private static Optional<Map<String, String>> element(String text) {
        Map<String, String> pairs = new HashMap<>();
        for (String part : split(text, ';')) {
            if (part.isBlank()) {
                continue;
            }
            Matcher pair = PAIR.matcher(part);
            if (!pair.matches()) {
                return Optional.empty();
            }
            String value = pair.group(2) == null ? pair.group(3) : pair.group(2);
            if (pairs.put(pair.group(1).toLowerCase(Locale.ROOT), value) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(pairs);
    }

    /** At this character outside of quotes, which are counted from the end. */
    private static List<String> split(String text, char at) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int end = text.length();
        for (int i = text.length() - 1; i >= 0; i--) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == at && !quoted) {
                parts.addFirst(text.substring(i + 1, end));
                end = i;
            }
        }
        parts.addFirst(text.substring(0, end));
        return parts;
    }
}
