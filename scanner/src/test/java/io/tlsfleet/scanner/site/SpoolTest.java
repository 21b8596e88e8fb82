package io.tlsfleet.scanner.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    @TempDir
    Path dir;

    /** On a full disk each try left a piece behind, which kept the disk full. */
    @Test
    void leavesNothingOfWhatCouldNotBeWritten() throws IOException {
        Spool spool = new Spool(dir, 1_000_000, () -> NOW);
        Path inTheWay = dir.resolve(NOW.toEpochMilli() + "-000000.ndjson");
        Files.createDirectories(inTheWay.resolve("not empty"));
        assertThatThrownBy(() -> spool.add(List.of("{}"))).isInstanceOf(IOException.class);
        try (Stream<Path> left = Files.list(dir)) {
            assertThat(left).containsExactly(inTheWay);
        }
    }

    @Test
    void takesAwayWhatAKilledWorkerHadBegunADayAgo() throws IOException {
        Path old = Files.writeString(
                dir.resolve(NOW.minusSeconds(90_000).toEpochMilli() + "-000007.part"), "{\"endpointId\": 1, ");
        Path young = Files.writeString(dir.resolve(NOW.minusSeconds(5).toEpochMilli() + "-000008.part"), "{");
        Spool spool = new Spool(dir, 1_000_000, () -> NOW);
        assertThat(spool.isEmpty()).isTrue();
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }
}
