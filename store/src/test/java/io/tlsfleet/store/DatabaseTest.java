package io.tlsfleet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.store.alert.Estate;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DatabaseTest {
    private final Vertx vertx = Vertx.vertx();
    private Database database;
    private DatabaseAddress address;

    @BeforeAll
    void open() {
        address = TestPostgres.shared().database();
        database = Database.open(vertx, address, 4);
    }

    @AfterAll
    void close() {
        database.close();
        vertx.close().await();
    }

    @Test
    void migratesOnceAndIsUpToDateThen() {
        assertThat(Migrations.run(address)).isZero();
        assertThat(database.sql().rows("SELECT name FROM site ORDER BY id")).hasSize(2);
    }

    @Test
    void everyEstateHasAnIdOfItsOwn() {
        DatabaseAddress other = TestPostgres.shared().emptyDatabase();
        Migrations.run(other);
        String id = Estate.of(database.sql()).id();
        assertThat(id).matches("[0-9a-f]{8}");
        try (Database second = Database.open(vertx, other, 1)) {
            assertThat(Estate.of(second.sql()).id()).isNotEqualTo(id);
        }
    }

    @Test
    void carriesTimesBytesAndArraysBothWays() {
        Instant at = Instant.parse("2026-11-21T08:00:00.123Z");
        var row = database.sql()
                .one(
                        "SELECT $1::timestamptz AS at, $2::bytea AS bytes, $3::text[] AS texts, $4::bigint[] AS ids, $5::text::jsonb::text AS json",
                        at,
                        new byte[] {1, 2},
                        List.of("a", "b"),
                        List.of(1L, 2L),
                        "{\"a\": 1}");
        assertThat(Columns.instant(row, "at")).isEqualTo(at);
        assertThat(Columns.bytes(row, "bytes")).containsExactly(1, 2);
        assertThat(Columns.texts(row, "texts")).containsExactly("a", "b");
        assertThat(Columns.json(row, "json").get("a").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bool", "smallint", "int", "bigint", "text", "uuid", "timestamptz", "bytea"})
    void anEmptyListIsOneOfWhatIsAskedFor(String type) {
        assertThat(database.sql()
                        .one("SELECT cardinality($1::" + type + "[]) AS n", List.of())
                        .getInteger("n"))
                .isZero();
    }

    @Test
    void undoesATransactionThatFails() {
        assertThatThrownBy(() -> database.inTransaction(sql -> {
                    sql.change("INSERT INTO setting (name, value) VALUES ('undone', '1')");
                    return sql.change("INSERT INTO setting (name, value) VALUES ('undone', '2')");
                }))
                .isInstanceOf(StatementRefused.class)
                .hasMessageContaining("setting_pkey");
        assertThat(database.sql().row("SELECT 1 FROM setting WHERE name = 'undone'"))
                .isEmpty();
    }

    @Test
    void saysThatItIsAway() {
        try (Database nowhere =
                Database.open(vertx, new DatabaseAddress("127.0.0.1", 1, "x", "x", "x", "disable", null), 1)) {
            assertThatThrownBy(() -> nowhere.sql().row("SELECT 1")).isInstanceOf(DatabaseAway.class);
        }
    }

    /** A full disk or a deadlock that met a statement sent ahead was told as the abortion that the next one saw, and so as a bad result. */
    @Test
    void tellsWhatMadeATransactionFailAndNotThatItHas() {
        assertThatThrownBy(() -> database.doInTransaction(sql -> {
                    sql.later("DO $$ BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'No space left on device'; END $$");
                    sql.rows("SELECT 1");
                }))
                .isInstanceOf(DatabaseAway.class)
                .hasMessageContaining("No space left on device");
        AtomicInteger tries = new AtomicInteger();
        database.doInTransaction(sql -> {
            if (tries.incrementAndGet() == 1) {
                sql.later("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$");
            }
            sql.rows("SELECT 1");
        });
        assertThat(tries).as("a deadlock is tried again").hasValue(2);
    }

    /** A password that was rotated filled the log with traces of faults of ours, and /readyz said 500. */
    @Test
    void aPasswordThatWasChangedIsAnAbsence() {
        DatabaseAddress stale = new DatabaseAddress(
                address.host(), address.port(), address.database(), address.user(), "of yesterday", "disable", null);
        try (Database refused = Database.open(vertx, stale, 1)) {
            assertThatThrownBy(refused::now)
                    .isInstanceOf(DatabaseAway.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void readsAddressesAndHidesThePassword() {
        DatabaseAddress read = DatabaseAddress.parse(
                "postgresql://u%40x:p%2Fw@[::1]:5433/fleet?sslmode=verify-full&sslrootcert=/ca.pem");
        assertThat(read.user()).isEqualTo("u@x");
        assertThat(read.password()).isEqualTo("p/w");
        assertThat(read.host()).isEqualTo("::1");
        assertThat(read.toString()).doesNotContain("p/w");
        assertThatThrownBy(() -> DatabaseAddress.parse("mysql://a/b")).hasMessageContaining("postgresql://");
        assertThatThrownBy(() -> DatabaseAddress.parse("postgresql://u@h/d?slmode=x"))
                .hasMessageContaining("slmode");
    }

    @Test
    void theAuditLogOnlyGrows() {
        database.sql()
                .change("INSERT INTO audit (actor, action, subject, previous, hash) VALUES ('a', 'b', 'c', '', '')");
        assertThatThrownBy(() -> database.sql().change("DELETE FROM audit")).hasMessageContaining("append-only");
        assertThatThrownBy(() -> database.sql().change("UPDATE audit SET actor = 'x'"))
                .hasMessageContaining("append-only");
    }

    @Test
    void endsWithAWordOnItsWay() throws Exception {
        for (int i = 0; i < 150; i++) {
            Vertx loops = Vertx.vertx();
            try (Database other = Database.open(loops, address, 4)) {
                other.sql().run("SELECT 1");
                Thread.startVirtualThread(() -> other.say("SELECT 2")).join(); // a thread of its own dials
                LockSupport.parkNanos(i % 30 * 100_000L); // anywhere between dialling and the answer
            }
            loops.close().await(10, TimeUnit.SECONDS);
        }
    }
}
