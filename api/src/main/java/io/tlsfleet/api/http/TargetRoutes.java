package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.InvalidInput;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.api.inventory.TargetInput;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.inventory.Targets.Kept;
import io.tlsfleet.store.query.Page;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is watched. */
final class TargetRoutes {
    private static final int MOST_AT_ONCE = 10_000;
    private static final int MOST_JUDGED = 100;
    private static final String MERGE_PATCH = "application/merge-patch+json";
    private static final Set<String> IDENTITY = Set.of("host", "port", "sni", "starttls", "site");

    private final Database database;
    private final Supplier<PolicyBook> policies;
    private final String defaultSite;
    private final Ingest ingest;

    TargetRoutes(Database database, Supplier<PolicyBook> policies, String defaultSite, Judging judging) {
        this.database = database;
        this.policies = policies;
        this.defaultSite = defaultSite;
        this.ingest = new Ingest(database, judging);
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/targets", Access.VIEWER, this::list),
                Route.post("/api/v1/targets", Access.OPERATOR, this::add),
                Route.get("/api/v1/targets/{id}", Access.VIEWER, x -> Answer.json(shown(found(x.id())))),
                Route.patch("/api/v1/targets/{id}", Access.OPERATOR, this::change),
                Route.delete("/api/v1/targets/{id}", Access.OPERATOR, this::remove),
                Route.post("/api/v1/targets/{id}/scan", Access.OPERATOR, this::scan));
    }

    private Answer list(Exchange exchange) {
        Targets.Filter filter = new Targets.Filter(
                exchange.query("q"), exchange.query("owner"), exchange.query("site"), exchange.tags());
        int limit = exchange.limit();
        List<Kept> kept = new Targets(database.sql()).list(filter, after(exchange), limit + 1);
        boolean more = kept.size() > limit;
        List<Object> items = new ArrayList<>();
        kept.stream().limit(limit).forEach(target -> items.add(shown(target)));
        return Answer.json(
                new Page<>(items, more ? Long.toString(kept.get(limit - 1).id()) : null));
    }

    private static long after(Exchange exchange) {
        String cursor = exchange.query("cursor");
        if (cursor == null) {
            return 0;
        }
        if (!cursor.matches("[0-9]{1,18}")) {
            throw Problem.invalid(
                    "cursor", "'" + Text.shown(cursor) + "' is no cursor: give nextCursor of the page before");
        }
        return Long.parseLong(cursor);
    }

    private Answer add(Exchange exchange) {
        JsonNode body = exchange.json();
        List<Target> targets = input().all(body, MOST_AT_ONCE);
        Audit.Actor actor = exchange.auditActor();
        List<Targets.Put> puts = database.inTransaction(sql -> {
            List<Targets.Put> done = new Targets(sql).put(targets, defaultSite, "api");
            for (int i = 0; i < done.size() && done.size() <= 100; i++) {
                Targets.Put put = done.get(i);
                if (put.added() || put.changed()) {
                    new Audit(sql)
                            .record(
                                    actor,
                                    put.added() ? "target.add" : "target.change",
                                    "target " + put.id(),
                                    null,
                                    targets.get(i));
                }
            }
            if (done.size() > 100) {
                new Audit(sql).record(actor, "target.add", done.size() + " targets", null, null);
            }
            return done;
        });
        List<Long> ids = puts.stream().map(Targets.Put::id).toList();
        judge(puts.stream().filter(Targets.Put::changed).map(Targets.Put::id).toList());
        List<Object> items = new ArrayList<>();
        new Targets(database.sql()).find(ids).forEach(kept -> items.add(shown(kept)));
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        if (!body.isArray() && !items.isEmpty()) {
            ((ObjectNode) items.getFirst())
                    .properties()
                    .forEach(member -> answer.put(member.getKey(), member.getValue()));
        }
        answer.put("ids", ids);
        answer.put("added", puts.stream().filter(Targets.Put::added).count());
        answer.put("updated", puts.stream().filter(put -> !put.added()).count());
        answer.put("items", items);
        Answer made = Answer.json(201, answer);
        return body.isArray() ? made : made.with("Location", "/api/v1/targets/" + ids.getFirst());
    }

    private Answer change(Exchange exchange) {
        long id = found(exchange.id()).id();
        JsonNode patch = exchange.json();
        if (!patch.isObject() || patch.isEmpty()) {
            throw new InvalidInput("body", "expected an object with the members to change");
        }
        boolean merge = exchange.contentType().equals(MERGE_PATCH);
        TargetInput input = input();
        Audit.Actor actor = exchange.auditActor();
        // who changes another member at the same time waits, and undoes nothing
        Kept kept = database.inTransaction(sql -> {
            Targets targets = new Targets(sql);
            Kept before = targets.locked(id).orElseThrow(() -> none(id));
            Target target = input.one(patched(before, patch, merge));
            targets.change(id, target);
            new Audit(sql).record(actor, "target.change", "target " + id, shown(before), target);
            return before;
        });
        judge(List.of(id));
        ObjectNode answer = (ObjectNode) shown(found(id));
        if (!kept.sources().isEmpty()) {
            answer.put("note", "kept, but " + undone(kept) + " writes it whole again: change it there too");
        }
        return Answer.json(answer);
    }

    /** {@code merge}: tag by tag, RFC 7396; else the tags are those given. */
    private static ObjectNode patched(Kept kept, JsonNode patch, boolean merge) {
        ObjectNode whole = Json.tree(shown(kept)).deepCopy();
        whole.remove(List.of("id", "endpointId", "byRule", "sources", "createdAt", "updatedAt"));
        patch.properties().forEach(member -> {
            if (IDENTITY.contains(member.getKey()) && !member.getValue().equals(whole.get(member.getKey()))) {
                throw new InvalidInput(
                        member.getKey(),
                        member.getKey() + " is part of what a target is: add another target and delete this one");
            }
            if (merge && member.getKey().equals("tags") && member.getValue().isObject()) {
                ObjectNode tags = (ObjectNode) whole.get("tags");
                member.getValue().properties().forEach(tag -> {
                    if (tag.getValue().isNull()) {
                        tags.remove(tag.getKey());
                    } else {
                        tags.set(tag.getKey(), tag.getValue());
                    }
                });
            } else {
                whole.set(member.getKey(), member.getValue());
            }
        });
        return whole;
    }

    private static String undone(Kept kept) {
        return "the next sync of the source that names this target (" + String.join(", ", kept.sources()) + ")";
    }

    /** Another owner, policy or tag: what is stored is judged by it at once; of very many, with the next scan. */
    private void judge(List<Long> changed) {
        if (!changed.isEmpty() && changed.size() <= MOST_JUDGED) {
            ingest.judgeAgain(changed);
        }
    }

    private Answer remove(Exchange exchange) {
        long id = exchange.id();
        Kept kept = found(id);
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            new Targets(sql).retire(id);
            new Audit(sql).record(actor, "target.delete", "target " + id, shown(kept), null);
        });
        if (!kept.sources().isEmpty()) {
            return Answer.json(Map.of("note", "deleted, but " + undone(kept) + " brings it back: delete it there too"));
        }
        return Answer.nothing();
    }

    private Answer scan(Exchange exchange) {
        long id = found(exchange.id()).id();
        @Nullable Depth[] depth = new Depth[1];
        exchange.jsonIfAny().ifPresent(json -> {
            Members body = Members.of(json);
            String word = body.word("depth", Set.of("certificate", "standard", "full", "verify"));
            body.done();
            if (word != null) {
                depth[0] = TargetLines.depth(word);
            }
        });
        new Targets(database.sql()).requestScan(id, depth[0], exchange.actor());
        return Answer.json(202, Map.of("targetId", id, "endpointIds", List.of(id)));
    }

    private Kept found(long id) {
        return new Targets(database.sql()).find(id).orElseThrow(() -> none(id));
    }

    private static Problem none(long id) {
        return Problem.notFound("there is no target " + id);
    }

    private TargetInput input() {
        return new TargetInput(
                new Targets(database.sql()).sites(), policies.get().names());
    }

    private static JsonNode shown(Kept kept) {
        ObjectNode shown = Json.tree(kept).deepCopy();
        shown.put("endpointId", kept.id());
        return shown;
    }
}
