package io.tlsfleet.launcher;

import io.tlsfleet.scanner.cli.Stores;
import io.tlsfleet.tls.x509.TrustStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** By what a process judges certificates; anchors for a site, an owner or a tag alone are given at the API. */
final class TrustOptions {
    @Option(names = "--trust", paramLabel = "FILE", description = "anchors of your own, PEM; repeatable")
    private List<Path> trust = new ArrayList<>();

    @Option(
            names = "--trust-store",
            paramLabel = "mozilla|java|system|FILE",
            description = "repeatable; mozilla if none is named; a FILE of tlsfleet trust import")
    private List<String> stores = new ArrayList<>();

    @Option(
            names = "--ct-logs",
            paramLabel = "FILE",
            description = "further logs of Certificate Transparency: Google's or Apple's list, or trust import-logs'")
    private @Nullable Path ctLogs;

    @Option(
            names = "--known-keys",
            paramLabel = "FILE",
            description = "keys whose private half is known: openssl-blacklist, dwk_blocklists, badkeys, or SHA-256 of"
                    + " keys a line; repeatable")
    private List<Path> knownKeys = new ArrayList<>();

    /** With what the command itself adds to {@code --trust}. */
    SiteJudging judging(List<Path> more) {
        List<Path> anchors = new ArrayList<>(trust);
        anchors.addAll(more);
        try {
            Stores.useLogs(ctLogs);
            Stores.useKnownKeys(knownKeys);
            List<TrustStore> asked = Stores.of(stores, anchors);
            return SiteJudging.by(asked);
        } catch (Stores.Unusable e) {
            throw Refusal.usage(String.valueOf(e.getMessage()));
        }
    }

    SiteJudging judging() {
        return judging(List.of());
    }
}
