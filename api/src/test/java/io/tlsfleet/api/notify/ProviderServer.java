package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Answers as the providers do: what their documents forbid is refused with their status and words, and PagerDuty and
 * Opsgenie keep open incidents by their key, Jira issues by their labels. Sources: docs.slack.dev (incoming webhooks, Block Kit limits), Adaptive Cards
 * 1.4 schema and the Teams Workflows webhook, developer.pagerduty.com (Events API v2), docs.opsgenie.com (Alert API),
 * developer.atlassian.com (Jira REST v2: issues, comments, transitions, enhanced search).
 */
final class ProviderServer implements AutoCloseable {
    record Got(String path, JsonNode body, String authorization) {}

    final List<Got> got = new CopyOnWriteArrayList<>();
    final Set<String> incidents = ConcurrentHashMap.newKeySet();
    final JiraPeer jira = new JiraPeer();
    volatile int overloaded;
    /** In place of the seconds: the time at which to come again. */
    volatile @Nullable String until;

    private final HttpServer server;

    ProviderServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::take);
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    record Reply(int status, String text) {}

    private void take(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] raw = exchange.getRequestBody().readAllBytes();
        Reply reply;
        if (overloaded > 0) {
            exchange.getResponseHeaders().add("Retry-After", until == null ? Integer.toString(overloaded) : until);
            reply = new Reply(429, "rate_limited");
        } else if (!String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"))
                .startsWith("application/json")) {
            reply = new Reply(415, "unsupported media type");
        } else {
            JsonNode body = Json.parse(new String(raw, StandardCharsets.UTF_8));
            String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            reply = switch (path) {
                case "/slack" -> slack(body).map(why -> new Reply(400, why)).orElse(new Reply(200, "ok"));
                case "/teams" -> teams(body).map(why -> new Reply(400, why)).orElse(new Reply(202, ""));
                case "/v2/enqueue" -> pagerDuty(body);
                case String opsgenie when opsgenie.startsWith("/v2/alerts") -> opsgenie(exchange, body, authorization);
                default -> jira.take(path, body, authorization);
            };
            if (reply.status < 300) {
                got.add(new Got(path, body, authorization));
            }
        }
        byte[] text = reply.text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status, text.length == 0 ? -1 : text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    private static Optional<String> slack(JsonNode body) {
        if (body.path("text").asText().isEmpty() && !body.has("blocks")) {
            return Optional.of("no_text");
        }
        if (body.path("text").asText().length() > 40_000 || body.path("blocks").size() > 50) {
            return Optional.of("invalid_blocks");
        }
        for (JsonNode block : body.path("blocks")) {
            JsonNode text = block.path("text");
            boolean header = block.path("type").asText().equals("header");
            boolean section = block.path("type").asText().equals("section");
            int length = text.path("text").asText().length();
            boolean plain = text.path("type").asText().equals("plain_text");
            boolean fits = header ? plain && length <= 150 : section && length <= 3000;
            if (!fits
                    || length == 0
                    || !plain && text.has("emoji")
                    || !Set.of("plain_text", "mrkdwn")
                            .contains(text.path("type").asText())) {
                return Optional.of("invalid_blocks");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> teams(JsonNode body) {
        JsonNode attachment = body.path("attachments").path(0);
        JsonNode card = attachment.path("content");
        if (!body.path("type").asText().equals("message")
                || !attachment.path("contentType").asText().equals("application/vnd.microsoft.card.adaptive")
                || !card.path("type").asText().equals("AdaptiveCard")
                || !card.path("version").asText().matches("1\\.[0-5]")
                || Json.bytes(body).length > 28_000) {
            return Optional.of("no card that Teams shows");
        }
        for (JsonNode item : card.path("body")) {
            boolean size = !item.has("size")
                    || Set.of("Default", "Small", "Medium", "Large", "ExtraLarge")
                            .contains(item.path("size").asText());
            if (!item.path("type").asText().equals("TextBlock")
                    || item.path("text").asText().isEmpty()
                    || !size) {
                return Optional.of("an item of the card is wrong");
            }
        }
        for (JsonNode action : card.path("actions")) {
            if (!action.path("type").asText().equals("Action.OpenUrl")
                    || !action.path("url").asText().startsWith("http")) {
                return Optional.of("an action of the card is wrong");
            }
        }
        return Optional.empty();
    }

    private Reply pagerDuty(JsonNode body) {
        String action = body.path("event_action").asText();
        String key = body.path("dedup_key").asText();
        JsonNode payload = body.path("payload");
        boolean trigger = action.equals("trigger");
        boolean wrong = body.path("routing_key").asText().length() != 32
                || !Set.of("trigger", "acknowledge", "resolve").contains(action)
                || key.length() > 255
                || !trigger && key.isEmpty()
                || trigger
                        && (payload.path("summary").asText().isEmpty()
                                || payload.path("summary").asText().length() > 1024
                                || payload.path("source").asText().isEmpty()
                                || !Set.of("critical", "error", "warning", "info")
                                        .contains(payload.path("severity").asText()))
                || Json.bytes(body).length > 512 * 1024;
        if (wrong) {
            return new Reply(400, "{\"status\":\"invalid event\",\"message\":\"Event object is invalid\"}");
        }
        if (trigger) {
            incidents.add(key);
        } else {
            incidents.remove(key);
        }
        return new Reply(202, "{\"status\":\"success\",\"message\":\"Event processed\",\"dedup_key\":\"" + key + "\"}");
    }

    private Reply opsgenie(HttpExchange exchange, JsonNode body, String authorization) {
        if (!authorization.startsWith("GenieKey ")) {
            return new Reply(401, "{\"message\":\"Could not authenticate\"}");
        }
        String path = exchange.getRequestURI().getPath();
        boolean closes = path.endsWith("/close");
        String message = body.path("message").asText();
        boolean wrong = closes
                ? !String.valueOf(exchange.getRequestURI().getQuery()).equals("identifierType=alias")
                        || body.path("note").asText().length() > 25_000
                : message.isEmpty()
                        || message.length() > 130
                        || body.path("alias").asText().length() > 512
                        || body.path("description").asText().length() > 15_000
                        || !body.path("priority").asText("P3").matches("P[1-5]")
                        || body.path("tags").size() > 20;
        for (JsonNode detail : body.path("details")) {
            wrong |= !detail.isTextual();
        }
        if (wrong) {
            return new Reply(422, "{\"message\":\"Request body is not processable\"}");
        }
        if (closes) {
            incidents.remove(path.replaceFirst("/v2/alerts/", "").replaceFirst("/close$", ""));
        } else {
            incidents.add(body.path("alias").asText());
        }
        return new Reply(202, "{\"result\":\"Request will be processed\",\"took\":0.1,\"requestId\":\"43a29c5c\"}");
    }
}
