package io.tlsfleet.store.alert;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;

/**
 * Which installation this is. Receivers know alerts and notices by name: with the estate's id in it, what one installation
 * says neither closes nor swallows what another one says at the same place.
 */
public record Estate(String id, Instant since) {
    public static Estate of(Sql sql) {
        Row row = sql.one(
                "SELECT value->>'id' AS id, (value->>'since')::timestamptz AS since FROM setting WHERE name = 'estate'");
        return new Estate(Columns.text(row, "id"), Columns.instant(row, "since"));
    }

    /** An alert's name over its whole life. One that began before the estate had an id keeps the name that it was told by. */
    public String alert(long number, Instant begun) {
        return "alert-" + number + (begun.isBefore(since) ? "" : "-" + id);
    }

    /** The name of something of which there is one in every estate. */
    public String own(String name) {
        return name + "-" + id;
    }
}
