package io.tlsfleet.tls;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Test suites that others wrote, read from the folder that the system property {@code vectors.dir} names. Where the
 * folder is absent a suite is aborted with its name, and {@code ./dev test} lists what did not run.
 */
public final class Vectors {
    private static final Path DIR = Path.of(System.getProperty("vectors.dir", "../shared/vectors"));
    private static final ObjectMapper JSON = new ObjectMapper();

    private Vectors() {}

    /** A file of a suite ({@code rfc8448/simple-1rtt.json}); aborts the calling test when there are no vectors here. */
    public static Path path(String file) {
        assumeTrue(Files.isDirectory(DIR), () -> "VECTORS NOT RUN: " + file + " (no folder " + DIR + ")");
        Path path = DIR.resolve(file);
        if (!Files.exists(path)) {
            throw new IllegalStateException("vectors are here but not " + path);
        }
        return path;
    }

    public static JsonNode json(String file) {
        try (InputStream in = open(path(file))) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }

    /** One JSON object a line. */
    public static List<JsonNode> jsonLines(String file) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(open(path(file)), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isBlank())
                    .map(Vectors::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }

    private static InputStream open(Path path) throws IOException {
        InputStream in = Files.newInputStream(path);
        return path.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }
}
