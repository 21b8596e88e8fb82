package io.tlsfleet.api;

import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.http.Routes;
import io.tlsfleet.api.http.WebServer;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Accounts;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The API in one process: HTTP, metrics, live events and alerting on one database whose schema is current. The launcher
 * makes it, starts it and closes it; calls wait and belong on no event loop.
 */
public final class ApiServer implements AutoCloseable {
    private static final int START_SECONDS = 20;

    private final Database database;
    private final WebServer web;
    private final AtomicBoolean stopping = new AtomicBoolean();

    public ApiServer(
            Vertx vertx, ApiConfig config, Database database, String defaultSite, String version, InstantSource clock) {
        this.database = database;
        this.web = Routes.server(
                vertx,
                config,
                new Routes.Parts(
                        database,
                        clock,
                        new SecureRandom(),
                        Set.copyOf(Policies.SHIPPED),
                        defaultSite,
                        version,
                        stopping::get));
    }

    /** Lets in whoever has this token as administrator, now and from now on. */
    public void admit(ApiToken admin) {
        new Accounts(database.sql()).ensure("admin", admin.sha256(), "admin");
    }

    /** Answers the port that was taken. */
    public int start() {
        try {
            return web.listen().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the API did not start within " + START_SECONDS + " s", e);
        }
    }

    @Override
    public void close() {
        stopping.set(true);
        try {
            web.close().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the API did not stop within " + START_SECONDS + " s", e);
        }
    }
}
