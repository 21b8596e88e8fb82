package io.tlsfleet.store.query;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Observations;
import io.tlsfleet.store.content.ScanRows;
import io.tlsfleet.store.inventory.TargetRows;
import io.vertx.sqlclient.Row;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was last seen of an endpoint, as the scanner handed it in. */
public final class Seen {
    private final Sql sql;

    public Seen(Sql sql) {
        this.sql = sql;
    }

    public record Scan(long endpointId, Target target, Observation observation) {}

    private static final String SELECT = "SELECT a.endpoint_id, " + TargetRows.COLUMNS + ", "
            + ScanRows.COLUMNS.replace(", t.host, t.port, t.sni, t.starttls", "")
            + " FROM address a JOIN target t ON t.id = a.endpoint_id AND t.retired_at IS NULL JOIN site ON site.id = t.site_id ";

    /** Of one member, or of the one scanned last. */
    public Optional<Scan> latest(long endpointId, @Nullable String address) {
        return sql.row(
                        SELECT
                                + "WHERE a.endpoint_id = $1 AND ($2::text IS NULL OR a.address = $2) ORDER BY a.last_at DESC LIMIT 1",
                        endpointId,
                        address)
                .map(this::scan);
    }

    /** An earlier observation of this endpoint, in the frame of its latest scan. */
    public Optional<Scan> earlier(long endpointId, long observation) {
        boolean its = sql.row("""
                        SELECT 1 FROM scan_run WHERE endpoint_id = $1 AND observation_id = $2
                        UNION ALL SELECT 1 FROM endpoint_observation WHERE endpoint_id = $1 AND observation_id = $2 LIMIT 1""", endpointId, observation).isPresent();
        return !its
                ? Optional.empty()
                : sql.row(
                                SELECT
                                        + "WHERE a.endpoint_id = $1 ORDER BY a.observation_id = $2 DESC NULLS LAST, a.last_at DESC LIMIT 1",
                                endpointId,
                                observation)
                        .map(row -> new Scan(endpointId, TargetRows.target(row), read(row, observation)));
    }

    /** The latest scan of each endpoint after the id given, in the order of ids. */
    public List<Scan> after(long endpointId, int limit) {
        return sql
                .rows(
                        "SELECT * FROM (" + SELECT.replaceFirst("SELECT ", "SELECT DISTINCT ON (t.id) ")
                                + "WHERE t.id > $1 ORDER BY t.id, a.last_at DESC) latest ORDER BY endpoint_id LIMIT $2",
                        endpointId,
                        limit)
                .stream()
                .map(this::scan)
                .toList();
    }

    private Scan scan(Row row) {
        Observation.Scan how = ScanRows.scan(row);
        Long observation = row.getLong("observation_id");
        Observation seen = observation == null || how.outcome() == Outcome.UNREACHABLE
                ? nothing(ScanRows.endpoint(row), how)
                : read(row, observation);
        return new Scan(Columns.number(row, "endpoint_id"), TargetRows.target(row), seen);
    }

    private Observation read(Row row, long observation) {
        Observations.Frame frame = new Observations.Frame(
                observation,
                ScanRows.endpoint(row),
                ScanRows.scan(row),
                Columns.jsonOrNull(row, "proofs"),
                Columns.jsonOrNull(row, "timing"));
        return Observations.read(sql, List.of(frame)).getFirst();
    }

    private static Observation nothing(Observation.Endpoint endpoint, Observation.Scan scan) {
        return new Observation(
                endpoint, scan, null, List.of(), null, null, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null);
    }
}
