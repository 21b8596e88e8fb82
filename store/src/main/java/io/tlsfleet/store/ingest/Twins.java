package io.tlsfleet.store.ingest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Stored certificates with the issuer's name and the serial number of one that is served. */
final class Twins {
    private static final int MOST = 16;

    private Twins() {}

    /** By SHA-256 of the served one. Of those that sign themselves only by the same key: a name says nothing there. */
    static Map<String, List<Memory.Twin>> of(Sql sql, List<CertificateFacts> served) {
        ArrayNode asked = JsonNodeFactory.instance.arrayNode();
        for (CertificateFacts certificate : served) {
            if (certificate.serialNumber().length > 0) {
                asked.addObject()
                        .put("sha256", certificate.sha256())
                        .put("serial", certificate.serialText())
                        .put("issuer", certificate.issuer().text())
                        .put("spki", certificate.spkiSha256());
            }
        }
        Map<String, List<Memory.Twin>> twins = new HashMap<>();
        if (asked.isEmpty()) {
            return twins;
        }
        // by its own index alone: until the table is analysed, the planner would read all of an issuer's instead
        for (Row row : sql.rows("""
                SELECT me.sha256 AS served, o.der,
                  ARRAY(SELECT i.der FROM chain_certificate cc JOIN chain_certificate up ON up.chain_id = cc.chain_id
                    JOIN certificate i ON i.sha256 = up.sha256 AND i.subject = o.issuer WHERE cc.sha256 = o.sha256 LIMIT 2) AS issuers,
                  coalesce((SELECT t.host || coalesce(':' || nullif(t.port, 0), '') FROM chain_certificate cc JOIN endpoint e ON e.chain_id = cc.chain_id
                    JOIN target t ON t.id = e.id AND t.retired_at IS NULL WHERE cc.sha256 = o.sha256 LIMIT 1),
                    'an earlier scan') AS seen_at
                FROM jsonb_to_recordset($1::text::jsonb) AS me(sha256 text, serial text, issuer text, spki text)
                CROSS JOIN LATERAL (
                  SELECT c.* FROM certificate c WHERE md5(c.issuer || ' ' || c.serial_number) = md5(me.issuer || ' ' || me.serial)
                    AND c.issuer || '' = me.issuer AND c.serial_number || '' = me.serial AND c.sha256 <> decode(me.sha256, 'hex')
                    AND (c.subject <> c.issuer OR c.spki_sha256 = decode(me.spki, 'hex'))
                  ORDER BY c.first_seen, c.sha256 LIMIT $2) o""", asked.toString(), MOST)) {
            twins.computeIfAbsent(Columns.text(row, "served"), sha256 -> new ArrayList<>())
                    .add(new Memory.Twin(
                            Columns.bytes(row, "der"),
                            Stream.of(row.getArrayOfBuffers("issuers"))
                                    .map(Buffer::getBytes)
                                    .toList(),
                            Columns.text(row, "seen_at")));
        }
        return twins;
    }
}
