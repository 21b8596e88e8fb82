package io.tlsfleet.scanner.site;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results that wait for the API, a file each batch, one result a line, oldest first. What is written is on the disk before the
 * call returns. What is older than a day says nothing worth knowing any more and is dropped; a full spool takes nothing.
 */
final class Spool {
    static final Duration KEPT = Duration.ofDays(1);
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final String SUFFIX = ".ndjson";
    private static final String PART = ".part";

    private final Path directory;
    private final long maxBytes;
    private final InstantSource clock;
    private final AtomicLong number = new AtomicLong();

    Spool(Path directory, long maxBytes, InstantSource clock) throws IOException {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.clock = clock;
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    boolean isEmpty() throws IOException {
        return files().isEmpty();
    }

    void add(List<String> lines) throws IOException {
        byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        if (used() + bytes.length > maxBytes) {
            throw new IOException("the spool " + directory + " holds " + used() + " bytes, and no more than " + maxBytes
                    + " may be in it");
        }
        String name = String.format(Locale.ROOT, "%013d-%06d", clock.millis(), number.getAndIncrement() % 1_000_000);
        Path part = directory.resolve(name + PART);
        try {
            write(part, bytes);
            Files.move(part, directory.resolve(name + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(part); // each try on a full disk would leave one
            throw e;
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var rest = java.nio.ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
    }

    /** Oldest first, and none older than a day. */
    List<Path> files() throws IOException {
        List<Path> files = named(SUFFIX);
        Instant oldest = clock.instant().minus(KEPT);
        for (Path part : named(PART)) {
            if (written(part).isBefore(oldest)) {
                Files.deleteIfExists(part); // of a worker that was killed
            }
        }
        List<Path> fresh = new ArrayList<>();
        for (Path file : files) {
            if (written(file).isBefore(oldest)) {
                LOG.warn("the API was away for more than a day: the results in {} are dropped", file);
                Files.delete(file);
            } else {
                fresh.add(file);
            }
        }
        return fresh;
    }

    private List<Path> named(String suffix) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    List<String> read(Path file) throws IOException {
        return Files.readAllLines(file, StandardCharsets.UTF_8);
    }

    void remove(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    private static Instant written(Path file) {
        String name = file.getFileName().toString();
        int dash = name.indexOf('-');
        try {
            return Instant.ofEpochMilli(Long.parseLong(name.substring(0, Math.max(0, dash))));
        } catch (NumberFormatException e) {
            return Instant.EPOCH; // not ours
        }
    }

    private long used() throws IOException {
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
