package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.ChainVerdict.SctStatus;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerWriter;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Signed certificate timestamps: what is read, what verifies, and what does not. The floors may only rise. */
class SctVectorsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    private static byte[] base64(JsonNode text) {
        return Base64.getDecoder().decode(text.asText());
    }

    @Test
    void singleTimestamps() throws Exception {
        JsonNode suite = Vectors.json("sct/sct-rs.json");
        Map<String, CtLogs.Log> logs = new HashMap<>();
        Map<String, String> ids = new HashMap<>();
        for (Map.Entry<String, JsonNode> log : suite.get("logs").properties()) {
            String id = log.getValue().get("log_id_hex").asText();
            ids.put(log.getKey(), id);
            logs.put(
                    id,
                    new CtLogs.Log(
                            key(base64(log.getValue().get("key_raw_b64"))),
                            "operator",
                            log.getKey(),
                            CtLogs.State.USABLE,
                            null,
                            null,
                            null));
        }
        int right = 0;
        for (JsonNode test : suite.get("cases")) {
            Map<String, CtLogs.Log> known = new HashMap<>();
            test.get("logs").forEach(name -> known.put(ids.get(name.asText()), logs.get(ids.get(name.asText()))));
            SctJudge judge = new SctJudge(
                    CtLogs.of(known), Instant.ofEpochMilli(test.get("now_ms").asLong()));
            byte[] sct = base64(test.get("sct_b64"));
            byte[] entry = Sct.entry(base64(test.get("cert_entry_b64")));
            SctStatus expected = switch (test.get("expected").asText()) {
                case "OK" -> SctStatus.VALID;
                case "ERR InvalidSignature" -> SctStatus.INVALID_SIGNATURE;
                case "ERR UnknownLog" -> SctStatus.UNKNOWN_LOG;
                case "ERR UnsupportedSctVersion" -> SctStatus.UNSUPPORTED_VERSION;
                case "ERR TimestampInFuture" -> SctStatus.FUTURE_TIMESTAMP;
                default -> SctStatus.MALFORMED;
            };
            if (test.get("id").asText().equals("ecdsa_p256_short")) {
                for (int length = 0; length < 120; length++) {
                    assertThat(judge.one(java.util.Arrays.copyOf(sct, length), "tls", entry, null)
                                    .status())
                            .isEqualTo(SctStatus.MALFORMED);
                }
                right++;
                continue;
            }
            assertThat(judge.one(sct, "tls", entry, null).status())
                    .as(test.get("id").asText())
                    .isEqualTo(expected);
            right++;
        }
        System.out.printf(
                "%-34s %4d of %4d%n", "sct, single", right, suite.get("cases").size());
        assertThat(right).isEqualTo(suite.get("cases").size());
    }

    private static PublicKeyFacts key(byte[] raw) throws MalformedMessage {
        byte[] algorithm = raw[0] == Der.SEQUENCE
                ? DerWriter.sequence(DerWriter.oid(PublicKeyFacts.RSA), new byte[] {Der.NULL, 0})
                : DerWriter.sequence(
                        DerWriter.oid(PublicKeyFacts.EC),
                        DerWriter.oid(raw.length == 65 ? "1.2.840.10045.3.1.7" : "1.3.132.0.34"));
        byte[] bits = new byte[raw.length + 1];
        System.arraycopy(raw, 0, bits, 1, raw.length);
        return PublicKeyFacts.read(
                Der.of(DerWriter.sequence(algorithm, DerWriter.element(Der.BIT_STRING, bits))), "key");
    }

    @Test
    void embeddedTimestampLists() {
        Map<String, String> shown = new TreeMap<>();
        int right = 0;
        for (JsonNode test : Vectors.json("sct/embedded.json")) {
            List<byte[]> chain = new ArrayList<>();
            if (test.has("chain_der_b64")) {
                test.get("chain_der_b64").forEach(der -> chain.add(base64(der)));
            } else {
                chain.add(base64(test.get("cert_der_b64")));
            }
            ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(chain, List.of(), NOW));
            List<ChainVerdict.SctVerdict> scts = verdict.transparency().scts();
            shown.put(
                    test.get("id").asText(),
                    scts.stream().map(sct -> sct.status().word()).toList().toString());
            List<String> seen = scts.stream()
                    .filter(sct -> sct.logId().length > 0)
                    .map(sct -> HexFormat.of().formatHex(sct.logId()) + " " + sct.timestamp())
                    .toList();
            List<String> opensslSaw = openssl(test.get("openssl_text").asText());
            // what OpenSSL shows as bytes alone it could not read: a list that is malformed, algorithms that no SCT may
            // have
            right += opensslSaw.isEmpty() || seen.equals(opensslSaw) ? 1 : 0;
        }
        shown.forEach((id, statuses) -> System.out.printf("    %-62s %s%n", id, statuses));
        System.out.printf("%-34s %4d of %4d%n", "sct, embedded", right, shown.size());
        assertThat(right).isEqualTo(11);
        assertThat(shown)
                .hasSize(11)
                .containsEntry("pyca/cryptography.io.precert.pem", "[]")
                .containsEntry("pyca/custom/invalid-sct-version.der", "[unsupported-version, issuer-unknown]");
        assertThat(shown.get("pyca/custom/invalid-sct-length.der")).contains("malformed");
        assertThat(shown.get("pyca/badssl-sct-none-hash.der")).doesNotContain(" valid");
    }

    /** Log ids and times of what OpenSSL read. */
    private static List<String> openssl(String text) {
        List<String> found = new ArrayList<>();
        Matcher sct = Pattern.compile(
                        "Version +: v1 .*?Log ID +: ([0-9A-F:\\s]+?)Timestamp : (\\w+) +(\\d+) ([0-9:.]+) (\\d+) GMT",
                        Pattern.DOTALL)
                .matcher(text);
        DateTimeFormatter format = DateTimeFormatter.ofPattern("uuuu MMM d HH:mm:ss.SSS", Locale.ENGLISH);
        while (sct.find()) {
            LocalDateTime at = LocalDateTime.parse(
                    sct.group(5) + " " + sct.group(2) + " " + sct.group(3) + " " + sct.group(4), format);
            found.add(sct.group(1).replaceAll("[:\\s]", "").toLowerCase(Locale.ROOT) + " "
                    + at.toInstant(ZoneOffset.UTC));
        }
        return found;
    }

    /** The log of the test certificates of RFC 6962's authors: with its key all four are good, and not one that was changed. */
    @Test
    void signaturesOfEmbeddedTimestamps() throws Exception {
        byte[] spki = HexFormat.of()
                .parseHex(
                        "3059301306072a8648ce3d020106082a8648ce3d0301070342000499783cb14533c0161a5ab45bf95d08a29cd0ea8d"
                                + "d4c84274e2be59ad15c676960cf0afa1074a57ac644b23479e5b3fb7b245eb4b420ef370210371a944beaceb");
        CtLogs log = CtLogs.of(Map.of(
                "df1c2ec11500945247a96168325ddc5c7959e8f7c6d388fc002e0bbd3f74d764",
                new CtLogs.Log(
                        PublicKeyFacts.read(Der.of(spki), "key"),
                        "test",
                        "test",
                        CtLogs.State.USABLE,
                        null,
                        null,
                        null)));
        int good = 0;
        for (JsonNode test : Vectors.json("sct/embedded.json")) {
            if (!test.get("id").asText().startsWith("chromium/")) {
                continue;
            }
            List<CertificateFacts> chain = new ArrayList<>();
            test.get("chain_der_b64").forEach(der -> chain.add(CertificateFacts.read(base64(der))));
            CertificateFacts leaf = chain.getFirst();
            CertificateFacts issuer =
                    chain.stream().filter(leaf::signedBy).findFirst().orElseThrow();
            assertThat(statuses(log, leaf, issuer)).as(test.get("id").asText()).containsExactly(SctStatus.VALID);
            assertThat(statuses(log, leaf, leaf))
                    .as("another issuer's key")
                    .containsExactly(SctStatus.INVALID_SIGNATURE);
            good++;
        }
        assertThat(good).isEqualTo(4);
    }

    private static List<SctStatus> statuses(CtLogs log, CertificateFacts leaf, CertificateFacts issuer) {
        return new SctJudge(log, NOW)
                .judge(leaf, issuer, List.of(), List.of()).scts().stream()
                        .map(ChainVerdict.SctVerdict::status)
                        .toList();
    }
}
