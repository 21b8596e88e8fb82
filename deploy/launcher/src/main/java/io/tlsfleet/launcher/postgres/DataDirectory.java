package io.tlsfleet.launcher.postgres;

import io.tlsfleet.launcher.Refusal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What one {@code up} keeps: the cluster, its password, its log. One process at a time uses it; mode 0700, ours alone.
 * The lock is the kernel's and goes with the process, however that ends.
 */
public final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    public static DataDirectory open(Path asked) {
        Path path = asked.toAbsolutePath().normalize();
        // initdb hands the place of its programs to a shell, inside double quotes
        if (path.toString().chars().anyMatch(c -> c < ' ' || "\"$`\\".indexOf(c) >= 0)) {
            throw Refusal.usage("--data-dir " + path + ": a name with a quote, $, `, backslash or control character"
                    + " is not safe with PostgreSQL's tools: choose another");
        }
        try {
            if (Files.exists(path) && !Files.isDirectory(path)) {
                throw Refusal.usage("--data-dir " + path + " is a file: give a directory");
            }
            if (!Files.exists(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            String owner = Files.getOwner(path).getName();
            String me = ours();
            if (!owner.equals(me)) {
                throw Refusal.usage("--data-dir " + path + " belongs to " + owner + " and this runs as " + me
                        + ": run as " + owner + ", or give another directory");
            }
            if (!Files.exists(path.resolve("lock")) && !looksLikeOurs(path)) {
                throw Refusal.usage("--data-dir " + path
                        + " holds files that are not tlsfleet's: give an empty or a new directory");
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            return new DataDirectory(path, locked(path));
        } catch (IOException e) {
            throw Refusal.usage(
                    "--data-dir " + path + " cannot be used: " + e.getClass().getSimpleName() + " " + e.getMessage()
                            + ": give a directory that this user may write");
        }
    }

    public Path path() {
        return path;
    }

    Path cluster() {
        return path.resolve("database");
    }

    Path log() throws IOException {
        Path log = path.resolve("postgresql.log");
        if (Files.exists(log) && Files.size(log) > 16 << 20) {
            Files.move(log, path.resolve("postgresql.log.1"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.exists(log)) {
            writePrivately(log, "");
        }
        return log;
    }

    /** Made at first use; the only copy. */
    String password() throws IOException {
        Path file = passwordFile();
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            writePrivately(file, HexFormat.of().formatHex(random) + "\n");
        }
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }

    Path passwordFile() {
        return path.resolve("database-password");
    }

    /** Copies the database's files, which nothing may be using now, beside them; a copy of that name is left as it is. */
    public Path keepCopy(String name) throws IOException {
        Path copy = path.resolve(name);
        if (!Files.exists(copy)) {
            Path half = path.resolve(name + ".incomplete");
            if (Files.exists(half)) {
                throw new IOException(half + " is left of an earlier try: remove it");
            }
            Directories.copy(cluster(), half);
            Files.move(half, copy);
        }
        return copy;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // the process ends and takes the lock with it
        }
    }

    private static boolean looksLikeOurs(Path path) throws IOException {
        try (var entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        }
    }

    private static String ours() throws IOException {
        return Files.getOwner(Path.of("/proc/self")).getName();
    }

    private static FileChannel locked(Path path) throws IOException {
        FileChannel channel = FileChannel.open(
                path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                channel.truncate(0);
                channel.write(
                        StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // this process has it already: refused like any other's
        }
        String holder = Files.readString(path.resolve("lock"), StandardCharsets.US_ASCII)
                .strip();
        channel.close();
        throw Refusal.usage("--data-dir " + path + " is in use by another tlsfleet (process " + holder
                + "): stop that one, or give another directory");
    }

    private static void writePrivately(Path file, String text) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        Files.writeString(file, text, StandardCharsets.US_ASCII);
    }
}
