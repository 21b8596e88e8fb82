package io.tlsfleet.launcher;

import io.tlsfleet.api.metrics.Exposition;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.fleet.lease.SharedClock;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.cli.TrustOptions;
import io.tlsfleet.scanner.site.Credential;
import io.tlsfleet.scanner.site.HttpLeases;
import io.tlsfleet.store.DatabaseAddress;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** {@code tlsfleet worker}: scans what is due at its site; any number of them, anywhere. */
@Command(
        name = "worker",
        description = "Scans what is due at one site: straight from the database, or over HTTPS from the API.")
final class WorkerCommand implements Callable<Integer> {
    @Option(
            names = "--database-url",
            paramLabel = "URL",
            defaultValue = "${env:TLSFLEET_DATABASE_URL}",
            description = "postgresql://user:password@host:port/database, or TLSFLEET_DATABASE_URL")
    private @Nullable String databaseUrl;

    @Option(
            names = "--site",
            paramLabel = "NAME",
            description = "default: internet; with --api the site of the token, and an error if it is of another")
    private @Nullable String site;

    @Option(
            names = "--api",
            paramLabel = "URL",
            description = "instead of a database: https://host[:port] of a tlsfleet server")
    private @Nullable URI api;

    @Option(names = "--token-file", paramLabel = "FILE", description = "with --api: holds a token of the role worker")
    private @Nullable Path tokenFile;

    @Option(
            names = "--client-certificate",
            paramLabel = "FILE",
            description =
                    "with --api, instead of a token: PEM whose key was registered for the site; read again when it changes")
    private @Nullable Path clientCertificate;

    @Option(names = "--client-key", paramLabel = "FILE", description = "its private key, PEM, without a passphrase")
    private @Nullable Path clientKey;

