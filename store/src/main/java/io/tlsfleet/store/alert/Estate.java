package io.tlsfleet.store.alert;

import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.Optional;

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

    /**
     * Gives a copy a number of its own, if it still has this one: what it says of alerts that are open from now on bears the
     * new number, those of before the copy included. Empty where the number is another.
     */
    public static Optional<Estate> renew(Sql sql, String from) {
        int written = sql.change("""
                UPDATE setting SET value = jsonb_build_object(
                  'id', left(gen_random_uuid()::text, 8), 'since', 'epoch'::timestamptz, 'was', value->>'id')
                WHERE name = 'estate' AND value->>'id' = $1""", from);
        return written == 0 ? Optional.empty() : Optional.of(of(sql));
    }

    /** Whether another tlsfleet is connected to this database; a pooler that hides what it is hides that. */
    public static boolean isInUse(Sql sql) {
        return sql.one("""
                        SELECT count(*) AS n FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name = 'tlsfleet' AND pid <> pg_backend_pid()""").getLong("n") > 0;
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
