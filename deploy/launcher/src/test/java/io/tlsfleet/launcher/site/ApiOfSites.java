package io.tlsfleet.launcher.site;

import io.tlsfleet.api.ApiServer;
import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.site.Credential;
import io.tlsfleet.scanner.site.HttpLeases;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.access.Accounts;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.store.site.Sites;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The API on a free port over an estate, and workers' ends with tokens of sites. */
final class ApiOfSites implements AutoCloseable {
    private static final Judging JUDGING = (target, observation, memory, at) -> new Judging.Judged(
            Judge.judge(observation, List.of(Policies.standard()), List.of(), memory, at),
            at.plus(Duration.ofHours(1)));

    final TestEstate estate = new TestEstate();
    final Path directory;
    private final Vertx vertx = Vertx.vertx();
    private final ApiConfig config;
    private final List<HttpLeases> ends = new ArrayList<>();
    private final CurrentPolicies policies;
    private @Nullable ApiServer server;
    private int port;

    ApiOfSites(Path directory, ApiConfig.@Nullable Tls tls) {
        this(directory, tls, null);
    }

    ApiOfSites(Path directory, ApiConfig.@Nullable Tls tls, @Nullable String publicUrl) {
        this.policies = CurrentPolicies.of(estate.database);
        this.directory = directory;
        ApiConfig usual = ApiConfig.loopback(0);
        this.config = new ApiConfig(
                usual.bind(),
                0,
                tls,
                usual.trustedProxies(),
                publicUrl,
                usual.webRoot(),
                usual.maxBodyBytes(),
                usual.maxImportBytes(),
                usual.maxRequests(),
                usual.perEndpointMetrics());
        Sites sites = new Sites(estate.database.sql());
        sites.put("dmz", null, null, null, null);
        start();
    }

    void start() {
        try {
            ApiConfig on = new ApiConfig(
                    config.bind(),
                    port,
                    config.tls(),
                    config.trustedProxies(),
                    config.publicUrl(),
                    config.webRoot(),
                    config.maxBodyBytes(),
                    config.maxImportBytes(),
                    config.maxRequests(),
                    config.perEndpointMetrics());
            SecretBox box = SecretBox.open(directory.resolve("secrets.key"));
            ApiServer made = new ApiServer(
                    vertx,
                    on,
                    new ApiServer.Parts(
                            estate.database,
                            policies,
                            JUDGING,
                            Reach.of(AddressGate.local()),
                            box,
                            new FileWatch(null, Map.of(), estate.database, box, InstantSource.system()),
                            new ScanCounters(),
                            KnownClients.shipped(),
                            "local",
                            "test",
                            "commit",
                            InstantSource.system()));
            port = made.start();
            server = made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void stop() {
        ApiServer running = server;
        if (running != null) {
            running.close();
            server = null;
        }
    }

    URI base() {
        return URI.create((config.tls() == null ? "http" : "https") + "://127.0.0.1:" + port);
    }

    int port() {
        return port;
    }

    ApiToken token(String role, @Nullable String site) {
        ApiToken token = ApiToken.random(new SecureRandom());
        if (new Accounts(estate.database.sql())
                .add("test", token.sha256(), role, site, "test", null)
                .isEmpty()) {
            throw new IllegalStateException("the token was not added");
        }
        return token;
    }

    /** As the server has it: a certificate where it asks for one, else a token. */
    private Credential credential(String site) {
        if (config.tls() == null || !config.tls().asksWorkers()) {
            return new Credential.Token(tokenFile(token("worker", site)));
        }
        SelfSigned made = SelfSigned.make(directory, "worker-" + site);
        register(made, site);
        return made.credential();
    }

    void register(SelfSigned certificate, String site) {
        if (new Accounts(estate.database.sql())
                .add(Accounts.Kind.CERTIFICATE, "test", certificate.spki(), "worker", site, "test", null)
                .isEmpty()) {
            throw new IllegalStateException("the certificate was not added");
        }
    }

    HttpLeases worker(Credential credential, Path ca) {
        return worker(base(), credential, ca);
    }

    HttpLeases worker(URI at, Credential credential, @Nullable Path ca) {
        try {
            HttpLeases leases = new HttpLeases(
                    new HttpLeases.Settings(
                            at, credential, ca, null, "w", Files.createTempDirectory(directory, "spool"), 10_000_000),
                    InstantSource.system());
            ends.add(leases);
            return leases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path tokenFile(ApiToken token) {
        try {
            Path file = Files.createTempFile(directory, "token", "");
            return Files.writeString(file, token.text() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpLeases worker(String site, String name) {
        return worker(
                site, name, config.tls() == null ? null : config.tls().certificate(), null, InstantSource.system());
    }

    HttpLeases worker(String site, String name, @Nullable Path ca, @Nullable URI proxy, InstantSource clock) {
        try {
            HttpLeases leases = new HttpLeases(
                    new HttpLeases.Settings(
                            base(), credential(site), ca, proxy, name, directory.resolve("spool-" + name), 10_000_000),
                    clock);
            ends.add(leases);
            return leases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        ends.forEach(HttpLeases::close);
        stop();
        policies.close();
        vertx.close().await();
        estate.close();
    }
}
