package io.tlsfleet.store.content;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.store.Columns;
import io.vertx.sqlclient.Row;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows of {@code address_now a JOIN target t} as the frame of an observation: who was scanned, and how it went. */
public final class ScanRows {
    /** With the target's own columns beside it. */
    public static final String SCAN_COLUMNS =
            "a.address, a.started_at, a.duration_millis, a.connections, a.bytes_sent, a.bytes_received, a.handshakes,"
                    + " a.depth::text AS scan_depth, a.outcome::text AS outcome, a.reason, a.detail, a.scanner, a.observation_id,"
                    + " a.proofs::text AS proofs, a.timing::text AS timing";

    public static final String COLUMNS = SCAN_COLUMNS + ", t.host, t.port, t.sni, t.starttls, t.addresses";

    private ScanRows() {}

    public static Observations.Frame frame(Row row) {
        return new Observations.Frame(
                Columns.number(row, "observation_id"),
                endpoint(row),
                scan(row),
                Columns.jsonOrNull(row, "proofs"),
                Columns.jsonOrNull(row, "timing"));
    }

    /** A scan that showed nothing. */
    public static Observation bare(Row row) {
        return Observation.bare(endpoint(row), scan(row));
    }

    /** The server name as it was sent: what the target says, or its host. */
    public static Observation.Endpoint endpoint(Row row) {
        String host = Columns.text(row, "host");
        String sni = Columns.textOrNull(row, "sni");
        String address = Columns.text(row, "address");
        String sent = sni == null ? isAddress(host) ? null : host : sni.equals("none") ? null : sni;
        int port = Columns.integer(row, "port");
        return new Observation.Endpoint(
                        host, address.isEmpty() ? null : address, port, sent, Columns.textOrNull(row, "starttls"))
                .dialled(dialled(address, Columns.texts(row, "addresses"), port));
    }

    /** An address that the target pins may have a port of its own; one that is a name is told only where it is the only one. */
    private static int dialled(String address, List<String> pinned, int port) {
        return pinned.stream()
                .map(TargetLines::hostPort)
                .filter(place -> pinned.size() == 1 || place.host().equals(address))
                .mapToInt(TargetLines.HostPort::port)
                .filter(own -> own != 0 && !address.isEmpty())
                .findFirst()
                .orElse(port);
    }

    private static boolean isAddress(String host) {
        return host.contains(":") || host.matches("[0-9.]+");
    }

    public static Observation.Scan scan(Row row) {
        return new Observation.Scan(
                Columns.instant(row, "started_at"),
                Columns.integer(row, "duration_millis"),
                Objects.requireNonNull(depth(Columns.text(row, "scan_depth"))),
                Outcome.valueOf(constant(Columns.text(row, "outcome"))),
                Columns.integer(row, "connections"),
                Columns.number(row, "bytes_sent"),
                Columns.number(row, "bytes_received"),
                Columns.integer(row, "handshakes"),
                Columns.text(row, "scanner"),
                reason(Columns.textOrNull(row, "reason")),
                Columns.textOrNull(row, "detail"));
    }

    private static Depth depth(String word) {
        return Depth.valueOf(constant(word));
    }

    private static @Nullable Reason reason(@Nullable String word) {
        return word == null ? null : Reason.valueOf(constant(word));
    }

    private static String constant(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
