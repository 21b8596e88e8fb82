package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class OutgoingOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, true",
        "fd00::25, true",
        "10.2.0.1, false",
        "127.0.0.1, false",
        "169.254.169.254, false",
        "192.0.9.1, true"
    })
    void leadsIntoNetworksThatAreNamedAndNoOthersOfOnesOwn(String address, boolean may) throws Exception {
        OutgoingOptions options = CommandLine.populateCommand(
                new OutgoingOptions(), "--allow-outgoing", "10.1.0.0/16", "--allow-outgoing", "fd00::/64");
        assertThat(options.reach().gate().allows(InetAddress.getByName(address)))
                .isEqualTo(may);
    }

    @Test
    void namesWhatIsNoNetwork() {
        OutgoingOptions options = CommandLine.populateCommand(new OutgoingOptions(), "--allow-outgoing", "10.0.0.0/99");
        assertThatThrownBy(options::reach).hasMessageContaining("--allow-outgoing: ");
    }

    @Test
    void namesTheFileThatHoldsNoAuthority(@TempDir Path dir) throws Exception {
        Path empty = Files.createFile(dir.resolve("empty.pem"));
        for (Path file : List.of(empty, dir.resolve("absent.pem"), dir)) {
            OutgoingOptions options =
                    CommandLine.populateCommand(new OutgoingOptions(), "--outgoing-ca", file.toString());
            assertThatThrownBy(options::reach).hasMessageContaining("--outgoing-ca " + file + ": ");
        }
    }
}
