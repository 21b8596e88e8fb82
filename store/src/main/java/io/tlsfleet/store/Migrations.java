package io.tlsfleet.store;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Brings a database's schema to this version; called once at start. The only JDBC in the product. */
public final class Migrations {
    public static final int OLDEST_POSTGRESQL = 15;

    private Migrations() {}

    /** How many steps were taken; 0 when it was up to date. Several processes may call at once: one works, the rest wait. */
    public static int run(DatabaseAddress address) {
        try {
            PGSimpleDataSource source = source(address);
            try (var connection = source.getConnection()) {
                int version = connection.getMetaData().getDatabaseMajorVersion();
                if (version < OLDEST_POSTGRESQL) {
                    throw new IllegalStateException(address + " is PostgreSQL " + version + "; tlsfleet needs "
                            + OLDEST_POSTGRESQL + " or newer");
                }
            } catch (java.sql.SQLException e) {
                throw new DatabaseAway(address + " cannot be reached: " + e.getMessage(), e);
            }
            MigrateResult result = flyway(source).migrate();
            return result.migrationsExecuted;
        } catch (FlywayException e) {
            throw new IllegalStateException(
                    address + " could not be brought to this version's schema: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
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
