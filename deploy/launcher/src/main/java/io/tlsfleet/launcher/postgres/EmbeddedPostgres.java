package io.tlsfleet.launcher.postgres;

import io.tlsfleet.launcher.Refusal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running cluster on loopback, durable: fsync and synchronous_commit as PostgreSQL ships them. Started as a child (no
 * pg_ctl, whose start goes through a shell), stopped by pg_ctl. One that an earlier crash left running on this
 * directory is stopped first: its clients are gone, and stopping loses nothing.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final String USER = "tlsfleet";
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);

    private final Binaries binaries;
    private final Account account;
    private final Path cluster;
    private final Path log;
    private final int port;
    private final String password;
    private volatile Process process;
    private volatile boolean closing;

    private EmbeddedPostgres(
            Binaries binaries, Account account, Path cluster, Path log, Process process, int port, String password) {
        this.binaries = binaries;
        this.account = account;
        this.cluster = cluster;
        this.log = log;
        this.process = process;
        this.port = port;
        this.password = password;
    }

    public static EmbeddedPostgres start(DataDirectory data) throws IOException {
        Path cluster = data.cluster();
        refuseOtherVersion(cluster);
        Account account = Account.ofThisProcess();
        Binaries binaries = Binaries.in(data.path());
        Path log = data.log();
        String password = data.password();
        if (!Files.exists(cluster)) {
            create(data, account, binaries, log);
        }
        stopStale(account, binaries, cluster, log);
        // a port that was free a moment ago may be gone; after a crash the old shared memory may need a moment to go
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            long before = Files.size(log);
            Process process = account.start(command(binaries, cluster, port), log);
            if (awaitReady(process, port)) {
                return new EmbeddedPostgres(binaries, account, cluster, log, process, port, password);
            }
            process.destroyForcibly();
            if (attempt == 5) {
                throw Refusal.usage("PostgreSQL did not start on " + cluster + ": " + lastWords(log, before)
                        + " (all of it in " + log + ")");
            }
            LOG.info("PostgreSQL did not start ({}), trying again", lastWords(log, before));
            pause(Duration.ofMillis(300L * attempt));
        }
    }

    /** Starts it again, on the same port, whenever it ends without {@link #close}: clients connect anew by themselves. */
    public void keepUp() {
        Thread.ofVirtual().name("postgresql").start(() -> {
            try {
                while (true) {
                    int code = process.waitFor();
                    if (closing) {
                        return;
                    }
                    LOG.error("PostgreSQL ended with {} (its words are in {}); it is started again", code, log);
                    again();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void again() throws InterruptedException {
        for (int attempt = 1; !closing; attempt++) {
            try {
                Process next = account.start(command(binaries, cluster, port), log);
                process = next;
                if (awaitReady(next, port)) {
                    LOG.info("PostgreSQL is back");
                    return;
                }
                next.destroyForcibly();
            } catch (IOException e) {
                LOG.warn("PostgreSQL does not start: {}", e.getMessage());
            }
            Thread.sleep(Math.min(10_000, 300L * attempt));
        }
    }

    /** For both clients that we use: {@code postgresql://user:password@host:port/database}. */
    public String url() {
        return "postgresql://" + USER + ":" + password + "@127.0.0.1:" + port + "/postgres";
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /** Fast: running transactions are rolled back, everything committed is on disk. */
    @Override
    public void close() {
        closing = true;
        try {
            if (account.run(stop(binaries, cluster, "fast", 10), log) != 0) {
                account.run(stop(binaries, cluster, "immediate", 5), log);
            }
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }

    private static void refuseOtherVersion(Path cluster) throws IOException {
        Path file = cluster.resolve("PG_VERSION");
        if (!Files.exists(cluster)) {
            return;
        }
        String found = Files.exists(file)
                ? Files.readString(file, StandardCharsets.US_ASCII).strip()
                : "nothing";
        if (!found.equals(String.valueOf(Binaries.MAJOR))) {
            throw Refusal.usage(cluster + " was made by PostgreSQL " + found + " and this tlsfleet brings "
                    + Binaries.VERSION + ": nothing was changed; run the tlsfleet that made it, or load a dump of it"
                    + " into a new --data-dir");
        }
    }

    private static void create(DataDirectory data, Account account, Binaries binaries, Path log) throws IOException {
        Path half = data.path().resolve("database.creating");
        Directories.delete(half);
        Files.createDirectory(half);
        account.own(half);
        int code = account.run(
                List.of(
                        binaries.program("initdb"),
                        "--pgdata=" + half,
                        "--username=" + USER,
                        "--auth=scram-sha-256",
                        "--pwfile=" + data.passwordFile(),
                        "--encoding=UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--data-checksums"),
                log);
        if (code != 0) {
            throw Refusal.usage("initdb ended with " + code + " in " + half + ": " + lastWords(log, 0)
                    + " (all of it in " + log + ")");
        }
        Files.move(half, data.cluster(), StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<String> command(Binaries binaries, Path cluster, int port) {
        List<String> command = new ArrayList<>(List.of(binaries.program("postgres"), "-D", cluster.toString()));
        for (String setting : List.of(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_connections=60",
                "shared_buffers=64MB",
                "password_encryption=scram-sha-256",
                "timezone=UTC",
                "log_timezone=UTC",
                "log_line_prefix=%m [%p] ")) {
            command.add("-c");
            command.add(setting);
        }
        return command;
    }

    private static List<String> stop(Binaries binaries, Path cluster, String mode, int seconds) {
        return List.of(
                binaries.program("pg_ctl"),
                "stop",
                "--pgdata=" + cluster,
                "--mode=" + mode,
                "--wait",
                "--timeout=" + seconds,
                "--silent");
    }

    private static void stopStale(Account account, Binaries binaries, Path cluster, Path log) throws IOException {
        Path file = cluster.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return;
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        if (lines.isEmpty() || !isPostmaster(lines.getFirst().strip(), cluster)) {
            return; // PostgreSQL itself clears the file of a process that is gone
        }
        LOG.info("stopping the PostgreSQL (process {}) that an earlier run left behind", lines.getFirst());
        if (account.run(stop(binaries, cluster, "fast", 20), log) != 0
                && account.run(stop(binaries, cluster, "immediate", 10), log) != 0) {
            throw Refusal.usage("a PostgreSQL of an earlier run (process " + lines.getFirst() + ") holds " + cluster
                    + " and does not stop: end that process and start again");
        }
    }

    /** The number may long belong to another process. */
    private static boolean isPostmaster(String pid, Path cluster) {
        if (!pid.matches("[1-9][0-9]{0,9}")) {
            return false;
        }
        try {
            String command = Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.UTF_8);
            return List.of(command.split("\0", -1)).contains(cluster.toString());
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean awaitReady(Process process, int port) {
        long end = System.nanoTime() + READY_WITHIN.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            if (accepts(port)) {
                return true;
            }
            pause(Duration.ofMillis(20));
        }
        return false;
    }

    /** While it recovers it answers with an error of class 57P03: only an authentication request says it is ready. */
    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            socket.setSoTimeout(2_000);
            byte[] startup = ("\0\3\0\0user\0" + USER + "\0database\0postgres\0\0").getBytes(StandardCharsets.US_ASCII);
            byte[] message = new byte[startup.length + 4];
            message[3] = (byte) message.length;
            System.arraycopy(startup, 0, message, 4, startup.length);
            socket.getOutputStream().write(message);
            return socket.getInputStream().read() == 'R';
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The last line that says something, of what was written since. */
    private static String lastWords(Path log, long since) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(since, file.length() - 8_192);
            file.seek(from);
            byte[] tail = new byte[(int) (file.length() - from)];
            file.readFully(tail);
            List<String> lines = new String(tail, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
            return lines.stream()
                    .filter(line -> line.contains("FATAL") || line.contains("error:"))
                    .findFirst()
                    .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
