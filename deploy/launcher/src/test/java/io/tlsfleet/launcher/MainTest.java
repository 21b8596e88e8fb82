package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
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
    void asksForACommandWhereThereIsNone() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1);
    }

    private int run(String... args) {
        CommandLine line = Main.commandLine(args);
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
