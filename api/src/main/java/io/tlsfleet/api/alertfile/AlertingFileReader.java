package io.tlsfleet.api.alertfile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.alertfile.AlertingFile.FileAcknowledgement;
import io.tlsfleet.api.alertfile.AlertingFile.FileReceiver;
import io.tlsfleet.api.alertfile.AlertingFile.FileRoute;
import io.tlsfleet.api.alertfile.AlertingFile.FileSilence;
import io.tlsfleet.api.alertfile.AlertingFile.Step;
import io.tlsfleet.api.notify.Matcher;
import io.tlsfleet.api.notify.ReceiverSettings;
import io.tlsfleet.fleet.target.FileFault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the file whole and collects everything that is wrong before it gives up. */
final class AlertingFileReader {
    private static final Set<String> SEVERITIES = Set.of("info", "low", "medium", "high", "critical");
    private static final Set<String> SECRET = Set.of("url", "urlFile", "urls", "secret", "secretFile", "headers");
    private static final Set<String> SETTINGS = Set.of(
            "host",
            "port",
            "tls",
            "user",
            "from",
            "to",
            "protocol",
            "facility",
            "method",
            "template",
            "sendResolved",
            "digest",
            "digestAt",
            "digestZone",
            "caCertificates",
            "project",
            "issueType",
            "transition");
    private static final Map<String, Integer> UNITS = Map.of("s", 1, "m", 60, "h", 3600, "d", 86_400);
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
    private static final int LONGEST_WAIT = 30 * 86_400;

    private final Map<String, String> environment;
    private final List<FileProblem> problems = new ArrayList<>();

    AlertingFileReader(Map<String, String> environment) {
        this.environment = environment;
    }

    AlertingFile read(String text) throws InvalidAlertingFile {
        Map<String, YamlPart> top = fields(
                YamlPart.read(text, problems),
                "the file",
                Set.of("receivers", "routes", "silences", "acknowledgements"));
        Map<String, FileReceiver> receivers = new LinkedHashMap<>();
        for (YamlPart part : items(top.get("receivers"), "receivers")) {
            FileReceiver receiver = receiver(part);
            if (receiver != null && receivers.put(receiver.name(), receiver) != null) {
                wrong(part, "receiver '" + receiver.name() + "' is there twice");
            }
        }
        List<FileRoute> routes = new ArrayList<>();
        for (YamlPart part : items(top.get("routes"), "routes")) {
            routes.add(route(part, receivers.keySet()));
        }
        List<FileSilence> silences = items(top.get("silences"), "silences").stream()
                .map(this::silence)
                .toList();
        List<FileAcknowledgement> acknowledgements = items(top.get("acknowledgements"), "acknowledgements").stream()
                .map(this::acknowledgement)
                .toList();
        if (!problems.isEmpty()) {
            problems.sort(Comparator.comparingInt(FileProblem::line).thenComparingInt(FileProblem::column));
            throw new InvalidAlertingFile(problems);
        }
        return new AlertingFile(List.copyOf(receivers.values()), routes, silences, acknowledgements);
    }

