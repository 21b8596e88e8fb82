package io.tlsfleet.store;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Brings a database's schema to this version; called once at start. The only JDBC in the product. */
public final class Migrations {
    public static final int OLDEST_POSTGRESQL = 15;

    private Migrations() {}

    /**
     * How many steps were taken; 0 when it was up to date. Several processes may call at once: one works, the rest wait. A login
     * that may only lease and report takes none, and is told when some are missing.
     */
    public static int run(DatabaseAddress address) {
        PGSimpleDataSource source = source(address);
        boolean ours;
        try (var connection = source.getConnection()) {
            int version = connection.getMetaData().getDatabaseMajorVersion();
            if (version < OLDEST_POSTGRESQL) {
                throw new IllegalStateException(
                        address + " is PostgreSQL " + version + "; tlsfleet needs " + OLDEST_POSTGRESQL + " or newer");
            }
            ours = mayMigrate(connection);
        } catch (java.sql.SQLException e) {
            throw new DatabaseAway(address + " cannot be reached: " + e.getMessage(), e);
        }
        if (!ours) {
            checkMigrated(address);
        }
        try {
            return ours ? flyway(source).migrate().migrationsExecuted : 0;
        } catch (FlywayException e) {
            throw new IllegalStateException(
                    address + " could not be brought to this version's schema: " + reason(e), e);
        }
    }

    private static void checkMigrated(DatabaseAddress address) {
        String first = ", which " + address.user() + " may not take: start tlsfleet server of this version first";
        Schema schema;
        try {
            schema = schema(address);
        } catch (DatabaseAway e) { // it was reached a moment ago: what it shows to this login begins with schema 22
            throw new IllegalStateException(address + " has an older schema and needs more steps" + first, e);
        }
        if (schema.pending() > 0) {
            throw new IllegalStateException(
                    address + " has " + (schema.version() == null ? "no schema" : "schema " + schema.version())
                            + " and needs " + schema.pending() + " more steps" + first);
        }
    }

    /** Whether this login may write where the steps that were taken are kept, or make that place. */
    private static boolean mayMigrate(java.sql.Connection connection) throws java.sql.SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("""
                        SELECT CASE WHEN to_regclass('flyway_schema_history') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')
                          ELSE has_table_privilege('flyway_schema_history', 'INSERT') END""")) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** What the database itself said, where it said something. */
    private static String reason(FlywayException e) {
        StringBuilder said = new StringBuilder(firstLine(e));
        Throwable cause = e.getCause();
        while (cause != null) {
            if (cause instanceof java.sql.SQLException) {
                said.append(": ").append(firstLine(cause));
                break;
            }
            cause = cause.getCause();
        }
        return said.toString();
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** {@code version} is null in an empty database; {@code pending} steps lead to this version's schema. */
    public record Schema(@Nullable String version, int pending, boolean fromTheFuture) {
        public boolean isOlder() {
            return version != null && pending > 0;
        }
    }

    /** How the schema stands; changes nothing. */
    public static Schema schema(DatabaseAddress address) {
        try {
            MigrationInfoService info = flyway(source(address)).info();
            MigrationInfo current = info.current();
            boolean future = Arrays.stream(info.all()).anyMatch(m -> m.getState() == MigrationState.FUTURE_SUCCESS);
            return new Schema(
                    current == null ? null : String.valueOf(current.getVersion()), info.pending().length, future);
        } catch (FlywayException e) {
            throw new DatabaseAway(address + " cannot be asked for its schema: " + e.getMessage(), e);
        }
    }

    private static Flyway flyway(PGSimpleDataSource source) {
        return Flyway.configure()
                .dataSource(source)
                .locations("classpath:io/tlsfleet/store/migrations")
                .connectRetries(2)
                .load();
    }

    private static PGSimpleDataSource source(DatabaseAddress address) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {address.host()});
        source.setPortNumbers(new int[] {address.port()});
        source.setDatabaseName(address.database());
        source.setUser(address.user());
        source.setPassword(address.password());
        source.setSslMode(address.sslMode());
        source.setConnectTimeout(5);
        source.setApplicationName("tlsfleet migrations");
        source.setOptions("-c lock_timeout=10s");
        java.nio.file.Path root = address.sslRoot();
        if (root != null) {
            source.setSslRootCert(root.toString());
        }
        return source;
    }
}
