package io.tlsfleet.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.TestPostgres;
import io.tlsfleet.store.alert.Estate;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EstateCommandTest {
    @TempDir
    private Path dir;

    private final StringWriter said = new StringWriter();
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    @Test
    void aCopyGetsAnIdOfItsOwnAndTheOriginalKeepsIts() {
        DatabaseAddress original = TestPostgres.shared().database();
        DatabaseAddress copy = TestPostgres.shared().copyOf(original);
        Instant longAgo = Instant.parse("2020-01-01T00:00:00Z");
        String id = estate(original).id();
        assertThat(estate(copy).id()).isEqualTo(id);
        assertThat(run(copy)).isZero();
        assertThat(said.toString()).contains("estate " + id).doesNotContain(":test@");
        assertThat(estate(copy).id()).as("looking changes nothing").isEqualTo(id);

        assertThat(run(copy, "--new-id-instead-of", id)).isZero();
        Estate own = estate(copy);
        assertThat(own.id()).matches("[0-9a-f]{8}").isNotEqualTo(id);
        assertThat(estate(original).id()).isEqualTo(id);
        assertThat(own.alert(7, longAgo))
                .as("an alert that both have since before the copy")
                .isEqualTo("alert-7-" + own.id())
                .isNotEqualTo(estate(original).alert(7, longAgo));
        assertThat(said.toString()).contains("estate " + own.id());
        try (Database database = Database.open(vertx, copy, 1)) {
            assertThat(database.sql()
                            .one("SELECT subject, before #>> '{}' AS was FROM audit WHERE action = 'estate.renew'")
                            .getString("was"))
                    .isEqualTo(id);
        }
    }

    @Test
    void twiceOrWithAnotherIdNothingIsChanged() {
        DatabaseAddress copy = TestPostgres.shared().database();
        String id = estate(copy).id();
        assertThat(run(copy, "--new-id-instead-of", "00000000")).isEqualTo(2);
        assertThat(said.toString()).contains("--new-id-instead-of 00000000", "is " + id, "nothing was changed");
        assertThat(estate(copy).id()).isEqualTo(id);
        assertThat(run(copy, "--new-id-instead-of", id)).isZero();
        String own = estate(copy).id();
        assertThat(run(copy, "--new-id-instead-of", id))
                .as("as in a script that runs again")
                .isEqualTo(2);
        assertThat(estate(copy).id()).isEqualTo(own);
    }

    @Test
    void nothingIsChangedWhereAServerRuns() {
        DatabaseAddress used = TestPostgres.shared().database();
        String id = estate(used).id();
        try (Database server = Database.open(vertx, used, 1)) {
            server.sql().one("SELECT 1 AS n");
            assertThat(run(used, "--new-id-instead-of", id)).isEqualTo(2);
            assertThat(said.toString()).contains("a tlsfleet server or worker runs on", "nothing was changed");
            assertThat(run(used)).as("it may be looked at").isZero();
        }
        assertThat(estate(used).id()).isEqualTo(id);
        assertThat(run(used, "--new-id-instead-of", id)).as("once it has ended").isZero();
    }

    @Test
    void saysWhereThereIsNoEstate() {
        assertThat(run(TestPostgres.shared().emptyDatabase())).isEqualTo(2);
        assertThat(said.toString()).contains("holds no estate");
        assertThat(call("estate", "--data-dir", dir.toString())).isEqualTo(2);
        assertThat(said.toString()).contains("--data-dir " + dir + " holds no database");
        assertThat(dir).isEmptyDirectory();
    }

    private Estate estate(DatabaseAddress address) {
        try (Database database = Database.open(vertx, address, 1)) {
            return Estate.of(database.sql());
        }
    }

    private int run(DatabaseAddress address, String... more) {
        List<String> words = new ArrayList<>(List.of("estate", "--database-url", url(address)));
        words.addAll(List.of(more));
        return call(words.toArray(String[]::new));
    }

    private static String url(DatabaseAddress address) {
        return "postgresql://" + address.user() + ":" + address.password() + "@" + address.host() + ":" + address.port()
                + "/" + address.database();
    }

    private int call(String... words) {
        PrintWriter both = new PrintWriter(said, true);
        return Main.commandLine(words).setOut(both).setErr(both).execute(words);
    }
}