    private @Nullable FileReceiver receiver(YamlPart part) {
        Set<String> known = new java.util.HashSet<>(Set.of("name", "kind"));
        known.addAll(SECRET);
        known.addAll(SETTINGS);
        Map<String, YamlPart> fields = fields(part, "a receiver", known);
        String name = required(part, fields, "name");
        String kind = required(part, fields, "kind");
        if (!kind.isEmpty() && !ReceiverSettings.KINDS.contains(kind)) {
            wrong(fields.get("kind"), "'" + kind + "' is none of " + sorted(ReceiverSettings.KINDS));
        }
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        ObjectNode secret = JsonNodeFactory.instance.objectNode();
        ArrayNode urls = secret.putArray("urls");
        fields.forEach((key, value) -> {
            switch (key) {
                case "url" -> urls.add(url(value, text(value)));
                case "urlFile" -> urls.add(url(value, file(value)));
                case "urls" -> items(value, key).forEach(u -> urls.add(url(u, text(u))));
                case "secret" -> secret.put("secret", text(value));
                case "secretFile" -> secret.put("secret", file(value));
                case "headers" ->
                    fields(value, "headers", null)
                            .forEach((h, v) -> secret.withObject("/headers").put(h, text(v)));
                case "to" -> {
                    ArrayNode to = settings.putArray("to");
                    (value instanceof YamlPart.Text ? List.of(value) : items(value, key)).forEach(t -> to.add(text(t)));
                }
                case "port" -> number(value, 1, 65_535, settings, key);
                case "facility" -> number(value, 0, 23, settings, key);
                case "sendResolved" -> settings.put(key, flag(value));
                case "tls" -> settings.put(key, word(value, Set.of("starttls", "implicit", "opportunistic", "none")));
                case "protocol" -> settings.put(key, word(value, Set.of("udp", "tcp", "tls")));
                default -> {
                    if (SETTINGS.contains(key)) {
                        settings.put(key, text(value));
                    }
                }
            }
        });
        ReceiverSettings.objection(kind, settings)
                .filter(o -> !o.field().equals("tls") && !o.field().equals("protocol"))
                .ifPresent(o -> wrong(fields.getOrDefault(o.field(), part), o.why()));
        if (!urls.isEmpty()) {
            secret.put("url", urls.get(0).asText());
        } else if (ReceiverSettings.KINDS.contains(kind) && !ReceiverSettings.URL_FREE.contains(kind)) {
            wrong(part, "a receiver of kind " + kind + " needs url or urlFile");
        }
        if (!secret.has("secret")) {
            ReceiverSettings.neededKey(kind)
                    .ifPresent(k -> wrong(part, "a receiver of kind " + kind + " needs secret or secretFile: " + k));
        }
        ReceiverSettings.signingObjection(kind, secret.path("secret").asText(""))
                .ifPresent(why -> wrong(fields.getOrDefault("secret", part), why));
        if ((kind.equals("email") || kind.equals("syslog")) && !settings.has("host")) {
            wrong(part, "a receiver of kind " + kind + " needs host");
        }
        if (kind.equals("email") && settings.path("to").isEmpty()) {
            wrong(part, "a receiver of kind email needs to");
        }
        return name.isEmpty() ? null : new FileReceiver(name, kind, settings, secret);
    }

    private FileRoute route(YamlPart part, Set<String> receivers) {
        Map<String, YamlPart> fields = fields(
                part,
                "a route",
                Set.of(
                        "receiver",
                        "matchers",
                        "minSeverity",
                        "continue",
                        "groupBy",
                        "groupWait",
                        "groupInterval",
                        "repeat",
                        "after",
                        "steps",
                        "quietHours"));
        String receiver = required(part, fields, "receiver");
        if (!receiver.isEmpty() && !receivers.contains(receiver)) {
            wrong(fields.get("receiver"), "no receiver of this file is called '" + receiver + "'");
        }
        ArrayNode matchers = JsonNodeFactory.instance.arrayNode();
        for (YamlPart one : items(fields.get("matchers"), "matchers")) {
            matcher(one, matchers);
        }
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        List<Step> steps = new ArrayList<>();
        Map<String, BiConsumer<String, YamlPart>> readers = Map.of(
                "minSeverity", (k, v) -> settings.put(k, word(v, SEVERITIES)),
                "continue", (k, v) -> settings.put(k, flag(v)),
                "groupBy", (k, v) -> groupBy(v, settings),
                "groupWait", (k, v) -> settings.put("groupWaitSeconds", duration(v)),
                "groupInterval", (k, v) -> settings.put("groupIntervalSeconds", duration(v)),
                "repeat", (k, v) -> settings.put("repeatSeconds", duration(v)),
                "after", (k, v) -> settings.put("afterSeconds", duration(v)),
                "steps", (k, v) -> items(v, k).forEach(s -> steps.add(step(s, receivers))),
                "quietHours", (k, v) -> settings.set(k, quietHours(v)));
        fields.forEach((key, value) -> readers.getOrDefault(key, (k, v) -> {}).accept(key, value));
        return new FileRoute(receiver, matchers, settings, steps);
    }

