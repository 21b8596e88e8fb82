package io.tlsfleet.launcher.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Unpacks the files, directories and relative links of a tar archive (POSIX ustar), and nothing outside its directory. */
final class TarArchive {
    private static final int BLOCK = 512;

    private TarArchive() {}

    static void unpack(InputStream tar, Path into) throws IOException {
        byte[] header = new byte[BLOCK];
        while (readBlock(tar, header)) {
            String name = prefixed(header);
            long size = octal(header, 124, 12);
            Path path = inside(into, name);
            switch (header[156]) {
                case '5' -> Files.createDirectories(path);
                case '2' -> {
                    String target = text(header, 157, 100);
                    inside(into, into.relativize(parent(path)).resolve(target).toString());
                    Files.createDirectories(parent(path));
                    Files.createSymbolicLink(path, Path.of(target));
                }
                case '0', 0 -> {
                    Files.createDirectories(parent(path));
                    boolean executable = (octal(header, 100, 8) & 0100) != 0;
                    try (var out = Files.newOutputStream(path)) {
                        copy(tar, out, size);
                    }
                    Files.setPosixFilePermissions(
                            path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
                }
                default -> throw new IOException("tar entry of a kind we do not unpack: " + name);
            }
            if (header[156] == '0' || header[156] == 0) {
                tar.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
            }
        }
    }

    private static void copy(InputStream in, java.io.OutputStream out, long size) throws IOException {
        byte[] buffer = new byte[65_536];
        for (long left = size; left > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("tar archive ends inside a file");
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    /** False at the end: a block of zeros, or nothing more. */
    private static boolean readBlock(InputStream in, byte[] block) throws IOException {
        int read = in.readNBytes(block, 0, BLOCK);
        if (read != 0 && read != BLOCK) {
            throw new EOFException("tar archive ends inside a header");
        }
        return read == BLOCK && block[0] != 0;
    }

    private static Path inside(Path into, String name) throws IOException {
        Path path = into.resolve(name).normalize();
        if (!path.startsWith(into)) {
            throw new IOException("tar entry leads outside: " + name);
        }
        return path;
    }

    private static Path parent(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IOException("no parent of " + path);
        }
        return parent;
    }

    private static String prefixed(byte[] header) {
        String prefix = text(header, 345, 155);
        String name = text(header, 0, 100);
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }

    private static long octal(byte[] header, int from, int length) {
        String digits = text(header, from, length).trim();
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }
}
