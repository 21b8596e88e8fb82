package io.tlsfleet.scanner.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Files that a user names; {@code -} is standard input. What is gzipped, as rotated logs are, is unpacked. */
final class Inputs {
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_MAGIC = 6;
    /** How files begin that the JDK cannot unpack, and what can. */
    private static final Map<String, String> FOREIGN = Map.of(
            "28b52ffd", "zstd -dc",
            "fd377a585a00", "xz -dc",
            "04224d18", "lz4 -dc",
            "425a68", "bzip2 -dc",
            "504b0304", "unzip -p");

    private Inputs() {}

    /** A stream that can be marked. */
    static InputStream open(String file) throws IOException {
        InputStream in =
                new BufferedInputStream(file.equals("-") ? System.in : Files.newInputStream(Path.of(file)), BUFFER);
        in.mark(LONGEST_MAGIC);
        String start = HexFormat.of().formatHex(in.readNBytes(LONGEST_MAGIC));
        in.reset();
        for (Map.Entry<String, String> foreign : FOREIGN.entrySet()) {
            if (start.startsWith(foreign.getKey())) {
                in.close();
                throw new IOException("is packed; unpack it first: " + foreign.getValue() + " FILE | tlsfleet … -");
            }
        }
        return start.startsWith("1f8b") ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER) : in;
    }
}