    private FileSilence silence(YamlPart part) {
        Map<String, YamlPart> fields =
                fields(part, "a silence", Set.of("matchers", "reason", "author", "startsAt", "endsAt"));
        ArrayNode matchers = matchers(part, fields, "a silence");
        Instant end = instant(part, fields, "endsAt");
        Instant start =
                fields.containsKey("startsAt") ? instant(part, fields, "startsAt") : end.minus(FileSilence.LONGEST);
        if (!end.isAfter(start) || end.isAfter(start.plus(FileSilence.LONGEST))) {
            wrong(fields.getOrDefault("endsAt", part), "endsAt must be after startsAt, and at most 90 days after it");
        }
        YamlPart author = fields.get("author");
        return new FileSilence(
                matchers, required(part, fields, "reason"), author == null ? null : text(author), start, end);
    }

    private FileAcknowledgement acknowledgement(YamlPart part) {
        Map<String, YamlPart> fields =
                fields(part, "an acknowledgement", Set.of("matchers", "reason", "author", "until"));
        YamlPart author = fields.get("author");
        return new FileAcknowledgement(
                matchers(part, fields, "an acknowledgement"),
                required(part, fields, "reason"),
                author == null ? null : text(author),
                instant(part, fields, "until"));
    }

    private ArrayNode matchers(YamlPart part, Map<String, YamlPart> fields, String of) {
        ArrayNode matchers = JsonNodeFactory.instance.arrayNode();
        items(fields.get("matchers"), "matchers").forEach(m -> matcher(m, matchers));
        if (matchers.isEmpty()) {
            wrong(part, of + " needs matchers: one of everything is not possible");
        }
        return matchers;
    }

    private Instant instant(YamlPart part, Map<String, YamlPart> fields, String name) {
        String text = required(part, fields, name);
        try {
            return text.isEmpty() ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            wrong(fields.get(name), "'" + text + "' is no time like 2026-11-21T18:00:00Z or 2026-11-21T18:00:00+01:00");
            return Instant.EPOCH;
        }
    }

    private void matcher(YamlPart part, ArrayNode matchers) {
        Matcher.parse(text(part))
                .ifPresentOrElse(
                        m -> {
                            Matcher.objection(m.name(), m.operator(), m.value()).ifPresent(o -> wrong(part, o.why()));
                            matchers.addObject()
                                    .put("name", m.name())
                                    .put("operator", m.operator())
                                    .put("value", m.value());
                        },
                        () -> wrong(
                                part, "'" + text(part) + "' is no matcher like owner=web or tag.env=~\"prod|stage\""));
    }

    private void groupBy(YamlPart part, ObjectNode settings) {
        ArrayNode labels = settings.putArray("groupBy");
        for (YamlPart label : items(part, "groupBy")) {
            if (!Matcher.isLabel(text(label))) {
                wrong(label, "'" + text(label) + "' is none of " + Matcher.LABELS);
            }
            labels.add(text(label));
        }
    }

    private Step step(YamlPart part, Set<String> receivers) {
        Map<String, YamlPart> fields = fields(part, "a step", Set.of("receiver", "after"));
        String receiver = required(part, fields, "receiver");
        if (!receiver.isEmpty() && !receivers.contains(receiver)) {
            wrong(fields.get("receiver"), "no receiver of this file is called '" + receiver + "'");
        }
        YamlPart after = fields.get("after");
        if (after == null) {
            wrong(part, "a step needs after, like 30m");
        }
        return new Step(receiver, after == null ? 0 : duration(after));
    }

    private ObjectNode quietHours(YamlPart part) {
        Map<String, YamlPart> fields = fields(part, "quietHours", Set.of("from", "to", "zone", "below"));
        ObjectNode hours = JsonNodeFactory.instance.objectNode();
        for (String end : List.of("from", "to")) {
            String time = required(part, fields, end);
            if (!time.isEmpty() && !time.matches("([01][0-9]|2[0-3]):[0-5][0-9]")) {
                wrong(fields.get(end), "'" + time + "' is no time of day like \"22:00\" (in quotes)");
            }
            hours.put(end, time);
        }
        YamlPart zone = fields.get("zone");
        if (zone != null && !ZoneId.getAvailableZoneIds().contains(text(zone))) {
            wrong(zone, "'" + text(zone) + "' is no time zone like Europe/Berlin");
        }
        hours.put("zone", zone == null ? "UTC" : text(zone));
        YamlPart below = fields.get("below");
        return hours.put("below", below == null ? "high" : word(below, SEVERITIES));
    }

