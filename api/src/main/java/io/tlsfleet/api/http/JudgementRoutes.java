package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.api.reevaluate.FleetForecast;
import io.tlsfleet.fleet.diagnosis.EndpointDiagnosis;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.policy.Rules;
import io.tlsfleet.fleet.policy.Verification;
import io.tlsfleet.fleet.report.Remedies;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Stack;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.query.Findings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The whole fleet judged again: as it would be then or by another policy, and for good after a policy changed. */
final class JudgementRoutes {
    private static final int MOST = 100_000;

    private final Database database;
    private final Supplier<PolicyBook> policies;
    private final Judging judging;
    private final InstantSource clock;
    private final FleetForecast forecast;
    private final Runnable wake;

    JudgementRoutes(
            Database database, Supplier<PolicyBook> policies, Judging judging, InstantSource clock, Runnable wake) {
        this.database = database;
        this.policies = policies;
        this.judging = judging;
        this.clock = clock;
        this.forecast = new FleetForecast(database, judging, clock);
        this.wake = wake;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/whatif", Access.VIEWER, this::whatIf),
                Route.get("/api/v1/reevaluate", Access.VIEWER, x -> reevaluation()),
                Route.post("/api/v1/reevaluate", Access.OPERATOR, this::reevaluate),
                Route.post("/api/v1/findings/{id}/verify", Access.OPERATOR, this::verify),
                Route.get("/api/v1/endpoints/{id}/diagnosis", Access.VIEWER, this::diagnosis),
                Route.get("/api/v1/remedies/{rule}", Access.VIEWER, this::remedies));
    }

    /** Why clients cannot connect, from what was last seen. */
    private Answer diagnosis(Exchange exchange) {
        Latest.Seen seen = new Latest(database.sql())
                .of(exchange.id(), exchange.query("address"), null)
                .orElseThrow(() -> Problem.notFound("endpoint " + exchange.id() + " was not scanned yet"));
        Report report = judging.judge(seen.target(), seen.observation(), seen.memory(), clock.instant())
                .report();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("outcome", report.scan().outcome().word());
        answer.put("causes", EndpointDiagnosis.of(report));
        answer.put("stack", Stack.of(report).map(Stack::word).orElse(null));
        return Answer.json(answer);
    }

    /** The lines that mend it, for each server software that has such a setting. */
    private Answer remedies(Exchange exchange) {
        String rule = exchange.path("rule");
        if (Rules.find(rule) == null) {
            throw Problem.notFound("no rule is called '" + Text.shown(rule) + "'");
        }
        List<Map<String, Object>> stacks = new ArrayList<>();
        for (Stack stack : Stack.values()) {
            List<String> lines = Remedies.lines(rule, stack);
            if (!lines.isEmpty()) {
                stacks.add(Map.of("stack", stack.word(), "title", stack.title(), "lines", lines));
            }
        }
        return Answer.json(Map.of("rule", rule, "stacks", stacks));
    }

    /** Scans again, before everything that is merely due, no deeper than it takes to see this one thing. */
    private Answer verify(Exchange exchange) {
        Findings.Finding finding = new Findings(database.sql())
                .find(exchange.id())
                .orElseThrow(() -> Problem.notFound("there is no finding " + exchange.id()));
        Depth depth = Verification.depth(finding.rule());
        new Targets(database.sql()).requestScan(finding.endpointId(), depth, exchange.actor());
        return Answer.json(
                202, Map.of("findingId", finding.id(), "endpointId", finding.endpointId(), "depth", depth.word()));
    }

    private Answer whatIf(Exchange exchange) {
        Instant at = exchange.queryInstant("at");
        String policy = exchange.query("policy");
        if (at == null && policy == null) {
            throw Problem.invalid("at", "give at (an instant such as 2027-03-15T00:00:00Z), policy, or both");
        }
        if (policy != null) {
            PolicyRoutes.known(policies.get(), policy, "policy");
        }
        Latest.Selection selection =
                new Latest.Selection(exchange.query("owner"), exchange.tags(), exchange.query("q"));
        Long after = exchange.queryId("cursor");
        String limit = exchange.query("limit");
        FleetForecast.Page page = forecast.page(new FleetForecast.Question(
                at == null ? clock.instant() : at,
                policy,
                selection,
                after == null ? 0 : after,
                limit == null ? MOST : exchange.limit()));
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("at", page.at());
        answer.put("policy", page.policy());
        answer.put("endpoints", page.endpoints());
        answer.put("total", page.total());
        answer.put("appear", page.appear());
        answer.put("vanish", page.vanish());
        answer.put("byRule", page.byRule());
        answer.put("nextCursor", page.next() == null ? null : String.valueOf(page.next()));
        return Answer.json(answer);
    }

    private Answer reevaluation() {
        return Answer.json(
                new Reevaluations(database).latest().map(JudgementRoutes::shown).orElseGet(() -> {
                    Map<String, @Nullable Object> idle = new LinkedHashMap<>();
                    idle.put("state", "idle");
                    idle.put("done", 0);
                    idle.put("total", 0);
                    return idle;
                }));
    }

    private Answer reevaluate(Exchange exchange) {
        String[] reason = {""};
        exchange.jsonIfAny().ifPresent(json -> {
            Members body = Members.of(json);
            String given = body.text("reason", 500);
            body.done();
            reason[0] = given == null ? "" : given;
        });
        Reevaluations.State state = new Reevaluations(database).request(exchange.actor(), reason[0]);
        new Audit(database.sql())
                .record(
                        new Audit.Actor(exchange.actor(), exchange.peer()),
                        "reevaluate",
                        "reevaluation " + state.id(),
                        null,
                        null);
        wake.run();
        return Answer.json(202, shown(state));
    }

    private static Map<String, @Nullable Object> shown(Reevaluations.State state) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("state", state.state());
        shown.put("done", state.done());
        shown.put("total", state.total());
        shown.put("failed", state.failed());
        shown.put("opened", state.opened());
        shown.put("resolved", state.resolved());
        shown.put("requestedBy", state.requestedBy());
        shown.put("reason", state.reason());
        shown.put("requestedAt", state.requestedAt());
        shown.put("startedAt", state.startedAt());
        shown.put("finishedAt", state.finishedAt());
        return shown;
    }
}
