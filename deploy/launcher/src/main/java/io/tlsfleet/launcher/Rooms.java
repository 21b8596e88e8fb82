package io.tlsfleet.launcher;

import io.tlsfleet.api.ApiServer;
import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.api.alertfile.InvalidAlertingFile;
import io.tlsfleet.api.auth.AdminToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.api.renewal.AcmeIssuer;
import io.tlsfleet.api.renewal.RenewalWatch;
import io.tlsfleet.fleet.lease.SharedClock;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.scanner.scan.Extras;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.store.retention.Retention;
import io.tlsfleet.store.retention.RetentionSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rooms wired together, each for itself; {@code up} takes both, {@code server} and {@code worker} one. */
final class Rooms {
    private static final int SERVER_CONNECTIONS = 12;
    private static final int WORKER_CONNECTIONS = 4;

    private final Halt halt;
    private final SharedClock clock;
    private final Vertx vertx;
    private final DatabaseAddress address;
    private final ScanCounters scans = new ScanCounters();
    private @Nullable CurrentPolicies policies;

    Rooms(Halt halt, InstantSource clock, DatabaseAddress address) {
        this.halt = halt;
        this.clock = new SharedClock(clock, System::nanoTime);
        this.address = address;
        this.vertx = halt.add(Vertx.vertx());
    }

    static DatabaseAddress address(String url) {
        try {
            return DatabaseAddress.parse(url);
        } catch (IllegalArgumentException e) {
            throw Refusal.usage("--database-url: " + e.getMessage());
        }
    }

    static void migrate(DatabaseAddress address) {
        try {
            Migrations.run(address);
        } catch (DatabaseAway | IllegalStateException e) {
            throw Refusal.usage("--database-url: " + e.getMessage());
        }
    }

    /** Before anything is started for it. */
    static void checkPort(String bind, int port) {
        if (port < 0 || port > 65535) {
            throw Refusal.usage("--port " + port + " is out of range 1 to 65535");
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(bind), port));
        } catch (UnknownHostException e) {
            throw Refusal.usage("--bind " + bind + " is no address of this machine");
        } catch (IOException e) {
            throw Refusal.usage("--port " + port + " on " + bind + " cannot be had (" + e.getMessage()
                    + "): stop what has it, or give another --port");
        }
    }

    /** The file, seen to be one before anything is started for it. */
    static @Nullable Path checkedAlerting(@Nullable Path file) {
        if (file != null) {
            try {
                FileWatch.read(file, System.getenv());
            } catch (InvalidAlertingFile e) {
                throw Refusal.usage("--alerting-file " + file + ": " + e.getMessage() + " (tlsfleet alerting check "
                        + file + " shows all)");
            }
        }
        return file;
    }

    /** Answers the port that was taken. */
    int serve(
            ApiConfig config,
            String defaultSite,
            Path dataDirectory,
            Reach reach,
            SiteJudging judging,
            @Nullable Path alertingFile)
            throws IOException {
        Database database = halt.add(Database.open(vertx, address, SERVER_CONNECTIONS));
        halt.add(ClockWatch.start(database, clock));
        Version built = Version.ofThisBuild();
        SecretBox secrets = SecretBox.open(dataDirectory.resolve("secrets.key"));
        FileWatch alerting = halt.add(new FileWatch(alertingFile, System.getenv(), database, secrets, clock));
        alerting.start();
        ApiServer api = halt.add(new ApiServer(
                vertx,
                config,
                new ApiServer.Parts(
                        database,
                        policies(database),
                        judging.by(policies(database)),
                        reach,
                        secrets,
                        alerting,
                        scans,
                        KnownClientsFile.in(dataDirectory),
                        defaultSite,
                        built.version(),
                        built.commit(),
                        clock)));
        halt.add(Housekeeping.start(database, new Retention(database, RetentionSettings.DEFAULT)));
        api.admit(AdminToken.readOrMake(dataDirectory, new SecureRandom()));
        return api.start();
    }

    /** When issuers want the certificates of the estate replaced. */
    void askIssuers(List<AcmeIssuer> issuers, Reach reach, SiteJudging judging) {
        if (!issuers.isEmpty()) {
            Database database = halt.add(Database.open(vertx, address, 2));
            Ingest ingest = new Ingest(database, judging.by(policies(database)));
            halt.add(new RenewalWatch(vertx, database, ingest, reach, issuers, clock).start());
        }
    }

    /** {@code consent}: rates that the owner of all targets agreed to; null: the site's. */
    void work(
            String site,
            AddressGate gate,
            @Nullable Politeness consent,
            SiteJudging judging,
            int places,
            Extras extras,
            List<Path> files) {
        Database database = halt.add(Database.open(vertx, address, WORKER_CONNECTIONS));
        String name = site + "/" + Scanning.workerName();
        SiteJudging own = judging.by(policies(database));
        DatabaseLeases leases =
                new DatabaseLeases(database, new Ingest(database, own), site, name, LeaseSettings.DEFAULT);
        Scanning.begin(
                halt,
                vertx,
                clock,
                new Scanning.Plan(leases, leases.link(name), gate, consent, own, places, scans, extras, files));
    }

    /** One book a process: what the server changes counts at once for the worker beside it. */
    private CurrentPolicies policies(Database database) {
        CurrentPolicies current = policies;
        if (current == null) {
            current = halt.add(CurrentPolicies.of(database));
            policies = current;
        }
        return current;
    }

    Vertx vertx() {
        return vertx;
    }

    ScanCounters scans() {
        return scans;
    }

    Database database() {
        return halt.add(Database.open(vertx, address, 1));
    }
}
