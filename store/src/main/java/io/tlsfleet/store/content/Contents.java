package io.tlsfleet.store.content;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.tls.x509.ProvenSignatures;
import io.vertx.sqlclient.Row;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes what was seen, once. Everything here is idempotent and never changes again, so what is known to be there is
 * remembered without asking; only what a committed transaction wrote is remembered.
 */
public final class Contents {
    private static final int REMEMBERED = 200_000;
    private static final HexFormat HEX = HexFormat.of();
    private final Map<String, Kept> known = new LinkedHashMap<>(1024, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Ids of an observation and its parts. */
    public record Kept(
            long observation,
            @Nullable Long configuration,
            @Nullable Long chain) {}

    /** Where an observation was kept before, if that is remembered. */
    public Optional<Kept> known(Parts parts) {
        synchronized (known) {
            return Optional.ofNullable(known.get(parts.key()));
        }
    }

    /** To be called once the transaction that wrote or read it was committed. */
    public void remember(Parts parts, Kept kept) {
        synchronized (known) {
            known.put(parts.key(), kept);
        }
    }

    /** Asks for those that are not remembered, as after a start. */
    public void recall(Sql sql, List<Parts> some) {
        Map<String, Parts> unknown = new HashMap<>();
        some.stream().filter(parts -> known(parts).isEmpty()).forEach(parts -> unknown.put(parts.key(), parts));
        if (unknown.isEmpty()) {
            return;
        }
        for (Row row : sql.rows(
                "SELECT sha256, id, configuration_id, chain_id FROM observation WHERE sha256 = ANY ($1)",
                unknown.values().stream().map(Parts::sha256).toList())) {
            Parts parts = unknown.get(HEX.formatHex(Columns.bytes(row, "sha256")));
            if (parts != null) {
                remember(parts, kept(row));
            }
        }
    }

    private static Kept kept(Row row) {
        return new Kept(Columns.number(row, "id"), row.getLong("configuration_id"), row.getLong("chain_id"));
    }

    /** Where an observation is kept, if it is. */
    public Optional<Kept> find(Sql sql, Parts parts) {
        Optional<Kept> remembered = known(parts);
        if (remembered.isPresent()) {
            return remembered;
        }
        return sql.row("SELECT id, configuration_id, chain_id FROM observation WHERE sha256 = $1", parts.sha256())
                .map(Contents::kept);
    }

    /** Keeps one that {@link #find} did not find. The report says what its certificates hold. */
    public Kept keep(Sql sql, Parts parts, @Nullable Report report) {
        Piece configuration = parts.configuration();
        Piece chain = parts.chain();
        Long configurationId = configuration == null ? null : keepConfiguration(sql, configuration);
        Long chainId = chain == null ? null : keepChain(sql, chain, parts, report);
        long id = id(
                sql,
                "observation",
                parts.sha256(),
                sql.row(
                        """
                        INSERT INTO observation (sha256, configuration_id, chain_id, body, known) VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb)
                        ON CONFLICT (sha256) DO NOTHING RETURNING id""",
                        parts.sha256(),
                        configurationId,
                        chainId,
                        parts.rest().text(),
                        parts.known()));
        return new Kept(id, configurationId, chainId);
    }

    private static long keepConfiguration(Sql sql, Piece piece) {
        JsonNode body = piece.body();
        Set<String> suites = names(body.path("cipherSuites"), "suites");
        Set<String> groups = names(body.path("groups"), "groups");
        return id(
                sql,
                "configuration",
                piece.sha256(),
                sql.row(
                        """
                        INSERT INTO configuration (sha256, body, protocols, suites, groups, fingerprints, hybrid)
                        VALUES ($1, $2::text::jsonb, $3, $4, $5, $6, $7) ON CONFLICT (sha256) DO NOTHING RETURNING id""",
                        piece.sha256(),
                        piece.text(),
                        accepted(body.path("protocols")),
                        List.copyOf(suites),
                        List.copyOf(groups),
                        fingerprints(body.path("fingerprints")),
                        groups.stream().anyMatch(g -> g.contains("MLKEM") || g.contains("Kyber"))));
    }

    private static long keepChain(Sql sql, Piece chain, Parts parts, @Nullable Report report) {
        keepCertificates(sql, parts.certificates(), report);
        long id = id(
                sql,
                "chain",
                chain.sha256(),
                sql.row(
                        "INSERT INTO chain (sha256, body, proven) VALUES ($1, $2::text::jsonb, $3) ON CONFLICT (sha256) DO NOTHING RETURNING id",
                        chain.sha256(),
                        chain.text(),
                        proven(chain, parts.certificates())));
        Map<String, Integer> positions = new TreeMap<>();
        for (JsonNode one : chain.body()) {
            int position = 0;
            for (JsonNode sha256 : one.path("chain")) {
                positions.merge(sha256.asText(), position++, Math::min);
            }
        }
        sql.later("""
                INSERT INTO chain_certificate (sha256, chain_id, position)
                SELECT decode(u.sha256, 'hex'), $1, u.position FROM unnest($2::text[], $3::int[]) AS u(sha256, position)
                ON CONFLICT DO NOTHING""", id, List.copyOf(positions.keySet()), positions.values().toArray(new Integer[0]));
        return id;
    }

    /** What was just judged, so that it need not be proven again whenever it is. */
    private static byte[] proven(Piece chain, Map<String, byte[]> certificates) {
        ByteArrayOutputStream proven = new ByteArrayOutputStream();
        for (JsonNode one : chain.body()) {
            List<byte[]> ders = new ArrayList<>();
            for (JsonNode sha256 : one.path("chain")) {
                byte[] der = certificates.get(sha256.asText());
                if (der != null) {
                    ders.add(der);
                }
            }
            proven.writeBytes(ProvenSignatures.among(ders));
        }
        return proven.toByteArray();
    }

    private static void keepCertificates(Sql sql, Map<String, byte[]> ders, @Nullable Report report) {
        Map<String, Report.Certificate> read = new HashMap<>();
        List<Report.ServedCertificates> chains = report == null ? null : report.certificates();
        for (Report.ServedCertificates chain : chains == null ? List.<Report.ServedCertificates>of() : chains) {
            chain.chain().forEach(c -> read.put(c.sha256(), c));
        }
        if (ders.isEmpty()) {
            return;
        }
        // in the order of their hashes, so that no two transactions wait for each other
        List<Map.Entry<String, byte[]>> ordered = List.copyOf(new TreeMap<>(ders).entrySet());
        List<Report.@Nullable Certificate> facts = new ArrayList<>();
        ordered.forEach(entry -> facts.add(read.get(entry.getKey())));
        sql.later(
                """
                INSERT INTO certificate (sha256, der, spki_sha256, subject, issuer, serial_number, not_before, not_after,
                  key_algorithm, key_bits, signature_algorithm, names)
                SELECT sha256, der, decode(spki_sha256, 'hex'), subject, issuer, serial_number, not_before, not_after, key_algorithm,
                  key_bits, signature_algorithm, ARRAY(SELECT jsonb_array_elements_text(names::jsonb))
                FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                  $8::timestamptz[], $9::text[], $10::int[], $11::text[], $12::text[])
                  AS u(sha256, der, spki_sha256, subject, issuer, serial_number, not_before, not_after, key_algorithm, key_bits,
                    signature_algorithm, names)
                ON CONFLICT (sha256) DO NOTHING""",
                ordered.stream().map(e -> HEX.parseHex(e.getKey())).toArray(byte[][]::new),
                ordered.stream().map(Map.Entry::getValue).toArray(byte[][]::new),
                texts(facts, Report.Certificate::spkiSha256, null),
                texts(facts, c -> plain(c.subject()), ""),
                texts(facts, c -> plain(c.issuer()), ""),
                texts(facts, Report.Certificate::serialNumber, ""),
                facts.stream().map(c -> c == null ? null : c.notBefore()).toArray(Instant[]::new),
                facts.stream().map(c -> c == null ? null : c.notAfter()).toArray(Instant[]::new),
                texts(facts, Report.Certificate::keyAlgorithm, null),
                facts.stream().map(c -> c == null ? null : c.keyBits()).toArray(Integer[]::new),
                texts(facts, Report.Certificate::signatureAlgorithm, null),
                texts(
                        facts,
                        c -> Json.write(c.subjectAltNames().stream()
                                .map(Contents::plain)
                                .toList()),
                        "[]"));
    }

    private static @Nullable String[] texts(
            List<Report.@Nullable Certificate> facts,
            Function<Report.Certificate, @Nullable String> part,
            @Nullable String unknown) {
        @Nullable String[] texts = new String[facts.size()];
        for (int i = 0; i < texts.length; i++) {
            Report.Certificate of = facts.get(i);
            texts[i] = of == null ? unknown : part.apply(of);
        }
        return texts;
    }

    /** PostgreSQL's text has no NUL. */
    private static String plain(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace("\0", "\\x00");
    }

    private static long id(Sql sql, String table, byte[] sha256, Optional<Row> inserted) {
        Row row = inserted.orElseGet(() -> sql.one("SELECT id FROM " + table + " WHERE sha256 = $1", sha256));
        return Columns.number(row, "id");
    }

    private static List<String> accepted(JsonNode states) {
        List<String> accepted = new ArrayList<>();
        states.properties().forEach(e -> {
            if (e.getValue().asText().equals("accepted")) {
                accepted.add(e.getKey());
            }
        });
        return accepted;
    }

    private static Set<String> names(JsonNode byVersion, String list) {
        Set<String> names = new HashSet<>();
        for (JsonNode version : byVersion) {
            version.path(list).forEach(point -> names.add(point.path("name").asText()));
        }
        return names;
    }

    private static List<String> fingerprints(JsonNode fingerprints) {
        Set<String> all = new HashSet<>();
        if (fingerprints.hasNonNull("jarm")) {
            all.add("jarm:" + fingerprints.path("jarm").asText());
        }
        for (String kind : List.of("ja3s", "ja4s")) {
            fingerprints
                    .path(kind)
                    .forEach(f -> all.add(kind + ":" + f.path("hash").asText()));
        }
        return List.copyOf(all);
    }
}
