package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** Alive, ready, whether the alerting file is in force, and what the API looks like. */
final class HealthRoutes {
    static final String OPENAPI = "/io/tlsfleet/api/openapi.json";

    private final Database database;
    private final FileWatch file;
    private final BooleanSupplier stopping;
    private final byte[] openApi = read();

    HealthRoutes(Database database, FileWatch file, BooleanSupplier stopping) {
        this.database = database;
        this.file = file;
        this.stopping = stopping;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/healthz", Access.HEALTH, x -> Answer.json(Map.of("status", "ok"))),
                Route.get("/readyz", Access.HEALTH, x -> ready()),
                Route.get("/api/v1/alerting-file", Access.VIEWER, x -> alertingFile()),
                Route.get("/openapi.json", Access.PUBLIC, x -> new Answer(200, Answer.JSON, openApi, Map.of())));
    }

    private Answer ready() {
        if (stopping.getAsBoolean()) {
            return Answer.json(503, Map.of("status", "unavailable", "checks", Map.of("server", "stopping")));
        }
        try {
            database.sql().one("SELECT 1 FROM site LIMIT 1");
            return Answer.json(Map.of("status", "ok", "checks", checks(file.state())));
        } catch (DatabaseAway e) {
            return Answer.json(503, Map.of("status", "unavailable", "checks", Map.of("database", "not reachable")));
        }
    }

    /** A file that is wrong makes nothing unready: what it said before is in force. */
    private static Map<String, String> checks(FileWatch.State state) {
        return state.file() == null
                ? Map.of("database", "ok")
                : Map.of(
                        "database",
                        "ok",
                        "alertingFile",
                        state.isValid() ? "ok" : "invalid, what it said before is in force");
    }

    private Answer alertingFile() {
        FileWatch.State state = file.state();
        ObjectNode shown = Json.tree(state).deepCopy();
        shown.remove("valid");
        return Answer.json(
                shown.put("state", state.file() == null ? "none" : state.isValid() ? "in-force" : "invalid"));
    }

    private static byte[] read() {
        try (InputStream in = Objects.requireNonNull(HealthRoutes.class.getResourceAsStream(OPENAPI))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
