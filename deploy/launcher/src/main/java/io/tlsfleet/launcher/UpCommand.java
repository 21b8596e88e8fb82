package io.tlsfleet.launcher;

import io.tlsfleet.api.auth.AdminToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.renewal.AcmeIssuer;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.launcher.demo.Demo;
import io.tlsfleet.launcher.demo.DemoServer;
import io.tlsfleet.launcher.postgres.DataDirectory;
import io.tlsfleet.launcher.postgres.EmbeddedPostgres;
import io.tlsfleet.scanner.cli.TrustOptions;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.inventory.Targets;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlsfleet up}: everything in one process, on a database of its own unless one is given. */
@Command(
        name = "up",
        description = "Everything in one process: database, API, pages, worker, alerting. Ctrl-C stops all of it.")
final class UpCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(UpCommand.class);
    private static final String SITE = "local";
    private static final int PLACES = 64;
    private static final int DEMO_INTERVAL_SECONDS = 900;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080", description = "default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = ApiConfig.LOOPBACK,
            description = "default: ${DEFAULT-VALUE}; anything but loopback needs TLS (tlsfleet server)")
    private String bind = ApiConfig.LOOPBACK;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "kept between runs (default: ~/.local/share/tlsfleet)")
    private @Nullable Path dataDir;

    @Option(names = "--database-url", paramLabel = "URL", description = "then nothing is embedded")
    private @Nullable String databaseUrl;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Option(
            names = "--files",
            paramLabel = "DIRECTORY",
            description = "targets file:/path are read from under here, and from nowhere else; repeatable")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--fingerprints",
            paramLabel = "ja4plus,jarm",
            defaultValue = "${env:TLSFLEET_FINGERPRINTS:-}",
            description = "JA4S and JA4X by the plugin; JARM also below depth full (TLSFLEET_FINGERPRINTS)")
    private @Nullable String fingerprints;

    @Option(names = "--demo", description = "also starts sixteen good and bad TLS servers on loopback and scans them")
    private boolean demo;

    @Option(
            names = "--alerting-file",
            paramLabel = "FILE",
            description =
                    "receivers, routes and silences as YAML (tlsfleet alerting check FILE); applied at start and when it changes")
    private @Nullable Path alertingFile;

    @Mixin
    private OutgoingOptions outgoing = new OutgoingOptions();

    @Mixin
    private RenewalOptions renewals = new RenewalOptions();

    @Mixin
    private LogOptions log = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final InstantSource clock;

    UpCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ApiConfig config;
        try {
            config = ApiConfig.loopback(port).withBind(bind);
        } catch (IllegalArgumentException e) {
            throw Refusal.usage(String.valueOf(e.getMessage()));
        }
        Rooms.checkPort(bind, port);
        Path alerting = Rooms.checkedAlerting(alertingFile);
        SiteJudging given = SiteJudging.by(trust, List.of());
        List<AcmeIssuer> issuers = renewals.issuers();
        Reach outside = outgoing.reach();
        log.begin();
        if (watched()) {
            out.println("starting " + (databaseUrl == null ? "a database of its own" : "on your database")
                    + (demo ? " and the demo's sixteen servers" : "") + " ...");
            out.flush();
        }
        try (Halt halt = new Halt()) {
            DataDirectory data = halt.add(DataDirectory.open(dataDir == null ? usual() : dataDir));
            DatabaseAddress address =
                    Rooms.address(databaseUrl == null ? embedded(halt, data).url() : databaseUrl);
            Rooms.migrate(address);
            Demo estate = demo ? halt.add(Demo.start(data.path().resolve("demo"))) : null;
            Rooms rooms = new Rooms(halt, clock, address);
            if (estate != null) {
                register(estate, rooms.database());
            }
            SiteJudging judging = estate == null ? given : SiteJudging.by(trust, List.of(estate.root()));
            int taken = rooms.serve(
                    config, SITE, data.path(), new Reach(AddressGate.local(), outside.anchors()), judging, alerting);
            rooms.askIssuers(issuers, outside, judging);
            // the demo's owner consents to being asked as fast as from the shell
            Politeness consent = estate == null ? null : Politeness.COMMAND_LINE;
            rooms.work(SITE, AddressGate.local(), consent, judging, PLACES, Scanning.extras(fingerprints), files);
            out.println("tlsfleet is at http://" + (bind.contains(":") ? "[" + bind + "]" : bind) + ":" + taken);
            out.println("sign in with the admin token in " + data.path().resolve(AdminToken.FILE));
            out.println(
                    estate == null
                            ? "Ctrl-C stops everything; what was found stays in " + data.path()
                            : "the demo's sixteen servers are being scanned; Ctrl-C stops everything");
            out.flush();
            halt.await();
        }
        return 0;
    }

    /** Whether a person waits; a program reads on from the address. */
    private static boolean watched() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    /** A database of an older tlsfleet is copied before it is migrated; one of a newer is left alone. */
    private static EmbeddedPostgres embedded(Halt halt, DataDirectory data) throws IOException {
        EmbeddedPostgres started = EmbeddedPostgres.start(data);
        Migrations.Schema schema;
        try {
            schema = Migrations.schema(Rooms.address(started.url()));
            if (schema.fromTheFuture()) {
                throw Refusal.usage("--data-dir " + data.path() + " was written by a newer tlsfleet (schema "
                        + schema.version() + "): use that one, or give another directory");
            }
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
        if (!schema.isOlder()) {
            return keptUp(halt.add(started));
        }
        started.close();
        Path copy = data.keepCopy("database-of-schema-" + schema.version());
        LOG.info("the database is of an older tlsfleet (schema {}); a copy stays in {}", schema.version(), copy);
        return keptUp(halt.add(EmbeddedPostgres.start(data)));
    }

    private static EmbeddedPostgres keptUp(EmbeddedPostgres postgres) {
        postgres.keepUp();
        return postgres;
    }

    private Path usual() {
        String share = System.getenv("XDG_DATA_HOME");
        Path parent = share == null || share.isBlank()
                ? Path.of(System.getProperty("user.home"), ".local", "share")
                : Path.of(share);
        return parent.resolve(demo ? "tlsfleet-demo" : "tlsfleet");
    }

    private static void register(Demo estate, Database database) {
        List<Target> targets = new ArrayList<>();
        for (DemoServer server : DemoServer.values()) {
            targets.add(new Target(
                    server.host(),
                    estate.port(),
                    null,
                    null,
                    List.of(estate.address(server)),
                    Depth.STANDARD,
                    Map.of("env", "demo"),
                    "demo",
                    SITE,
                    null,
                    DEMO_INTERVAL_SECONDS));
        }
        new Targets(database.sql()).put(targets, SITE, "demo");
    }
}
