package io.tlsfleet.api;

import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.http.Route;
import io.tlsfleet.api.http.Routes;
import io.tlsfleet.api.http.WebServer;
import io.tlsfleet.api.live.LiveEvents;
import io.tlsfleet.api.metrics.EstateMetrics;
import io.tlsfleet.api.metrics.NoticeCounters;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.api.notify.AlertRouter;
import io.tlsfleet.api.notify.Channels;
import io.tlsfleet.api.notify.Notifier;
import io.tlsfleet.api.notify.Outgoing;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.api.reevaluate.Reevaluator;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Hints;
import io.tlsfleet.store.access.Accounts;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The API in one process: HTTP, metrics, live events and alerting on one database whose schema is current. The launcher
 * makes it, starts it and closes it; calls wait and belong on no event loop.
 */
public final class ApiServer implements AutoCloseable {
    private static final int START_SECONDS = 20;

    private final Database database;
    private final Vertx vertx;
    private final WebServer web;
    private final Outgoing outgoing;
    private final Notifier notifier;
    private final LiveEvents events;
    private final Reevaluator reevaluator;
    private volatile @Nullable AutoCloseable hints;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /**
     * What the launcher hands in. {@code judging} is the ingest's own and judges by {@code policies}; {@code secrets} seals what receivers keep to themselves; {@code reach} says where notices may go; {@code scans} counts what this process
     * scans; {@code clients} have names.
     */
    public record Parts(
            Database database,
            CurrentPolicies policies,
            Judging judging,
            Reach reach,
            SecretBox secrets,
            FileWatch alertingFile,
            ScanCounters scans,
            KnownClients clients,
            String defaultSite,
            String version,
            String commit,
            InstantSource clock) {}

    public ApiServer(Vertx vertx, ApiConfig config, Parts parts) {
        NoticeCounters notices = new NoticeCounters();
        this.vertx = vertx;
        this.database = parts.database;
        this.outgoing = new Outgoing(vertx, parts.reach, parts.clock);
        this.notifier = new Notifier(
                database,
                new AlertRouter(database, parts.clock, config.linkBase()),
                new Channels(vertx, outgoing, parts.secrets, parts.clock),
                parts.clock,
                notices::count);
        this.events = new LiveEvents(database, parts.clock);
        this.reevaluator = new Reevaluator(database, parts.judging);
        this.web = Routes.server(
                vertx,
                config,
                new Routes.Parts(
                        database,
                        parts.clock,
                        new SecureRandom(),
                        parts.policies,
                        parts.defaultSite,
                        parts.version,
                        parts.judging,
                        parts.clients,
                        parts.scans,
                        new EstateMetrics(
                                database,
                                parts.clock,
                                parts.scans,
                                notices,
                                parts.alertingFile,
                                config.perEndpointMetrics(),
                                parts.version,
                                parts.commit),
                        notifier,
                        parts.secrets,
                        parts.alertingFile,
                        events,
                        reevaluator::wake,
                        stopping::get));
    }

    /** Lets in whoever has this token as administrator, now and from now on. */
    public void admit(ApiToken admin) {
        new Accounts(database.sql()).ensure("admin", admin.sha256(), "admin");
    }

    /** Answers the port that was taken. */
    public int start() {
        try {
            hints = Hints.listen(vertx, database.address(), events::hear);
            events.start();
            notifier.start();
            reevaluator.start();
            return web.listen().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the API did not start within " + START_SECONDS + " s", e);
        }
    }

    /** The route table, as the OpenAPI document must have it. */
    public List<Route> routes() {
        return web.routes();
    }

    @Override
    public void close() {
        stopping.set(true);
        try {
            events.close();
            AutoCloseable listening = hints;
            if (listening != null) {
                listening.close();
            }
            reevaluator.close();
            notifier.close();
            outgoing.close();
            web.close().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("the API did not stop within " + START_SECONDS + " s", e);
        }
    }
}
