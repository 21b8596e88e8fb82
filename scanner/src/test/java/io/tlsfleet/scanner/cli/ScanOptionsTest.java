package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The options of the contract, each with words for people, and what is said to values that make no sense. */
class ScanOptionsTest {
    private static final List<String> CONTRACT = List.of(
            "--targets",
            "--depth",
            "--baseline",
            "--sni",
            "--starttls",
            "--connect-to",
            "--all-addresses",
            "-4",
            "-6",
            "--resolver",
            "--source-address",
            "--alpn",
            "--client-cert",
            "--client-key",
            "--trust",
            "--trust-store",
            "--policy",
            "--fingerprints",
            "--format",
            "--output",
            "--concurrency",
            "--max-connections-per-host",
            "--rate",
            "--proxy",
            "--connect-timeout",
            "--read-timeout",
            "--deadline",
            "--fail-on",
            "--attacks",
            "--at",
            "--no-network-fetch");

    @TempDir
    static Path directory;

    @Test
    void hasEveryOptionOfTheContractAndTellsWhatItIsFor() {
        List<OptionSpec> options = new CommandLine(new ScanCommand(InstantSource.system(), "test").described())
                .getCommandSpec()
                .options();
        assertThat(options.stream().flatMap(o -> Stream.of(o.names()))).containsAll(CONTRACT);
        assertThat(options)
                .allSatisfy(option -> assertThat(option.description())
                        .as(option.longestName())
                        .isNotEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "--depth, deep",
        "--starttls, gopher",
        "--connect-to, host:99999",
        "--resolver, one.example",
        "--source-address, not-an-address",
        "--client-cert, /no/such/file.pem",
        "--trust, /no/such/anchors.pem",
        "--trust-store, /no/such/store",
        "--policy, no-such-policy",
        "--fingerprints, ja9",
        "--format, yaml",
        "--output, /no/such/directory/report.json",
        "--concurrency, 0",
        "--concurrency, many",
        "--max-connections-per-host, 0",
        "--max-connections-per-host, 1000",
        "--rate, 0",
        "--rate, -3",
        "--rate, fast",
        "--proxy, ftp://127.0.0.1:21",
        "--connect-timeout, soon",
        "--connect-timeout, 0s",
        "--read-timeout, 5h",
        "--deadline, -1s",
        "--fail-on, terrible",
        "--at, yesterday",
        "--targets, /no/such/list",
        "--baseline, /no/such/report.json"
    })
    void refusesAValueThatMakesNoSenseAndNamesBoth(String option, String value) {
        Said said = option.equals("--baseline")
                ? Said.scan("127.0.0.1:9", "--depth", "verify", option, value)
                : Said.scan("127.0.0.1:9", option, value);
        assertThat(said.exit()).as(said.err()).isEqualTo(2);
        assertThat(said.err()).contains(option).contains(value);
        assertThat(said.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"--sni, 'a name with blanks'", "--alpn, ''", "--client-key, /no/such/file.pem", "--colour, always"})
    void refusesWhatIsNoNameOrStandsAlone(String option, String value) {
        Said said = Said.scan("127.0.0.1:9", option, value);
        assertThat(said.exit()).as(said.err()).isEqualTo(2);
        assertThat(said.err()).contains(option);
    }

    @Test
    void refusesAnAlpnNameThatNoExtensionCanHold() {
        String name = "x".repeat(256);
        Said said = Said.scan("127.0.0.1:9", "--alpn", name);
        assertThat(said.exit()).as(said.err()).isEqualTo(2);
        assertThat(said.err()).contains("--alpn").contains(name);
    }

    @Test
    void refusesWhatExcludesEachOther() {
        assertThat(Said.scan("127.0.0.1:9", "-4", "-6").err()).contains("-4 and -6");
        assertThat(Said.scan("127.0.0.1:9", "--depth", "verify").err()).contains("--baseline");
        assertThat(Said.scan("127.0.0.1:9", "--baseline", "report.json").err()).contains("--depth verify");
        assertThat(Said.scan().err()).contains("no target");
    }

    @Test
    void namesTheLineOfAFileThatIsWrong() throws IOException {
        Path list = Files.writeString(directory.resolve("targets.txt"), "# ours\n127.0.0.1:9\nhost:0:0 depth=deep\n");
        Said said = Said.scan("--targets", list.toString());
        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).contains("line 3");
    }

    @Test
    void saysUnreachableWithItsOwnCode() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        Said said = Said.scan("127.0.0.1:" + port, "--format", "json", "--connect-timeout", "1s");
        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.report().at("/scan/outcome").asText()).isEqualTo("unreachable");
        assertThat(said.report().at("/scan/reason").asText()).isEqualTo("connect-refused");
    }
}
