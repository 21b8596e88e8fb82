package io.tlsfleet.store.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.vertx.sqlclient.Row;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Rows of {@code target t JOIN site} as targets. */
public final class TargetRows {
    public static final String COLUMNS =
            "t.id, t.host, t.port, t.sni, t.starttls, t.addresses, t.depth::text AS depth, t.tags::text AS tags, t.owner,"
                    + " site.name AS site, t.policy, t.interval_seconds";

    private TargetRows() {}

    public static Target target(Row row) {
        return new Target(
                Columns.text(row, "host"),
                Columns.integer(row, "port"),
                Columns.textOrNull(row, "sni"),
                Columns.textOrNull(row, "starttls"),
                Columns.texts(row, "addresses"),
                depth(Columns.textOrNull(row, "depth")),
                tags(Columns.json(row, "tags")),
                Columns.textOrNull(row, "owner"),
                Columns.text(row, "site"),
                Columns.textOrNull(row, "policy"),
                row.getInteger("interval_seconds"));
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
