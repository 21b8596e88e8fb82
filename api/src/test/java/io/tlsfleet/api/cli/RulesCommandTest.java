package io.tlsfleet.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.RunningApi;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RulesCommandTest {
    private final RunningApi api = new RunningApi();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aFilesRulesAreThoseInForce() throws IOException {
        assertThat(run()).isZero();
        assertThat(out.toString().strip()).isEqualTo("0 rules");
        String file = file("""
                {"host": "*.corp.example", "owner": "web", "intervalSeconds": 600}

                {"tag": "env:lab", "depth": "full", "expectIdentity": "spiffe://lab/x"}
                """);
        assertThat(run(file, "--dry-run")).isZero();
        assertThat(out.toString()).contains("2 rules; nothing was changed");
        assertThat(run()).isZero();
        assertThat(out.toString().strip()).isEqualTo("0 rules");
        assertThat(run(file)).isZero();
        assertThat(run()).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "host *.corp.example and owner web: every 600 s",
                        "tag env:lab: depth full, expects spiffe://lab/x",
                        "2 rules");
        assertThat(run(file("[{\"depth\": \"certificate\"}]"))).isZero();
        assertThat(out.toString().lines()).containsExactly("every target: depth certificate", "1 rule");
    }

    @Test
    void saysWhatIsWrongAndChangesNothing() throws IOException {
        assertThat(run(file("[{\"depth\": \"full\"}, {\"site\": \"nowhere\", \"depth\": \"full\"}]")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("answered 400", "nowhere");
        assertThat(run(file("{\"depth\": \"full\"}\nnot JSON"))).isEqualTo(2);
        assertThat(err.toString()).contains(", line 2: no JSON");
        assertThat(run("absent.json")).isEqualTo(2);
        assertThat(err.toString()).contains("absent.json: no such file");
        assertThat(run("--api-ca", "absent.pem")).isEqualTo(2);
        assertThat(err.toString()).contains("absent.pem: no such file");
        assertThat(run()).isZero();
        assertThat(out.toString().strip()).isEqualTo("0 rules");
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("rules"), text).toString();
    }

    private int run(String... more) throws IOException {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        Path token = Files.writeString(folder.resolve("token"), api.admin.text() + "\n");
        List<String> arguments =
                new ArrayList<>(List.of("--api", api.base.toString(), "--token-file", token.toString()));
        arguments.addAll(List.of(more));
        return new CommandLine(new RulesCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }
}
