package io.tlsfleet.launcher.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.launcher.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
    @TempDir
    Path scratch;

    @Test
    void keepsWhatWasCommittedBetweenRunsAndStopsWhole() throws Exception {
        long pid;
        try (DataDirectory data = DataDirectory.open(scratch.resolve("a b/dä ta"));
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            pid = postgres.pid();
            execute(postgres, "create table kept(n int)");
            execute(postgres, "insert into kept values (7)");
            assertThat(setting(postgres, "fsync")).isEqualTo("on");
            assertThat(setting(postgres, "synchronous_commit")).isEqualTo("on");
            assertThat(setting(postgres, "full_page_writes")).isEqualTo("on");
            assertThat(setting(postgres, "data_checksums")).isEqualTo("on");
            assertThat(setting(postgres, "listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(setting(postgres, "server_encoding")).isEqualTo("UTF8");
        }
        assertThat(ProcessHandle.of(pid)).isEmpty();
        try (DataDirectory data = DataDirectory.open(scratch.resolve("a b/dä ta"));
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            assertThat(one(postgres, "select n from kept")).isEqualTo("7");
        }
    }

    @Test
    void asksForThePasswordThatOnlyTheOwnerCanRead() throws Exception {
        try (DataDirectory data = DataDirectory.open(scratch.resolve("d"));
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(scratch.resolve("d/database-password"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(scratch.resolve("d"))))
                    .isEqualTo("rwx------");
            assertThatThrownBy(() -> DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres", "tlsfleet", "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThat(one(postgres, "select rolpassword from pg_authid where rolname = 'tlsfleet'"))
                    .startsWith("SCRAM-SHA-256$");
        }
    }

    @Test
    void stopsTheOneThatACrashLeftBehindAndLosesNothing() throws Exception {
        Path path = scratch.resolve("d");
        long left;
        // what a killed tlsfleet leaves: a running cluster, and no lock
        try (DataDirectory data = DataDirectory.open(path)) {
            EmbeddedPostgres orphan = EmbeddedPostgres.start(data);
            left = orphan.pid();
            execute(orphan, "create table kept(n int)");
            execute(orphan, "insert into kept values (8)");
        }
        try (DataDirectory data = DataDirectory.open(path);
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            assertThat(ProcessHandle.of(left).filter(ProcessHandle::isAlive)).isEmpty();
            assertThat(one(postgres, "select n from kept")).isEqualTo("8");
        }
    }

    @Test
    void recoversWhenThePostmasterItselfWasKilled() throws Exception {
        Path path = scratch.resolve("d");
        try (DataDirectory data = DataDirectory.open(path)) {
            EmbeddedPostgres killed = EmbeddedPostgres.start(data);
            execute(killed, "create table kept(n int)");
            execute(killed, "insert into kept values (9)");
            ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
        }
        try (DataDirectory data = DataDirectory.open(path);
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            assertThat(one(postgres, "select n from kept")).isEqualTo("9");
        }
    }

    @Test
    void isBackOnTheSamePortWhenItWasKilledAndStaysDownWhenItIsClosed() throws Exception {
        long second;
        try (DataDirectory data = DataDirectory.open(scratch.resolve("d"));
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            postgres.keepUp();
            execute(postgres, "create table kept(n int)");
            execute(postgres, "insert into kept values (11)");
            long first = postgres.pid();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            assertThat(onceItIsBack(postgres)).isEqualTo("11");
            second = postgres.pid();
            assertThat(second).isNotEqualTo(first);
        }
        assertThat(ProcessHandle.of(second).filter(ProcessHandle::isAlive)).isEmpty();
    }

    private static String onceItIsBack(EmbeddedPostgres postgres) throws Exception {
        for (int i = 0; ; i++) {
            try {
                return one(postgres, "select n from kept");
            } catch (SQLException e) {
                if (i == 600) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    @Test
    void refusesTheDirectoryThatAnotherRunUses() {
        try (DataDirectory data = DataDirectory.open(scratch.resolve("d"))) {
            assertThatThrownBy(() -> DataDirectory.open(data.path()))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining(data.path().toString())
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        DataDirectory.open(scratch.resolve("d")).close();
    }

    @Test
    void refusesDataOfAnotherMajorVersionAndLeavesItAlone() throws Exception {
        Path cluster = Files.createDirectories(scratch.resolve("d/database"));
        Files.createFile(scratch.resolve("d/lock"));
        Files.writeString(cluster.resolve("PG_VERSION"), "17\n", StandardCharsets.US_ASCII);
        try (DataDirectory data = DataDirectory.open(scratch.resolve("d"))) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(data))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("PostgreSQL 17")
                    .hasMessageContaining("18.6");
        }
        try (var files = Files.list(cluster)) {
            assertThat(files).containsExactly(cluster.resolve("PG_VERSION"));
        }
    }

    @Test
    void refusesWhatIsNotOurs() throws Exception {
        Files.writeString(scratch.resolve("thesis.txt"), "x", StandardCharsets.US_ASCII);
        for (String path : List.of(".", "thesis.txt", "$(touch pwned)", "a\"b", "a`b`", "a\\b", "a\nb")) {
            assertThatThrownBy(() -> DataDirectory.open(scratch.resolve(path)))
                    .as(path)
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("--data-dir");
        }
        try (var files = Files.list(scratch)) {
            assertThat(files).containsExactly(scratch.resolve("thesis.txt"));
        }
    }

    /** Only root can make a directory that belongs to another, so as another user the system's own one must serve. */
    @Test
    void refusesADirectoryOfAnotherUser() throws Exception {
        Path theirs = scratch.resolve("theirs");
        if (Files.getOwner(scratch).getName().equals("root")) {
            Files.createDirectory(theirs);
            Files.setOwner(
                    theirs,
                    theirs.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        } else {
            theirs = Path.of("/var/lib");
        }
        String owner = Files.getOwner(theirs).getName();
        Path path = theirs;
        assertThatThrownBy(() -> DataDirectory.open(path))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("belongs to " + owner);
    }

    @Test
    void staysOutOfTheSessionOfTheTerminal() throws Exception {
        try (DataDirectory data = DataDirectory.open(scratch.resolve("d"));
                EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
            assertThat(session(postgres.pid())).isEqualTo(postgres.pid());
            assertThat(session(ProcessHandle.current().pid())).isNotEqualTo(postgres.pid());
        }
    }

    @Test
    void runsAsNobodyWhereRootMayNotMakeNamespaces() throws Exception {
        if (!Files.getOwner(scratch).getName().equals("root")) {
            return; // there is no root to take off
        }
        Path log = Files.createFile(scratch.resolve("log"));
        assertThat(Account.NOBODY.run(List.of("id", "-un"), log)).isZero();
        assertThat(Files.readString(log)).isEqualTo("nobody\n");
    }

    private static long session(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
    }

    private static String setting(EmbeddedPostgres postgres, String name) throws SQLException {
        return one(postgres, "show " + name);
    }

    private static String one(EmbeddedPostgres postgres, String query) throws SQLException {
        try (Connection connection = connect(postgres);
                ResultSet rows = connection.createStatement().executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static void execute(EmbeddedPostgres postgres, String statement) throws SQLException {
        try (Connection connection = connect(postgres)) {
            connection.createStatement().execute(statement);
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        String[] login = postgres.url().replaceAll("postgresql://(.*)@.*", "$1").split(":", -1);
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres", login[0], login[1]);
    }
}
