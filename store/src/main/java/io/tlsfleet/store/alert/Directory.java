package io.tlsfleet.store.alert;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Sql;
import java.util.List;
import java.util.Optional;

/** Receivers, routes and silences as routing needs them: a handful of rows, read anew each turn. */
public final class Directory {
    private final Sql sql;

    public Directory(Sql sql) {
        this.sql = sql;
    }

    public List<Receiver> receivers() {
        return sql.rows(RECEIVER + " ORDER BY id").stream()
                .map(Directory::receiver)
                .toList();
    }

    public Optional<Receiver> receiver(long id) {
        return sql.row(RECEIVER + " WHERE id = $1", id).map(Directory::receiver);
    }

    public List<RouteRow> routes() {
        return sql
                .rows(
                        "SELECT id, receiver_id, matchers::text AS matchers, settings::text AS settings FROM route ORDER BY position, id")
                .stream()
                .map(r -> new RouteRow(
                        Columns.number(r, "id"),
                        Columns.number(r, "receiver_id"),
                        Json.parse(Columns.text(r, "matchers")),
                        Json.parse(Columns.text(r, "settings"))))
                .toList();
    }

    public List<SilenceRow> silences() {
        return sql
                .rows(
                        "SELECT id, matchers::text AS matchers, ends_at FROM silence WHERE starts_at <= now() AND ends_at > now()")
                .stream()
                .map(r -> new SilenceRow(
                        Columns.number(r, "id"),
                        Json.parse(Columns.text(r, "matchers")),
                        Columns.instant(r, "ends_at")))
                .toList();
    }

    private static final String RECEIVER = """
            SELECT id, name, kind, settings::text AS settings, secret, disabled_at IS NOT NULL AS disabled,
              failing_since IS NOT NULL AS failing FROM receiver""";

    private static Receiver receiver(io.vertx.sqlclient.Row row) {
        return new Receiver(
                Columns.number(row, "id"),
                Columns.text(row, "name"),
                Columns.text(row, "kind"),
                Json.parse(Columns.text(row, "settings")),
                Columns.bytes(row, "secret"),
                Columns.flag(row, "disabled"),
                Columns.flag(row, "failing"));
    }
}