    private String url(YamlPart part, String url) {
        try {
            URI uri = URI.create(url);
            boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (!http || uri.getHost() == null || uri.getRawUserInfo() != null) {
                wrong(part, "no URL of a receiver: https://host/path, without user and password");
            }
        } catch (IllegalArgumentException e) {
            wrong(part, "no URL");
        }
        return url;
    }

    /** {@code 30s}, {@code 5m}, {@code 2h}, {@code 1d}, or a number of seconds. */
    private int duration(YamlPart part) {
        String text = text(part);
        var found = Pattern.compile("([0-9]{1,7})([smhd]?)").matcher(text);
        long seconds = found.matches() ? Long.parseLong(found.group(1)) * UNITS.getOrDefault(found.group(2), 1) : -1;
        if (seconds < 0 || seconds > LONGEST_WAIT) {
            wrong(part, "'" + text + "' is no time like 30s, 5m, 2h or 1d, at most 30d");
            return 0;
        }
        return (int) seconds;
    }

    private void number(YamlPart part, int least, int most, ObjectNode into, String key) {
        String text = text(part);
        if (text.matches("[0-9]{1,6}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most) {
            into.put(key, Integer.parseInt(text));
        } else {
            wrong(part, "'" + text + "' is no number from " + least + " to " + most);
        }
    }

    private boolean flag(YamlPart part) {
        return word(part, Set.of("true", "false")).equals("true");
    }

    private String word(YamlPart part, Set<String> words) {
        String text = text(part);
        if (!words.contains(text)) {
            wrong(part, "'" + text + "' is none of " + sorted(words));
        }
        return text;
    }

    private String file(YamlPart part) {
        try {
            return Files.readString(Path.of(text(part))).strip();
        } catch (IOException | RuntimeException e) {
            wrong(part, "the file '" + text(part) + "' " + FileFault.of(e));
            return "";
        }
    }

    private String text(YamlPart part) {
        if (!(part instanceof YamlPart.Text text)) {
            wrong(part, "expected a text");
            return "";
        }
        return VARIABLE.matcher(text.value()).replaceAll(v -> {
            String value = environment.get(v.group(1));
            if (value == null) {
                wrong(part, "the environment has no " + v.group(1));
            }
            return java.util.regex.Matcher.quoteReplacement(value == null ? "" : value);
        });
    }

    private String required(YamlPart of, Map<String, YamlPart> fields, String name) {
        YamlPart part = fields.get(name);
        String text = part == null ? "" : text(part);
        if (text.isBlank()) {
            wrong(part == null ? of : part, name + " is missing");
        }
        return text;
    }

    private List<YamlPart> items(@Nullable YamlPart part, String what) {
        if (part == null) {
            return List.of();
        }
        if (part instanceof YamlPart.Items items) {
            return items.values();
        }
        wrong(part, what + " is a list");
        return List.of();
    }

    /** {@code known} null: any. */
    private Map<String, YamlPart> fields(YamlPart part, String what, @Nullable Set<String> known) {
        if (!(part instanceof YamlPart.Fields fields)) {
            wrong(part, what + " is a mapping of names to values");
            return Map.of();
        }
        fields.values().forEach((key, value) -> {
            if (known != null && !known.contains(key)) {
                wrong(value, what + " has no '" + key + "'; there are " + sorted(known));
            }
        });
        return fields.values();
    }

    private void wrong(@Nullable YamlPart part, String message) {
        problems.add(new FileProblem(part == null ? 1 : part.line(), part == null ? 1 : part.column(), message));
    }

    private static String sorted(Set<String> words) {
        return String.join(", ", words.stream().sorted().toList());
    }
}
