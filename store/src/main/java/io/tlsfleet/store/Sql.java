package io.tlsfleet.store;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Statements on one connection or, outside a transaction, on any of the pool. Each call waits for its answer. JSON is
 * given as text and cast: {@code $1::text::jsonb}.
 */
public final class Sql {
    /** Above the server's own statement timeout, so that only a lost connection gets here. */
    static final int DEADLINE_SECONDS = 28;

    private static final int MOST_UNDER_WAY = 200;
    /** SQLSTATE: a statement before this one failed. */
    private static final String ABORTED = "25P02";

    /** SQLSTATE: no connection; no room for one, on disk or in memory; going down; a password that was changed; no such database. */
    private static final List<String> AWAY = List.of("08", "53", "57P", "28", "3D");

    private final SqlClient client;
    private final List<Future<?>> underWay = new ArrayList<>();

    Sql(SqlClient client) {
        this.client = client;
    }

    public List<Row> rows(String sql, @Nullable Object... parameters) {
        RowSet<Row> answer = await(client.preparedQuery(sql).execute(tuple(parameters)));
        List<Row> rows = new ArrayList<>(answer.size());
        answer.forEach(rows::add);
        return rows;
    }

    public Optional<Row> row(String sql, @Nullable Object... parameters) {
        List<Row> rows = rows(sql, parameters);
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst());
    }

    /** For statements that always answer one row. */
    public Row one(String sql, @Nullable Object... parameters) {
        return row(sql, parameters).orElseThrow(() -> new IllegalStateException("no row came back"));
    }

    /** How many rows were written. */
    public int change(String sql, @Nullable Object... parameters) {
        return await(client.preparedQuery(sql).execute(tuple(parameters))).rowCount();
    }

    /**
     * A statement of a transaction whose answer nobody needs: sent at once and not waited for, so that a batch of them costs
     * one way to the server and back. The transaction is committed only if all of them succeeded.
     */
    public void later(String sql, @Nullable Object... parameters) {
        if (client instanceof Pool) {
            change(sql, parameters);
            return;
        }
        underWay.add(client.preparedQuery(sql).execute(tuple(parameters)));
        if (underWay.size() >= MOST_UNDER_WAY) {
            settle();
        }
    }

    /** Waits for all that was sent. */
    void settle() {
        underWay.forEach(Sql::await);
        underWay.clear();
    }

    /** What made the transaction fail, where all that was seen is that it has: a statement that nobody had waited for yet. */
    RuntimeException reason(RuntimeException seen) {
        if (seen instanceof StatementRefused refused && refused.state().equals(ABORTED)) {
            for (Future<?> sent : underWay) {
                try {
                    await(sent);
                } catch (RuntimeException e) {
                    return e;
                }
            }
        }
        return seen;
    }

    /** Not waited for: see {@link Database#say}. */
    Future<?> say(String sql, @Nullable Object... parameters) {
        return client.preparedQuery(sql).execute(tuple(parameters));
    }

    /** Statements without parameters, several if need be. */
    public void run(String sql) {
        await(client.query(sql).execute());
    }

    private static Tuple tuple(@Nullable Object[] parameters) {
        Tuple values = new Parameters(parameters.length);
        for (Object parameter : parameters) {
            values.addValue(value(parameter));
        }
        return values;
    }

    private static @Nullable Object value(@Nullable Object parameter) {
        return switch (parameter) {
            case Instant at -> at.atOffset(ZoneOffset.UTC);
            case @Nullable Instant[] ats -> times(ats);
            case byte[] bytes -> io.vertx.core.buffer.Buffer.buffer(bytes);
            case byte[] @Nullable [] many -> buffers(many);
            case List<?> list -> array(list);
            case null -> null;
            default -> parameter;
        };
    }

    private static @Nullable Object array(List<?> list) {
        if (list.isEmpty()) {
            return Parameters.NONE;
        }
        Object first = "";
        for (Object item : list) {
            if (item != null) {
                first = item;
                break;
            }
        }
        return switch (first) {
            case Long l -> list.toArray(new Long[0]);
            case Integer i -> list.toArray(new Integer[0]);
            case Short s -> list.toArray(new Short[0]);
            case UUID u -> list.toArray(new UUID[0]);
            case Boolean b -> list.toArray(new Boolean[0]);
            case Instant t -> times(list.toArray(new Instant[0]));
            case byte[] b -> buffers(list.toArray(new byte[0][]));
            default -> list.toArray(new String[0]);
        };
    }

    private static @Nullable OffsetDateTime[] times(@Nullable Instant[] ats) {
        @Nullable OffsetDateTime[] times = new OffsetDateTime[ats.length];
        for (int i = 0; i < ats.length; i++) {
            Instant at = ats[i];
            times[i] = at == null ? null : at.atOffset(ZoneOffset.UTC);
        }
        return times;
    }

    private static io.vertx.core.buffer.@Nullable Buffer[] buffers(byte[] @Nullable [] many) {
        io.vertx.core.buffer.@Nullable Buffer[] buffers = new io.vertx.core.buffer.Buffer[many.length];
        for (int i = 0; i < many.length; i++) {
            byte[] bytes = many[i];
            buffers[i] = bytes == null ? null : io.vertx.core.buffer.Buffer.buffer(bytes);
        }
        return buffers;
    }

    static <T> T await(Future<T> future) {
        try {
            return future.await(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new DatabaseAway("the database did not answer within " + DEADLINE_SECONDS + " s", e);
        } catch (Throwable e) {
            throw translated(e);
        }
    }

    private static RuntimeException translated(Throwable e) {
        if (e instanceof PgException refused) {
            String state = refused.getSqlState() == null ? "" : refused.getSqlState();
            boolean away = AWAY.stream().anyMatch(state::startsWith);
            return away
                    ? new DatabaseAway("the database is not available: " + refused.getErrorMessage(), e)
                    : new StatementRefused(String.valueOf(refused.getMessage()), state, refused.getConstraint(), e);
        }
        if (e instanceof IllegalArgumentException
                || e instanceof IllegalStateException
                || e instanceof ClassCastException) {
            return (RuntimeException) e;
        }
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new DatabaseAway("the database is not reachable: " + why, e);
    }
}
