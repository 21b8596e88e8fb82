package io.tlsfleet.scanner.probe.deep;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** How many elements of a page load something over plain http, in one pass over it (W3C Mixed Content section 4). */
final class MixedContent {
    /** What of an element is loaded; {@code link} and {@code input} only as some kinds. */
    private static final Map<String, Set<String>> LOADED = Map.ofEntries(
            Map.entry("script", Set.of("src")),
            Map.entry("img", Set.of("src", "srcset")),
            Map.entry("iframe", Set.of("src")),
            Map.entry("frame", Set.of("src")),
            Map.entry("audio", Set.of("src")),
            Map.entry("video", Set.of("src", "poster")),
            Map.entry("source", Set.of("src", "srcset")),
            Map.entry("track", Set.of("src")),
            Map.entry("embed", Set.of("src")),
            Map.entry("object", Set.of("data")),
            Map.entry("input", Set.of("src")),
            Map.entry("link", Set.of("href")));

    private static final Set<String> RAW_TEXT = Set.of("script", "style", "textarea", "title", "noscript", "template");

    private final String page;
    private int at;

    private MixedContent(String page) {
        this.page = page;
    }

    static int count(String page) {
        return new MixedContent(page).count();
    }

    private int count() {
        int count = 0;
        for (at = page.indexOf('<'); at >= 0 && at + 1 < page.length(); at = page.indexOf('<', at)) {
            if (page.startsWith("<!--", at)) {
                int end = page.indexOf("-->", at + 4);
                at = end < 0 ? page.length() : end + 3;
                continue;
            }
            at++;
            String name = word("> \t\r\n\f/=");
            boolean loads = element(name, LOADED.getOrDefault(name, Set.of()));
            count += loads ? 1 : 0;
            if (RAW_TEXT.contains(name)) {
                skipRawText(name);
            }
        }
        return count;
    }

    /** Its attributes up to {@code >}. */
    private boolean element(String name, Set<String> loaded) {
        boolean plain = false;
        String kind = "";
        while (at < page.length() && page.charAt(at) != '>') {
            if (isBlank(page.charAt(at)) || page.charAt(at) == '/' || page.charAt(at) == '=') {
                at++;
                continue;
            }
            String attribute = word("> \t\r\n\f/=");
            String value = value();
            if (loaded.contains(attribute)) {
                plain |= attribute.equals("srcset") ? value.contains("http://") : value.startsWith("http://");
            } else if (attribute.equals("rel") || attribute.equals("type")) {
                kind += " " + value;
            }
        }
        return plain
                && switch (name) {
                    case "link" -> kind.matches(".*(stylesheet|icon|preload|manifest).*");
                    case "input" -> kind.contains("image");
                    default -> true;
                };
    }

    private String value() {
        int back = at;
        while (at < page.length() && isBlank(page.charAt(at))) {
            at++;
        }
        if (at >= page.length() || page.charAt(at) != '=') {
            at = back;
            return "";
        }
        at++;
        while (at < page.length() && isBlank(page.charAt(at))) {
            at++;
        }
        if (at < page.length() && (page.charAt(at) == '"' || page.charAt(at) == '\'')) {
            int end = page.indexOf(page.charAt(at), at + 1);
            int from = at + 1;
            at = end < 0 ? page.length() : end + 1;
            return page.substring(from, end < 0 ? page.length() : end).strip().toLowerCase(Locale.ROOT);
        }
        return word("> \t\r\n\f");
    }

    private String word(String ends) {
        int from = at;
        while (at < page.length() && ends.indexOf(page.charAt(at)) < 0) {
            at++;
        }
        return page.substring(from, at).toLowerCase(Locale.ROOT);
    }

    private void skipRawText(String name) {
        for (int end = page.indexOf("</", at); end >= 0; end = page.indexOf("</", end + 2)) {
            if (page.regionMatches(true, end + 2, name, 0, name.length())) {
                at = end;
                return;
            }
        }
        at = page.length();
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
    }
}
