package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One notice in the words of each channel. Names come from certificates and hosts, that is from strangers: control and
 * bidi characters are shown, mentions and markup of the channel take no effect.
 */
final class Rendering {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern PLACE = Pattern.compile("\\{\\{([A-Za-z]+)(?::([0-9]{1,6}))?}}");
    /** Log hosts take 8 KiB by default. */
    private static final int SYSLOG_MOST = 7000;

    private Rendering() {}

    /** Standard Webhooks: type, timestamp, data. */
    static ObjectNode webhook(Notice notice) {
        ObjectNode body = JSON.objectNode();
        body.put("type", "alert." + notice.kind());
        body.set("timestamp", Json.tree(notice.at()));
        body.set("data", members(notice));
        return body;
    }

    /** A notice that stands for many has no endpoints and examples of its own. */
    private static ObjectNode members(Notice notice) {
        ObjectNode members = Json.tree(notice).deepCopy();
        return notice.standsForMany() ? members.remove(List.of("endpoints", "examples")) : members;
    }

    /** Blocks of an incoming webhook: a header of at most 150 characters, sections of at most 3,000. */
    static ObjectNode slack(Notice notice) {
        ObjectNode body = JSON.objectNode();
        body.put("text", slackText(notice.subject()));
        ArrayNode blocks = body.putArray("blocks");
        blocks.addObject()
                .put("type", "header")
                .set(
                        "text",
                        JSON.objectNode()
                                .put("type", "plain_text")
                                .put("text", cut(unmentioned(shown(notice.subject())), 150))
                                .put("emoji", false));
        List<String> first = new ArrayList<>(List.of(slackText(notice.summary())));
        notice.lines().forEach(line -> first.add("• " + slackText(line)));
        slackSection(blocks, String.join("\n", first));
        List<Fact> facts = facts(notice);
        if (!facts.isEmpty()) {
            slackSection(
                    blocks,
                    facts.stream()
                            .map(f -> "*" + f.label + ":* " + slackText(f.text))
                            .collect(Collectors.joining("\n")));
        }
        if (notice.link() != null) {
            slackSection(blocks, "<" + notice.link() + "|Open in tlsfleet>");
        }
        return body;
    }

    private static void slackSection(ArrayNode blocks, String text) {
        blocks.addObject()
                .put("type", "section")
                .set("text", JSON.objectNode().put("type", "mrkdwn").put("text", cut(text, 2900)));
    }

    /** An Adaptive Card as the Workflows webhook of Teams takes it. */
    static ObjectNode teams(Notice notice) {
        ObjectNode body = JSON.objectNode().put("type", "message");
        ObjectNode attachment = body.putArray("attachments").addObject();
        attachment.put("contentType", "application/vnd.microsoft.card.adaptive");
        ObjectNode card = attachment.putObject("content");
        card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                .put("type", "AdaptiveCard")
                .put("version", "1.4");
        ArrayNode items = card.putArray("body");
        items.addObject()
                .put("type", "TextBlock")
                .put("size", "Medium")
                .put("weight", "Bolder")
                .put("wrap", true)
                .put("text", markdown(notice.subject()));
        List<String> texts = new ArrayList<>(List.of(markdown(notice.summary())));
        notice.lines().forEach(line -> texts.add("\u2022 " + markdown(line)));
        facts(notice).forEach(f -> texts.add("**" + f.label + ":** " + markdown(f.text)));
        texts.forEach(text ->
                items.addObject().put("type", "TextBlock").put("wrap", true).put("text", text));
        if (notice.link() != null) {
            card.putArray("actions")
                    .addObject()
                    .put("type", "Action.OpenUrl")
                    .put("title", "Open in tlsfleet")
                    .put("url", notice.link());
        }
        return body;
    }

    /** PagerDuty Events v2; a resolved alert closes the incident with the same key. */
    static ObjectNode pagerDuty(Notice notice, String routingKey) {
        ObjectNode body = JSON.objectNode();
        body.put("routing_key", routingKey);
        body.put("event_action", notice.isOver() ? "resolve" : "trigger");
        body.put("dedup_key", notice.ticket());
        ObjectNode payload = body.putObject("payload");
        payload.put("summary", cut(shown(notice.subject()), 1000));
        payload.put(
                "source",
                notice.examples().isEmpty()
                        ? "tlsfleet"
                        : shown(notice.examples().getFirst()));
        payload.put(
                "severity",
                switch (notice.severity()) {
                    case "critical" -> "critical";
                    case "high" -> "error";
                    case "medium" -> "warning";
                    default -> "info";
                });
        payload.set("timestamp", Json.tree(notice.at()));
        payload.set("custom_details", members(notice));
        if (notice.link() != null) {
            body.putArray("links").addObject().put("href", notice.link()).put("text", "tlsfleet");
        }
        return body;
    }

