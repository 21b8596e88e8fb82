package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.AddressRange;
import io.tlsfleet.fleet.target.Blocklist;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.site.Blocks;
import io.tlsfleet.store.site.SiteSettings;
import io.tlsfleet.store.site.Sites;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rules that sites scan by, and what nobody scans. Workers hear of a change within ten seconds. */
final class SiteSettingsRoutes {
    private static final int LONGEST_NAME = 128;
    private final Database database;

    SiteSettingsRoutes(Database database) {
        this.database = database;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/sites/{name}", Access.VIEWER, this::site),
                Route.put("/api/v1/sites/{name}", Access.ADMIN, this::put),
                Route.get("/api/v1/blocks", Access.VIEWER, x -> Answer.json(x.page(new Blocks(database.sql()).list()))),
                Route.post("/api/v1/blocks", Access.OPERATOR, this::block),
                Route.delete("/api/v1/blocks/{id}", Access.OPERATOR, this::unblock));
    }

    private Answer site(Exchange x) {
        String name = x.path("name");
        return Answer.json(shown(new Sites(database.sql())
                .find(name)
                .orElseThrow(() -> Problem.notFound("there is no site '" + Text.shown(name) + "'"))));
    }

    private static JsonNode shown(Sites.Site site) {
        var node = Json.tree(site).<com.fasterxml.jackson.databind.node.ObjectNode>deepCopy();
        node.remove("id");
        node.remove("isPrivate");
        return node.put("private", site.isPrivate());
    }

    private Answer put(Exchange x) {
        String name = x.path("name");
        Members body = Members.of(x.json());
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*") || name.length() > LONGEST_NAME) {
            body.wrong("name", "a site's name has letters, digits, dots, dashes and underscores, at most 128");
        }
        String description = body.text("description", 1000);
        Boolean isPrivate = body.flag("private");
        Boolean paused = body.flag("paused");
        JsonNode given = body.any("settings");
        SiteSettings settings = given == null ? null : settings(body, given);
        body.done();
        Audit.Actor actor = x.auditActor();
        Sites.Site site = database.inTransaction(sql -> {
            Sites sites = new Sites(sql);
            Optional<Sites.Site> before = sites.find(name);
            Sites.Site after = sites.put(name, description, isPrivate, paused, settings);
            new Audit(sql)
                    .record(
                            actor,
                            "site.put",
                            "site " + name,
                            before.map(SiteSettingsRoutes::shown).orElse(null),
                            shown(after));
            return after;
        });
        return Answer.json(shown(site));
    }

    /** As a whole: what is not in it is as the product has it. */
    private static @Nullable SiteSettings settings(Members body, JsonNode given) {
        SiteSettings settings;
        try {
            settings = Json.readInput(given.toString(), SiteSettings.class);
        } catch (java.io.UncheckedIOException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            String message = String.valueOf(cause.getMessage());
            return body.wrong("settings", Text.shown(message.split("\n", 2)[0]));
        }
        for (String range : settings.allow()) {
            checkRange(body, "settings/allow", range);
        }
        for (String range : settings.deny()) {
            checkRange(body, "settings/deny", range);
        }
        positive(body, "concurrentPerHost", settings.concurrentPerHost());
        positive(body, "ratePerHost", settings.ratePerHost());
        positive(body, "ratePerNetwork", settings.ratePerNetwork());
        positive(body, "ratePerOwner", settings.ratePerOwner());
        settings.ownerRates().forEach((owner, rate) -> positive(body, "ownerRates/" + owner, rate));
        return settings;
    }

    private static void positive(Members body, String name, @Nullable Number value) {
        if (value != null && !(value.doubleValue() > 0 && value.doubleValue() <= 100_000)) {
            body.wrong("settings/" + name, "above zero, at most 100000");
        }
    }

    private static void checkRange(Members body, String where, String range) {
        try {
            AddressRange.parse(range);
        } catch (IllegalArgumentException e) {
            body.wrong(where, String.valueOf(e.getMessage()));
        }
    }

    private Answer block(Exchange x) {
        Members body = Members.of(x.json());
        String given = body.requiredText("pattern", 300);
        String reason = body.requiredText("reason", 1000);
        Instant until = body.instant("until");
        String pattern = given;
        try {
            pattern = given.isBlank() ? given : Blocklist.canonical(given);
        } catch (IllegalArgumentException e) {
            body.wrong("pattern", String.valueOf(e.getMessage()));
        }
        body.done();
        Audit.Actor actor = x.auditActor();
        String kept = pattern;
        return Answer.json(201, database.inTransaction(sql -> {
            Blocks.Block block = new Blocks(sql).add(kept, reason, actor.name(), until);
            new Audit(sql).record(actor, "block.add", "block " + kept, null, block);
            return block;
        }));
    }

    private Answer unblock(Exchange x) {
        long id = x.id();
        Audit.Actor actor = x.auditActor();
        Optional<Blocks.Block> gone = database.inTransaction(sql -> {
            Optional<Blocks.Block> removed = new Blocks(sql).remove(id);
            removed.ifPresent(b -> new Audit(sql).record(actor, "block.remove", "block " + b.pattern(), b, null));
            return removed;
        });
        if (gone.isEmpty()) {
            throw Problem.notFound("there is no block " + id);
        }
        return Answer.nothing();
    }
}
