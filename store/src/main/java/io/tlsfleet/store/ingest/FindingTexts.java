package io.tlsfleet.store.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Piece;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What many findings share (remedy, why, references), kept once: asked for while a transaction judges, written before its findings. */
final class FindingTexts {
    private static final int MOST_KNOWN = 10_000;
    private static final Map<Words, Text> KNOWN = new ConcurrentHashMap<>();

    private final Map<String, Long> ids;
    private final Map<String, Text> wanted = new LinkedHashMap<>();

    private record Words(String remedy, String why, List<String> references) {}

    private record Text(String hex, byte[] sha256, String json) {}

    /** {@code known}: ids of texts by their SHA-256 in hex. */
    FindingTexts(Map<String, Long> known) {
        this.ids = new HashMap<>(known);
    }

    /** The text's SHA-256 in hex: its {@link #id} is known once {@link #write} was called. */
    String of(Finding finding) {
        Words words = new Words(finding.remedy(), finding.why(), finding.references());
        Text text = KNOWN.get(words);
        if (text == null) {
            text = text(words);
            if (KNOWN.size() < MOST_KNOWN) {
                KNOWN.put(words, text);
            }
        }
        if (!ids.containsKey(text.hex)) {
            wanted.put(text.hex, text);
        }
        return text.hex;
    }

    long id(String hex) {
        return Objects.requireNonNull(ids.get(hex));
    }

    /** To be remembered once this is committed. */
    Map<String, Long> ids() {
        return ids;
    }

    /** In the order of their hashes, so that no two transactions wait for each other. */
    void write(Sql sql) {
        if (wanted.isEmpty()) {
            return;
        }
        Map<String, Text> ordered = new TreeMap<>(wanted);
        byte[][] hashes = ordered.values().stream().map(Text::sha256).toArray(byte[][]::new);
        sql.change("""
                INSERT INTO finding_text (sha256, body) SELECT sha256, body::jsonb FROM unnest($1::bytea[], $2::text[]) AS u(sha256, body)
                ON CONFLICT (sha256) DO NOTHING""", hashes, ordered.values().stream().map(Text::json).toList());
        sql.rows("SELECT id, encode(sha256, 'hex') AS sha256 FROM finding_text WHERE sha256 = ANY ($1)", (Object)
                        hashes)
                .forEach(row -> ids.put(Columns.text(row, "sha256"), Columns.number(row, "id")));
        wanted.clear();
    }

    private static Text text(Words words) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("remedy", FindingRows.plain(words.remedy)).put("why", FindingRows.plain(words.why));
        body.set("references", Json.tree(words.references));
        String json = body.toString();
        byte[] sha256 = Piece.sha256(json.getBytes(StandardCharsets.UTF_8));
        return new Text(HexFormat.of().formatHex(sha256), sha256, json);
    }
}
