package io.tlsfleet.fleet.sensor;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One log, line after line; each line says what it is. Known: Suricata EVE (event types tls and quic), Zeek's ssl.log and
 * quic.log as JSON and as TSV with its {@code #fields} header, sightings as this product writes them, and text lines
 * with {@code key=value} fields as docs/sensors.md sets them up for HAProxy and nginx.
 */
public final class SensorLog {
    private static final Pattern FIELD = Pattern.compile("(?:^|[\\s|,;])(\\w+)=(\"[^\"]*\"|[^\\s\"]+)");
    private static final Pattern JA3 = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern JA4 =
            Pattern.compile("[tqd][0-9a-z]{2}[di][0-9]{4}[0-9A-Za-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}");
    /** Suricata's time zone has no colon: 2026-11-21T08:00:00.000000+0000. */
    private static final DateTimeFormatter EVE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSZ", Locale.ROOT);

    private List<String> zeekFields = List.of();
    private char zeekSeparator = '\t';

    /** What the line tells: nothing, or a sighting for each kind of fingerprint. Throws for a line that cannot be read. */
    public List<ClientSighting> read(String line) {
        if (line.isBlank()) {
            return List.of();
        }
        if (line.charAt(0) == '#') {
            header(line);
            return List.of();
        }
        if (line.charAt(0) == '{') {
            return json(line);
        }
        return zeekFields.isEmpty() ? text(line) : zeek(line);
    }

    private void header(String line) {
        if (line.startsWith("#separator ")) {
            String value = line.substring("#separator ".length()).strip();
            zeekSeparator = value.startsWith("\\x") ? (char) Integer.parseInt(value.substring(2), 16) : value.charAt(0);
        } else if (line.startsWith("#fields")) {
            List<String> cells = split(line);
            zeekFields = cells.subList(1, cells.size());
        }
    }

    private List<ClientSighting> json(String line) {
        JsonNode event;
        try {
            event = Json.parse(line);
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException("no JSON: " + Json.fault(e), e);
        }
        if (event.has("event_type")) {
            return eve(event);
        }
        if (event.has("id.resp_h")) {
            return sightings(
                    day(event.path("ts")),
                    event.path("server_name").asText(""),
                    event.path("id.resp_h").asText(),
                    event.path("id.resp_p").asText(),
                    event.path("ja3").asText(""),
                    event.path("ja4").asText(""),
                    ClientProfile.ofCodes(
                            codes(event.path("client_ciphers")),
                            codes(event.path("client_curves")),
                            codes(event.path("client_supported_versions")),
                            codes(event.path("client_key_share_groups"))));
        }
        if (event.has("fingerprint") && event.has("endpoint")) {
            return List.of(sighting(event));
        }
        throw new IllegalArgumentException("JSON of no kind that is known (Suricata EVE, Zeek ssl.log, sightings)");
    }

    private static ClientSighting sighting(JsonNode event) {
        String day = event.path("day").asText();
        try {
            JsonNode profile = event.path("profile");
            return new ClientSighting(
                    LocalDate.parse(day),
                    event.get("endpoint").asText(),
                    event.path("kind").asText("ja4"),
                    event.get("fingerprint").asText(),
                    event.path("count").asLong(1),
                    profile.isObject() ? Json.read(profile, ClientProfile.class) : null);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("day '" + day + "' is no date like 2026-11-21", e);
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException("profile: " + objection(e), e);
        }
    }

    /** Ours where we had one; the parser's words name our classes. */
    private static String objection(UncheckedIOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException ours) {
                return String.valueOf(ours.getMessage());
            }
        }
        return "expected lists of texts: versions, cipherSuites, groups, signatureSchemes, keyShares";
    }

    private static List<Integer> codes(JsonNode array) {
        List<Integer> codes = new ArrayList<>();
        array.forEach(code -> codes.add(code.asInt(-1)));
        codes.removeIf(code -> code < 0 || code > 0xFFFF);
        return codes;
    }

    private static List<Integer> codes(String commas) {
        return Arrays.stream(commas.split(","))
                .filter(c -> c.matches("[0-9]{1,5}"))
                .map(Integer::valueOf)
                .filter(code -> code <= 0xFFFF)
                .toList();
    }

    private static List<ClientSighting> eve(JsonNode event) {
        String type = event.get("event_type").asText();
        if (!type.equals("tls") && !type.equals("quic")) {
            return List.of();
        }
        JsonNode told = event.path(type);
        return sightings(
                LocalDate.ofInstant(time(event.path("timestamp").asText()), ZoneOffset.UTC),
                told.path("sni").asText(""),
                event.path("dest_ip").asText(),
                event.path("dest_port").asText(),
                told.path("ja3").path("hash").asText(""),
                told.path("ja4").asText(""),
                ClientProfile.ofJa3Text(told.path("ja3").path("string").asText("")));
    }

    private List<ClientSighting> zeek(String line) {
        List<String> cells = split(line);
        if (cells.size() != zeekFields.size()) {
            throw new IllegalArgumentException(cells.size() + " fields where the header names " + zeekFields.size());
        }
        return sightings(
                LocalDate.ofInstant(seconds(cell(cells, "ts")), ZoneOffset.UTC),
                cell(cells, "server_name"),
                cell(cells, "id.resp_h"),
                cell(cells, "id.resp_p"),
                cell(cells, "ja3"),
                cell(cells, "ja4"),
                ClientProfile.ofCodes(
                        codes(cell(cells, "client_ciphers")),
                        codes(cell(cells, "client_curves")),
                        codes(cell(cells, "client_supported_versions")),
                        codes(cell(cells, "client_key_share_groups"))));
    }

    private String cell(List<String> cells, String field) {
        int at = zeekFields.indexOf(field);
        String value = at < 0 ? "" : cells.get(at);
        return value.equals("-") || value.equals("(empty)") ? "" : value;
    }

    private List<String> split(String line) {
        return Arrays.asList(line.split(Pattern.quote(String.valueOf(zeekSeparator)), -1));
    }

    private static List<ClientSighting> text(String line) {
        Map<String, String> fields = new java.util.HashMap<>();
        Matcher field = FIELD.matcher(line);
        while (field.find()) {
            fields.put(field.group(1).toLowerCase(Locale.ROOT), unquoted(field.group(2)));
        }
        String name = fields.getOrDefault("sni", "");
        String port = fields.getOrDefault("port", "443");
        String time = fields.get("time");
        if (time == null
                || !fields.containsKey("ja3") && !fields.containsKey("ja4") && !fields.containsKey("ciphers")) {
            throw new IllegalArgumentException("has no time= with ja3=, ja4= or ciphers= (see docs/sensors.md)");
        }
        LocalDate day = LocalDate.ofInstant(time(time), ZoneOffset.UTC);
        String server = fields.getOrDefault("server", "");
        String ciphers = fields.getOrDefault("ciphers", "");
        String told = ja3Text(fields);
        String ja3 = fields.getOrDefault("ja3", told.isEmpty() ? "" : digest("MD5", told, 16));
        ClientProfile profile = told.isEmpty()
                ? ClientProfile.ofCodes(
                        OpensslNames.suites(ciphers),
                        OpensslNames.groups(fields.getOrDefault("curves", "")),
                        List.of(),
                        List.of())
                : ClientProfile.ofJa3Text(told);
        List<ClientSighting> all =
                new ArrayList<>(sightings(day, name, server, port, ja3, fields.getOrDefault("ja4", ""), profile));
        if (all.isEmpty() && !ciphers.isEmpty() && !ciphers.equals("-")) {
            all.add(new ClientSighting(day, endpoint(name, server, port), "suites", hash(ciphers), 1));
        }
        return all;
    }

    /** From the parts of the hello that HAProxy logs, each the bytes of a list in hex; empty when they are not there. */
    private static String ja3Text(Map<String, String> fields) {
        String hello = fields.getOrDefault("hello", "");
        List<String> lists = new ArrayList<>(List.of(hello));
        for (String part : List.of("ciphers", "extensions", "curves", "formats")) {
            String bytes = fields.getOrDefault(part, part.equals("ciphers") || part.equals("extensions") ? "none" : "");
            int width = part.equals("formats") ? 2 : 4;
            String list = bytes.equals("-") ? "" : bytes;
            if (!list.matches("(?:[0-9A-Fa-f]{" + width + "})*")) {
                return "";
            }
            lists.add(java.util.stream.IntStream.range(0, list.length() / width)
                    .map(i -> Integer.parseInt(list.substring(width * i, width * (i + 1)), 16))
                    .filter(code -> width == 2 || (code & 0x0F0F) != 0x0A0A || code >>> 8 != (code & 0xFF))
                    .mapToObj(Integer::toString)
                    .collect(java.util.stream.Collectors.joining("-")));
        }
        return hello.matches("[0-9]{1,5}") ? String.join(",", lists) : "";
    }

    private static List<ClientSighting> sightings(
            LocalDate day,
            String name,
            String address,
            String port,
            String ja3,
            String ja4,
            @Nullable ClientProfile profile) {
        List<ClientSighting> all = new ArrayList<>(2);
        if (JA3.matcher(ja3).matches()) {
            all.add(new ClientSighting(day, endpoint(name, address, port), "ja3", ja3, 1, profile));
        }
        if (JA4.matcher(ja4).matches()) {
            all.add(new ClientSighting(day, endpoint(name, address, port), "ja4", ja4, 1, profile));
        }
        if (all.isEmpty() && profile != null) {
            String suites = String.valueOf(profile.cipherSuites());
            all.add(new ClientSighting(day, endpoint(name, address, port), "suites", hash(suites), 1, profile));
        }
        return all;
    }

    private static String endpoint(String name, String address, String port) {
        String host = name.isEmpty() || name.equals("-") ? address : name.toLowerCase(Locale.ROOT);
        if (host.isEmpty()) {
            throw new IllegalArgumentException("names neither a server name nor a server");
        }
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    private static LocalDate day(JsonNode ts) {
        Instant at = ts.isNumber() ? seconds(ts.asText()) : time(ts.asText());
        return LocalDate.ofInstant(at, ZoneOffset.UTC);
    }

    private static Instant seconds(String text) {
        try {
            return Instant.ofEpochSecond((long) Double.parseDouble(text));
        } catch (NumberFormatException | DateTimeException e) {
            throw new IllegalArgumentException("time '" + text + "' is no number of seconds", e);
        }
    }

    private static Instant time(String text) {
        return parsed(text, EVE)
                .or(() -> parsed(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME))
                .orElseGet(() -> seconds(text));
    }

    private static Optional<Instant> parsed(String text, DateTimeFormatter format) {
        try {
            return Optional.of(OffsetDateTime.parse(text, format).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String unquoted(String value) {
        return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
    }

    private static String hash(String text) {
        return digest("SHA-256", text, 16);
    }

    private static String digest(String algorithm, String text, int bytes) {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
