package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.DatabaseAway;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/** The product's notifier in a process of its own, to be killed. Starts at the first line of its input; arguments: database URL, key. */
final class NotifierProcess {
    private NotifierProcess() {}

    public static void main(String[] args) throws IOException {
        Vertx vertx = Vertx.vertx();
        Outgoing outgoing = new Outgoing(vertx, Reach.of(AddressGate.local()), Instant::now);
        SecretBox box = SecretBox.open(Path.of(args[1]));
        Database database = Database.open(vertx, DatabaseAddress.parse(args[0]), 10);
        Notifier notifier = new Notifier(
                database,
                new AlertRouter(database, Instant::now, null),
                new Channels(vertx, outgoing, box, Instant::now),
                Instant::now,
                (receiver, outcome) -> {});
        connect(database);
        BufferedReader parent = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        if (parent.readLine() == null) {
            System.exit(0);
        }
        notifier.start();
        parent.readLine(); // whoever began it is gone
        System.exit(0);
    }

    /** On a busy machine the first connection may take longer than a pool waits. */
    private static void connect(Database database) {
        for (int i = 0; ; i++) {
            try {
                database.sql().rows("SELECT 1");
                return;
            } catch (DatabaseAway e) {
                if (i == 9) {
                    throw e;
                }
            }
        }
    }
}
