package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.alert.Receiver;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Receivers that keep something open: Opsgenie and Jira Service Management by alias, Jira by a label on its issue. What is
 * over is closed there; what comes again opens a new one. Nothing is kept on our side: a retry finds what an attempt before
 * it had made.
 */
final class Tickets {
    private static final String OPSGENIE = "https://api.opsgenie.com";
    private static final Pattern WIKI = Pattern.compile("[{}\\[\\]!|~*_^+]");
    private static final int NO_SUCH_PLACE = 404;
    private static final int NOT_THAT_WAY = 405;
    private static final int REMOVED = 410;

    private final Outgoing http;

    Tickets(Outgoing http) {
        this.http = http;
    }

    /** Alert API v2; the same under https://api.atlassian.com/jsm/ops/integration, which follows it. */
    Delivery opsgenie(JsonNode secret, Notice notice) throws Exception {
        String alerts = root(secret.path("url").asText(OPSGENIE)) + "/v2/alerts";
        Map<String, String> key =
                Map.of("Authorization", "GenieKey " + secret.path("secret").asText());
        Delivery delivery = new Delivery.Delivered(0, "");
        if (!notice.isOver()) {
            delivery = Channels.read(post(alerts, key, opsgenieAlert(notice)));
        }
        if (delivery instanceof Delivery.Delivered && isClosedNow(notice)) {
            String one = alerts + "/" + URLEncoder.encode(notice.ticket(), StandardCharsets.UTF_8);
            delivery = Channels.read(post(one + "/close?identifierType=alias", key, opsgenieClose(notice)));
        }
        return delivery;
    }

