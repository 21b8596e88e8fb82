package io.tlsfleet.api.auth;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The first administrator's token, in a file that only its owner reads. */
public final class AdminToken {
    public static final String FILE = "admin-token";

    private AdminToken() {}

    /** The token in this directory, if there is a whole one. */
    public static Optional<ApiToken> read(Path dataDir) throws IOException {
        Path file = dataDir.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        String text = Files.readString(file).strip();
        return ApiToken.isWellFormed(text) ? Optional.of(new ApiToken(text)) : Optional.empty();
    }

    /** The token of this directory, made when there is none. The file is never readable by others, not for a moment. */
    public static ApiToken readOrMake(Path dataDir, RandomGenerator random) throws IOException {
        Optional<ApiToken> kept = read(dataDir);
        Path file = dataDir.resolve(FILE);
        if (kept.isPresent()) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return kept.get();
        }
        ApiToken token = ApiToken.random(random);
        Path draft = dataDir.resolve(FILE + ".new");
        Files.deleteIfExists(draft);
        try (var out = Files.newByteChannel(
                draft,
                Set.copyOf(EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            out.write(
                    java.nio.ByteBuffer.wrap((token.text() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
        try {
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        }
        return token;
    }
}
