package io.tlsfleet.scanner.file;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.fleet.target.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Targets {@code file:/path}: what would be served from there, at depth {@code certificate} and without a connection. Only
 * what really lies under the given directories is read, links followed first: whoever may add targets must not learn of
 * other files. The password of a keystore lies in a file too, which the tag {@code passwordFile} names.
 */
public final class FileScan {
    private static final String PASSWORD_TAG = "passwordFile";
    private static final int LARGEST = 8 << 20;
    private static final int LONGEST_PASSWORD = 4096;

    private final List<Path> directories;
    private final InstantSource clock;
    private final String scanner;

    public FileScan(List<Path> directories, InstantSource clock, String scanner) {
        this.directories = List.copyOf(directories);
        this.clock = clock;
        this.scanner = scanner;
    }

    public Observation scan(Lease lease) {
        Target target = lease.target();
        Instant began = clock.instant();
        Observation.Endpoint endpoint = new Observation.Endpoint(
                target.host(), null, target.port(), Target.NO_SNI.equals(target.sni()) ? null : target.sni(), null);
        try {
            byte[] file = read(target.filePath(), LARGEST);
            List<Observation.ServedChain> chains =
                    CertificateFile.read(target.filePath(), file, password(target)).stream()
                            .map(entry -> new Observation.ServedChain(
                                    List.of(entry.name()), null, entry.chain(), Map.of(), List.of(), List.of()))
                            .toList();
            return Observation.bare(endpoint, scan(began, Outcome.COMPLETE, null, null))
                    .withServed(chains);
        } catch (Unreadable e) {
            return Observation.bare(endpoint, scan(began, Outcome.UNREACHABLE, e.reason(), e.message()));
        }
    }

    private Observation.Scan scan(Instant began, Outcome outcome, @Nullable Reason reason, @Nullable String detail) {
        long millis = Math.max(0, Duration.between(began, clock.instant()).toMillis());
        return new Observation.Scan(began, millis, Depth.CERTIFICATE, outcome, 0, 0, 0, 0, scanner, reason, detail);
    }

    private @Nullable String password(Target target) throws Unreadable {
        String file = target.tags().get(PASSWORD_TAG);
        return file == null
                ? null
                : new String(read(file, LONGEST_PASSWORD), StandardCharsets.UTF_8)
                        .lines()
                        .findFirst()
                        .orElse("");
    }

    private byte[] read(String name, int most) throws Unreadable {
        try {
            Path asked = Path.of(name).toAbsolutePath().normalize();
            if (directories.stream().noneMatch(asked::startsWith)) {
                throw forbidden(name);
            }
            Path real = asked.toRealPath();
            boolean inside = false;
            for (Path directory : directories) {
                inside |= Files.exists(directory) && real.startsWith(directory.toRealPath());
            }
            if (!inside) {
                throw forbidden(name);
            }
            if (!Files.isRegularFile(real)) {
                throw new Unreadable(Reason.UNSUPPORTED, name + ": this is no regular file");
            }
            try (InputStream in = Files.newInputStream(real)) {
                byte[] bytes = in.readNBytes(most + 1);
                if (bytes.length > most) {
                    throw new Unreadable(Reason.UNSUPPORTED, name + ": larger than " + most + " bytes");
                }
                return bytes;
            }
        } catch (NoSuchFileException e) {
            throw new Unreadable(Reason.NO_ROUTE, name + ": no such file on this worker");
        } catch (AccessDeniedException e) {
            throw new Unreadable(Reason.NO_ROUTE, name + ": this worker may not read it");
        } catch (IOException | InvalidPathException e) {
            throw new Unreadable(Reason.NO_ROUTE, name + ": " + FileFault.of(e));
        }
    }

    private Unreadable forbidden(String name) {
        return new Unreadable(
                Reason.BLOCKED_BY_POLICY,
                directories.isEmpty()
                        ? name + ": this worker reads no files; start it with --files DIRECTORY"
                        : name + ": not under a directory that this worker reads (--files)");
    }
}
