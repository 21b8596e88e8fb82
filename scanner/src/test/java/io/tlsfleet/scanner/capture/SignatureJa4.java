package io.tlsfleet.scanner.capture;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The JA4 of a browser's signature as curl-impersonate writes them, straight from the text of JA4: no code of ours in it. */
final class SignatureJa4 {
    private static final Map<String, Integer> TYPES = Map.ofEntries(
            Map.entry("server_name", 0),
            Map.entry("status_request", 5),
            Map.entry("supported_groups", 10),
            Map.entry("ec_point_formats", 11),
            Map.entry("signature_algorithms", 13),
            Map.entry("application_layer_protocol_negotiation", 16),
            Map.entry("signed_certificate_timestamp", 18),
            Map.entry("padding", 21),
            Map.entry("extended_master_secret", 23),
            Map.entry("compress_certificate", 27),
            Map.entry("record_size_limit", 28),
            Map.entry("delegated_credentials", 34),
            Map.entry("session_ticket", 35),
            Map.entry("pre_shared_key", 41),
            Map.entry("supported_versions", 43),
            Map.entry("psk_key_exchange_modes", 45),
            Map.entry("keyshare", 51),
            Map.entry("application_settings", 17513),
            Map.entry("application_settings_new", 17613),
            Map.entry("encrypted_client_hello", 65037),
            Map.entry("renegotiation_info", 65281));

    private SignatureJa4() {}

    static String of(JsonNode hello) {
        List<String> suites = numbers(hello.get("ciphersuites"));
        List<String> types = new ArrayList<>();
        List<String> schemes = List.of();
        String alpn = "00";
        for (JsonNode extension : hello.get("extensions")) {
            JsonNode type = extension.get("type");
            if (type.asText().equals("GREASE")) {
                continue;
            }
            Integer code = type.isNumber() ? Integer.valueOf(type.asInt()) : TYPES.get(type.asText());
            if (code == null) {
                throw new AssertionError("extension " + type + " has no number here");
            }
            types.add("%04x".formatted(code));
            if (code == 13) {
                schemes = numbers(extension.get("sig_hash_algs"));
            } else if (code == 16) {
                String first = extension.get("alpn_list").get(0).asText();
                alpn = "" + first.charAt(0) + first.charAt(first.length() - 1);
            }
        }
        String rest = types.stream()
                .filter(t -> !t.equals("0000") && !t.equals("0010"))
                .sorted()
                .collect(Collectors.joining(","));
        return "t13d%02d%02d%s_".formatted(suites.size(), types.size(), alpn)
                + hash(suites.stream().sorted().collect(Collectors.joining(",")))
                + "_"
                + hash(rest + "_" + String.join(",", schemes));
    }

    private static List<String> numbers(JsonNode list) {
        List<String> hex = new ArrayList<>();
        list.forEach(n -> {
            if (n.isNumber()) {
                hex.add("%04x".formatted(n.asInt()));
            }
        });
        return hex;
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)),
                            0,
                            6);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
