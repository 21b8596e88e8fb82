package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.metrics.EstateMetrics;
import io.tlsfleet.api.metrics.Exposition;
import io.tlsfleet.api.metrics.ProbeAnswer;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.InvalidTarget;
import io.tlsfleet.fleet.target.StarttlsProtocol;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.query.Endpoints;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What Prometheus scrapes. */
final class MetricsRoutes {
    private final Database database;
    private final EstateMetrics metrics;
    private final Judging judging;
    private final InstantSource clock;

    MetricsRoutes(Database database, EstateMetrics metrics, Judging judging, InstantSource clock) {
        this.database = database;
        this.metrics = metrics;
        this.judging = judging;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/metrics", Access.OPEN, x -> Answer.text(Exposition.CONTENT_TYPE, metrics.text())),
                Route.get("/probe", Access.OPEN, this::probe));
    }

    private Answer probe(Exchange exchange) {
        String text = exchange.query("target");
        if (text == null) {
            throw Problem.invalid("target", "target is missing: HOST:PORT");
        }
        TargetLines.HostPort place;
        try {
            place = TargetLines.hostPort(text);
        } catch (InvalidTarget e) {
            throw Problem.invalid("target", String.valueOf(e.getMessage()));
        }
        String module = exchange.query("module");
        String starttls = module == null
                ? null
                : StarttlsProtocol.named(module).map(StarttlsProtocol::word).orElse(null);
        if (exchange.queryFlag("live")) {
            throw Problem.of(
                    501,
                    "Not here",
                    "live",
                    "live=1 is not possible here yet: ask for a scan with POST /api/v1/targets/{id}/scan");
        }
        int port = place.port() == 0 ? 443 : place.port();
        List<Endpoints.Endpoint> named =
                new Endpoints(database.sql()).named(place.host(), port, exchange.query("sni"), starttls);
        if (named.isEmpty()) {
            throw Problem.of(
                    404,
                    "Not found",
                    "target",
                    place.host() + ":" + port + " is no target of the inventory: add it with POST /api/v1/targets");
        }
        Endpoints.Endpoint endpoint = named.getFirst();
        Optional<Report> report = new Latest(database.sql())
                .of(endpoint.id(), null, null)
                .map(seen -> judging.judge(seen.target(), seen.observation(), seen.memory(), clock.instant())
                        .report());
        return Answer.text(Exposition.CONTENT_TYPE, ProbeAnswer.text(report, clock.instant()));
    }
}
