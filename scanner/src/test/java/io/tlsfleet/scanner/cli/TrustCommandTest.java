package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.StoreFile;
import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrustCommandTest {
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

    private static String row(String... cells) {
        return "\"" + String.join("\",\"", cells) + "\"\n";
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        Path csv = Files.writeString(dir.resolve("report.csv"), "Name,Status\nA,B\n");
        assertThat(run("import", csv.toString(), "--name", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("no column with PEM");
        assertThat(run("import", "nowhere.csv", "--name", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("nowhere.csv: no such file");
    }

    @Test
    void listsAStore() {
        assertThat(run("list", "mozilla")).isZero();
        assertThat(out.toString()).contains("121 roots", "CN=ISRG Root X1");
    }
}
