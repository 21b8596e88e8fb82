package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.Defect.Kind;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** OCSP messages, Mozilla's store, and certificates that linters judge. The floors may only rise. */
class RemainingVectorsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    private static byte[] base64(JsonNode text) {
        return Base64.getDecoder().decode(text.asText());
    }

    @Test
    void ocspMessages() {
        JsonNode suite = Vectors.json("ocsp-parse/cases.json");
        int responses = 0;
        int read = 0;
        for (JsonNode test : suite.get("pyca_cryptography_vectors")) {
            String id = test.get("id").asText();
            if (id.contains("req")) {
                continue;
            }
            responses++;
            boolean printable = test.get("openssl_rc").asInt() == 0;
            try {
                OcspResponse response = OcspResponse.read(base64(test.get("der_b64")));
                read += printable || response.responseStatus() != 0 ? 1 : 0;
                String text = test.get("openssl_text").asText();
                if (response.responseStatus() == 0 && printable) {
                    assertThat(text.contains("OCSP Nonce")).as(id).isEqualTo(response.nonce() != null);
                    assertThat(response.responses()).as(id).isNotEmpty();
                }
            } catch (MalformedMessage e) {
                assertThat(printable).as(id + " " + e.getMessage()).isFalse();
                read++;
            }
        }
        System.out.printf("%-34s %4d of %4d%n", "ocsp-parse, responses", read, responses);
        assertThat(read).isEqualTo(responses);
    }

    @Test
    void shippedStoreIsMozillas() {
        TrustStore store = TrustStore.mozilla();
        Set<String> expected = new HashSet<>();
        Map<String, String> distrusted = new HashMap<>();
        for (JsonNode root : Vectors.json("mozilla-roots/nss-roots.json.gz").get("roots")) {
            if (root.get("server_auth").asText().equals("CKT_NSS_TRUSTED_DELEGATOR")) {
                expected.add(root.get("sha256").asText());
                if (!root.get("server_distrust_after").isNull()) {
                    distrusted.put(
                            root.get("sha256").asText(),
                            root.get("server_distrust_after").asText());
                }
            }
        }
        Set<String> shipped = new HashSet<>();
        store.anchors().forEach(anchor -> {
            shipped.add(anchor.certificate().sha256());
            assertThat(anchor.certificate().malformed())
                    .as(anchor.certificate().toString())
                    .isFalse();
            assertThat(anchor.distrustAfter() != null)
                    .isEqualTo(distrusted.containsKey(anchor.certificate().sha256()));
        });
        assertThat(shipped).isEqualTo(expected).hasSize(121);
        assertThat(store.date()).isAfter(LocalDate.of(2026, 1, 1));
        assertThat(StoreFile.read("mozilla", StoreFile.write(store)).anchors()).hasSize(121);
    }

    @Test
    void shippedLogsAreThoseOfTheLists() {
        int known = 0;
        for (JsonNode log : Vectors.json("ct-logs/zeek-2026-08-13.json").get("logs")) {
            assertThat(CtLogs.shipped().find(base64(log.get("log_id"))))
                    .hasValueSatisfying(found -> assertThat(found.state()).isEqualTo(CtLogs.State.USABLE));
            known++;
        }
        assertThat(known).isEqualTo(26);
    }

    @Test
    void newerLogsComeBesideThoseThatShip() {
        JsonNode log = Vectors.json("ct-logs/zeek-2026-08-13.json").get("logs").get(0);
        byte[] id = base64(log.get("log_id"));
        CtLogs newer = CtLogs.read(String.join(
                "\t",
                log.get("log_id").asText(),
                log.get("key").asText(),
                "Operator",
                "retired",
                "2026-11-01T00:00:00Z",
                "-",
                "-",
                "newer"));
        CtLogs both = CtLogs.shipped().with(newer);
        assertThat(both.find(id).orElseThrow().state()).isEqualTo(CtLogs.State.RETIRED);
        assertThat(both.size()).isEqualTo(CtLogs.shipped().size());
        assertThat(CtLogs.shipped().find(id).orElseThrow().state()).isEqualTo(CtLogs.State.USABLE);
        assertThat(CtLogs.current()).isSameAs(CtLogs.shipped());
    }

    @Test
    void zlint() {
        JsonNode suite = Vectors.json("zlint/pairs.json.gz");
        Map<String, int[]> byLint = new TreeMap<>();
        List<String> misses = new ArrayList<>();
        int right = 0;
        int all = 0;
        for (JsonNode pair : suite.get("pairs")) {
            String lint = pair.get("lint").asText();
            String expected = pair.get("expected").asText();
            EnumSet<Kind> kinds = LINTS.get(lint);
            boolean raised = expected.equals("Error") || expected.equals("Warn") || expected.equals("Notice");
            if (kinds == null || !raised && !expected.equals("Pass")) {
                continue;
            }
            JsonNode cert = suite.get("certs").get(pair.get("cert").asText());
            boolean found = defects(base64(cert)).stream().anyMatch(defect -> kinds.contains(defect.kind()));
            // one kind of ours stands for several lints, so a certificate that passes one may break another
            boolean ok = !raised || found;
            all++;
            right += ok ? 1 : 0;
            byLint.computeIfAbsent(lint, key -> new int[2])[ok ? 0 : 1]++;
            if (!ok) {
                misses.add(lint + " " + pair.get("cert").asText() + " " + defects(base64(cert)));
            }
        }
        System.out.printf("%-34s %4d of %4d in %d lints%n", "zlint, mapped", right, all, byLint.size());
        misses.forEach(miss -> System.out.println("    " + miss));
        assertThat(right).isGreaterThanOrEqualTo(112);
    }

    @Test
    void pkilint() {
        int right = 0;
        int all = 0;
        List<String> misses = new ArrayList<>();
        for (JsonNode test : Vectors.json("pkilint/cases.json.gz").get("cases")) {
            List<Defect> defects = defects(base64(test.get("cert_der_b64")));
            for (JsonNode row : test.get("expected_findings_csv")) {
                EnumSet<Kind> kinds = FINDINGS.get(row.asText().split(",", -1)[3]);
                if (kinds == null) {
                    continue;
                }
                boolean ok = defects.stream().anyMatch(defect -> kinds.contains(defect.kind()));
                all++;
                right += ok ? 1 : 0;
                if (!ok) {
                    misses.add(test.get("id").asText() + " " + row.asText() + " " + defects);
                }
            }
        }
        System.out.printf("%-34s %4d of %4d%n", "pkilint, mapped", right, all);
        misses.forEach(miss -> System.out.println("    " + miss));
        assertThat(right).isGreaterThanOrEqualTo(43);
    }

    private static List<Defect> defects(byte[] der) {
        return ChainJudge.judge(ChainQuestion.of(List.of(der), List.of(), NOW)).flaws().stream()
                .map(ChainVerdict.Flaw::defect)
                .toList();
    }

    private static final EnumSet<Kind> BROKEN =
            EnumSet.of(Kind.MALFORMED_EXTENSION, Kind.UNPARSEABLE, Kind.NOT_DER, Kind.BAD_NAME, Kind.BAD_KEY);

    private static EnumSet<Kind> or(Kind... kinds) {
        EnumSet<Kind> all = EnumSet.copyOf(BROKEN);
        all.addAll(List.of(kinds));
        return all;
    }

    private static final Map<String, EnumSet<Kind>> LINTS = Map.ofEntries(
            Map.entry("e_basic_constr_invalid_der", or(Kind.DEFAULT_WRITTEN)),
            Map.entry("e_ca_key_cert_sign_not_set", or(Kind.KEY_USAGE_INCONSISTENT)),
            Map.entry("e_ca_key_usage_missing", or(Kind.KEY_USAGE_MISSING)),
            Map.entry("e_cert_contains_unique_identifier", or(Kind.UNIQUE_ID)),
            Map.entry("e_cert_ext_invalid_der", or(Kind.DEFAULT_WRITTEN)),
            Map.entry("e_cert_extensions_version_not_3", or(Kind.BAD_VERSION)),
            Map.entry("e_cert_unique_identifier_version_not_2_or_3", or(Kind.BAD_VERSION)),
            Map.entry("e_dnsname_bad_character_in_label", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_dnsname_empty_label", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_dnsname_label_too_long", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_dnsname_left_label_wildcard_correct", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_ext_aia_marked_critical", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("e_ext_authority_key_identifier_critical", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("e_ext_duplicate_extension", or(Kind.DUPLICATE_EXTENSION)),
            Map.entry("e_ext_freshest_crl_marked_critical", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("e_ext_key_usage_without_bits", or(Kind.KEY_USAGE_INCONSISTENT)),
            Map.entry("e_ext_policy_constraints_empty", or()),
            Map.entry("e_ext_policy_map_any_policy", or(Kind.POLICY_EXTENSION_FORM)),
            Map.entry("e_ext_san_dns_name_too_long", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_ext_san_empty_name", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_ext_san_no_entries", or(Kind.ALT_NAME_EMPTY)),
            Map.entry("e_ext_san_uri_format_invalid", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_ext_san_uri_not_ia5", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_ext_san_uri_relative", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_ext_subject_key_identifier_missing_ca", or(Kind.SUBJECT_KEY_ID_MISSING)),
            Map.entry("e_generalized_time_not_in_zulu", or(Kind.BAD_TIME)),
            Map.entry("e_inhibit_any_policy_not_critical", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("e_issuer_dn_country_not_printable_string", or(Kind.BAD_STRING)),
            Map.entry("e_name_constraint_empty", or()),
            Map.entry("e_name_constraint_minimum_non_zero", or()),
            Map.entry("e_path_len_constraint_improperly_included", or(Kind.BASIC_CONSTRAINTS_INCONSISTENT)),
            Map.entry("e_precert_with_sct_list", or(Kind.PRECERTIFICATE)),
            Map.entry("e_san_dns_name_includes_null_char", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_san_dns_name_starts_with_period", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_san_wildcard_not_first", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("e_serial_number_not_positive", or(Kind.SERIAL_NOT_POSITIVE)),
            Map.entry("e_spki_rsa_encryption_parameter_not_null", or(Kind.ALGORITHM_PARAMETERS)),
            Map.entry("e_sub_cert_key_usage_cert_sign_bit_set", or(Kind.KEY_USAGE_INCONSISTENT)),
            Map.entry("e_subject_common_name_max_length", or(Kind.BAD_STRING)),
            Map.entry("e_subject_country_not_iso", or(Kind.BAD_STRING)),
            Map.entry("e_subject_dn_country_not_printable_string", or(Kind.BAD_STRING)),
            Map.entry("e_subject_empty_without_san", or(Kind.ALT_NAME_MISSING)),
            Map.entry("e_subject_locality_name_max_length", or(Kind.BAD_STRING)),
            Map.entry("e_subject_organizational_unit_name_max_length", or(Kind.BAD_STRING)),
            Map.entry("e_subject_state_name_max_length", or(Kind.BAD_STRING)),
            Map.entry("e_tbs_signature_rsa_encryption_parameter_not_null", or(Kind.ALGORITHM_PARAMETERS)),
            Map.entry("e_utc_time_not_in_zulu", or(Kind.BAD_TIME)),
            Map.entry("e_wrong_time_format_pre2050", or(Kind.WRONG_TIME_TYPE)),
            Map.entry("w_extra_subject_common_names", or(Kind.COMMON_NAME_MULTIPLE)),
            Map.entry("w_sub_ca_name_constraints_not_critical", or(Kind.EXTENSION_CRITICALITY)));

    private static final Map<String, EnumSet<Kind>> FINDINGS = Map.ofEntries(
            Map.entry("pkix.authority_key_identifier_extension_absent", or(Kind.AUTHORITY_KEY_ID_MISSING)),
            Map.entry("pkix.ca_certificate_no_ku_extension", or(Kind.KEY_USAGE_MISSING)),
            Map.entry("pkix.certificate_name_constraints_extension_not_critical", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("pkix.certificate_negative_validity_period", or(Kind.VALIDITY_REVERSED)),
            Map.entry(
                    "pkix.certificate_serial_number_out_of_range", or(Kind.SERIAL_TOO_LONG, Kind.SERIAL_NOT_POSITIVE)),
            Map.entry("pkix.certificate_signature_algorithm_mismatch", or(Kind.ALGORITHM_MISMATCH)),
            Map.entry("pkix.certificate_version_is_not_v3", or(Kind.BAD_VERSION, Kind.VERSION_NOT_THREE)),
            Map.entry("pkix.distribution_point_does_not_contain_name_or_issuer", or(Kind.CRL_DISTRIBUTION_FORM)),
            Map.entry("pkix.dnsname_domain_name_too_long", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("pkix.end_entity_policy_mappings_extension_present", or(Kind.POLICY_EXTENSION_FORM)),
            Map.entry("pkix.invalid_email_address_syntax", or(Kind.ALT_NAME_SYNTAX, Kind.NAME_CONSTRAINTS_FORM)),
            Map.entry("pkix.key_usage_value_prohibited_for_ec", or(Kind.KEY_USAGE_INCONSISTENT)),
            Map.entry("pkix.key_usage_value_prohibited_for_edwards_curve", or(Kind.KEY_USAGE_INCONSISTENT)),
            Map.entry("pkix.key_usage_value_prohibited_for_mldsa", or(Kind.KEY_USAGE_INCONSISTENT)),
            Map.entry("pkix.san_extension_not_critical_empty_subject", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("pkix.sct_list_empty", or(Kind.SCT_LIST_MALFORMED)),
            Map.entry("pkix.sct_list_extension_invalid_encoding", or(Kind.SCT_LIST_MALFORMED)),
            Map.entry("pkix.authority_key_identifier_critical", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("pkix.certificate_skid_extension_critical", or(Kind.EXTENSION_CRITICALITY)),
            Map.entry("pkix.certificate_skid_ca_missing", or(Kind.SUBJECT_KEY_ID_MISSING)),
            Map.entry("pkix.ca_certificate_keycertsign_keyusage_not_set", or(Kind.KEY_USAGE_INCONSISTENT)),
            Map.entry("cabf.serverauth.invalid_dnsname_syntax", or(Kind.ALT_NAME_SYNTAX)),
            Map.entry("cabf.serverauth.subscriber_common_name_unknown_source", or(Kind.COMMON_NAME_NOT_IN_ALT_NAMES)),
            Map.entry(
                    "cabf.serverauth.prohibited_subject_public_key_algorithm_encoding", or(Kind.ALGORITHM_PARAMETERS)),
            Map.entry(
                    "itu.invalid_asn1_syntax",
                    or(Kind.ALT_NAME_SYNTAX, Kind.BAD_STRING, Kind.ALGORITHM_PARAMETERS, Kind.BIT_STRING_FORM)));
}
