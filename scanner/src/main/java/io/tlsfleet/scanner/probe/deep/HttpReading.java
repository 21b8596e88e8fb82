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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A final HTTP/1.x answer as far as its head and page speak of TLS; interim ones (1xx) are passed over. {@code page} is null
 * where it cannot be read to its end.
 */
record HttpReading(
        int status,
        Map<String, List<String>> fields,
        @Nullable String page) {
    private static final Pattern STATUS = Pattern.compile("HTTP/\\d(?:\\.\\d)? (\\d{3})(?: .*)?");
    private static final Pattern H3 = Pattern.compile("(?:^|[,\\s])h3(?:-\\d+)?=");
    private static final Pattern SECONDS = Pattern.compile("\\d+|\"\\d+\"");
    /** What a server with no type for it calls text/plain. */
    private static final Pattern PAGE = Pattern.compile("\\s{0,99}<(?:!doctype )?html", Pattern.CASE_INSENSITIVE);

    private static final int MAX_INTERIM = 8;
    private static final int MAX_FIELDS = 200;
    private static final int MAX_SHOWN = 200;
    private static final int MAX_DIRECTIVES = 50;

    /** What JSON can carry as a number. */
    private static final long MOST = (1L << 53) - 1;

    /** Empty for what is no HTTP, or broke off before the end of its head; {@code ended}: there is no more of it. */
    static Optional<HttpReading> of(byte[] answer, boolean ended) {
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        int from = 0;
        for (int interim = 0; interim <= MAX_INTERIM; interim++) {
            int end = endOfHead(text, from);
            if (end < 0) {
                return Optional.empty();
            }
            List<String> lines =
                    text.substring(from, end).lines().limit(MAX_FIELDS).toList();
            Matcher status = STATUS.matcher(lines.isEmpty() ? "" : lines.getFirst());
            if (!status.matches()) {
                return Optional.empty();
            }
            int code = Integer.parseInt(status.group(1));
            if (code >= 200) {
                Map<String, List<String>> fields = fields(lines.subList(1, lines.size()));
                return Optional.of(new HttpReading(
                        code, fields, page(fields, Arrays.copyOfRange(answer, end, answer.length), ended)));
            }
            from = end;
        }
        return Optional.empty();
    }

    /** Whether this begins like HTTP, whole or not. */
    static boolean isHttp(byte[] answer) {
        return new String(answer, 0, Math.min(answer.length, 7), StandardCharsets.ISO_8859_1).startsWith("HTTP/1.");
    }

    /** Behind the empty line; some servers leave the carriage returns out. */
    private static int endOfHead(String text, int from) {
        int usual = text.indexOf("\r\n\r\n", from);
        int bare = text.indexOf("\n\n", from);
        if (usual >= 0 && (bare < 0 || usual < bare)) {
            return usual + 4;
        }
        return bare < 0 ? -1 : bare + 2;
    }

    private static Map<String, List<String>> fields(List<String> lines) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.computeIfAbsent(
                                line.substring(0, colon).strip().toLowerCase(Locale.ROOT), k -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
        }
        return fields;
    }

    /** Null where it is not whole, or packed in a way that we do not unpack; empty where it is no HTML. */
    private static @Nullable String page(Map<String, List<String>> fields, byte[] body, boolean ended) {
        String kind = field(fields, "content-type").toLowerCase(Locale.ROOT);
        String page = HttpBody.text(
                body,
                field(fields, "transfer-encoding"),
                field(fields, "content-encoding"),
                field(fields, "content-length"),
                ended);
        boolean isHtml = kind.isEmpty() || kind.contains("html");
        return page == null && !isHtml
                        || page != null && !isHtml && !PAGE.matcher(page).lookingAt()
                ? ""
                : page;
    }

    /** {@code mixedContent} is null where the page is. */
    Http http(Instant now) {
        return new Http(
                status,
                first("strict-transport-security").map(HttpReading::hsts).orElse(null),
                first("server").map(HttpReading::shown).orElse(null),
                first("date").map(date -> skew(date, now)).orElse(null),
                fields.getOrDefault("alt-svc", List.of()).stream()
                        .anyMatch(v -> H3.matcher(v).find()),
                status >= 300 && status < 400
                        ? first("location").map(HttpReading::shown).orElse(null)
                        : null,
                page == null ? null : (Integer) MixedContent.count(page),
                fields.containsKey("public-key-pins"));
    }

    /** RFC 6797 sections 6.1 and 8.1: only the first field counts, and one that breaks the syntax is none. */
    static Http.@Nullable Hsts hsts(String value) {
        Map<String, String> directives = new LinkedHashMap<>();
        String[] parts = value.split(";", MAX_DIRECTIVES);
        for (String part : parts) {
            int equals = part.indexOf('=');
            String name =
                    (equals < 0 ? part : part.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
            String argument = equals < 0 ? "" : part.substring(equals + 1).strip();
            boolean twice = !name.isEmpty() && directives.put(name, argument) != null;
            if (twice || name.isEmpty() && equals >= 0) {
                return null;
            }
        }
        String age = directives.getOrDefault("max-age", "");
        String subDomains = directives.get("includesubdomains");
        if (!SECONDS.matcher(age).matches() || subDomains != null && !subDomains.isEmpty()) {
            return null;
        }
        return new Http.Hsts(seconds(age.replace("\"", "")), subDomains != null, "".equals(directives.get("preload")));
    }

    private static long seconds(String digits) {
        return digits.length() > 15 ? MOST : Long.parseLong(digits);
    }

    /** A cache hands on the date of the day it asked, with the age since (RFC 9111 section 5.1). */
    private @Nullable Long skew(String date, Instant now) {
        try {
            Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            long age = first("age")
                    .filter(a -> a.matches("\\d{1,9}"))
                    .map(Long::parseLong)
                    .orElse(0L);
            return Duration.between(now.truncatedTo(ChronoUnit.SECONDS), theirs).toSeconds() + age;
        } catch (DateTimeException e) {
            return null;
        }
    }

    private Optional<String> first(String field) {
        return fields.getOrDefault(field, List.of()).stream().findFirst();
    }

    private static String field(Map<String, List<String>> fields, String name) {
        return String.join(",", fields.getOrDefault(name, List.of()));
    }

    private static String shown(String value) {
        return value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) : value;
    }
}
