package io.tlsfleet.scanner.starttls;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.BlockingTalk;
import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.NamedGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A directory with a certificate that servers of other users can read, and a client that finishes TLS 1.3 behind a preamble. */
final class StarttlsPeers implements AutoCloseable {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private final Path directory;

    StarttlsPeers() throws IOException {
        directory = Files.createTempDirectory("tlsfleet-starttls");
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        open(directory, "rwxrwxrwx");
        open(directory.resolve("key.pem"), "rw-r--r--");
    }

    Path directory() {
        return directory;
    }

    /** DIR in the text is the directory. */
    Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, text.replace("DIR", directory.toString()));
        return file;
    }

    void assertSpeaks(String protocol, int port) {
        Upgraded.End<Tls13Result> end = whole(protocol, port);
        assertThat(end.upgrade()).as(protocol).isInstanceOfSatisfying(Upgrade.Consent.class, consent -> {
            assertThat(consent.injected()).isEmpty();
            Tls13Result result = Objects.requireNonNull(end.result());
            assertThat(result.finished()).as("%s", result).isTrue();
            assertThat(result.first(ServerMessage.Certificate.class)
                            .orElseThrow()
                            .entries())
                    .hasSize(1);
        });
    }

    Upgrade talk(String protocol, int port) {
        return whole(protocol, port).upgrade();
    }

    private static Upgraded.End<Tls13Result> whole(String protocol, int port) {
        List<NamedGroup> groups = List.of(NamedGroup.named("x25519"), NamedGroup.named("secp256r1"));
        Tls13Handshake handshake = new Tls13Handshake(
                Hellos.tls13(List.of(0x1301, 0x1302), groups, List.of(SHARES.offer(groups.getFirst()))), SHARES);
        return BlockingTalk.run(port, new Upgraded<>(Starttls.with(protocol, "localhost"), handshake));
    }

    static String[] words(List<String> before, String... words) {
        return Stream.concat(before.stream(), Stream.of(words)).toArray(String[]::new);
    }

    private static void open(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
        }
    }
}
