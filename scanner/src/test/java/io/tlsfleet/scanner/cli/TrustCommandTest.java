package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.CtLogs;
import io.tlsfleet.tls.x509.StoreFile;
import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrustCommandTest {
    private static final String ID = "lgbALGkAM6odFF9ZxuJkjQVJ8N+WqrjbkVpw2OzzkKU=";
    private static final String KEY = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQ3nrSVxQKkpqj1mTvMNCdsKZ+CeBPAZs0sgEj3R7tLUh"
            + "8uOo3DO5/iXpPQT8P7SuQONFfoSSKthS6x8/cxPQyA==";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path dir;

    private int run(String... args) {
        return new CommandLine(new TrustCommand(() -> TestAuthority.NOW))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    private static String pem(String name) {
        return CertificateFacts.read(TestAuthority.root(name).der()).pem();
    }

    @Test
    void importsWhatAProgramIncludesForServers() throws Exception {
        Path csv = Files.writeString(
                dir.resolve("report.csv"),
                "\"Name\",\"Trust Bits\",\"Chrome Status\",\"Apple Status\",\"Distrust for TLS After Date\",\"X.509 Certificate (PEM)\"\n"
                        + row("A, quoted \"\"root\"\"", "Websites;Email", "Included", "Included", "", pem("A"))
                        + row("B", "Email", "Included", "Included", "", pem("B"))
                        + row("C", "Websites", "Not Included", "Included", "", pem("C"))
                        + row("D", "Websites", "Included", "Removed", "2025.04.15", pem("D"))
                        + row("E", "Websites", "Included", "Included", "", "broken"));
        Path to = dir.resolve("chrome.pem");
        assertThat(run("import", csv.toString(), "--name", "chrome", "--program", "chrome", "--output", to.toString()))
                .isZero();
        assertThat(out.toString()).contains("2 roots", "1 not for servers, 1 not included, 1 unreadable");
        TrustStore store = StoreFile.read("chrome", Files.readString(to));
        assertThat(store.publicTrust()).isTrue();
        assertThat(store.anchors()).hasSize(2);
        assertThat(store.anchors().getLast().distrustAfter()).isEqualTo(Instant.parse("2025-04-15T23:59:59Z"));
        assertThat(Stores.of(java.util.List.of(to.toString()), java.util.List.of())
                        .getFirst()
                        .name())
                .isEqualTo("chrome");
    }

    /** The report of all programs has fingerprints; Microsoft's own has EKUs instead of trust bits. */
    @Test
    void importsByFingerprintWhatIsKnownElsewhere() throws Exception {
        List<String> known = TrustStore.mozilla().anchors().stream()
                .map(anchor -> anchor.certificate().sha256().toUpperCase(Locale.ROOT))
                .toList();
        CertificateFacts other =
                CertificateFacts.read(TestAuthority.root("Elsewhere").der());
        Path csv = Files.writeString(
                dir.resolve("all.csv"),
                "CA Owner,Certificate Name,Apple Status,Apple Trust Bits,Google Chrome Status,Microsoft Status,Microsoft EKUs,"
                        + "Mozilla Status,Mozilla Trust Bits,SHA-256 Fingerprint\n"
                        + row(
                                "A",
                                "A",
                                "Included",
                                "clientAuth;serverAuth",
                                "Included",
                                "Included",
                                "Server Authentication",
                                "Included",
                                "Websites",
                                known.get(0))
                        + row(
                                "A",
                                "B",
                                "Included",
                                "emailProtection",
                                "Included",
                                "Included",
                                "Secure Email",
                                "Included",
                                "Email",
                                known.get(1))
                        + row(
                                "A",
                                "C",
                                "Not Included",
                                "",
                                "Included",
                                "Disabled",
                                "Server Authentication",
                                "Removed",
                                "",
                                known.get(2))
                        + row(
                                "A",
                                "D",
                                "Included",
                                "serverAuth",
                                "",
                                "Included",
                                "Server Authentication",
                                "",
                                "",
                                other.sha256()));
        assertThat(run("import", csv.toString(), "--name", "all")).isEqualTo(2);
        assertThat(err.toString()).contains("say whose with --program");
        assertThat(imported(csv, "apple")).containsExactly(known.get(0));
        assertThat(out.toString())
                .contains("1 not for servers, 1 not included", "1 whose certificate is not known here");
        assertThat(imported(csv, "chrome")).containsExactly(known.get(0), known.get(1), known.get(2));
        Path more = Files.writeString(
                dir.resolve("pems.csv"), "\"SHA-256 Fingerprint\",\"PEM\"\n" + row(other.sha256(), other.pem()));
        assertThat(imported(csv, "microsoft", "--certificates", more.toString()))
                .containsExactly(known.get(0), other.sha256().toUpperCase(Locale.ROOT));
    }

    private List<String> imported(Path csv, String program, String... options) throws Exception {
        Path to = dir.resolve(program + ".pem");
        List<String> words = new java.util.ArrayList<>(
                List.of("import", csv.toString(), "--name", program, "--program", program, "--output", to.toString()));
        words.addAll(List.of(options));
        out.getBuffer().setLength(0);
        assertThat(run(words.toArray(String[]::new))).as(err.toString()).isZero();
        return StoreFile.read(program, Files.readString(to)).anchors().stream()
                .map(anchor -> anchor.certificate().sha256().toUpperCase(Locale.ROOT))
                .toList();
    }

    private static String row(String... cells) {
        return "\"" + String.join("\",\"", cells) + "\"\n";
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        Path csv = Files.writeString(dir.resolve("report.csv"), "Name,Status\nA,B\n");
        assertThat(run("import", csv.toString(), "--name", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("neither PEM nor SHA-256 fingerprints");
        assertThat(run("import", "nowhere.csv", "--name", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("nowhere.csv: no such file");
    }

    @Test
    void listsAStore() {
        assertThat(run("list", "mozilla")).isZero();
        assertThat(out.toString()).contains("121 roots", "CN=ISRG Root X1");
    }

    @Test
    void saysWhichLineOfATableIsWrongAndNotWhatStandsInIt() throws Exception {
        String good = "# a table\n" + "%s\t%s\tOps\tusable\t-\t-\t-\tA log\n".formatted(ID, KEY);
        Path table = dir.resolve("logs.tsv");
        Path to = dir.resolve("out.tsv");
        Files.writeString(table, good);
        assertThat(run("import-logs", table.toString(), "--output", to.toString()))
                .as(err.toString())
                .isZero();
        Map<String, String> faults = new LinkedHashMap<>();
        faults.put(good + "x".repeat(5000), "line 3: a log has 8 fields with tabs between them, not 1");
        faults.put(good.replace("usable", "good"), "line 2: the state is none of [PENDING, ");
        faults.put(good.replace("-\tA", "soon\tA"), "line 2: a time is none");
        faults.put(good.replace(ID, KEY), "line 2: the id is not the hash of the key");
        faults.put("", "no log in it");
        faults.put("# date: 2026-01-01\n", "no log in it");
        for (Map.Entry<String, String> fault : faults.entrySet()) {
            Files.writeString(table, fault.getKey());
            err.getBuffer().setLength(0);
            assertThat(run("import-logs", table.toString(), "--output", to.toString()))
                    .isEqualTo(2);
            assertThat(err.toString().lines().findFirst().orElseThrow())
                    .startsWith(table + ": " + fault.getValue())
                    .hasSizeLessThan(300);
            assertThatThrownBy(() -> Stores.useLogs(table))
                    .hasMessageStartingWith("--ct-logs " + table + ": " + fault.getValue());
        }
        Files.write(table, new byte[] {(byte) 0xFF, 0, (byte) 0x80});
        assertThat(run("import-logs", table.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(table + ": is no UTF-8 text");
    }

    @Test
    void importsPublishedListsOfLogs() throws Exception {
        for (String list : List.of("log_list.json", "all_logs_list.json", "apple_current_log_list.json")) {
            Path to = dir.resolve(list + ".tsv");
            out.getBuffer().setLength(0);
            assertThat(run("import-logs", Vectors.path("ct-logs/" + list).toString(), "--output", to.toString()))
                    .as(err.toString())
                    .isZero();
            CtLogs logs = CtLogs.read(Files.readString(to));
            int expected = 0;
            for (JsonNode operator : Vectors.json("ct-logs/" + list).get("operators")) {
                for (String kind : List.of("logs", "tiled_logs")) {
                    for (JsonNode log : operator.path(kind)) {
                        expected++;
                        CtLogs.Log read = logs.find(Base64.getDecoder()
                                        .decode(log.get("log_id").asText()))
                                .orElseThrow();
                        assertThat(read.operator())
                                .isEqualTo(operator.get("name").asText());
                        assertThat(read.state().name().toLowerCase(Locale.ROOT))
                                .isEqualTo(
                                        log.has("state")
                                                ? log.get("state").fieldNames().next()
                                                : "pending");
                    }
                }
            }
            assertThat(logs.size()).isEqualTo(expected);
            assertThat(out.toString()).startsWith(expected + " logs in ");
        }
        Path none = Files.writeString(dir.resolve("none.json"), "{\"logs\": []}");
        assertThat(run("import-logs", none.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("names no operators");
        Path forged = Files.writeString(
                dir.resolve("forged.json"),
                Files.readString(Vectors.path("ct-logs/log_list.json")).replace("TnWjJ1yaEMM4", "AAAAJ1yaEMM4"));
        assertThat(run("import-logs", forged.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("the id is not the hash of the key");
    }
}