    /** The body of a mail, and what is read aloud. */
    static String plain(Notice notice) {
        StringBuilder text = new StringBuilder(shown(notice.subject())).append("\n\n");
        text.append(shown(notice.summary())).append('\n');
        notice.lines().forEach(line -> text.append("- ").append(shown(line)).append('\n'));
        List<Fact> facts = facts(notice);
        if (!facts.isEmpty()) {
            text.append('\n');
        }
        facts.forEach(
                f -> text.append(f.label).append(": ").append(shown(f.text)).append('\n'));
        if (notice.link() != null) {
            text.append('\n').append(notice.link()).append('\n');
        }
        return text.toString();
    }

    /** One line of RFC 5424; its time has milliseconds, since receivers refuse more than six digits. */
    static String syslog(Notice notice, int facility) {
        int severity = switch (notice.severity()) {
            case "critical" -> 2;
            case "high" -> 3;
            case "medium" -> 4;
            case "low" -> 5;
            default -> 6;
        };
        int priority = facility * 8 + (notice.isOver() ? 5 : severity);
        String text = plain(notice).strip().replaceAll("\n+", " ");
        return "<" + priority + ">1 " + notice.at().truncatedTo(ChronoUnit.MILLIS) + " - tlsfleet - " + notice.kind()
                + " - " + cutBytes(text, SYSLOG_MOST);
    }

    /**
     * {@code {{title}}} and the like, each value escaped as JSON text; {@code {{title:100}}} is cut to so many characters.
     * Controls are shown as what they are, but for the line ends of {@code {{text}}}; nothing is computed.
     */
    static String template(Notice notice, String template) {
        ObjectNode values = (ObjectNode) Json.tree(notice);
        values.put("subject", notice.subject());
        values.put("text", plain(notice));
        return PLACE.matcher(template).replaceAll(place -> {
            JsonNode value = values.get(place.group(1));
            if (value == null) {
                return java.util.regex.Matcher.quoteReplacement(place.group());
            }
            String text = value.isTextual() ? value.asText() : value.isNull() ? "" : value.toString();
            String shown = place.group(1).equals("text") ? text : shown(text);
            String cut = place.group(2) == null ? shown : cut(shown, Integer.parseInt(place.group(2)));
            String quoted = JSON.textNode(cut).toString();
            return java.util.regex.Matcher.quoteReplacement(quoted.substring(1, quoted.length() - 1));
        });
    }

    /** What stands beside the summary, in the order in which a person asks. */
    record Fact(String label, String text) {}

    static List<Fact> facts(Notice notice) {
        List<Fact> all = new ArrayList<>();
        if (!notice.examples().isEmpty()) {
            int more = notice.endpoints() - notice.examples().size();
            String some = String.join(", ", notice.examples());
            all.add(new Fact(
                    "Where", more <= 0 ? some : Wording.endpoints(notice.endpoints()) + ", among them " + some));
        }
        if (!notice.owners().isEmpty()) {
            all.add(new Fact(notice.owners().size() == 1 ? "Owner" : "Owners", String.join(", ", notice.owners())));
        }
        if (notice.since() != null) {
            all.add(new Fact("Since", Wording.moment(notice.since())));
        }
        add(all, "Why it matters", notice.why());
        add(all, "What to do", notice.remedy());
        return all;
    }

    private static void add(List<Fact> all, String label, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            all.add(new Fact(label, text));
        }
    }

    /** Control and formatting characters as what they are. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            if (type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR) {
                shown.append("\\u%04x".formatted(c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    /** Where a channel takes text as it stands and some program may yet look for mentions in it. */
    private static String unmentioned(String text) {
        return text.replace("@", "@\u200b").replace("<!", "<\u200b!");
    }

    private static String slackText(String text) {
        return shown(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("@", "@\u200b")
                .replace("*", "\u2217")
                .replace("_", "\u02cd")
                .replace("~", "\u223c")
                .replace("`", "'");
    }

    private static String markdown(String text) {
        return shown(text).replaceAll("([\\\\`*_{}\\[\\]()#!<>|~])", "\\\\$1");
    }

    static String escaped(String text) {
        return shown(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** At most so many characters, none of them halved. */
    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Math.max(0, most - 1);
        return text.substring(0, end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    private static String cutBytes(String text, int most) {
        int keep = text.length();
        while (text.substring(0, keep).getBytes(StandardCharsets.UTF_8).length > most) {
            keep -= Math.max(1, keep / 20);
        }
        return keep == text.length() ? text : cut(text, keep);
    }
}
