package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.live.LiveEvents;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/** The event stream. */
final class LiveRoutes {
    private final LiveEvents events;

    LiveRoutes(LiveEvents events) {
        this.events = events;
    }

    List<Route> routes() {
        Route.Stream stream = (exchange, outlet) -> open(outlet);
        return List.of(new Route(HttpMethod.GET, "/api/v1/events", Access.VIEWER, stream));
    }

    private void open(Outlet outlet) {
        LiveEvents.Listener listener = outlet::write;
        if (!events.add(listener)) {
            throw Problem.unavailable("too many listen to events at once", 30);
        }
        outlet.open("text/event-stream; charset=utf-8", () -> events.remove(listener));
        listener.take("retry: 2000\n: here\n\n");
    }
}
