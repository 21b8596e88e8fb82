package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.Policy;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.query.Endpoints;
import io.tlsfleet.store.query.Page;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Stored facts, judged again for whoever looks: as they stand, at another time, by another policy. */
final class ReportRoutes {
    private final Database database;
    private final Judging judging;
    private final InstantSource clock;

    ReportRoutes(Database database, Judging judging, InstantSource clock) {
        this.database = database;
        this.judging = judging;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/endpoints/{id}/report", Access.VIEWER, this::report),
                Route.get("/api/v1/policies", Access.VIEWER, x -> policies()),
                Route.get("/api/v1/policies/{name}", Access.VIEWER, x -> Answer.json(policy(x.path("name"), "name"))));
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
                : seen.target().judgedBy(policy(policy, "policy").name());
        Instant when = at == null ? clock.instant() : at;
        return Answer.json(
                judging.judge(target, seen.observation(), seen.memory(), when).report());
    }

    static Policy policy(String name, String field) {
        Policy policy = Policies.find(name);
        if (policy == null) {
            String detail =
                    "no policy is called '" + Text.shown(name) + "'; there are " + String.join(", ", Policies.SHIPPED);
            throw field.equals("name") ? Problem.notFound(detail) : Problem.invalid(field, detail);
        }
        return policy;
    }

    private Answer policies() {
        Map<String, Long> used = new Endpoints(database.sql()).byPolicy();
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        for (String name : Policies.SHIPPED) {
            Policy policy = Objects.requireNonNull(Policies.find(name));
            Map<String, @Nullable Object> item = new LinkedHashMap<>();
            item.put("name", policy.name());
            item.put("version", policy.version());
            item.put("title", policy.title());
            item.put("date", policy.date().toString());
            item.put("source", policy.source());
            item.put(
                    "endpoints",
                    used.getOrDefault(name, 0L) + (name.equals(Policies.DEFAULT) ? used.getOrDefault("", 0L) : 0));
            items.add(item);
        }
        return Answer.json(Page.all(items));
    }
}
