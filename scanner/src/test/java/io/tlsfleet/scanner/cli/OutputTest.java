package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.PeerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was written and did not arrive is said; a report that is not there must not look like one without findings. */
class OutputTest {
    /** Takes as much as it is asked to, and has no room for it. */
    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    Path directory;

    @Test
    void saysWhyNothingArrived() {
        assertThat(after("No space left on device").fault()).contains("No space left on device");
        assertThat(after("No space left on device").readerIsGone()).isFalse();
        assertThat(after("Broken pipe").readerIsGone()).isTrue();
    }

    @Test
    void keepsQuietWhereAllArrived() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Output output = new Output(bytes, false);
        output.print("grün");
        assertThat(output.fault()).isEmpty();
        assertThat(bytes.toByteArray()).hasSize(5);
    }

    @ParameterizedTest
    @EnumSource(ScanOptions.Format.class)
    void aReportWithoutRoomIsAnError(ScanOptions.Format format) throws IOException {
        String nobody = "127.0.0.1:" + PeerProcess.freePort();
        List<String> words =
                List.of("--no-network-fetch", "--format", format.name().toLowerCase(Locale.ROOT));
        Said full = scan(words, FULL, nobody);
        assertThat(full.exit()).isEqualTo(2);
        assertThat(full.err()).contains("--output /dev/full: cannot be written (No space left on device)");
        Path file = directory.resolve("report");
        assertThat(scan(words, file, nobody).exit())
                .as("unreachable, and said so")
                .isEqualTo(3);
        assertThat(file).isNotEmptyFile();
    }

    private static Said scan(List<String> words, Path output, String target) {
        String[] all = Stream.concat(words.stream(), Stream.of("--output", output.toString(), target))
                .toArray(String[]::new);
        return Said.scan(all);
    }

    private static Output after(String failure) {
        Output output = new Output(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException(failure);
                    }
                },
                false);
        output.print("report");
        output.flush();
        return output;
    }
}
