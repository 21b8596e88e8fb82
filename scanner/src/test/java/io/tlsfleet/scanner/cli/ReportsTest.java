package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.ReportFacts;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ReportsTest {
    private static final String REPORT = """
            {"schema":"tlsfleet.report/1","endpoint":{"host":"a.example","port":443},
            "scan":{"depth":"standard","outcome":"complete"},"coverage":[],"protocols":{"TLSv1.2":"refused"}}
            """;

    private final StringWriter out = new StringWriter();

    @TempDir
    Path dir;

    private Path file;

    @BeforeEach
    void nameIt() {
        file = dir.resolve("r.json");
    }

    @Test
    void readsOneAnArrayAndOneALine() throws Exception {
        String line = REPORT.replace("\n", "");
        for (String text : new String[] {REPORT, "[" + REPORT + "]", "\uFEFF" + REPORT}) {
            Files.writeString(file, text);
            assertThat(Reports.read(file, r -> r.endpoint().host())).containsExactly("a.example");
        }
        Files.writeString(file, line + "\n\n" + line + "\n");
        assertThat(Reports.read(file, ReportFacts::of)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | it has no schema",
                "3 | it has no schema",
                "{'schema':'tlsfleet.report/9'} | schema tlsfleet.report/9, not tlsfleet.report/1",
                "{'schema':'tlsfleet.report/1'} | it has no endpoint",
                "{'schema':'tlsfleet.report/1','endpoint':{'host':'a'}} | it has no endpoint.port",
                "{'schema':'tlsfleet.report/1','endpoint':{'host':'a','port':1}} | it has no scan",
                "{'schema':'tlsfleet.report/1','endpoint':{'host':'a','port':1},'scan':null} | it has no scan"
            })
    void saysWhatIsMissing(String text, String said) throws IOException {
        Files.writeString(file, text.replace("'", "\""));
        assertThatThrownBy(() -> Baselines.read(file))
                .isInstanceOf(Baselines.Unusable.class)
                .hasMessageStartingWith("--baseline " + file + ": no report")
                .hasMessageContaining(said);
        assertThat(whatIf()).startsWith(file + ": no report").contains(said);
    }

    @Test
    void saysThatAFileIsNoText() throws IOException {
        Files.write(file, new byte[] {(byte) 0xFF, 0, (byte) 0x80});
        assertThat(whatIf()).startsWith(file + ": is no UTF-8 text");
        Files.delete(file);
        assertThat(whatIf()).startsWith(file + ": no such file");
    }

    @Test
    void answersFromAReport() throws IOException {
        Files.writeString(file, REPORT);
        assertThat(whatIf()).isEmpty();
        Files.writeString(file, "[" + REPORT + "," + REPORT + "]");
        assertThat(whatIf()).startsWith(file + ": holds 2 reports, give one");
    }

    /** The same for a program, a line or an array, and for a person, to whom the verdict comes first. */
    @Test
    void answersInTheFormThatIsWanted() throws IOException {
        Files.writeString(file, REPORT);
        whatIf();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSizeGreaterThan(50).allMatch(line -> line.startsWith("{"));
        whatIf("--format", "json");
        assertThat(Json.parse(out.toString())).hasSize(lines.size());
        whatIf("--format", "text");
        assertThat(out.toString().lines().findFirst())
                .contains("0 of " + lines.size() + " clients connect, " + lines.size() + " fail");
        assertThat(out.toString()).containsPattern("(?m)^  fails     Chrome \\d+ .+ \\S+");
        assertThat(whatIf("--format", "xml")).isEqualTo("--format xml: want one of text, json, ndjson");
    }

    /** What is said on stderr; with it the exit code is 2. */
    private String whatIf(String... more) {
        StringWriter err = new StringWriter();
        out.getBuffer().setLength(0);
        int exit = new CommandLine(new WhatIfCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .setParameterExceptionHandler((e, args) -> {
                    err.write(String.valueOf(e.getMessage()));
                    return 2;
                })
                .execute(Stream.concat(Stream.of(file.toString()), Stream.of(more))
                        .toArray(String[]::new));
        assertThat(exit).as(err.toString()).isEqualTo(err.toString().isEmpty() ? 0 : 2);
        return err.toString();
    }
}
