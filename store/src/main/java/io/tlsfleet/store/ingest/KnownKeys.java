package io.tlsfleet.store.ingest;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.SharedFactors;
import io.vertx.sqlclient.Row;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys whose private half others know: RSA keys of the estate that share a factor with another key of it, found once a
 * day among all that are stored. Lists that are published are read by whoever judges ({@code ListedKeys}).
 */
public final class KnownKeys {
    private static final Logger LOG = LoggerFactory.getLogger(KnownKeys.class);
    private static final int PAGE = 1_000;

    /** 5,000 keys of 2,048 bits take 15 s of one core, and it grows a little faster than their number. */
    private static final int MOST_KEYS = 20_000;

    private final Database database;
    private Set<String> searched = Set.of();

    public KnownKeys(Database database) {
        this.database = database;
    }

    /** Compares all stored RSA keys; answers how many were found that were not known. */
    public int search() {
        Map<BigInteger, String> keys = stored();
        if (searched.equals(Set.copyOf(keys.values()))) {
            return 0;
        }
        Map<BigInteger, BigInteger> shared = SharedFactors.of(keys.keySet());
        List<String> spkis = new ArrayList<>();
        List<String> details = new ArrayList<>();
        shared.forEach((modulus, factor) -> {
            spkis.add(String.valueOf(keys.get(modulus)));
            details.add("its modulus shares a factor of " + factor.bitLength()
                    + " bits with another key that was seen, so that both private keys can be computed");
        });
        int found = shared.isEmpty() ? 0 : put(database.sql(), spkis, "shared-factor", details);
        searched = Set.copyOf(keys.values());
        return found;
    }

    private Map<BigInteger, String> stored() {
        Map<BigInteger, String> keys = new LinkedHashMap<>();
        String after = "";
        while (keys.size() < MOST_KEYS) {
            List<Row> page = database.sql().rows("""
                            SELECT DISTINCT ON (spki_sha256) encode(spki_sha256, 'hex') AS spki, der FROM certificate
                            WHERE key_algorithm = 'RSA' AND spki_sha256 > decode($1, 'hex') ORDER BY spki_sha256 LIMIT $2""", after, PAGE);
            for (Row row : page) {
                after = Columns.text(row, "spki");
                BigInteger modulus =
                        CertificateFacts.read(Columns.bytes(row, "der")).key().modulus();
                if (modulus != null) {
                    keys.put(modulus, after);
                }
            }
            if (page.size() < PAGE) {
                break;
            }
        }
        if (keys.size() >= MOST_KEYS) {
            LOG.warn("shared factors: {} RSA keys are compared, which is the most; there are more", keys.size());
        }
        return keys;
    }

    /** Why, by SPKI, for those of these that are known. */
    static Map<String, String> among(Sql sql, List<String> spkiSha256) {
        Map<String, String> known = new HashMap<>();
        List<String> wanted = spkiSha256.stream().filter(s -> !s.isEmpty()).toList();
        if (!wanted.isEmpty()) {
            sql.rows(
                            "SELECT encode(spki_sha256, 'hex') AS spki, detail FROM known_key"
                                    + " WHERE spki_sha256 IN (SELECT decode(s, 'hex') FROM unnest($1::text[]) s)",
                            wanted)
                    .forEach(row -> known.put(Columns.text(row, "spki"), Columns.text(row, "detail")));
        }
        return known;
    }

    private static int put(Sql sql, List<String> spkis, String why, List<String> details) {
        spkis.forEach(HexFormat.of()::parseHex);
        return sql.change("""
                INSERT INTO known_key (spki_sha256, why, detail)
                SELECT decode(s, 'hex'), $2, d FROM unnest($1::text[], $3::text[]) AS k (s, d) ON CONFLICT DO NOTHING""", spkis, why, details);
    }
}
