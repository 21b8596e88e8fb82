package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.InvalidInput;
import io.tlsfleet.api.input.InvalidInput.FieldError;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.api.inventory.TargetInput;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.inventory.ScanRules;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.query.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How often and how deep, and with which identity, for all targets of a name, an owner, a tag or a site; a change is followed at once. */
final class ScanRuleRoutes {
    private static final int MOST = 1000;

    private final Database database;
    private final Runnable wake;

    ScanRuleRoutes(Database database, Runnable wake) {
        this.database = database;
        this.wake = wake;
    }

    List<Route> routes() {
        return List.of(
                Route.get(
                        "/api/v1/scan-rules",
                        Access.VIEWER,
                        x -> Answer.json(x.page(new ScanRules(database.sql()).all()))),
                Route.post("/api/v1/scan-rules", Access.OPERATOR, this::put),
                Route.put("/api/v1/scan-rules", Access.OPERATOR, this::replace),
                Route.delete("/api/v1/scan-rules/{id}", Access.OPERATOR, this::remove));
    }

    private Answer put(Exchange exchange) {
        Members body = Members.of(exchange.json());
        ScanRules.Rule rule = rule(body, new Targets(database.sql()).sites());
        body.done();
        Audit.Actor actor = exchange.auditActor();
        ScanRules.Kept kept = database.inTransaction(sql -> {
            ScanRules.Kept put = new ScanRules(sql).put(Objects.requireNonNull(rule), actor.name());
            new Audit(sql).record(actor, "scan-rule.put", "scan rule " + put.id(), null, put);
            return put;
        });
        changed(actor, "a rule of scanning is another");
        return Answer.json(201, kept);
    }

    private Answer replace(Exchange exchange) {
        JsonNode given = exchange.json();
        if (!given.isArray() || given.size() > MOST) {
            throw new InvalidInput("body", "expected an array of at most " + MOST + " rules");
        }
        Set<String> sites = new Targets(database.sql()).sites();
        List<FieldError> errors = new ArrayList<>();
        List<ScanRules.Rule> rules = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            Members members = Members.of(given.get(i), Integer.toString(i), errors);
            ScanRules.Rule rule = rule(members, sites);
            members.checkUnknown();
            if (rule != null) {
                rules.add(rule);
            }
        }
        if (!errors.isEmpty()) {
            throw new InvalidInput(errors);
        }
        if (exchange.queryFlag("dryRun")) {
            return Answer.json(Page.all(rules));
        }
        Audit.Actor actor = exchange.auditActor();
        List<ScanRules.Kept> kept = database.inTransaction(sql -> {
            ScanRules stored = new ScanRules(sql);
            List<ScanRules.Kept> before = stored.all();
            List<ScanRules.Kept> now = stored.replace(rules, actor.name());
            new Audit(sql).record(actor, "scan-rule.replace", now.size() + " scan rules", before, now);
            return now;
        });
        changed(actor, "the rules of scanning are others");
        return Answer.json(Page.all(kept));
    }

    private Answer remove(Exchange exchange) {
        long id = exchange.id();
        Audit.Actor actor = exchange.auditActor();
        Optional<ScanRules.Kept> gone = database.inTransaction(sql -> {
            Optional<ScanRules.Kept> removed = new ScanRules(sql).remove(id);
            removed.ifPresent(one -> new Audit(sql).record(actor, "scan-rule.remove", "scan rule " + id, one, null));
            return removed;
        });
        if (gone.isEmpty()) {
            throw Problem.notFound("there is no scan rule " + id);
        }
        changed(actor, "a rule of scanning is gone");
        return Answer.nothing();
    }

    /** Null when something is wrong, which the members then know. */
    private static ScanRules.@Nullable Rule rule(Members members, Set<String> sites) {
        String host = given(members.text("host", 255));
        String owner = given(members.text("owner", 200));
        String tag = given(members.text("tag", 1200));
        String site = members.site("site", sites);
        Integer interval = TargetInput.interval(members);
        Depth depth = TargetInput.depth(members);
        String identity = given(members.text("expectIdentity", 1000));
        if (interval == null
                && depth == null
                && identity == null
                && isAbsent(members, "intervalSeconds")
                && isAbsent(members, "depth")) {
            return members.wrong("intervalSeconds", "a rule says intervalSeconds, depth or expectIdentity: give one");
        }
        try {
            return new ScanRules.Rule(host, owner, tag, site, interval, depth, identity);
        } catch (IllegalArgumentException e) {
            return members.wrong("tag", Text.shown(String.valueOf(e.getMessage())));
        }
    }

    private static boolean isAbsent(Members members, String name) {
        return !members.has(name) || members.isNull(name);
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    /** The schedule follows, and whoever expects another identity is judged again. */
    private void changed(Audit.Actor actor, String what) {
        new Reevaluations(database).request(actor.name(), what);
        wake.run();
    }
}
