package io.tlsfleet.store.content;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Fetched;
import io.tlsfleet.fleet.observation.Observation.ServedChain;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.tls.x509.ProvenSignatures;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts observations together again: all of a batch in four questions. What was rounded or moved apart stays so. */
public final class Observations {
    private static final HexFormat HEX = HexFormat.of();

    private static final ReadFacts FACTS = new ReadFacts();

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
        Map<Long, String> configurations = configurations(sql, rows.values());
        Map<Long, JsonNode> chains = new HashMap<>();
        rows.forEach((id, row) -> {
            JsonNode of = Columns.jsonOrNull(row, "chains");
            if (of != null) {
                chains.put(id, of);
            }
        });
        Map<String, byte[]> bytes = bytes(sql, chains.values(), frames);
        return frames.stream()
                .map(frame -> {
                    Row row = rows.get(frame.observation());
                    if (row == null) {
                        throw new IllegalStateException("observation " + frame.observation() + " is not there");
                    }
                    JsonNode served = chains.get(frame.observation());
                    return FACTS.of(configurations.get(row.getLong("configuration_id")), Columns.text(row, "rest"))
                            .seen(
                                    frame.endpoint(),
                                    frame.scan(),
                                    served == null ? null : served(served, frame.proofs(), bytes),
                                    frame.timing() == null
                                            ? null
                                            : Json.read(frame.timing(), Observation.Timing.class));
                })
                .toList();
    }

    private static Map<Long, String> configurations(Sql sql, Collection<Row> rows) {
        Set<Long> ids = new HashSet<>();
        for (Row row : rows) {
            Long id = row.getLong("configuration_id");
            if (id != null) {
                ids.add(id);
            }
        }
        Map<Long, String> bodies = new HashMap<>();
        if (!ids.isEmpty()) {
            sql.rows("SELECT id, body::text AS body FROM configuration WHERE id = ANY ($1)", List.copyOf(ids))
                    .forEach(row -> bodies.put(Columns.number(row, "id"), Columns.text(row, "body")));
        }
        return bodies;
    }

    private static Map<String, byte[]> bytes(Sql sql, Collection<JsonNode> chains, List<Frame> frames) {
        Set<String> certificates = new HashSet<>();
        for (JsonNode served : chains) {
            for (JsonNode chain : served) {
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

    private static List<ServedChain> served(JsonNode chains, @Nullable JsonNode proofs, Map<String, byte[]> bytes) {
        List<ServedChain> served = new ArrayList<>(chains.size());
        for (JsonNode chain : chains) {
            List<byte[]> ders = new ArrayList<>();
            for (JsonNode sha256 : chain.path("chain")) {
                byte[] der = bytes.get(sha256.asText());
                if (der != null) {
                    ders.add(der);
                }
            }
            List<byte[]> scts = new ArrayList<>();
            chain.path("tlsScts").forEach(sct -> scts.add(Json.read(sct, byte[].class)));
            List<String> servedOn = new ArrayList<>();
            chain.path("servedOn").forEach(version -> servedOn.add(version.asText()));
            JsonNode withoutSni = chain.get("servedWithoutSni");
            Map<String, byte[]> staples = new LinkedHashMap<>();
            List<Fetched> fetched = new ArrayList<>();
            JsonNode own = proofs == null
                    ? null
                    : proofs.get(chain.path("chain").path(0).asText());
            if (own != null) {
                own.path("staples").properties().forEach(e -> {
                    byte[] staple = bytes.get(e.getValue().asText());
                    if (staple != null) {
                        staples.put(e.getKey(), staple);
                    }
                });
                for (JsonNode thing : own.path("fetched")) {
                    JsonNode sha256 = thing.get("sha256");
                    fetched.add(new Fetched(
                            thing.path("kind").asText(),
                            thing.path("url").asText(),
                            Json.read(thing.path("at"), Instant.class),
                            sha256 == null ? null : bytes.get(sha256.asText()),
                            thing.path("failure").textValue()));
                }
            }
            served.add(new ServedChain(
                    servedOn,
                    withoutSni == null || withoutSni.isNull() ? null : withoutSni.asBoolean(),
                    ders,
                    staples,
                    scts,
                    fetched));
        }
        return served;
    }
}
