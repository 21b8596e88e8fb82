package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.InvalidInput;
import io.tlsfleet.api.input.InvalidInput.FieldError;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.policy.InvalidPolicy;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.Policy;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.policy.PolicyDiff;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.store.policy.StoredPolicies;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Policies that ship and policies of one's own, and whom they judge; a change has everything judged again. */
final class PolicyRoutes {
    private static final int LONGEST = 1 << 20;

    private final Database database;
    private final CurrentPolicies policies;
    private final Runnable wake;

    PolicyRoutes(Database database, CurrentPolicies policies, Runnable wake) {
        this.database = database;
        this.policies = policies;
        this.wake = wake;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/policies", Access.VIEWER, this::list),
                Route.post("/api/v1/policies", Access.OPERATOR, this::put),
                Route.get(
                        "/api/v1/policies/{name}",
                        Access.VIEWER,
                        x -> Answer.json(known(policies.get(), x.path("name"), "name"))),
                Route.delete("/api/v1/policies/{name}", Access.OPERATOR, this::remove),
                Route.get("/api/v1/policies/{name}/versions", Access.VIEWER, this::versions),
                Route.get("/api/v1/policies/{name}/diff", Access.VIEWER, this::diff),
                Route.get(
                        "/api/v1/policy-assignments",
                        Access.VIEWER,
                        x -> Answer.json(x.page(new StoredPolicies(database.sql()).assignments()))),
                Route.post("/api/v1/policy-assignments", Access.OPERATOR, this::assign),
                Route.delete("/api/v1/policy-assignments/{id}", Access.OPERATOR, this::unassign));
    }

    /** A policy by name, or a problem that names the field. */
    static Policy known(PolicyBook book, String name, String field) {
        Policy policy = book.find(name);
        if (policy == null) {
            String detail =
                    "no policy is called '" + Text.shown(name) + "'; there are " + String.join(", ", book.names());
            throw field.equals("name") ? Problem.notFound(detail) : Problem.invalid(field, detail);
        }
        return policy;
    }

    private Answer list(Exchange exchange) {
        Map<String, Long> judged = new StoredPolicies(database.sql()).judged(Policies.DEFAULT);
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        PolicyBook book = policies.get();
        for (String name : book.names()) {
            Map<String, @Nullable Object> item = summary(Objects.requireNonNull(book.find(name)));
            item.put("endpoints", judged.getOrDefault(name, 0L));
            items.add(item);
        }
        return Answer.json(exchange.page(items));
    }

    private static Map<String, @Nullable Object> summary(Policy policy) {
        Map<String, @Nullable Object> item = new LinkedHashMap<>();
        item.put("name", policy.name());
        item.put("version", policy.version());
        item.put("title", policy.title());
        item.put("date", policy.date().toString());
        item.put("source", policy.source());
        item.put("shipped", Policies.find(policy.name()) != null);
        return item;
    }

    /** A file of one's own, as YAML or as the document of a JSON object. */
    private Answer put(Exchange exchange) {
        String text = document(exchange);
        PolicyBook book = policies.get();
        Policy policy = read(text, book);
        if (Policies.find(policy.name()) != null) {
            throw Problem.conflict(
                    "name",
                    policy.name() + " ships with tlsfleet: give yours a name of its own and let it" + " say extends: "
                            + policy.name());
        }
        Policy before = book.find(policy.name());
        List<PolicyDiff.Line> changes = PolicyDiff.between(before == null ? Policies.standard() : before, policy);
        Map<String, @Nullable Object> answer = summary(policy);
        answer.put("comparedWith", before == null ? Policies.standard().label() : before.label());
        answer.put("changes", changes);
        if (exchange.queryFlag("dryRun")) {
            return Answer.json(answer);
        }
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            StoredPolicies stored = new StoredPolicies(sql);
            if (!stored.put(policy.name(), policy.version(), text, actor.name())) {
                throw Problem.conflict(
                        "version",
                        policy.label() + " is kept already and says something else; findings name it, so it stays: give"
                                + " this one another version");
            }
            Map<String, InvalidPolicy> unread = new HashMap<>();
            stored.book(unread);
            if (!unread.isEmpty()) {
                String name = unread.keySet().iterator().next();
                throw Problem.conflict(
                        "document",
                        name + ", which extends it, could then not be read: "
                                + Objects.requireNonNull(unread.get(name)).getMessage());
            }
            new Audit(sql).record(actor, "policy.put", "policy " + policy.label(), null, summary(policy));
        });
        changed(actor, "policy " + policy.label());
        return Answer.json(201, answer);
    }

    private static String document(Exchange exchange) {
        String type = exchange.contentType();
        if (type.equals("application/json")) {
            Members body = Members.of(exchange.json());
            String text = body.requiredText("document", LONGEST);
            body.done();
            return text;
        }
        if (type.endsWith("yaml") || type.equals("text/plain")) {
            return exchange.text();
        }
        throw Problem.of(
                415,
                "Unsupported media type",
                "Content-Type",
                "send application/yaml, or application/json with the file as \"document\", not '" + Text.shown(type)
                        + "'");
    }

    private static Policy read(String text, PolicyBook book) {
        try {
            return Policies.parse(text, book::find);
        } catch (InvalidPolicy e) {
            throw new InvalidInput(e.problems().stream()
                    .map(p -> new FieldError("document", p.toString()))
                    .toList());
        }
    }

    private Answer versions(Exchange exchange) {
        String name = exchange.path("name");
        List<StoredPolicies.Kept> kept = new StoredPolicies(database.sql()).versions(name);
        if (kept.isEmpty()) {
            known(policies.get(), name, "name");
        }
        return Answer.json(exchange.page(kept));
    }

    private Answer diff(Exchange exchange) {
        Policy a = known(policies.get(), exchange.path("name"), "name");
        String with = exchange.query("with");
        if (with == null) {
            throw Problem.invalid("with", "give with, the policy to compare with");
        }
        return Answer.json(exchange.page(PolicyDiff.between(a, known(policies.get(), with, "with"))));
    }

    private Answer remove(Exchange exchange) {
        String name = exchange.path("name");
        if (Policies.find(name) != null) {
            throw Problem.conflict("name", name + " ships with tlsfleet and stays");
        }
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            StoredPolicies stored = new StoredPolicies(sql);
            long used = stored.namedByTargets(name);
            if (used > 0) {
                throw Problem.conflict("name", used + " targets name " + name + " themselves: change those first");
            }
            List<String> assigned = stored.assignments().stream()
                    .filter(a -> a.policy().equals(name))
                    .map(PolicyRoutes::whom)
                    .toList();
            if (!assigned.isEmpty()) {
                throw Problem.conflict(
                        "name",
                        name + " is assigned to " + String.join("; ", assigned.subList(0, Math.min(5, assigned.size())))
                                + (assigned.size() > 5 ? " and " + (assigned.size() - 5) + " more" : "")
                                + ": take those assignments back first");
            }
            if (!stored.remove(name)) {
                throw Problem.notFound("no policy of your own is called '" + Text.shown(name) + "'");
            }
            Map<String, InvalidPolicy> unread = new HashMap<>();
            stored.book(unread);
            if (!unread.isEmpty()) {
                throw Problem.conflict("name", String.join(", ", unread.keySet()) + " extends " + name);
            }
            new Audit(sql).record(actor, "policy.remove", "policy " + name, null, null);
        });
        changed(actor, "policy " + name + " removed");
        return Answer.nothing();
    }

    private static String whom(StoredPolicies.Assigned assigned) {
        List<String> parts = new ArrayList<>();
        if (assigned.host() != null) {
            parts.add("host " + assigned.host());
        }
        if (assigned.owner() != null) {
            parts.add("owner " + assigned.owner());
        }
        if (assigned.tag() != null) {
            parts.add("tag " + assigned.tag());
        }
        if (assigned.site() != null) {
            parts.add("site " + assigned.site());
        }
        return String.join(" and ", parts);
    }

    private Answer assign(Exchange exchange) {
        Members body = Members.of(exchange.json());
        String name = body.requiredText("policy", 100);
        String host = body.text("host", 255);
        String owner = body.text("owner", 200);
        String tag = body.text("tag", 1200);
        String site = body.site("site", new Targets(database.sql()).sites());
        if (!name.isBlank() && policies.get().find(name) == null) {
            body.wrong(
                    "policy",
                    "no policy is called '" + Text.shown(name) + "'; there are "
                            + String.join(", ", policies.get().names()));
        }
        PolicyBook.Assignment to = null;
        try {
            to = new PolicyBook.Assignment(name, host, owner, tag, site);
        } catch (IllegalArgumentException e) {
            body.wrong(tag == null ? "host" : "tag", Text.shown(String.valueOf(e.getMessage())));
        }
        body.done();
        PolicyBook.Assignment assignment = Objects.requireNonNull(to);
        Audit.Actor actor = exchange.auditActor();
        StoredPolicies.Assigned assigned = database.inTransaction(sql -> {
            StoredPolicies.Assigned made = new StoredPolicies(sql).assign(assignment, actor.name());
            new Audit(sql).record(actor, "policy.assign", "policy " + name, null, made);
            return made;
        });
        changed(actor, "policy " + name + " assigned");
        return Answer.json(201, assigned);
    }

    private Answer unassign(Exchange exchange) {
        long id = exchange.id();
        Audit.Actor actor = exchange.auditActor();
        Optional<StoredPolicies.Assigned> gone = database.inTransaction(sql -> {
            Optional<StoredPolicies.Assigned> removed = new StoredPolicies(sql).unassign(id);
            removed.ifPresent(a -> new Audit(sql).record(actor, "policy.unassign", "policy " + a.policy(), a, null));
            return removed;
        });
        if (gone.isEmpty()) {
            throw Problem.notFound("there is no assignment " + id);
        }
        changed(actor, "policy " + gone.get().policy() + " no longer assigned");
        return Answer.nothing();
    }

    /** Judged again once every process judges by what is new. */
    private void changed(Audit.Actor actor, String what) {
        policies.refresh();
        new Reevaluations(database).request(actor.name(), what, CurrentPolicies.STALE);
        wake.run();
    }
}
