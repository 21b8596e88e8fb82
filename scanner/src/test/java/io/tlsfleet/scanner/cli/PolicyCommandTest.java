package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PolicyCommandTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void listsWhatShipsWithVersionAndSource() {
        assertThat(run("list")).isZero();
        assertThat(out.toString()).contains("mozilla-intermediate-6.0", "ssl-config.mozilla.org", "pci-dss-4.0.1");
        out.getBuffer().setLength(0);
        assertThat(run("list", "--format", "json")).isZero();
        JsonNode policies = Json.parse(out.toString());
        assertThat(policies).hasSize(12);
        assertThat(policies.findValuesAsText("name")).contains("public-web", "bsi-tr-02102-2", "ncsc-nl-2025-05");
    }

    @Test
    void checksAFileThatIsRight() throws IOException {
        Path file = write("""
                name: shop
                extends: mozilla-intermediate-6.0
                expiry: {high: {days: 14}}
                """);
        assertThat(run("check", file.toString())).isZero();
        assertThat(out.toString()).contains("shop 6.0 is a policy");
    }

    @Test
    void namesEachMistakeAsCompilersDo() throws IOException {
        Path file = write("""
                name: shop
                extends: public-wep
                protocols:
                  allow: [TLSv1.4]
                """);
        assertThat(run("check", file.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains(file + ":2:10: no policy is called public-wep")
                .contains(file + ":4:11: nothing is called TLSv1.4");
        assertThat(run("check", file.toString(), "--format", "json")).isEqualTo(2);
        JsonNode answer = Json.parse(out.toString());
        assertThat(answer.path("valid").asBoolean()).isFalse();
        assertThat(answer.at("/problems/0/line").asInt()).isEqualTo(2);
        assertThat(answer.at("/problems/0/column").asInt()).isEqualTo(10);
    }

    @Test
    void namesThePlaceOfWhatIsNoText() throws IOException {
        Path file = Files.write(
                directory.resolve("latin.yaml"), "name: shop\n# für\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(run("check", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(file + ":2:4: no UTF-8 text");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThat(run("check", directory.resolve("none.yaml").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("no such file");
    }

    @Test
    void showsWhatAnotherPolicyAsksFor() throws IOException {
        assertThat(run("diff", "mozilla-intermediate-6.0", "mozilla-modern-6.0"))
                .isEqualTo(1);
        assertThat(out.toString())
                .contains("- protocols/allowed: TLSv1.2")
                .contains("- cipherSuites/allow: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
                .doesNotContain("- cipherSuites/allow: TLS_AES_128_GCM_SHA256");
        out.getBuffer().setLength(0);
        assertThat(run("diff", "public-web", "public-web")).isZero();
        assertThat(out.toString()).isEmpty();
        Path file = write("name: shop\nextends: public-web\nticketKeyHours: 12\n");
        assertThat(run("diff", "public-web", file.toString(), "--format", "json"))
                .isEqualTo(1);
        assertThat(Json.parse(out.toString()).findValuesAsText("setting")).contains("/ticketKeyHours", "/name");
    }

    @Test
    void saysWhatToDoWithoutAnyWord() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("list, check FILE, or diff A B");
        assertThat(run("list", "--format", "xml")).isEqualTo(2);
        assertThat(err.toString()).contains("--format xml");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "policy", ".yaml"), text);
    }

    private int run(String... words) {
        return new CommandLine(new PolicyCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }
}
