package io.tlsfleet.store.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.vertx.sqlclient.Row;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Rows of {@code target t JOIN site} as targets: what a target is silent about, its rules say. */
public final class TargetRows {
    /** A tag that names the workload identity a target expects instead of its host name. */
    public static final String IDENTITY_TAG = "expectIdentity";

    /** Of a target {@code t}; nothing is computed where there are no rules. */
    public static final String BY_RULE = "CASE WHEN EXISTS (SELECT 1 FROM scan_rule)"
            + " THEN scan_rule_of(t.host, t.owner, t.tag_pairs, t.site_id) END";

    public static final String COLUMNS =
            "t.id, t.host, t.port, t.sni, t.starttls, t.addresses, t.depth::text AS depth, t.tags::text AS tags, t.owner,"
                    + " site.name AS site, t.policy, t.interval_seconds, (" + BY_RULE + ")::text AS by_rule";

    private TargetRows() {}

    public static Target target(Row row) {
        JsonNode byRule = Columns.jsonOrNull(row, "by_rule");
        JsonNode rule = byRule == null ? JsonNodeFactory.instance.objectNode() : byRule;
        Depth depth = depth(Columns.textOrNull(row, "depth"));
        Integer interval = row.getInteger("interval_seconds");
        Map<String, String> tags = tags(Columns.json(row, "tags"));
        if (rule.has("expectIdentity")) {
            tags.putIfAbsent(IDENTITY_TAG, rule.path("expectIdentity").asText());
        }
        return new Target(
                Columns.text(row, "host"),
                Columns.integer(row, "port"),
                Columns.textOrNull(row, "sni"),
                Columns.textOrNull(row, "starttls"),
                Columns.texts(row, "addresses"),
                depth != null ? depth : depth(rule.path("depth").textValue()),
                tags,
                Columns.textOrNull(row, "owner"),
                Columns.text(row, "site"),
                Columns.textOrNull(row, "policy"),
                interval != null || !rule.has("intervalSeconds")
                        ? interval
                        : Integer.valueOf(rule.path("intervalSeconds").intValue()));
    }

    public static Map<String, String> tags(JsonNode json) {
        Map<String, String> tags = new TreeMap<>();
        json.properties().forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return tags;
    }

    public static @Nullable Depth depth(@Nullable String word) {
        return word == null ? null : Depth.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
