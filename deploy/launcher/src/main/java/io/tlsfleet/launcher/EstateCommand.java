package io.tlsfleet.launcher;

import io.tlsfleet.launcher.postgres.DataDirectory;
import io.tlsfleet.launcher.postgres.EmbeddedPostgres;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.alert.Estate;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlsfleet estate}: the id that alerts bear, and another one for a copy that is to live on beside its original. */
@Command(
        name = "estate",
        description =
                "Shows the estate's id, by which receivers tell alerts of several; gives a copied database one of its own.")
final class EstateCommand implements Callable<Integer> {
    @Option(
            names = "--database-url",
            paramLabel = "URL",
            defaultValue = "${env:TLSFLEET_DATABASE_URL}",
            description = "postgresql://user:password@host:port/database, or TLSFLEET_DATABASE_URL")
    private @Nullable String databaseUrl;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "instead of a URL: what tlsfleet up keeps; it must not be running")
    private @Nullable Path dataDir;

    @Option(
            names = "--new-id-instead-of",
            paramLabel = "ID",
            description =
                    "for a copy alone, before anything runs on it: replaces this id, which it has now, by a new one")
    private @Nullable String replaced;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Path directory = dataDir;
        if (directory == null) {
            DatabaseAddress address = ServerCommand.required(databaseUrl);
            return at(address, address.toString());
        }
        if (!Files.isDirectory(directory.resolve("database"))) {
            throw Refusal.usage("--data-dir " + directory + " holds no database of tlsfleet up");
        }
        try (DataDirectory data = DataDirectory.open(directory);
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            return at(Rooms.address(postgres.url()), directory.toString());
        }
    }

    private int at(DatabaseAddress address, String place) {
        checkSchema(address, place);
        Vertx vertx = Vertx.vertx();
        try (Database database = Database.open(vertx, address, 1)) {
            Estate estate = Estate.of(database.sql());
            String old = replaced;
            if (old == null) {
                say("estate " + estate.id() + " (" + place + ")");
                say("a copy that is to live on beside the original, before anything runs on it: tlsfleet estate"
                        + " --new-id-instead-of " + estate.id());
                return 0;
            }
            checkUnused(database, place);
            Estate renewed = database.inTransaction(sql -> {
                Estate made = Estate.renew(sql, old)
                        .orElseThrow(() -> Refusal.usage("--new-id-instead-of " + old + ": the estate of " + place
                                + " is " + estate.id() + "; nothing was changed"));
                new Audit(sql)
                        .record(new Audit.Actor("tlsfleet estate", null), "estate.renew", made.id(), old, made.id());
                return made;
            });
            say("estate " + renewed.id() + " (" + place + "), no longer " + old
                    + ": what is told of alerts from now on bears it");
            return 0;
        } catch (DatabaseAway e) {
            throw Refusal.usage(place + ": " + e.getMessage());
        } finally {
            vertx.close().await();
        }
    }

    private static void checkSchema(DatabaseAddress address, String place) {
        Migrations.Schema schema;
        try {
            schema = Migrations.schema(address);
        } catch (DatabaseAway e) {
            throw Refusal.usage(place + ": " + e.getMessage());
        }
        if (schema.version() == null) {
            throw Refusal.usage(place + " holds no estate: tlsfleet never ran on it");
        }
        if (schema.pending() > 0) {
            throw Refusal.usage(place + " is of an older tlsfleet (schema " + schema.version()
                    + "): upgrade the original first, then copy it");
        }
    }

    /** What runs has told its receivers of alerts by the id, and nobody else could close them there. */
    private static void checkUnused(Database database, String place) {
        if (Estate.isInUse(database.sql())) {
            throw Refusal.usage("a tlsfleet server or worker runs on " + place
                    + ": is this the copy? Its id is changed before anything runs on it; nothing was changed");
        }
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
