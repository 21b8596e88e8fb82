package io.tlsfleet.launcher;

import io.tlsfleet.api.renewal.AcmeIssuer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom to ask when certificates should be renewed. */
final class RenewalOptions {
    @Option(
            names = "--acme-directory",
            paramLabel = "NAME=URL",
            description =
                    "directory of an ACME CA of your own, by a part of its certificates' issuer name (O=Example CA=https://ca.example/directory); repeatable")
    private List<String> directories = new ArrayList<>();

    @Option(names = "--acme-ca", paramLabel = "FILE", description = "PEM that those directories' certificates stand on")
    private @Nullable Path authorities;

    @Option(
            names = "--no-renewal-info",
            description = "ask no issuer for ACME renewal information (RFC 9773); known ones are asked otherwise")
    private boolean none;

    /** Those that were given first. */
    List<AcmeIssuer> issuers() {
        if (none) {
            return List.of();
        }
        if (authorities != null && !Files.isReadable(authorities)) {
            throw Refusal.usage("--acme-ca " + authorities + " cannot be read");
        }
        List<AcmeIssuer> issuers = new ArrayList<>();
        for (String directory : directories) {
            try {
                issuers.add(AcmeIssuer.parse(directory, authorities));
            } catch (IllegalArgumentException e) {
                throw Refusal.usage("--acme-directory " + e.getMessage());
            }
        }
        issuers.addAll(AcmeIssuer.PUBLIC);
        return issuers;
    }
}
