package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.x509.ChainVerdict.RevocationStatus;
import io.tlsfleet.tls.x509.ChainVerdict.StapleStatus;
import io.tlsfleet.tls.x509.ChainVerdict.Trust;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Chains that others built, judged as {@code explain} judges them. The floors may only rise. */
class X509VectorsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    /** Rows of a result table; what is wrong is printed with its reason. */
    private static final class Score {
        final String suite;
        int right;
        int wrong;
        final List<String> misses = new ArrayList<>();

        Score(String suite) {
            this.suite = suite;
        }

        void add(boolean ok, String text) {
            if (ok) {
                right++;
            } else {
                wrong++;
                misses.add(text);
            }
        }

        Score print() {
            System.out.printf("%-34s %4d of %4d%n", suite, right, right + wrong);
            misses.forEach(miss -> System.out.println("    " + miss));
            return this;
        }
    }

    @Test
    void bettertls() {
        Score hard = new Score("bettertls, hard");
        Score soft = new Score("bettertls, soft");
        for (String file : List.of("nameconstraints", "pathbuilding")) {
            JsonNode suite = Vectors.json("bettertls/" + file + ".json.gz");
            List<TrustStore> stores = List.of(TrustStore.of("given", List.of(base64(suite.get("trustRoot")))));
            for (JsonNode test : suite.get("testCases")) {
                ChainVerdict verdict = ChainJudge.judge(
                        ChainQuestion.of(list(test.get("certificates")), stores, Instant.parse("2026-11-21T07:41:00Z"))
                                .withHost(test.get("hostname").asText()));
                boolean accepted = verdict.trusted()
                        && verdict.hostname() != null
                        && verdict.hostname().matches();
                Score score = test.get("failureIsWarning").asBoolean() ? soft : hard;
                score.add(
                        accepted == test.get("expected").asText().equals("ACCEPT"),
                        file + " " + test.get("id") + " " + text(verdict));
            }
        }
        assertThat(hard.print().wrong).isZero();
        assertThat(soft.print().wrong).isZero();
    }

    @Test
    void x509limbo() {
        Score verdicts = new Score("x509-limbo");
        Score paths = new Score("x509-limbo, path verdict alone");
        for (String file : List.of("rfc5280", "online", "pathlen", "crl", "invalid")) {
            JsonNode suite = Vectors.json("x509-limbo/" + file + ".json");
            for (JsonNode test : suite.get("testcases")) {
                boolean depth = test.get("features").toString().contains("max-chain-depth");
                if (depth && test.get("expected_result").asText().equals("FAILURE")) {
                    continue; // a limit of the caller's own, which no TLS client has
                }
                List<byte[]> chain = new ArrayList<>(pem(test.get("peer_certificate")));
                test.get("untrusted_intermediates").forEach(pem -> chain.addAll(pem(pem)));
                List<byte[]> anchors = new ArrayList<>();
                test.get("trusted_certs").forEach(pem -> anchors.addAll(pem(pem)));
                List<byte[]> crls = new ArrayList<>();
                test.get("crls").forEach(pem -> crls.add(crl(pem.asText())));
                String at = test.get("validation_time").asText();
                ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                                chain,
                                List.of(TrustStore.of("given", anchors)),
                                at.equals("null")
                                        ? NOW
                                        : java.time.OffsetDateTime.parse(at).toInstant())
                        .withHost(
                                test.get("expected_peer_name").isNull()
                                        ? null
                                        : test.get("expected_peer_name")
                                                .get("value")
                                                .asText())
                        .withRevocation(crls, List.of(), !crls.isEmpty()));
                boolean path = verdict.trusted()
                        && (verdict.hostname() == null || verdict.hostname().matches());
                boolean clean = verdict.flaws().isEmpty();
                boolean success = test.get("expected_result").asText().equals("SUCCESS");
                verdicts.add(
                        success ? path : !path || !clean,
                        test.get("id").asText() + " " + success + " " + text(verdict) + " " + verdict.hostname());
                paths.add(path == success, "");
            }
        }
        paths.misses.clear();
        paths.print();
        assertThat(verdicts.print().wrong).isZero();
    }

    @Test
    void nistPkits() {
        JsonNode suite = Vectors.json("nist-pkits/pkits.json.gz");
        Instant at = Instant.parse(suite.get("validation_time").asText());
        Score score = new Score("nist-pkits");
        Score plain = new Score("nist-pkits, default policy inputs");
        for (JsonNode test : suite.get("cases")) {
            List<byte[]> certificates = new ArrayList<>();
            test.get("certs_root_first")
                    .forEach(name -> certificates.add(base64(suite.get("certs").get(name.asText()))));
            List<byte[]> crls = new ArrayList<>();
            test.get("crls").forEach(name -> crls.add(base64(suite.get("crls").get(name.asText()))));
            ChainQuestion.Policy policy = new ChainQuestion.Policy(
                    oids(test.get("initial_policy_set")),
                    test.get("initial_explicit_policy").asBoolean(),
                    test.get("initial_policy_mapping_inhibit").asBoolean(),
                    test.get("initial_inhibit_any_policy").asBoolean());
            ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                            certificates.subList(1, certificates.size()).reversed(),
                            List.of(TrustStore.of("given", List.of(certificates.getFirst()))),
                            at)
                    .withRevocation(crls, List.of(), true)
                    .withPolicy(policy));
            String text = test.get("test").asText() + " " + test.get("name") + " " + text(verdict);
            boolean right = verdict.trusted() == test.get("should_validate").asBoolean();
            score.add(right, text);
            if (policy.acceptable() == null && !policy.explicit() && !policy.inhibitMapping() && !policy.inhibitAny()) {
                plain.add(right, text);
            }
        }
        plain.misses.clear();
        plain.print();
        assertThat(score.print().right).isGreaterThanOrEqualTo(247);
    }

    /** NIST's test policies by their arcs; several are joined by commas. */
    private static @Nullable Set<String> oids(JsonNode set) {
        if (set.isNull()) {
            return null;
        }
        Set<String> oids = new HashSet<>();
        for (String name : set.asText().split(",", -1)) {
            oids.add(name.replace("NIST-test-policy-", "2.16.840.1.101.3.2.1.48."));
        }
        return oids;
    }

    @Test
    void ocspOfOpenssl() {
        Score score = new Score("ocsp-openssl");
        for (JsonNode test : Vectors.json("ocsp-openssl/cases.json")) {
            List<byte[]> chain = new ArrayList<>();
            if (!test.get("subject_cert_der_b64").isNull()) {
                chain.add(base64(test.get("subject_cert_der_b64")));
            }
            List<byte[]> issuers = list(test.get("issuer_der_b64"));
            chain.addAll(issuers);
            ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                            chain,
                            List.of(TrustStore.of("given", issuers)),
                            Instant.ofEpochSecond(test.get("verify_time_epoch").asLong()))
                    .withStaples(Map.of("TLSv1.2", base64(test.get("ocsp_response_der_b64")))));
            StapleStatus status = verdict.ocspStaple().status();
            // OpenSSL verifies without a clock; all of these had run out by then
            boolean verifies =
                    status == StapleStatus.GOOD || status == StapleStatus.REVOKED || status == StapleStatus.EXPIRED;
            score.add(
                    verifies == test.get("expected_response_verifies").asBoolean(),
                    test.get("id").asText() + " " + verdict.ocspStaple());
        }
        assertThat(score.print().wrong).isZero();
    }

    @Test
    void boringsslCrls() {
        Score score = new Score("boringssl-pki, CRL");
        for (JsonNode test : Vectors.json("boringssl-pki/crl.json")) {
            List<byte[]> chain = new ArrayList<>(List.of(base64(test.get("cert_der_b64"))));
            List<byte[]> issuers = new ArrayList<>(List.of(base64(test.get("issuer_der_b64"))));
            if (!test.get("issuer2_der_b64").isNull()) {
                issuers.add(base64(test.get("issuer2_der_b64")));
            }
            chain.addAll(issuers);
            ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                            chain,
                            List.of(TrustStore.of("given", issuers)),
                            Instant.ofEpochSecond(test.get("verify_time_epoch").asLong()))
                    .withRevocation(List.of(base64(test.get("crl_der_b64"))), List.of(), false));
            RevocationStatus expected = switch (test.get("expected").asText()) {
                case "GOOD" -> RevocationStatus.NOT_REVOKED;
                case "REVOKED" -> RevocationStatus.REVOKED;
                default -> RevocationStatus.UNKNOWN;
            };
            score.add(
                    verdict.revocation().status() == expected,
                    test.get("id").asText() + " " + expected + " " + verdict.revocation());
        }
        assertThat(score.print().right).isGreaterThanOrEqualTo(61);
    }

    @Test
    void boringsslChains() {
        Score score = new Score("boringssl-pki, chains");
        for (JsonNode test : Vectors.json("boringssl-pki/verify_certificate_chain.json.gz")) {
            if (!test.get("key_purpose").asText().startsWith("SERVER_AUTH")
                    || !test.get("last_cert_trust").asText().startsWith("TRUSTED_ANCHOR")) {
                continue;
            }
            List<byte[]> chain = list(test.get("chain_der_b64_leaf_first"));
            String time = test.get("utc_time").asText();
            Instant at = Instant.parse("20" + time.substring(0, 2) + "-" + time.substring(2, 4) + "-"
                    + time.substring(4, 6) + "T" + time.substring(6, 8) + ":" + time.substring(8, 10) + ":"
                    + time.substring(10, 12) + "Z");
            ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                    chain.subList(0, Math.max(1, chain.size() - 1)),
                    List.of(TrustStore.of("given", List.of(chain.getLast()))),
                    at));
            score.add(
                    verdict.trusted() == test.get("expected_valid").asBoolean(),
                    test.get("id").asText() + " " + test.get("last_cert_trust") + " " + test.get("key_purpose") + " "
                            + text(verdict) + " | " + test.get("expected_errors_text"));
        }
        assertThat(score.print().right).isGreaterThanOrEqualTo(43);
    }

    @Test
    void boringsslSignatures() throws Exception {
        Score score = new Score("boringssl-pki, signatures");
        for (JsonNode test : Vectors.json("boringssl-pki/verify_signed_data.json")) {
            boolean good;
            try {
                PublicKeyFacts key =
                        PublicKeyFacts.read(io.tlsfleet.tls.x509.der.Der.of(base64(test.get("public_key_b64"))), "key");
                AlgorithmId algorithm =
                        AlgorithmId.read(io.tlsfleet.tls.x509.der.Der.of(base64(test.get("algorithm_b64"))), "alg");
                byte[] signature = io.tlsfleet.tls.x509.der.Der.of(base64(test.get("signature_b64")))
                        .expect(io.tlsfleet.tls.x509.der.Der.BIT_STRING, "signature")
                        .bitString("signature");
                good = Signatures.verify(algorithm, key, base64(test.get("data_b64")), signature)
                        == Signatures.Result.GOOD;
            } catch (io.tlsfleet.tls.wire.MalformedMessage e) {
                good = false;
            }
            score.add(
                    good == test.get("expected").asText().equals("SUCCESS"),
                    test.get("id").asText() + " " + good);
        }
        assertThat(score.print().right).isGreaterThanOrEqualTo(30);
    }

    static String text(ChainVerdict verdict) {
        Trust trust = verdict.trust().getFirst();
        return trust.status().word() + (trust.reason() == null ? "" : " (" + trust.reason() + ")");
    }

    static byte[] crl(String pem) {
        return Base64.getMimeDecoder()
                .decode(pem.replaceAll("-----[A-Z0-9 ]+-----", "").strip());
    }

    static List<byte[]> pem(JsonNode text) {
        return Pem.certificates(text.asText().getBytes(StandardCharsets.US_ASCII));
    }

    static List<byte[]> list(JsonNode texts) {
        List<byte[]> all = new ArrayList<>();
        texts.forEach(text -> all.add(base64(text)));
        return all;
    }

    static byte[] base64(JsonNode text) {
        return Base64.getDecoder().decode(text.asText());
    }
}