    static ObjectNode opsgenieAlert(Notice notice) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("message", Rendering.cut(Rendering.shown(notice.subject()), 130));
        body.put("alias", notice.ticket());
        body.put("description", Rendering.cut(Rendering.plain(notice), 15_000));
        body.put("source", "tlsfleet");
        body.put(
                "priority",
                switch (notice.severity()) {
                    case "critical" -> "P1";
                    case "high" -> "P2";
                    case "medium" -> "P3";
                    case "low" -> "P4";
                    default -> "P5";
                });
        body.putArray("tags").add("tlsfleet").add(notice.severity());
        ObjectNode details = body.putObject("details");
        if (notice.rule() != null) {
            details.put("rule", notice.rule());
        }
        if (!notice.standsForMany()) {
            details.put("endpoints", Integer.toString(notice.endpoints()));
        }
        if (notice.link() != null) {
            details.put("link", notice.link());
        }
        return body;
    }

    static ObjectNode opsgenieClose(Notice notice) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("source", "tlsfleet")
                .put("note", Rendering.cut(Rendering.plain(notice), 25_000));
    }

    /** REST API 2, of the cloud and of one's own server. */
    Delivery jira(Receiver receiver, JsonNode secret, Notice notice) throws Exception {
        JsonNode settings = receiver.settings();
        String api = root(secret.path("url").asText()) + "/rest/api/2/";
        Map<String, String> key = authorization(settings, secret);
        Outgoing.Answer found = find(api, key, settings, notice);
        if (found.status() != 200) {
            return Channels.read(found);
        }
        Optional<String> open = issue(found);
        if (open.isEmpty() && notice.isOver()) {
            return new Delivery.Delivered(200, "no issue is open there");
        }
        if (open.isEmpty()) {
            Outgoing.Answer made = post(api + "issue", key, jiraIssue(settings, notice));
            if (made.status() / 100 != 2 || !isClosedNow(notice)) {
                return Channels.read(made);
            }
            String fresh = parsed(made).path("key").asText("");
            if (fresh.isEmpty()) {
                return new Delivery.Failed(made.status(), "answered without the key of an issue: no Jira", -1);
            }
            open = Optional.of(fresh);
        }
        String one = api + "issue/" + URLEncoder.encode(open.get(), StandardCharsets.UTF_8);
        String transition = settings.path("transition").asText("");
        String refused = "";
        if (isClosedNow(notice) && !transition.isEmpty()) {
            Outgoing.Answer moved = post(one + "/transitions", key, jiraTransition(transition));
            if (moved.status() == 400) {
                refused = "transition " + transition + " is not possible from where the issue stands: " + moved.text();
            } else if (moved.status() / 100 != 2) {
                return Channels.read(moved);
            }
        }
        Delivery said = Channels.read(post(one + "/comment", key, jiraComment(notice)));
        return said instanceof Delivery.Delivered done && !refused.isEmpty()
                ? new Delivery.Delivered(done.status(), open.get() + ": " + refused)
                : said;
    }

    /** The open issue of this alert. Jira's cloud has the first place only, a server of one's own the second. */
    private Outgoing.Answer find(String api, Map<String, String> key, JsonNode settings, Notice notice)
            throws Exception {
        ObjectNode query = JsonNodeFactory.instance.objectNode();
        query.put(
                "jql",
                "project = \"%s\" AND labels = \"%s\" AND statusCategory != Done ORDER BY created DESC"
                        .formatted(settings.path("project").asText(), notice.ticket()));
        query.put("maxResults", 1);
        query.putArray("fields").add("summary");
        Outgoing.Answer answer = post(api + "search/jql", key, query);
        return switch (answer.status()) {
            case NO_SUCH_PLACE, NOT_THAT_WAY, REMOVED -> post(api + "search", key, query);
            default -> answer;
        };
    }

    private static Optional<String> issue(Outgoing.Answer found) {
        String key = parsed(found).path("issues").path(0).path("key").asText("");
        return key.isEmpty() ? Optional.empty() : Optional.of(key);
    }

    static ObjectNode jiraIssue(JsonNode settings, Notice notice) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode fields = body.putObject("fields");
        fields.putObject("project").put("key", settings.path("project").asText());
        fields.putObject("issuetype").put("name", settings.path("issueType").asText("Task"));
        fields.put("summary", Rendering.cut(Rendering.shown(notice.subject()), 250));
        fields.put("description", jiraText(notice));
        fields.putArray("labels").add("tlsfleet").add(notice.ticket());
        return body;
    }

    static ObjectNode jiraComment(Notice notice) {
        return JsonNodeFactory.instance.objectNode().put("body", jiraText(notice));
    }

    private static ObjectNode jiraTransition(String id) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("transition").put("id", id);
        return body;
    }

    /** Its wiki marks ({@code [~user]} mentions, {@code !image!} fetches) stay what they are. */
    private static String jiraText(Notice notice) {
        String text = Rendering.plain(notice).replace("\\", "&#92;");
        return Rendering.cut(WIKI.matcher(text).replaceAll("\\\\$0"), 32_000);
    }

    private static Map<String, String> authorization(JsonNode settings, JsonNode secret) {
        Map<String, String> headers = new LinkedHashMap<>();
        secret.path("headers")
                .properties()
                .forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
        String password = secret.path("secret").asText("");
        String user = settings.path("user").asText("");
        if (!password.isEmpty()) {
            byte[] login = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            headers.put(
                    "Authorization",
                    user.isEmpty()
                            ? "Bearer " + password
                            : "Basic " + Base64.getEncoder().encodeToString(login));
        }
        return headers;
    }

    /** A test is opened and closed, and leaves nothing behind. */
    private static boolean isClosedNow(Notice notice) {
        return notice.isOver() || notice.kind().equals("test");
    }

    private static String root(String url) {
        return url.replaceFirst("/+$", "");
    }

    private static JsonNode parsed(Outgoing.Answer answer) {
        return Json.parse(answer.body());
    }

    private Outgoing.Answer post(String url, Map<String, String> headers, ObjectNode body) throws Exception {
        return http.send("POST", url, Channels.json(headers), Json.bytes(body));
    }
}
