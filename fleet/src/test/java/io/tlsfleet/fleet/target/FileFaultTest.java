package io.tlsfleet.fleet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFaultTest {
    @TempDir
    Path dir;

    @Test
    void saysWhatIsWrongWithTheFile() throws IOException {
        assertThat(of(dir.resolve("none"))).isEqualTo("no such file");
        assertThat(of(Files.write(dir.resolve("bytes"), new byte[] {'a', (byte) 0xFF})))
                .isEqualTo("is no UTF-8 text");
        assertThat(of(dir)).startsWith("cannot be read: ");
    }

    private static String of(Path file) {
        return FileFault.of(catchThrowableOfType(IOException.class, () -> Files.readString(file)));
    }
}
