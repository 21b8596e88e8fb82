package io.tlsfleet.scanner.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.fingerprint.ClientFingerprint;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.tlsfleet.tls.fingerprint.ServerFingerprint;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every value of a fingerprint that others recorded, set by set: how many there are, how many are ours too. Those that
 * are not are told in docs/decisions/fingerprint-captures.md.
 */
class FingerprintVectorsTest {
    private final Fingerprinter fingerprinter = new Fingerprinter();
    private final Map<Path, Map<String, Set<String>>> read = new HashMap<>();
    private final Map<String, int[]> counts = new TreeMap<>();
    private final List<String> differences = new ArrayList<>();

    @Test
    void agreesWithFoxIo() throws IOException, MalformedMessage {
        streams("ja4-foxio", List.of("ja4", "ja4_r"));
        for (String capture : files("ja4-foxio/pcap", "*")) {
            Path path = Vectors.path("ja4-foxio/pcap/" + capture);
            outputs(path, "python", "expected-python/" + capture + ".json", "\"JA4\\.\\d+\": \"([^\"]+)\"", "ja4");
            outputs(path, "python", "expected-python/" + capture + ".json", "\"JA4_r\\.\\d+\": \"([^\"]+)\"", "ja4_r");
            outputs(path, "rust", "expected-rust/ja4__insta@" + capture + ".snap", "(?m)^ *ja4: (\\S+)$", "ja4");
        }
        enough(71 + 70 + 70 + 70 + 90);
    }

    @Test
    void agreesWithArkime() throws IOException, MalformedMessage {
        streams("tls-arkime", List.of("ja3", "ja4", "ja3s"));
        for (String test : files("tls-arkime/pcap", "*.test")) {
            Path capture = Vectors.path("tls-arkime/pcap/" + test.replace(".test", ".pcap"));
            for (JsonNode session : Vectors.json("tls-arkime/pcap/" + test).path("sessions3")) {
                for (String kind : List.of("ja3", "ja3string", "ja3s", "ja3sstring", "ja4", "ja4_r")) {
                    for (JsonNode value : session.path("body").path("tls").path(kind)) {
                        // OpenVPN's control channel is no QUIC: see the decision
                        if (test.equals("openvpn_synthetic.test")
                                && value.asText().startsWith("q")) {
                            continue;
                        }
                        compare("tls-arkime captures", kind, test, value.asText(), ours(capture, kind));
                    }
                }
            }
        }
        enough(35 + 35 + 37 + 240);
    }

    @Test
    void agreesWithSuricata() {
        Map<String, String> kinds = Map.of(
                "tls.ja3.hash", "ja3",
                "tls.ja3.string", "ja3string",
                "tls.ja3s.hash", "ja3s",
                "tls.ja3s.string", "ja3sstring",
                "tls.ja4", "ja4",
                "tls.sni", "sni",
                "tls.client_alpns[0]", "alpn");
        for (JsonNode test : Vectors.json("tls-suricata/cases.json")) {
            Path capture = Vectors.path("tls-suricata/pcap/" + test.get("pcap").asText());
            String name = test.get("test").asText();
            for (JsonNode check : test.get("checks")) {
                if (check.path("count").asInt() > 0) {
                    kinds.forEach((field, kind) -> {
                        JsonNode value = check.path("match").path(field);
                        // Suricata hashes "extensions_" where there are no signature algorithms: see the decision
                        boolean theirs = name.equals("bug-5713-02-ja4") && kind.equals("ja4");
                        if (value.isTextual() && !theirs) {
                            compare("tls-suricata", kind, name, value.asText(), ours(capture, kind));
                        }
                    });
                }
            }
        }
        enough(67);
    }

    @Test
    void agreesWithZeek() throws IOException {
        for (JsonNode test : Vectors.json("tls-zeek/index.json")) {
            Path log = Vectors.path("tls-zeek")
                    .resolve("baseline/" + test.get("test").asText() + "/ssl.log");
            if (test.get("traces").size() == 1 && Files.exists(log)) {
                Path capture = Vectors.path(
                        "tls-zeek/pcap/" + test.get("traces").get(0).asText());
                zeek(test.get("test").asText(), log, capture);
            }
        }
        enough(15);
    }

