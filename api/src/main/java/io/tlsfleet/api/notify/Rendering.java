package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One notice in the words of each channel. Names come from certificates and hosts, that is from strangers: control and
 * bidi characters are shown, mentions and markup of the channel take no effect.
 */
final class Rendering {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Rendering() {}

    /** Standard Webhooks: type, timestamp, data. */
    static ObjectNode webhook(Notice notice) {
        ObjectNode body = JSON.objectNode();
        body.put("type", "alert." + notice.kind());
        body.put("timestamp", notice.at().toString());
        body.set("data", Json.tree(notice));
        return body;
    }

    static ObjectNode slack(Notice notice) {
        ObjectNode body = JSON.objectNode();
        body.put("text", slackText(notice.subject()));
        ArrayNode blocks = body.putArray("blocks");
        blocks.addObject()
                .put("type", "header")
                .set("text", JSON.objectNode().put("type", "plain_text").put("text", cut(notice.subject(), 150)));
        StringBuilder text = new StringBuilder();
        paragraphs(notice).forEach(p -> text.append(slackText(p)).append('\n'));
        blocks.addObject()
                .put("type", "section")
                .set("text", JSON.objectNode().put("type", "mrkdwn").put("text", cut(text.toString(), 2900)));
        if (notice.link() != null) {
            blocks.addObject()
                    .put("type", "section")
                    .set(
                            "text",
                            JSON.objectNode()
                                    .put("type", "mrkdwn")
                                    .put("text", "<" + notice.link() + "|Open in tlsfleet>"));
        }
        return body;
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
        paragraphs(notice)
                .forEach(p -> items.addObject()
                        .put("type", "TextBlock")
                        .put("wrap", true)
                        .put("text", markdown(p)));
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
        body.put("dedup_key", "tlsfleet-" + notice.alert());
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
        payload.put("timestamp", notice.at().toString());
        payload.set("custom_details", Json.tree(notice));
        if (notice.link() != null) {
            body.putArray("links").addObject().put("href", notice.link()).put("text", "tlsfleet");
        }
        return body;
    }

    /** The body of a mail or a log line, and what is read aloud. */
    static String plain(Notice notice) {
        StringBuilder text = new StringBuilder(shown(notice.subject())).append("\n\n");
        paragraphs(notice).forEach(p -> text.append(shown(p)).append('\n'));
        if (notice.link() != null) {
            text.append('\n').append(notice.link()).append('\n');
        }
        return text.toString();
    }

    static String html(Notice notice) {
        StringBuilder html = new StringBuilder("<html><body style=\"font-family:sans-serif\"><h2>")
                .append(escaped(notice.subject()))
                .append("</h2>");
        paragraphs(notice).forEach(p -> html.append("<p>").append(escaped(p)).append("</p>"));
        if (notice.link() != null) {
            html.append("<p><a href=\"").append(escaped(notice.link())).append("\">Open in tlsfleet</a></p>");
        }
        return html.append("</body></html>").toString();
    }

    /** {@code {{title}}} and the like, each value escaped as JSON text; nothing is computed. */
    static String template(Notice notice, String template) {
        String text = template;
        ObjectNode values = (ObjectNode) Json.tree(notice);
        values.put("subject", notice.subject());
        values.put("text", plain(notice));
        for (var value : values.properties()) {
            String shown = value.getValue().isTextual()
                    ? value.getValue().asText()
                    : value.getValue().toString();
            String quoted = JSON.textNode(shown).toString();
            text = text.replace("{{" + value.getKey() + "}}", quoted.substring(1, quoted.length() - 1));
        }
        return text;
    }

    private static List<String> paragraphs(Notice notice) {
        List<String> all = new ArrayList<>();
        all.add(notice.summary());
        all.addAll(notice.lines());
        if (!notice.examples().isEmpty()) {
            int more = notice.endpoints() - notice.examples().size();
            all.add("Where: " + String.join(", ", notice.examples()) + (more > 0 ? " and " + more + " more" : ""));
        }
        if (!notice.owners().isEmpty()) {
            all.add("Owner: " + String.join(", ", notice.owners()));
        }
        if (notice.since() != null) {
            all.add("Since: " + notice.since());
        }
        add(all, "Why it matters: ", notice.why());
        add(all, "What to do: ", notice.remedy());
        return all;
    }

    private static void add(List<String> all, String label, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            all.add(label + text);
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

    private static String slackText(String text) {
        return shown(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("@", "@\u200b")
                .replace("*", "\u2217")
                .replace("_", "\u02cd")
                .replace("`", "'");
    }

    private static String markdown(String text) {
        return shown(text).replaceAll("([\\\\`*_{}\\[\\]()#!<>|~])", "\\\\$1");
    }

    private static String escaped(String text) {
        return shown(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
