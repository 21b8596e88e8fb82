package io.tlsfleet.launcher.site;

import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSourceContract;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** And of those over HTTPS to a worker that is known by its client certificate. */
class CertificateLeasesContractTest implements LeaseSourceContract {
    @TempDir
    private Path directory;

    private @Nullable ApiOfSites api;
    private @Nullable LeaseSource source;

    @BeforeEach
    void open() {
        SelfSigned server = SelfSigned.make(directory, "server");
        ApiOfSites made = new ApiOfSites(directory, new ApiConfig.Tls(server.certificate(), server.key(), true));
        api = made;
        source = made.worker("local", "one");
    }

    @AfterEach
    void close() {
        if (api != null) {
            api.close();
        }
    }

    @Override
    public void due(int endpoints) {
        java.util.Objects.requireNonNull(api).estate.targets(endpoints);
    }

    @Override
    public LeaseSource source() {
        return java.util.Objects.requireNonNull(source);
    }
}