    private void zeek(String test, Path log, Path capture) throws IOException {
        List<String> fields = List.of();
        for (String line : Files.readAllLines(log)) {
            List<String> cells = Arrays.asList(line.split("\t", -1));
            if (line.startsWith("#fields")) {
                fields = cells.subList(1, cells.size());
            } else if (!line.startsWith("#")) {
                for (String field : List.of("server_name", "version", "next_protocol")) {
                    int at = fields.indexOf(field);
                    String value = at < 0 ? "-" : cells.get(at);
                    if (!value.equals("-")) {
                        String kind = switch (field) {
                            case "server_name" -> "sni";
                            case "version" -> "chosen";
                            default -> "alpns";
                        };
                        compare("tls-zeek", kind, test, value, ours(capture, kind));
                    }
                }
            }
        }
    }

    @Test
    void agreesOnTheFlowsOfGoHoweverTheyAreCut() throws MalformedMessage {
        for (JsonNode recorded : Vectors.jsonLines("go-tls-flows/flows.jsonl.gz")) {
            JsonNode parse = recorded.path("independent_parse");
            for (int size : new int[] {1, 5, 7, 1000, 1 << 20}) {
                Map<String, Set<String>> found = new HashMap<>();
                for (String direction : List.of("c2s", "s2c")) {
                    HandshakeScanner scanner = new HandshakeScanner(hello -> add(found, hello));
                    for (JsonNode flow : recorded.get("flows")) {
                        byte[] bytes = flow.get("dir").asText().equals(direction)
                                ? HexFormat.of().parseHex(flow.get("hex").asText())
                                : new byte[0];
                        for (int at = 0; at < bytes.length; at += size) {
                            scanner.feed(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)), 1);
                        }
                    }
                    scanner.finish();
                }
                for (String kind : List.of("ja3", "ja4", "ja3s")) {
                    if (parse.path(kind).isTextual()) {
                        compare(
                                "go-tls-flows in pieces of " + size,
                                kind,
                                recorded.get("id").asText(),
                                parse.get(kind).asText(),
                                found.getOrDefault(kind, Set.of()));
                    }
                }
            }
        }
        enough(5 * 3 * 80);
    }

    @Test
    void agreesOnRealClientsAndShipsTheirNames() throws MalformedMessage {
        for (JsonNode client : Vectors.json("client-hellos/testssl-client-simulation.json.gz")) {
            byte[] hello = HexFormat.of().parseHex(client.get("handshakebytes").asText());
            ClientFingerprint print = fingerprinter.client(Arrays.copyOfRange(hello, 9, hello.length), Transport.TCP);
            String name = client.get("name").asText();
            JsonNode expected = client.get("recomputed");
            compare("client-hellos, testssl", "ja3", name, expected.get("ja3").asText(), Set.of(print.ja3()));
            compare("client-hellos, testssl", "ja4", name, expected.get("ja4").asText(), Set.of(print.ja4()));
        }
        Set<String> shipped = KnownClients.shipped().all().stream()
                .map(KnownClients.KnownClient::ja4)
                .collect(Collectors.toSet());
        Vectors.json("client-hellos/curl-impersonate-signatures.json")
                .properties()
                .forEach(signature -> compare(
                        "client-hellos, curl-impersonate",
                        "ja4",
                        signature.getKey(),
                        SignatureJa4.of(signature.getValue().path("signature").path("tls_client_hello")),
                        shipped));
        enough(33 * 2 + 43);
    }

    private void streams(String set, List<String> kinds) throws MalformedMessage {
        for (JsonNode stream : Vectors.jsonLines(set + "/hellos.jsonl.gz")) {
            Map<String, Set<String>> found = new HashMap<>();
            for (JsonNode hello : stream.get("client_hello")) {
                add(found, new SeenHello(1, true, Transport.TCP, body(hello), List.of()));
            }
            for (JsonNode hello : stream.get("server_hello")) {
                add(found, new SeenHello(1, false, Transport.TCP, body(hello), List.of()));
            }
            for (String kind : kinds) {
                JsonNode value = stream.path("expected").path(kind);
                if (value.isTextual()
                        && !(kind.equals("ja3s") && stream.get("server_hello").isEmpty())) {
                    compare(
                            set + " hellos",
                            kind,
                            stream.get("id").asText(),
                            value.asText(),
                            found.getOrDefault(kind, Set.of()));
                }
            }
        }
    }

    private void outputs(Path capture, String tool, String file, String pattern, String kind) throws IOException {
        Matcher value = Pattern.compile(pattern)
                .matcher(Files.readString(Vectors.path("ja4-foxio/" + file), StandardCharsets.UTF_8));
        while (value.find()) {
            compare("ja4-foxio captures, " + tool, kind, file, value.group(1), ours(capture, kind));
        }
    }

    private static List<String> files(String folder, String glob) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Vectors.path(folder), glob)) {
            files.forEach(f -> names.add(String.valueOf(f.getFileName())));
        }
        return names;
    }

    private void compare(String set, String kind, String where, String expected, Set<String> ours) {
        int[] count = counts.computeIfAbsent("%-34s %-10s".formatted(set, kind), k -> new int[2]);
        count[0]++;
        if (ours.contains(expected)) {
            count[1]++;
        } else {
            differences.add(set + " " + where + " " + kind + ": " + expected + " is none of " + ours);
        }
    }

    private void enough(int least) {
        counts.forEach((name, count) -> System.out.printf("%s %4d values, %4d agree%n", name, count[0], count[1]));
        assertThat(differences).isEmpty();
        assertThat(counts.values().stream().mapToInt(c -> c[0]).sum()).isGreaterThanOrEqualTo(least);
    }

    private Set<String> ours(Path capture, String kind) {
        return read.computeIfAbsent(capture, path -> {
                    Map<String, Set<String>> found = new HashMap<>();
                    try (InputStream in = Files.newInputStream(path)) {
                        CaptureHellos.read(in, hello -> add(found, hello), left -> {});
                    } catch (IOException e) {
                        throw new AssertionError(path.toString(), e);
                    }
                    return found;
                })
                .getOrDefault(kind, Set.of());
    }

    private void add(Map<String, Set<String>> found, SeenHello hello) {
        try {
            if (hello.client()) {
                ClientFingerprint print = fingerprinter.client(hello.body(), hello.transport());
                put(found, "ja3", print.ja3());
                put(found, "ja3string", print.ja3Text());
                put(found, "ja4", print.ja4());
                put(found, "ja4_r", print.ja4Raw());
                put(found, "sni", print.serverName());
                put(found, "alpn", print.alpn());
            } else {
                ServerFingerprint print = fingerprinter.server(hello.body());
                put(found, "ja3s", print.ja3s());
                put(found, "ja3sstring", print.ja3sText());
                put(found, "alpns", print.alpn());
                put(
                        found,
                        "chosen",
                        switch (print.version()) {
                            case 0xFEFF -> "DTLSv10";
                            case 0xFEFD -> "DTLSv12";
                            case 0xFEFC -> "DTLSv13";
                            default ->
                                new ProtocolVersion(print.version()).label().replace(".", "");
                        });
            }
        } catch (MalformedMessage e) {
            put(found, "malformed", Objects.requireNonNull(e.getMessage()));
        }
    }

    private static void put(Map<String, Set<String>> found, String kind, @Nullable String value) {
        if (value != null) {
            found.computeIfAbsent(kind, k -> new HashSet<>()).add(value);
        }
    }

    private static byte[] body(JsonNode message) {
        byte[] bytes = HexFormat.of().parseHex(message.asText());
        return Arrays.copyOfRange(bytes, 4, bytes.length);
    }
}
