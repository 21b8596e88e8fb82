package io.tlsfleet.launcher;

import io.tlsfleet.tls.fingerprint.KnownClients;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names that an operator gives to clients of their own: {@code known-clients.tsv} in the data directory, in the form of the shipped table. */
final class KnownClientsFile {
    static final String NAME = "known-clients.tsv";

    private KnownClientsFile() {}

    static KnownClients in(Path dataDirectory) throws IOException {
        Path file = dataDirectory.resolve(NAME);
        if (!Files.exists(file)) {
            return KnownClients.shipped();
        }
        try (Reader in = Files.newBufferedReader(file)) {
            return KnownClients.shipped().and(KnownClients.read(file.toString(), in));
        } catch (IllegalArgumentException e) {
            throw Refusal.usage(String.valueOf(e.getMessage()));
        }
    }
}
