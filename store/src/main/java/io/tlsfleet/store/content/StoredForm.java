package io.tlsfleet.store.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The form in which two scans of the same server agree: members sorted, sets sorted, what drifts by itself rounded.
 *
 * <p>Lists whose order says something (a server's own order of suites and groups, a chain) keep it. Ticket lifetimes that
 * count down are rounded up to the hour, a clock's skew to the minute, and under a minute to none.
 */
final class StoredForm {
    private static final Comparator<JsonNode> BY_TEXT = Comparator.comparing(JsonNode::toString);
    private static final List<String> SETS = List.of(
            "accepted",
            "authorities",
            "coverage",
            "vulnerabilities",
            "ja3s",
            "ja4s",
            "ja4x",
            "sent",
            "caa",
            "tlsa",
            "versions",
            "servedOn",
            "finiteFieldDh",
            "certificateCompression");
    private static final int HOUR = 3600;

    private StoredForm() {}

    static JsonNode form(JsonNode node) {
        return form("", node);
    }

    private static JsonNode form(String name, JsonNode node) {
        if (node.isObject()) {
            return object(name, node);
        }
        if (node.isArray()) {
            return array(SETS.contains(name), node);
        }
        if (name.equals("ticketLifetimeSeconds") && node.isIntegralNumber()) {
            return JsonNodeFactory.instance.numberNode((node.longValue() + HOUR - 1) / HOUR * HOUR);
        }
        if (name.equals("clockSkewSeconds") && node.isIntegralNumber()) {
            return JsonNodeFactory.instance.numberNode(node.longValue() / 60 * 60);
        }
        return node;
    }

    private static ObjectNode object(String name, JsonNode node) {
        ObjectNode sorted = JsonNodeFactory.instance.objectNode();
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        names.sort(null);
        boolean unordered =
                node.has("order") && !"server".equals(node.path("order").asText());
        for (String member : names) {
            JsonNode value = node.get(member);
            if (value.isNull()) {
                continue;
            }
            boolean set = unordered && (member.equals("suites") || member.equals("groups"))
                    || name.equals("signatureSchemes") && value.isArray()
                    || name.equals("quic") && member.equals("alpn");
            sorted.set(member, set ? array(true, value) : form(member, value));
        }
        return sorted;
    }

    private static ArrayNode array(boolean set, JsonNode node) {
        List<JsonNode> items = new ArrayList<>(node.size());
        node.forEach(item -> items.add(form("", item)));
        if (set) {
            items.sort(BY_TEXT);
        }
        return JsonNodeFactory.instance.arrayNode(items.size()).addAll(items);
    }
}
