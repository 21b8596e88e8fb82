package io.tlsfleet.store.ingest;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where judging all that is stored stands. One at a time; a lease that runs out is taken by whoever comes next. */
public final class Reevaluations {
    private static final int LEASE_SECONDS = 60;

    private final Database database;

    public Reevaluations(Database database) {
        this.database = database;
    }

    /** {@code state}: waiting, running, done. */
    public record State(
            long id,
            String state,
            int done,
            int total,
            int failed,
            int opened,
            int resolved,
            String requestedBy,
            String reason,
            Instant requestedAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {}

    public record Lease(long id, UUID token, long position) {}

    /** The last that was asked for. */
    public Optional<State> latest() {
        return database.sql()
                .row("SELECT * FROM reevaluation ORDER BY id DESC LIMIT 1")
                .map(Reevaluations::state);
    }

    /** At once. */
    public State request(String by, String reason) {
        return request(by, reason, Duration.ZERO);
    }

    /**
     * Asks for one, from the beginning: whatever is under way judged by what was in force before. {@code notBefore}: until
     * every process judges by what is new.
     */
    public State request(String by, String reason, Duration notBefore) {
        return database.inTransaction(sql -> {
            sql.change("UPDATE reevaluation SET finished_at = now() WHERE finished_at IS NULL");
            return state(sql.one("""
                    INSERT INTO reevaluation (requested_by, reason, lease_until, endpoints)
                    SELECT $1, $2, now() + make_interval(secs => $3), count(*)
                    FROM endpoint e JOIN target t ON t.id = e.id WHERE t.retired_at IS NULL AND e.outcome IS NOT NULL
                    RETURNING *""", by, reason, (double) notBefore.toSeconds()));
        });
    }

    /** What nobody works at. */
    public Optional<Lease> lease() {
        UUID token = UUID.randomUUID();
        return database.sql()
                .row("""
                        UPDATE reevaluation SET lease_token = $1, lease_until = now() + make_interval(secs => $2),
                          started_at = coalesce(started_at, now())
                        WHERE finished_at IS NULL AND lease_until < now() RETURNING id, position""", token, (double) LEASE_SECONDS)
                .map(row -> new Lease(Columns.number(row, "id"), token, Columns.number(row, "position")));
    }

    /** False: it is no longer ours. */
    public boolean progress(Lease lease, long position, int judged, int failed, int opened, int resolved) {
        return database.sql()
                        .change("""
                        UPDATE reevaluation SET position = $3, judged = judged + $4, failed = failed + $5, opened = opened + $6,
                          resolved = resolved + $7, lease_until = now() + make_interval(secs => $8)
                        WHERE id = $1 AND lease_token = $2 AND finished_at IS NULL""", lease.id(), lease.token(), position, judged, failed, opened, resolved, (double)
                                LEASE_SECONDS)
                == 1;
    }

    /** Given back before its time, so that another goes on at once. */
    public void release(Lease lease) {
        database.sql()
                .change(
                        "UPDATE reevaluation SET lease_until = '-infinity' WHERE id = $1 AND lease_token = $2",
                        lease.id(),
                        lease.token());
    }

    public void finish(Lease lease) {
        database.sql()
                .change(
                        "UPDATE reevaluation SET finished_at = now() WHERE id = $1 AND lease_token = $2",
                        lease.id(),
                        lease.token());
    }

    private static State state(Row row) {
        Instant started = Columns.instantOrNull(row, "started_at");
        Instant finished = Columns.instantOrNull(row, "finished_at");
        return new State(
                Columns.number(row, "id"),
                finished != null ? "done" : started != null ? "running" : "waiting",
                Columns.integer(row, "judged"),
                Columns.integer(row, "endpoints"),
                Columns.integer(row, "failed"),
                Columns.integer(row, "opened"),
                Columns.integer(row, "resolved"),
                Columns.text(row, "requested_by"),
                Columns.text(row, "reason"),
                Columns.instant(row, "requested_at"),
                started,
                finished);
    }
}
