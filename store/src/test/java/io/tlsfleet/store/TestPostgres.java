package io.tlsfleet.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL of its own directory and port: fsync on, SCRAM. The binaries are those on the class path, or of
 * {@code -Dpg.bin=DIR}. {@link #shared} is one for the whole run.
 */
public final class TestPostgres implements AutoCloseable {
    private static final String PASSWORD = "test";
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private final Path home;
    private final Path bin;
    private final int port;
    private final List<String> settings;
    private @Nullable String template;

    private TestPostgres(Path home, Path bin, int port, List<String> settings) {
        this.home = home;
        this.bin = bin;
        this.port = port;
        this.settings = settings;
    }

    public static TestPostgres shared() {
        return Shared.POSTGRES;
    }

    /** One that a test may stop and kill. */
    public static TestPostgres own(String... settings) {
        try {
            Path home = Files.createTempDirectory("tlsfleet-pg");
            Path bin = binaries();
            Path password = Files.writeString(home.resolve("password"), PASSWORD, UTF_8);
            TestPostgres postgres = new TestPostgres(home, bin, freePort(), List.of(settings));
            postgres.run(
                    "initdb",
                    "-D",
                    home.resolve("data").toString(),
                    "-U",
                    "tlsfleet",
                    "-A",
                    "scram-sha-256",
                    "--pwfile=" + password,
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8");
            postgres.start();
            Runtime.getRuntime().addShutdownHook(new Thread(postgres::leave));
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void start() {
        StringBuilder options = new StringBuilder(
                "-p " + port
                        + " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=60 -c shared_buffers=256MB");
        settings.forEach(s -> options.append(" -c ").append(s));
        run(
                "pg_ctl",
                "-w",
                "-D",
                home.resolve("data").toString(),
                "-l",
                home.resolve("log").toString(),
                "-o",
                options.toString(),
                "start");
    }

    /** {@code immediate} is a crash. */
    public void stop(String mode) {
        run("pg_ctl", "-w", "-D", home.resolve("data").toString(), "-m", mode, "stop");
    }

    public int port() {
        return port;
    }

    /** A new database with the product's schema: a copy of one that was migrated. */
    public synchronized DatabaseAddress database() {
        if (template == null) {
            template = create("").database();
            Migrations.run(address(template));
        }
        return create(" TEMPLATE " + template);
    }

    /** As a backup of this moment restores it; nobody may be connected to the original. */
    public DatabaseAddress copyOf(DatabaseAddress original) {
        return create(" TEMPLATE " + original.database());
    }

    public DatabaseAddress emptyDatabase() {
        return create("");
    }

    private DatabaseAddress create(String how) {
        String name = "t" + DATABASES.incrementAndGet();
        try (var connection = java.sql.DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "tlsfleet", PASSWORD);
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + how);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
        return address(name);
    }

    /** The same database for a login that has the rights of workers and no others. */
    public static synchronized DatabaseAddress asWorker(DatabaseAddress owner) {
        try (var connection = java.sql.DriverManager.getConnection(
                        "jdbc:postgresql://" + owner.host() + ":" + owner.port() + "/" + owner.database(),
                        owner.user(),
                        owner.password());
                var statement = connection.createStatement()) {
            statement.execute("""
                    DO $$ BEGIN
                      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'lease_only') THEN
                        CREATE ROLE lease_only LOGIN PASSWORD 'test' IN ROLE tlsfleet_worker;
                      END IF;
                    END $$""");
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
        return new DatabaseAddress(
                owner.host(), owner.port(), owner.database(), "lease_only", PASSWORD, owner.sslMode(), owner.sslRoot());
    }

    private DatabaseAddress address(String name) {
        return new DatabaseAddress("127.0.0.1", port, name, "tlsfleet", PASSWORD, "disable", null);
    }

    @Override
    public void close() {
        if (isStopped()) {
            execute(removal(), Path.of("/dev/null"));
        }
    }

    /** At the JVM's end, which may not take half a minute: a database a test, a thousand files each, go without it. */
    private void leave() {
        if (isStopped()) {
            try {
                new ProcessBuilder(removal())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Now, if it was not; false where it was closed before. */
    private boolean isStopped() {
        if (Files.exists(home.resolve("data/postmaster.pid"))) {
            stop("immediate");
        }
        return Files.exists(home);
    }

    private List<String> removal() {
        return List.of("rm", "-rf", home.toString());
    }

    private void run(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("unshare", "-U", "--"));
        }
        command.add(bin.resolve(program).toString());
        command.addAll(List.of(arguments));
        execute(command, home.resolve("commands.log"));
    }

    private static void execute(List<String> command, Path log) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(command + " ended with " + code + ":\n" + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(command.getFirst() + " could not be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Unpacked once a user and version below the temporary directory. */
    private static Path binaries() throws IOException {
        String given = System.getProperty("pg.bin");
        if (given != null) {
            return Path.of(given);
        }
        String archive = "/postgres-linux-x86_64.txz";
        try (InputStream in = TestPostgres.class.getResourceAsStream(archive)) {
            if (in == null) {
                throw new IllegalStateException(archive + " is not on the class path; give -Dpg.bin=DIR");
            }
            byte[] bytes = in.readAllBytes();
            Path unpacked = Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "tlsfleet-pg-" + System.getProperty("user.name") + "-"
                            + Integer.toHexString(java.util.Arrays.hashCode(bytes)));
            if (!Files.exists(unpacked.resolve("bin/postgres"))) {
                Path fresh = Files.createTempDirectory("tlsfleet-pg-bin");
                Path file = Files.write(fresh.resolve("archive.txz"), bytes);
                execute(List.of("tar", "-xJf", file.toString(), "-C", fresh.toString()), fresh.resolve("tar.log"));
                Files.delete(file);
                try {
                    Files.move(fresh, unpacked);
                } catch (IOException e) {
                    if (!Files.exists(unpacked.resolve("bin/postgres"))) {
                        throw e;
                    }
                }
            }
            return unpacked.resolve("bin");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static final class Shared {
        static final TestPostgres POSTGRES = TestPostgres.own();
    }
}
