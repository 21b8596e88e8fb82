package io.tlsfleet.api.http;

import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.api.auth.Credentials;
import io.tlsfleet.api.auth.StoredCredentials;
import io.tlsfleet.api.live.LiveEvents;
import io.tlsfleet.api.metrics.EstateMetrics;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.api.notify.Notifier;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The one list of all routes. */
public final class Routes {
    private Routes() {}

    /** What routes need, wired by the caller. */
    public record Parts(
            Database database,
            InstantSource clock,
            RandomGenerator random,
            CurrentPolicies policies,
            String defaultSite,
            String version,
            Judging judging,
            KnownClients known,
            ScanCounters scans,
            EstateMetrics metrics,
            Notifier notifier,
            SecretBox secrets,
            FileWatch alertingFile,
            LiveEvents events,
            Runnable reevaluate,
            BooleanSupplier stopping) {}

    public static WebServer server(Vertx vertx, ApiConfig config, Parts parts) {
        Credentials credentials = new StoredCredentials(parts.database, parts.clock);
        Edge edge = new Edge(vertx, config, new Doorkeeper(config, credentials, parts.clock));
        return new WebServer(vertx, config, edge, all(parts, credentials, config.linkBase()));
    }

    static List<Route> all(Parts parts, Credentials credentials, @Nullable String linkBase) {
        List<Route> all = new ArrayList<>();
        Filters filters = new Filters(parts.database, parts.policies);
        all.addAll(new HealthRoutes(parts.database, parts.alertingFile, parts.stopping).routes());
        all.addAll(new SessionRoutes(credentials, parts.random, parts.clock, parts.version).routes());
        all.addAll(new ImportRoutes(parts.database, parts.policies, parts.defaultSite).routes());
        all.addAll(new TargetRoutes(parts.database, parts.policies, parts.defaultSite, parts.judging).routes());
        all.addAll(new ScanRuleRoutes(parts.database, parts.reevaluate).routes());
        all.addAll(new ResultRoutes(parts.database, filters, parts.clock).routes());
        all.addAll(new SummaryRoutes(parts.database, parts.clock).routes());
        all.addAll(new AdministrationRoutes(parts.database, parts.random, parts.clock).routes());
        all.addAll(new SiteRoutes(parts.database, parts.judging, parts.scans).routes());
        all.addAll(new SiteSettingsRoutes(parts.database).routes());
        all.addAll(new ReportRoutes(parts.database, parts.policies, parts.judging, parts.clock).routes());
        all.addAll(new PolicyRoutes(parts.database, parts.policies, parts.reevaluate).routes());
        all.addAll(new TrustRoutes(parts.database, parts.policies, parts.reevaluate).routes());
        all.addAll(new JudgementRoutes(parts.database, parts.policies, parts.judging, parts.clock, parts.reevaluate)
                .routes());
        all.addAll(new ClientRoutes(parts.database, filters, parts.known).routes());
        all.addAll(new ReceiverRoutes(parts.database, parts.notifier, parts.secrets, parts.random).routes());
        all.addAll(new AlertRoutes(parts.database, parts.clock, linkBase).routes());
        all.addAll(new AlertingRoutes(parts.database, parts.clock).routes());
        all.addAll(new LiveRoutes(parts.events).routes());
        all.addAll(new MetricsRoutes(parts.metrics).routes());
        all.addAll(new ProbeRoutes(parts.database, parts.judging, parts.clock).routes());
        return List.copyOf(all);
    }
}
