package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.query.Endpoints;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** Stored facts, judged again for whoever looks: as they stand, at another time, by another policy. */
final class ReportRoutes {
    private final Database database;
    private final Supplier<PolicyBook> policies;
    private final Judging judging;
    private final InstantSource clock;

    ReportRoutes(Database database, Supplier<PolicyBook> policies, Judging judging, InstantSource clock) {
        this.database = database;
        this.policies = policies;
        this.judging = judging;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(Route.get("/api/v1/endpoints/{id}/report", Access.VIEWER, this::report));
    }

    private Answer report(Exchange exchange) {
        long id = exchange.id();
        String address = exchange.query("address");
        Long observation = exchange.queryId("observation");
        String policy = exchange.query("policy");
        Instant at = exchange.queryInstant("at");
        if (new Endpoints(database.sql()).find(id).isEmpty()) {
            throw Problem.notFound("there is no endpoint " + id);
        }
        Latest.Seen seen = new Latest(database.sql())
                .of(id, address, observation)
                .orElseThrow(() -> Problem.notFound(
                        observation != null
                                ? "endpoint " + id + " has no observation " + observation
                                : address != null
                                        ? "endpoint " + id + " was not seen at the address '" + Text.shown(address)
                                                + "'"
                                        : "endpoint " + id + " was not scanned yet"));
        Target target = policy == null
                ? seen.target()
                : seen.target()
                        .judgedBy(PolicyRoutes.known(policies.get(), policy, "policy")
                                .name());
        Instant when = at == null ? clock.instant() : at;
        return Answer.json(
                judging.judge(target, seen.observation(), seen.memory(), when).report());
    }
}
