package io.tlsfleet.launcher.postgres;

import io.tlsfleet.launcher.Refusal;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.tukaani.xz.XZInputStream;

/** The programs of one PostgreSQL version, unpacked beside the data that they serve. */
record Binaries(Path home) {
    /** Raised together with the jars in the pom; data of another major version is refused. */
    static final String VERSION = "18.6";

    static final int MAJOR = 18;

    /** Unpacks once; an unpacking that was interrupted is begun again. */
    static Binaries in(Path parent) throws IOException {
        Path home = parent.resolve("postgresql-" + VERSION);
        if (!Files.isDirectory(home)) {
            Path half = parent.resolve("postgresql-" + VERSION + ".unpacking");
            Directories.delete(half);
            Files.createDirectories(half);
            try (InputStream jar = archive();
                    InputStream tar = new BufferedInputStream(new XZInputStream(jar), 1 << 16)) {
                TarArchive.unpack(tar, half);
            }
            Files.move(half, home, StandardCopyOption.ATOMIC_MOVE);
        }
        return new Binaries(home);
    }

    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    private static InputStream archive() {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        String name = switch (system) {
            case "Linux amd64" -> "/postgres-linux-x86_64.txz";
            case "Linux aarch64" -> "/postgres-linux-arm_64.txz";
            default ->
                throw Refusal.usage("there is no embedded PostgreSQL for " + system
                        + ": give --database-url postgresql://user:password@host/database");
        };
        InputStream in = Binaries.class.getResourceAsStream(name);
        if (in == null) {
            throw new IllegalStateException(name + " is not on the class path");
        }
        return in;
    }
}
