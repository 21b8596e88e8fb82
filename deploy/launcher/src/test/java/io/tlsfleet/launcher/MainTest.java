package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void saysWhatWasBuilt() {
        assertThat(run("version")).isZero();
        assertThat(out.toString()).matches("tlsfleet \\d+\\.\\d+\\.\\d+ \\(commit [0-9a-z-]+, JDK 25[^)]*\\)\\R");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void namesTheUnknownOptionInOneLine() {
        assertThat(run("version", "--colour\u001b[31m")).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).contains("--colour\\u001b[31m").doesNotContain("\u001b");
    }

    @Test
    void namesTheUnknownCommandAndTheKnownOnes() {
        assertThat(run("scna")).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).contains("scna").contains("version");
    }

    @Test
    void helpAboutNoCommandIsNone() {
        assertThat(run("scna", "--help")).isEqualTo(2);
        assertThat(err.toString()).contains("no command scna");
        assertThat(run("--help")).isZero();
        assertThat(run("scan", "--help")).isZero();
    }

    @Test
    void asksForACommandWhereThereIsNone() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void everyCommandAndOptionSaysWhatItIs() {
        assertHelped(Main.commandLine(), List.of());
    }

    @Test
    void aCommandBelowACommandGetsItsOwnArguments() {
        assertThat(run("policy", "diff", "public-web", "public-web", "--format", "text"))
                .as(() -> err.toString())
                .isZero();
        assertThat(run("policy", "diff", "public-web", "iot")).isEqualTo(1);
        assertThat(out.toString()).contains("+ name: iot");
    }

    @Test
    void aCertificateThatIsNotThereIsNoFaultOfOurs() {
        assertThat(run(
                        "server",
                        "--database-url=postgresql://a:b@127.0.0.1:1/c",
                        "--tls-certificate=absent.pem",
                        "--tls-key=absent.key"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--tls-certificate absent.pem: no such file");
    }

    private void assertHelped(CommandLine command, List<String> words) {
        List<String> asked = new ArrayList<>(words);
        asked.add("--help");
        out.getBuffer().setLength(0);
        assertThat(run(asked.toArray(String[]::new))).as("%s", asked).isZero();
        assertThat(out.toString()).as("%s", asked).startsWith("Usage: tlsfleet");
        assertThat(command.getCommandSpec().args())
                .as("%s: arguments without a description", asked)
                .filteredOn(argument -> argument.description().length == 0)
                .isEmpty();
        command.getSubcommands().forEach((name, below) -> {
            List<String> deeper = new ArrayList<>(words);
            deeper.add(name);
            assertHelped(below, deeper);
        });
    }

    private int run(String... args) {
        CommandLine line = Main.commandLine(args);
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
