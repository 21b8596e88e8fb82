package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Observation.Http;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.x answer as far as its head and page speak of TLS. */
record HttpReading(int status, Map<String, List<String>> fields, String page) {
    private static final Pattern STATUS = Pattern.compile("HTTP/\\d(?:\\.\\d)? (\\d{3})(?: .*)?");
    private static final Pattern SUB_RESOURCE = Pattern.compile(
            "<(?:script|img|iframe|audio|video|source|embed|object|track|input|link)\\b[^>]{0,2000}?"
                    + "\\b(?:src|data|href)\\s{0,9}=\\s{0,9}[\"']?http://",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern MAX_AGE = Pattern.compile("max-age\\s*=\\s*\"?(\\d{1,18})\"?");
    private static final int MAX_FIELDS = 200;
    private static final int MAX_SHOWN = 200;

    static Optional<HttpReading> of(byte[] answer) {
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        String head = end < 0 ? text : text.substring(0, end);
        List<String> lines = head.lines().limit(MAX_FIELDS).toList();
        Matcher status = STATUS.matcher(lines.isEmpty() ? "" : lines.getFirst());
        if (!status.matches()) {
            return Optional.empty();
        }
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.computeIfAbsent(
                                line.substring(0, colon).strip().toLowerCase(Locale.ROOT), k -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
        }
        return Optional.of(
                new HttpReading(Integer.parseInt(status.group(1)), fields, end < 0 ? "" : text.substring(end + 4)));
    }

    Http http(Instant now) {
        return new Http(
                status,
                first("strict-transport-security").map(HttpReading::hsts).orElse(null),
                first("server").map(HttpReading::shown).orElse(null),
                first("date").map(date -> skew(date, now)).orElse(null),
                fields.getOrDefault("alt-svc", List.of()).stream()
                        .anyMatch(v -> v.matches("(?:.*[,;\\s])?h3(?:-\\d+)?=.*")),
                status >= 300 && status < 400
                        ? first("location").map(HttpReading::shown).orElse(null)
                        : null,
                mixedContent(),
                fields.containsKey("public-key-pins"));
    }

    /** RFC 6797 section 6.1; the first field counts, one without a max-age is none. */
    static Http.@Nullable Hsts hsts(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        Matcher age = MAX_AGE.matcher(lower);
        if (!age.find()) {
            return null;
        }
        List<String> words =
                Pattern.compile(";").splitAsStream(lower).map(String::strip).toList();
        return new Http.Hsts(
                Long.parseLong(age.group(1)), words.contains("includesubdomains"), words.contains("preload"));
    }

    private int mixedContent() {
        Matcher matcher = SUB_RESOURCE.matcher(page);
        int count = 0;
        while (matcher.find()) {
            boolean link = matcher.group().regionMatches(true, 1, "link", 0, 4);
            if (!link || isLoadedLink(matcher.start())) {
                count++;
            }
        }
        return count;
    }

    /** A link element loads something only as a style sheet, an icon or a preload. */
    private boolean isLoadedLink(int start) {
        int end = page.indexOf('>', start);
        String tag = page.substring(start, end < 0 ? page.length() : end).toLowerCase(Locale.ROOT);
        return tag.contains("stylesheet") || tag.contains("icon") || tag.contains("preload");
    }

    private static @Nullable Long skew(String date, Instant now) {
        try {
            Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Duration.between(now.truncatedTo(ChronoUnit.SECONDS), theirs).toSeconds();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private Optional<String> first(String field) {
        return fields.getOrDefault(field, List.of()).stream().findFirst();
    }

    private static String shown(String value) {
        return value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) : value;
    }
}
