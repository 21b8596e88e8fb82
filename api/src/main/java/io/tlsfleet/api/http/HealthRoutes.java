package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** Alive, ready, and what the API looks like. */
final class HealthRoutes {
    static final String OPENAPI = "/io/tlsfleet/api/openapi.json";

    private final Database database;
    private final BooleanSupplier stopping;
    private final byte[] openApi = read();

    HealthRoutes(Database database, BooleanSupplier stopping) {
        this.database = database;
        this.stopping = stopping;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/healthz", Access.OPEN, x -> Answer.json(Map.of("status", "ok"))),
                Route.get("/readyz", Access.OPEN, x -> ready()),
                Route.get("/openapi.json", Access.PUBLIC, x -> new Answer(200, Answer.JSON, openApi, Map.of())));
    }

    private Answer ready() {
        if (stopping.getAsBoolean()) {
            return Answer.json(503, Map.of("status", "unavailable", "checks", Map.of("server", "stopping")));
        }
        try {
            database.sql().one("SELECT 1 FROM site LIMIT 1");
            return Answer.json(Map.of("status", "ok", "checks", Map.of("database", "ok")));
        } catch (DatabaseAway e) {
            return Answer.json(503, Map.of("status", "unavailable", "checks", Map.of("database", "not reachable")));
        }
    }

    private static byte[] read() {
        try (InputStream in = Objects.requireNonNull(HealthRoutes.class.getResourceAsStream(OPENAPI))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
