package io.tlsfleet.scanner.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Files that a user names; {@code -} is standard input. What is gzipped, as rotated logs are, is unpacked. */
final class Inputs {
    private static final int BUFFER = 1 << 16;

    private Inputs() {}

    /** A stream that can be marked. */
    static InputStream open(String file) throws IOException {
        InputStream in =
                new BufferedInputStream(file.equals("-") ? System.in : Files.newInputStream(Path.of(file)), BUFFER);
        in.mark(2);
        boolean isGzip = in.read() == 0x1F && in.read() == 0x8B;
        in.reset();
        return isGzip ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER) : in;
    }
}
