package io.tlsfleet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A login that may only lease and report; that it can do that is tested wherever a {@link TestEstate} leases and ingests. */
class WorkerRightsTest {
    private final DatabaseAddress address = TestPostgres.shared().database();
    private final DatabaseAddress worker = TestPostgres.asWorker(address);

    @Test
    void startsOnASchemaThatIsUpToDate() {
        assertThat(Migrations.run(worker)).isZero();
    }

    @Test
    void saysWhoMustMigrateFirst() {
        DatabaseAddress empty = TestPostgres.shared().emptyDatabase();
        assertThatThrownBy(() -> Migrations.run(TestPostgres.asWorker(empty)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has no schema and needs ")
                .hasMessageContaining(
                        " more steps, which lease_only may not take: start tlsfleet server of this version first");
    }

    @Test
    void saysTheSameWhereTheSchemaIsNotShownYet() throws java.sql.SQLException {
        try (var connection = java.sql.DriverManager.getConnection(
                        "jdbc:postgresql://" + address.host() + ":" + address.port() + "/" + address.database(),
                        address.user(),
                        address.password());
                var statement = connection.createStatement()) {
            statement.execute("REVOKE ALL ON flyway_schema_history FROM tlsfleet_worker");
        }
        assertThatThrownBy(() -> Migrations.run(worker))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("start tlsfleet server of this version first");
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "session", "receiver", "setting", "audit", "notification"})
    void doesNotSee(String table) {
        try (TestEstate estate = new TestEstate(address)) {
            assertThatThrownBy(() -> estate.asWorker.sql().row("SELECT 1 FROM " + table))
                    .isInstanceOf(StatementRefused.class)
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void changesNoWordOfTheOperators() {
        try (TestEstate estate = new TestEstate(address)) {
            for (String change : new String[] {
                "UPDATE target SET owner = 'me'",
                "DELETE FROM finding",
                "DELETE FROM block",
                "UPDATE schedule SET interval_seconds = 1"
            }) {
                assertThatThrownBy(() -> estate.asWorker.sql().change(change))
                        .isInstanceOf(StatementRefused.class)
                        .hasMessageContaining("permission denied");
            }
        }
    }
}
