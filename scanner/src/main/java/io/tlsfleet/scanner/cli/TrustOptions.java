package io.tlsfleet.scanner.cli;

import io.tlsfleet.tls.x509.TrustStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** By what a command judges certificates: a mixin of all that do. */
public final class TrustOptions {
    private static final String TRUST = "anchors of your own, PEM: a store named given; repeatable";
    private static final String STORES =
            "repeatable, instead of the usual: mozilla, with explain all three; a FILE of tlsfleet trust import";
    private static final String LOGS =
            "further logs of Certificate Transparency: Google's or Apple's list, or trust import-logs'";
    private static final String KEYS =
            "keys whose private half is known: openssl-blacklist, dwk_blocklists, badkeys, or"
                    + " SHA-256 of keys a line; repeatable";

    @Option(names = "--trust", paramLabel = "FILE", description = TRUST)
    private List<Path> trust = new ArrayList<>();

    @Option(names = "--trust-store", paramLabel = "mozilla|java|system|FILE", description = STORES)
    private List<String> stores = new ArrayList<>();

    @Option(names = "--ct-logs", paramLabel = "FILE", description = LOGS)
    private @Nullable Path ctLogs;

    @Option(names = "--known-keys", paramLabel = "FILE", description = KEYS)
    private List<Path> knownKeys = new ArrayList<>();

    /** For a command that is described by calls. */
    void describe(Described command) {
        command.many("--trust", "FILE", TRUST, Path.class, v -> trust = v)
                .many("--trust-store", "mozilla|java|system|FILE", STORES, String.class, v -> stores = v)
                .one("--ct-logs", "FILE", LOGS, Path.class, v -> ctLogs = v)
                .many("--known-keys", "FILE", KEYS, Path.class, v -> knownKeys = v);
    }

    /** Whether anchors were given and no store was named. */
    boolean onlyGiven() {
        return stores.isEmpty() && !trust.isEmpty();
    }

    /** The anchors given, as a store. */
    List<TrustStore> given() throws Stores.Unusable {
        use();
        return Stores.given(trust);
    }

    /** {@code otherwise}: the stores where none is named. {@code more}: what the command itself adds to {@code --trust}. */
    public List<TrustStore> stores(List<String> otherwise, List<Path> more) throws Stores.Unusable {
        use();
        List<Path> anchors = new ArrayList<>(trust);
        anchors.addAll(more);
        return Stores.of(stores.isEmpty() ? otherwise : stores, anchors);
    }

    private void use() throws Stores.Unusable {
        Stores.useLogs(ctLogs);
        Stores.useKnownKeys(knownKeys);
    }
}
