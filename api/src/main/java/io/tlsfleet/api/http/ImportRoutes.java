package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.api.inventory.TargetImport;
import io.tlsfleet.api.inventory.TargetInput;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.inventory.Sources;
import io.tlsfleet.store.inventory.Targets;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Files of targets, once or as the word of a source that is asked again and again. */
final class ImportRoutes {
    private static final int LONGEST_NAME = 128;

    private final Database database;
    private final Supplier<PolicyBook> policies;
    private final String defaultSite;

    ImportRoutes(Database database, Supplier<PolicyBook> policies, String defaultSite) {
        this.database = database;
        this.policies = policies;
        this.defaultSite = defaultSite;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/api/v1/targets/import", Access.OPERATOR, this::importFile),
                Route.get(
                        "/api/v1/sources",
                        Access.VIEWER,
                        x -> Answer.json(x.page(new Sources(database.sql()).list()))));
    }

    private record Asked(
            boolean dryRun, boolean atomic, @Nullable String source, boolean retireAnyway) {}

    private Answer importFile(Exchange exchange) {
        Asked asked = new Asked(
                exchange.queryFlag("dryRun"),
                exchange.queryFlag("atomic"),
                exchange.query("source"),
                exchange.queryFlag("retireAnyway"));
        String source = asked.source;
        if (source != null && (source.isBlank() || source.length() > LONGEST_NAME)) {
            throw Problem.invalid("source", "a source has a name of 1 to " + LONGEST_NAME + " characters");
        }
        String type = exchange.contentType();
        if (!type.equals("text/csv") && !type.equals("application/x-ndjson")) {
            throw Problem.of(
                    415,
                    "Unsupported media type",
                    "Content-Type",
                    "send text/csv or application/x-ndjson, not '" + Text.shown(type) + "'");
        }
        TargetInput input = new TargetInput(
                new Targets(database.sql()).sites(), policies.get().names());
        String said = exchange.query("each");
        Target each = input.each(json(said == null ? "{}" : said));
        Audit.Actor actor = exchange.auditActor();
        if (!asked.dryRun && !asked.atomic && source == null) {
            TargetImport.Result result = read(
                    exchange,
                    type,
                    input,
                    each,
                    false,
                    batch -> database.inTransaction(sql -> new Targets(sql).put(batch, defaultSite, "import")));
            database.doInTransaction(
                    sql -> new Audit(sql).record(actor, "target.import", "targets", null, counts(result)));
            return Answer.json(result);
        }
        List<Target> all = new ArrayList<>();
        TargetImport.Result read = read(exchange, type, input, each, asked.dryRun, batch -> {
            all.addAll(batch);
            return List.of();
        });
        return Answer.json(whole(all, read, asked, actor));
    }

    private static JsonNode json(String text) {
        try {
            return Json.parse(text);
        } catch (UncheckedIOException e) {
            throw Problem.invalid("each", "'" + Text.shown(text) + "' is no JSON: " + Json.fault(e));
        }
    }

    /**
     * One transaction: rolled back when nothing was to be changed, when all or nothing was asked and a line is wrong, or when
     * a source would retire more than a person should hear of afterwards.
     */
    private TargetImport.Result whole(List<Target> all, TargetImport.Result read, Asked asked, Audit.Actor actor) {
        TargetImport.Result[] result = {read};
        Sources.@Nullable Step[] tooMany = new Sources.Step[1];
        boolean refused = asked.atomic && read.rejectedCount() > 0;
        try {
            database.doInTransaction(sql -> {
                result[0] = putAll(sql, all, read, asked, tooMany);
                if (refused || asked.dryRun || tooMany[0] != null) {
                    throw new RolledBack();
                }
                new Audit(sql)
                        .record(
                                actor,
                                "target.import",
                                asked.source == null ? "targets" : "source " + asked.source,
                                null,
                                counts(result[0]));
            });
        } catch (RolledBack e) {
            Sources.Step step = tooMany[0];
            if (step != null && !asked.dryRun) {
                new Sources(database.sql()).hold(String.valueOf(asked.source), step);
                throw Problem.conflict(
                        "retireAnyway",
                        "source '" + asked.source + "' no longer names " + step.gone() + " of its " + step.known()
                                + " targets, more than a tenth: nothing was changed. If that is so, send it again with retireAnyway=true");
            }
            if (!asked.dryRun) {
                return new TargetImport.Result(0, 0, 0, 0, false, read.rejectedCount(), read.rejected());
            }
        }
        return result[0];
    }

    private TargetImport.Result putAll(
            Sql sql, List<Target> all, TargetImport.Result read, Asked asked, Sources.@Nullable Step[] tooMany) {
        long added = 0;
        long updated = 0;
        Set<Long> seen = new HashSet<>();
        String source = asked.source;
        for (int from = 0; from < all.size(); from += 1000) {
            List<Target> batch = all.subList(from, Math.min(all.size(), from + 1000));
            for (Targets.Put put :
                    new Targets(sql).put(batch, defaultSite, source == null ? "import" : Sources.label(source))) {
                if (seen.add(put.id())) {
                    added += put.added() ? 1 : 0;
                    updated += !put.added() && put.changed() ? 1 : 0;
                }
            }
        }
        long retired = 0;
        if (source != null) {
            Sources sources = new Sources(sql);
            Sources.Step step = sources.compare(source, seen);
            // a line that cannot be read may be the word on a target that is there: as long as one is, nothing is taken
            // away
            boolean certain = read.rejectedCount() == 0 || asked.retireAnyway;
            if (certain && step.isTooMany() && !asked.retireAnyway) {
                tooMany[0] = step;
            }
            if (certain) {
                sources.take(source, seen, step);
                retired = step.retire().size();
            } else {
                sources.add(source, seen);
            }
        }
        return new TargetImport.Result(
                added,
                updated,
                seen.size() - added - updated,
                retired,
                asked.dryRun,
                read.rejectedCount(),
                read.rejected());
    }

    private static final class RolledBack extends RuntimeException {
        private static final long serialVersionUID = 1;

        RolledBack() {
            super(null, null, false, false);
        }
    }

    private static Map<String, Long> counts(TargetImport.Result result) {
        return Map.of(
                "added",
                result.added(),
                "updated",
                result.updated(),
                "retired",
                result.retired(),
                "rejected",
                result.rejectedCount());
    }

    private static TargetImport.Result read(
            Exchange exchange,
            String type,
            TargetInput input,
            Target each,
            boolean dryRun,
            Function<List<Target>, List<Targets.Put>> write) {
        TargetImport reading = new TargetImport(input, each, write);
        return type.equals("text/csv")
                ? reading.csv(exchange.stream(), dryRun)
                : reading.ndjson(exchange.stream(), dryRun);
    }
}
