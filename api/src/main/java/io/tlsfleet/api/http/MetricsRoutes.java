package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.metrics.EstateMetrics;
import io.tlsfleet.api.metrics.Exposition;
import java.util.List;

/** What Prometheus scrapes. */
final class MetricsRoutes {
    private final EstateMetrics metrics;

    MetricsRoutes(EstateMetrics metrics) {
        this.metrics = metrics;
    }

    List<Route> routes() {
        return List.of(Route.get("/metrics", Access.OPEN, x -> Answer.text(Exposition.CONTENT_TYPE, metrics.text())));
    }
}
