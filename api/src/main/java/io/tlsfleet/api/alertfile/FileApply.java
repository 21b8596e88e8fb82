package io.tlsfleet.api.alertfile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.alert.AlertRows;
import io.tlsfleet.store.alerting.Receivers;
import io.tlsfleet.store.alerting.RoutingTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts a file into the database, all or nothing: receivers by name, keeping what waits for them; its routes and silences instead
 * of those of the file before, its routes tried before those that people made.
 */
public final class FileApply {
    /** Marks in settings what came from a file. */
    public static final String MARK = "fromFile";

    /** Who made the silences and acknowledgements of a file; the author that it names follows. */
    private static final String AUTHOR = "alerting file";

    private static final int FIRST_POSITION = -1_000_000;

    private FileApply() {}

    public static void apply(AlertingFile file, Database database, SecretBox box) {
        database.doInTransaction(sql -> {
            Receivers receivers = new Receivers(sql);
            RoutingTable routes = new RoutingTable(sql);
            routes.routes().stream()
                    .filter(r -> r.settings().path(MARK).asBoolean())
                    .forEach(r -> routes.deleteRoute(r.id()));
            Map<String, Long> ids = receivers(file, receivers, routes, box);
            int position = FIRST_POSITION;
            for (AlertingFile.FileRoute route : file.routes()) {
                ObjectNode settings = route.settings().deepCopy().put(MARK, true);
                if (!route.steps().isEmpty()) {
                    var steps = settings.putArray("steps");
                    route.steps()
                            .forEach(s -> steps.addObject()
                                    .put("receiverId", Objects.requireNonNull(ids.get(s.receiver())))
                                    .put("afterSeconds", s.afterSeconds()));
                }
                routes.addRoute(
                        position++, Objects.requireNonNull(ids.get(route.receiver())), route.matchers(), settings);
            }
            silences(file, routes);
            new AlertRows(sql).lookAgain();
            record(sql, file);
        });
    }

    private static Map<String, Long> receivers(
            AlertingFile file, Receivers receivers, RoutingTable routes, SecretBox box) {
        Map<String, Receivers.Receiver> before = new LinkedHashMap<>();
        receivers.list().forEach(r -> before.put(r.name(), r));
        Map<String, Long> ids = new LinkedHashMap<>();
        for (AlertingFile.FileReceiver receiver : file.receivers()) {
            ObjectNode settings = receiver.settings().deepCopy().put(MARK, true);
            Receivers.Receiver was = before.remove(receiver.name());
            if (was == null) {
                ids.put(
                        receiver.name(),
                        receivers.add(
                                receiver.name(), receiver.kind(), settings, box.seal(Json.bytes(receiver.secret()))));
                continue;
            }
            ids.put(receiver.name(), was.id());
            if (!isAsBefore(was, receiver, settings, box)) {
                receivers.change(
                        was.id(), receiver.name(), receiver.kind(), settings, box.seal(Json.bytes(receiver.secret())));
            }
        }
        Set<Long> used =
                routes.routes().stream().map(RoutingTable.Route::receiverId).collect(Collectors.toSet());
        before.values().stream()
                .filter(r -> r.settings().path(MARK).asBoolean() && !used.contains(r.id()))
                .forEach(r -> receivers.delete(r.id()));
        return ids;
    }

    public static boolean isFromFile(RoutingTable.Silence silence) {
        return isAuthor(silence.createdBy());
    }

    static boolean isAuthor(String by) {
        return by.equals(AUTHOR) || by.startsWith(AUTHOR + ", ");
    }

    static String author(@Nullable String named) {
        return named == null ? AUTHOR : AUTHOR + ", " + named;
    }

    /** Those that are as before stay, so that what they hide is hidden without a gap. */
    private static void silences(AlertingFile file, RoutingTable routes) {
        Map<AlertingFile.FileSilence, Long> before = new LinkedHashMap<>();
        routes.silences().stream()
                .filter(FileApply::isFromFile)
                .forEach(s -> before.put(
                        new AlertingFile.FileSilence(
                                s.matchers(),
                                s.reason(),
                                s.createdBy().equals(AUTHOR)
                                        ? null
                                        : s.createdBy().substring(AUTHOR.length() + 2),
                                s.startsAt(),
                                s.endsAt()),
                        s.id()));
        for (AlertingFile.FileSilence silence : file.silences()) {
            if (before.remove(silence) == null) {
                routes.addSilence(
                        silence.matchers(),
                        silence.reason(),
                        author(silence.author()),
                        silence.startsAt(),
                        silence.endsAt());
            }
        }
        before.values().forEach(routes::endSilence);
    }

    private static boolean isAsBefore(
            Receivers.Receiver was, AlertingFile.FileReceiver receiver, ObjectNode settings, SecretBox box) {
        return was.kind().equals(receiver.kind())
                && was.settings().equals(settings)
                && Json.parse(new String(box.open(was.sealed()), java.nio.charset.StandardCharsets.UTF_8))
                        .equals(receiver.secret());
    }

    private static void record(Sql sql, AlertingFile file) {
        new Audit(sql)
                .record(
                        new Audit.Actor(AUTHOR, null),
                        "alerting.apply",
                        "alerting",
                        null,
                        Map.of(
                                "receivers",
                                file.receivers().stream()
                                        .map(AlertingFile.FileReceiver::name)
                                        .toList(),
                                "routes",
                                List.of(file.routes().size()),
                                "silences",
                                List.of(file.silences().size()),
                                "acknowledgements",
                                List.of(file.acknowledgements().size())));
    }
}
