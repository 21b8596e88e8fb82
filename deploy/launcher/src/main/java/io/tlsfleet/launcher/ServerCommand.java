package io.tlsfleet.launcher;

import io.tlsfleet.api.auth.AdminToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.renewal.AcmeIssuer;
import io.tlsfleet.fleet.target.AddressRange;
import io.tlsfleet.scanner.cli.TrustOptions;
import io.tlsfleet.store.DatabaseAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlsfleet server}: API, pages and alerting on a PostgreSQL that somebody runs. */
@Command(name = "server", description = "API, pages and alerting on your PostgreSQL; scanning is the workers' part.")
final class ServerCommand implements Callable<Integer> {
    private static final String SITE = "internet";

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            defaultValue = "${env:TLSFLEET_DATABASE_URL}",
            description = "postgresql://user:password@host:port/database, or TLSFLEET_DATABASE_URL")
    private @Nullable String databaseUrl;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080", description = "default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = ApiConfig.LOOPBACK,
            description = "default: ${DEFAULT-VALUE}")
    private String bind = ApiConfig.LOOPBACK;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "chain in PEM (or DER, PKCS#7), read again when it changes")
    private @Nullable Path certificate;

    @Option(
            names = "--worker-certificates",
            description =
                    "asks who connects for a client certificate: workers of sites may show one instead of a token")
    private boolean workerCertificates;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM key")
    private @Nullable Path key;

    @Option(
            names = "--trusted-proxy",
            paramLabel = "CIDR",
            description = "where a proxy that ends TLS comes from; its forwarding headers are believed; repeatable")
    private List<String> proxies = new ArrayList<>();

    @Option(
            names = "--public-url",
            paramLabel = "URL",
            description = "where people reach it, as https://ops.example/tls: what links begin with")
    private @Nullable String publicUrl;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "/var/lib/tlsfleet",
            description = "where the first admin token is written (default: ${DEFAULT-VALUE})")
    private Path dataDir = Path.of("/var/lib/tlsfleet");

    @Option(
            names = "--alerting-file",
            paramLabel = "FILE",
            description =
                    "receivers, routes and silences as YAML (tlsfleet alerting check FILE); applied at start and when it changes")
    private @Nullable Path alertingFile;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Mixin
    private OutgoingOptions outgoing = new OutgoingOptions();

    @Mixin
    private RenewalOptions renewals = new RenewalOptions();

    @Mixin
    private LogOptions log = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final InstantSource clock;

    ServerCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        DatabaseAddress address = required(databaseUrl);
        ApiConfig config = config();
        if (config.tls() != null) {
            try {
                config.tls().check();
            } catch (IllegalArgumentException e) {
                throw Refusal.usage(String.valueOf(e.getMessage()));
            }
        }
        Rooms.checkPort(bind, port);
        Path alerting = Rooms.checkedAlerting(alertingFile);
        SiteJudging judging = SiteJudging.by(trust, List.of());
        List<AcmeIssuer> issuers = renewals.issuers();
        Reach reach = outgoing.reach();
        log.begin();
        try (Halt halt = new Halt()) {
            if (!Files.isDirectory(dataDir)) {
                Files.createDirectories(
                        dataDir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Rooms.migrate(address);
            Rooms rooms = new Rooms(halt, clock, address);
            int taken = rooms.serve(config, SITE, dataDir, reach, judging, alerting);
            rooms.askIssuers(issuers, reach, judging);
            spec.commandLine()
                    .getErr()
                    .println("tlsfleet server: listening on " + bind + " port " + taken + "; admin token in "
                            + dataDir.resolve(AdminToken.FILE));
            halt.await();
        } catch (IOException e) {
            throw Refusal.usage("--data-dir " + dataDir + " cannot be used: "
                    + e.getClass().getSimpleName() + " " + e.getMessage());
        }
        return 0;
    }

    private ApiConfig config() {
        if ((certificate == null) != (key == null)) {
            throw Refusal.usage("--tls-certificate and --tls-key belong together");
        }
        ApiConfig usual = ApiConfig.loopback(port);
        try {
            return new ApiConfig(
                    bind,
                    port,
                    certificate == null || key == null ? null : new ApiConfig.Tls(certificate, key, workerCertificates),
                    proxies.stream().map(AddressRange::parse).toList(),
                    publicUrl,
                    usual.webRoot(),
                    usual.maxBodyBytes(),
                    usual.maxImportBytes(),
                    usual.maxRequests(),
                    usual.perEndpointMetrics());
        } catch (IllegalArgumentException e) {
            throw Refusal.usage(String.valueOf(e.getMessage()));
        }
    }

    static DatabaseAddress required(@Nullable String url) {
        if (url == null || url.isBlank()) {
            throw Refusal.usage(
                    "give --database-url postgresql://user:password@host:port/database, or set TLSFLEET_DATABASE_URL");
        }
        return Rooms.address(url);
    }
}
