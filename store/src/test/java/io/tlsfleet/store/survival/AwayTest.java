package io.tlsfleet.store.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.TestPostgres;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bars 3 and 4: pools are usable soon after the database is back, and a connection that hangs is found out. */
class AwayTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void allConnectionsWorkWithinTenSecondsOfTheReturn() {
        try (TestPostgres postgres = TestPostgres.own();
                Database database = Database.open(vertx, postgres.emptyDatabase(), 6)) {
            useAll(database, 6);
            postgres.stop("immediate");
            assertThatThrownBy(() -> database.sql().row("SELECT 1")).isInstanceOf(DatabaseAway.class);
            postgres.start();
            long back = System.nanoTime();
            awaitTrue(() -> works(database), Duration.ofSeconds(10));
            useAll(database, 6);
            assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(Duration.ofSeconds(10));
        }
    }

    private static boolean works(Database database) {
        try {
            return database.sql().row("SELECT 1").isPresent();
        } catch (DatabaseAway e) {
            return false;
        }
    }

    private static void useAll(Database database, int connections) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                all.add(CompletableFuture.runAsync(() -> database.sql().row("SELECT pg_sleep(0.1)"), threads));
            }
            all.forEach(CompletableFuture::join);
        }
    }

    private static void awaitTrue(BooleanSupplier what, Duration within) {
        long end = System.nanoTime() + within.toNanos();
        while (!what.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within " + within).isLessThan(end);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aConnectionThatHangsIsFoundOutWithinThirtySeconds() throws Exception {
        DatabaseAddress real = TestPostgres.shared().emptyDatabase();
        try (Blackhole relay = new Blackhole(real.port())) {
            DatabaseAddress through = new DatabaseAddress(
                    "127.0.0.1", relay.port(), real.database(), real.user(), real.password(), "disable", null);
            try (Database database = Database.open(vertx, through, 1)) {
                assertThat(works(database)).isTrue();
                relay.swallow(true);
                long since = System.nanoTime();
                assertThatThrownBy(() -> database.sql().row("SELECT 1")).isInstanceOf(DatabaseAway.class);
                assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(30));
                relay.swallow(false);
                awaitTrue(() -> works(database), Duration.ofSeconds(10));
            }
        }
    }

    /** A relay that can stop passing bytes on without closing anything, as a firewall that forgot a connection. */
    private static final class Blackhole implements AutoCloseable {
        private final ServerSocket listener;
        private final int target;
        private volatile boolean swallowing;

        Blackhole(int target) throws IOException {
            this.target = target;
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.startVirtualThread(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        void swallow(boolean yes) {
            swallowing = yes;
        }

        private void accept() {
            try {
                while (true) {
                    Socket near = listener.accept();
                    Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                    Thread.startVirtualThread(() -> pump(near, far));
                    Thread.startVirtualThread(() -> pump(far, near));
                }
            } catch (IOException e) {
                // closed
            }
        }

        private void pump(Socket from, Socket to) {
            byte[] buffer = new byte[8192];
            try (from;
                    to) {
                int n = from.getInputStream().read(buffer);
                while (n >= 0) {
                    if (!swallowing) {
                        to.getOutputStream().write(buffer, 0, n);
                    }
                    n = from.getInputStream().read(buffer);
                }
            } catch (IOException e) {
                // closed
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