    @Option(
            names = "--api-ca",
            paramLabel = "FILE",
            description = "with --api: PEM of the authority that the server's certificate stands on")
    private @Nullable Path apiCa;

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description = "with --api: http://[user:password@]host:port of an HTTP proxy on the way to the API")
    private @Nullable URI proxy;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "/var/lib/tlsfleet",
            description = "with --api: results wait in DIR/spool while the API is away (default: ${DEFAULT-VALUE})")
    private Path dataDir = Path.of("/var/lib/tlsfleet");

    @Option(
            names = "--spool-mb",
            paramLabel = "N",
            defaultValue = "1024",
            description = "with --api: what may wait, at most (default: ${DEFAULT-VALUE})")
    private int spoolMegabytes;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description = "answers GET /metrics there, on loopback unless --metrics-bind says otherwise")
    private @Nullable Integer metricsPort;

    @Option(
            names = "--metrics-bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "where the metrics listen (default: ${DEFAULT-VALUE})")
    private String metricsBind = "127.0.0.1";

    @Option(names = "--concurrency", paramLabel = "N", defaultValue = "256", description = "default: ${DEFAULT-VALUE}")
    private int concurrency;

    @Option(
            names = "--fingerprints",
            paramLabel = "ja4plus,jarm",
            defaultValue = "${env:TLSFLEET_FINGERPRINTS:-}",
            description = "JA4S and JA4X by the plugin; JARM also below depth full (TLSFLEET_FINGERPRINTS)")
    private @Nullable String fingerprints;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Option(
            names = "--files",
            paramLabel = "DIRECTORY",
            description = "targets file:/path are read from under here, and from nowhere else; repeatable")
    private List<Path> files = new ArrayList<>();

    @Mixin
    private LogOptions log = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final InstantSource clock;

    WorkerCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        if (concurrency < 1) {
            throw Refusal.usage("--concurrency " + concurrency + ": at least 1");
        }
        SiteJudging judging = SiteJudging.by(trust, List.of());
        URI remote = api;
        if (remote != null) {
            return remote(remote, judging);
        }
        if (tokenFile != null || apiCa != null || proxy != null || clientCertificate != null || clientKey != null) {
            throw Refusal.usage("--token-file, --client-certificate, --client-key, --api-ca and --proxy go with --api");
        }
        if (databaseUrl == null || databaseUrl.isBlank()) {
            throw Refusal.usage(
                    "give --database-url postgresql://user:password@host:port/database (or set TLSFLEET_DATABASE_URL), or"
                            + " --api https://host:port with --token-file where there is no way to the database");
        }
        DatabaseAddress address = Rooms.address(databaseUrl);
        String name = site == null ? "internet" : site;
        log.begin();
        try (Halt halt = new Halt()) {
            Rooms.migrate(address);
            Rooms rooms = new Rooms(halt, clock, address);
            metrics(halt, rooms.vertx(), rooms.scans());
            rooms.work(name, gate(name), null, judging, concurrency, Scanning.extras(fingerprints), files);
            spec.commandLine().getErr().println("tlsfleet worker: scanning for site " + name + " at " + address);
            halt.await();
        }
        return 0;
    }

    private static AddressGate gate(String site) {
        return site.equals("local") ? AddressGate.local() : AddressGate.internet();
    }

    private Credential credential(URI address) {
        Path token = tokenFile;
        Path certificate = clientCertificate;
        Path key = clientKey;
        if (certificate != null && key != null && token == null) {
            if (!"https".equals(address.getScheme())) {
                throw Refusal.usage("--client-certificate needs an --api of https://");
            }
            return new Credential.ClientCertificate(certificate, key);
        }
        if (certificate != null || key != null) {
            throw Refusal.usage(
                    "--client-certificate and --client-key belong together, and stand instead of --token-file");
        }
        if (token == null || !Files.isReadable(token)) {
            throw Refusal.usage(
                    "--api needs --token-file FILE with a token of the role worker, or --client-certificate and"
                            + " --client-key" + (token == null ? "" : "; " + token + " cannot be read"));
        }
        return new Credential.Token(token);
    }

    private int remote(URI address, SiteJudging judging) {
        Credential credential = credential(address);
        RemoteSite.checkAddress(address);
        log.begin();
        try (Halt halt = new Halt()) {
            SharedClock time = new SharedClock(clock, System::nanoTime);
            Vertx vertx = halt.add(Vertx.vertx());
            String worker = Scanning.workerName();
            HttpLeases leases = halt.add(new HttpLeases(
                    new HttpLeases.Settings(
                            address,
                            credential,
                            apiCa,
                            proxy,
                            worker,
                            dataDir.resolve("spool"),
                            spoolMegabytes * 1_000_000L),
                    time));
            ScanCounters scans = new ScanCounters();
            metrics(halt, vertx, scans); // before it greets, and is given a share that it does not stay for
            String name = RemoteSite.greet(leases, site);
            Scanning.begin(
                    halt,
                    vertx,
                    time,
                    new Scanning.Plan(
                            leases,
                            leases,
                            gate(name),
                            null,
                            judging,
                            concurrency,
                            scans,
                            Scanning.extras(fingerprints),
                            files));
            spec.commandLine().getErr().println("tlsfleet worker: scanning for site " + name + " through " + address);
            halt.await();
        } catch (IOException e) {
            throw Refusal.usage(String.valueOf(e.getMessage()));
        }
        return 0;
    }

    private void metrics(Halt halt, Vertx vertx, ScanCounters scans) {
        Integer port = metricsPort;
        if (port == null) {
            return;
        }
        Rooms.checkPort(metricsBind, port);
        Version built = Version.ofThisBuild();
        HttpServer server = vertx.createHttpServer().requestHandler(request -> {
            boolean asked = request.method().equals(HttpMethod.GET) && "/metrics".equals(request.path());
            request.response().setStatusCode(asked ? 200 : 404);
            if (asked) {
                request.response().putHeader("Content-Type", Exposition.CONTENT_TYPE);
            }
            request.response().end(asked ? scans.text(built.version(), built.commit()) : "GET /metrics\n");
        });
        int taken = server.listen(port, metricsBind).await().actualPort();
        halt.add(() -> server.close().await());
        spec.commandLine().getErr().println("tlsfleet worker: metrics on " + metricsBind + " port " + taken);
    }
}
