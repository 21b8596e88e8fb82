package io.tlsfleet.store;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of connections. Not for event loops: every call waits.
 *
 * <p>A connection that shows no byte for 25 s is closed, so that a half-open one is found in time; the pool gives up its
 * own idle ones before that, and the server ends any statement after 20 s. There is no reconnecting to do: the pool
 * dials anew for whoever asks next.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final long FAREWELL_SECONDS = 5;
    static final int SILENCE_SECONDS = 25;
    static final int IDLE_SECONDS = 15;
    static final int STATEMENT_SECONDS = 20;
    private static final int CONNECT_MILLIS = 4_000;
    private static final int WAIT_SECONDS = 8;
    private static final int TRIES = 5;

    private final Pool pool;
    private final Sql sql;
    private final DatabaseAddress address;
    private final Set<Future<?>> said = ConcurrentHashMap.newKeySet();

    private Database(Pool pool, DatabaseAddress address) {
        this.pool = pool;
        this.sql = new Sql(pool);
        this.address = address;
    }

    /** Dials nothing yet: a database that is away now may be back by the first question. */
    public static Database open(Vertx vertx, DatabaseAddress address, int connections) {
        PgConnectOptions options = connectOptions(address);
        PoolOptions size = new PoolOptions()
                .setMaxSize(connections)
                .setMaxWaitQueueSize(10_000)
                .setConnectionTimeout(WAIT_SECONDS)
                .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setPoolCleanerPeriod(1_000);
        NetClientOptions net = new NetClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true)
                .setReadIdleTimeout(SILENCE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        Pool pool = PgBuilder.pool()
                .with(size)
                .with(net)
                .connectingTo(options)
                .using(vertx)
                .build();
        return new Database(pool, address);
    }

    static PgConnectOptions connectOptions(DatabaseAddress address) {
        PgConnectOptions options = new PgConnectOptions()
                .setHost(address.host())
                .setPort(address.port())
                .setDatabase(address.database())
                .setUser(address.user())
                .setPassword(address.password())
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(256)
                .setSslMode(SslMode.of(address.sslMode()))
                .setProperties(Map.of(
                        "application_name", "tlsfleet",
                        "statement_timeout", STATEMENT_SECONDS + "s",
                        "idle_in_transaction_session_timeout", "30s",
                        "jit", "off",
                        "TimeZone", "UTC"));
        if (!address.sslMode().equals("disable")) {
            ClientSSLOptions ssl = new ClientSSLOptions();
            Path root = address.sslRoot();
            if (root != null) {
                ssl.setTrustOptions(new PemTrustOptions().addCertPath(root.toString()));
            } else if (!address.sslMode().startsWith("verify")) {
                ssl.setTrustAll(true);
            }
            ssl.setHostnameVerificationAlgorithm(address.sslMode().equals("verify-full") ? "HTTPS" : "");
            options.setSslOptions(ssl);
        }
        return options;
    }

    /** Each statement its own transaction. */
    public Sql sql() {
        return sql;
    }

    public DatabaseAddress address() {
        return address;
    }

    /** A word to whoever may hear it: waited for by {@link #close} alone. */
    Future<?> say(String sql, @Nullable Object... parameters) {
        Future<?> word = this.sql.say(sql, parameters);
        said.add(word);
        return word.onComplete(done -> said.remove(word));
    }

    /** What its clock shows: the one that counts. */
    public Instant now() {
        return Columns.instant(sql.one("SELECT clock_timestamp() AS now"), "now");
    }

    /** All or nothing; a transaction that lost a quarrel over rows with another is begun anew, so work only in it. */
    public <T> T inTransaction(Function<Sql, T> work) {
        return again(() -> once(work));
    }

    /** One statement, which is a transaction of its own: neither begun nor committed, one way to the server and back. */
    public <T> T atOnce(Function<Sql, T> statement) {
        return again(() -> statement.apply(sql));
    }

    private static <T> T again(Supplier<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.get();
            } catch (StatementRefused e) {
                if (!e.isWorthAnotherTry() || attempt == TRIES) {
                    throw e;
                }
                pause(attempt);
            }
        }
    }

    public void doInTransaction(Consumer<Sql> work) {
        inTransaction(in -> {
            work.accept(in);
            return true;
        });
    }

    private <T> T once(Function<Sql, T> work) {
        SqlConnection connection = Sql.await(pool.getConnection());
        try {
            Transaction transaction = Sql.await(connection.begin());
            Sql in = new Sql(connection);
            T result;
            try {
                result = work.apply(in);
                in.settle();
            } catch (RuntimeException e) {
                RuntimeException reason = in.reason(e);
                rollBack(transaction, reason);
                throw reason;
            } catch (Error e) {
                rollBack(transaction, e);
                throw e;
            }
            Sql.await(transaction.commit());
            return result;
        } finally {
            connection.close();
        }
    }

    private static void rollBack(Transaction transaction, Throwable why) {
        try {
            Sql.await(transaction.rollback());
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextInt(5, 20 << attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What does not say goodbye in time is left to the end of its event loops: a stop does not wait for a database that is
     * away. What was said is heard first, since the client forgets about a connection that is dialled while it is closed and
     * then never ends.
     */
    @Override
    public void close() {
        try {
            Future.join(List.copyOf(said)).transform(heard -> pool.close()).await(FAREWELL_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | RuntimeException e) {
            LOG.warn(
                    "connections to the database were not closed within {} s: {}", FAREWELL_SECONDS, String.valueOf(e));
        }
    }
}
