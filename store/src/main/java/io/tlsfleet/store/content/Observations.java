package io.tlsfleet.store.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.tls.x509.ProvenSignatures;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts observations together again: all of a batch in four questions. What was rounded or moved apart stays so. */
public final class Observations {
    private static final HexFormat HEX = HexFormat.of();

    private Observations() {}

    /** What a scan adds to the kept parts: who was scanned, and how it went. */
    public record Frame(
            long observation,
            Observation.Endpoint endpoint,
            Observation.Scan scan,
            @Nullable JsonNode proofs,
            @Nullable JsonNode timing) {}

    /** In the order of the frames. */
    public static List<Observation> read(Sql sql, List<Frame> frames) {
        if (frames.isEmpty()) {
            return List.of();
        }
        List<Long> ids = frames.stream().map(Frame::observation).distinct().toList();
        Map<Long, Row> rows = new HashMap<>();
        for (Row row : sql.rows("""
                SELECT o.id, o.body::text AS rest, o.configuration_id, c.body::text AS chains, c.proven
                FROM observation o LEFT JOIN chain c ON c.id = o.chain_id WHERE o.id = ANY ($1)""", ids)) {
            rows.put(Columns.number(row, "id"), row);
            Buffer proven = row.getBuffer("proven");
            if (proven != null) {
                ProvenSignatures.remember(proven.getBytes());
            }
        }
        Map<Long, JsonNode> configurations = configurations(sql, rows.values());
        Map<String, byte[]> bytes = bytes(sql, rows.values(), frames);
        return frames.stream()
                .map(frame -> {
                    Row row = rows.get(frame.observation());
                    if (row == null) {
                        throw new IllegalStateException("observation " + frame.observation() + " is not there");
                    }
                    return whole(frame, row, configurations, bytes);
                })
                .toList();
    }

    private static Map<Long, JsonNode> configurations(Sql sql, Collection<Row> rows) {
        Set<Long> ids = new HashSet<>();
        for (Row row : rows) {
            Long id = row.getLong("configuration_id");
            if (id != null) {
                ids.add(id);
            }
        }
        Map<Long, JsonNode> bodies = new HashMap<>();
        if (!ids.isEmpty()) {
            sql.rows("SELECT id, body::text AS body FROM configuration WHERE id = ANY ($1)", List.copyOf(ids))
                    .forEach(row -> bodies.put(Columns.number(row, "id"), Columns.json(row, "body")));
        }
        return bodies;
    }

    private static Map<String, byte[]> bytes(Sql sql, Collection<Row> rows, List<Frame> frames) {
        Set<String> certificates = new HashSet<>();
        for (Row row : rows) {
            JsonNode chains = Columns.jsonOrNull(row, "chains");
            for (JsonNode chain : chains == null ? JsonNodeFactory.instance.arrayNode() : chains) {
                chain.path("chain").forEach(sha256 -> certificates.add(sha256.asText()));
            }
        }
        Set<String> blobs = new HashSet<>();
        for (Frame frame : frames) {
            JsonNode proofs = frame.proofs();
            if (proofs != null) {
                proofs.findValues("staples").forEach(s -> s.forEach(sha256 -> blobs.add(sha256.asText())));
                proofs.findValuesAsText("sha256").forEach(blobs::add);
            }
        }
        Map<String, byte[]> bytes = new HashMap<>();
        if (!certificates.isEmpty()) {
            fill(
                    bytes,
                    sql.rows(
                            "SELECT sha256, der AS bytes FROM certificate WHERE sha256 = ANY ($1)",
                            hashes(certificates)));
        }
        if (!blobs.isEmpty()) {
            fill(bytes, sql.rows("SELECT sha256, bytes FROM blob WHERE sha256 = ANY ($1)", hashes(blobs)));
        }
        return bytes;
    }

    private static List<byte[]> hashes(Set<String> hex) {
        return hex.stream().map(HEX::parseHex).toList();
    }

    private static void fill(Map<String, byte[]> bytes, List<Row> rows) {
        rows.forEach(row -> bytes.put(HEX.formatHex(Columns.bytes(row, "sha256")), Columns.bytes(row, "bytes")));
    }

    private static Observation whole(
            Frame frame, Row row, Map<Long, JsonNode> configurations, Map<String, byte[]> bytes) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.set("endpoint", Json.tree(frame.endpoint()));
        tree.set("scan", Json.tree(frame.scan()));
        tree.putArray("coverage");
        Long configuration = row.getLong("configuration_id");
        if (configuration != null && configurations.get(configuration) instanceof ObjectNode body) {
            tree.setAll(body.deepCopy());
        }
        ObjectNode rest = (ObjectNode) Columns.json(row, "rest");
        JsonNode evidence = rest.remove("evidence");
        JsonNode ja4x = rest.remove("ja4x");
        tree.setAll(rest);
        if (evidence != null) {
            for (JsonNode vulnerability : tree.path("vulnerabilities")) {
                JsonNode words = evidence.get(vulnerability.path("id").asText());
                if (words != null) {
                    ((ObjectNode) vulnerability).set("evidence", words);
                }
            }
        }
        if (ja4x != null && tree.get("fingerprints") instanceof ObjectNode fingerprints) {
            fingerprints.set("ja4x", ja4x);
        }
        JsonNode chains = Columns.jsonOrNull(row, "chains");
        if (chains != null) {
            tree.set("served", served(chains, frame.proofs(), bytes));
        }
        if (frame.timing() != null) {
            tree.set("timing", frame.timing());
        }
        return Json.read(tree, Observation.class);
    }

    private static ArrayNode served(JsonNode chains, @Nullable JsonNode proofs, Map<String, byte[]> bytes) {
        ArrayNode served = JsonNodeFactory.instance.arrayNode();
        for (JsonNode chain : chains) {
            ObjectNode one = served.addObject();
            one.set("servedOn", chain.get("servedOn"));
            one.set("servedWithoutSni", chain.get("servedWithoutSni"));
            ArrayNode ders = one.putArray("chain");
            chain.path("chain").forEach(sha256 -> ders.add(base64(bytes.get(sha256.asText()))));
            one.set("tlsScts", chain.path("tlsScts"));
            ObjectNode staples = one.putObject("staples");
            ArrayNode fetched = one.putArray("fetched");
            JsonNode own = proofs == null
                    ? null
                    : proofs.get(chain.path("chain").path(0).asText());
            if (own != null) {
                own.path("staples").properties().forEach(e -> {
                    byte[] staple = bytes.get(e.getValue().asText());
                    if (staple != null) {
                        staples.put(e.getKey(), base64(staple));
                    }
                });
                for (JsonNode thing : own.path("fetched")) {
                    ObjectNode copy = thing.deepCopy();
                    JsonNode sha256 = copy.remove("sha256");
                    copy.put("bytes", sha256 == null ? null : base64(bytes.get(sha256.asText())));
                    fetched.add(copy);
                }
            }
        }
        return served;
    }

    private static @Nullable String base64(byte @Nullable [] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }
}
