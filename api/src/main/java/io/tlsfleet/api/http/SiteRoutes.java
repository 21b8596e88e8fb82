package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteWire;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.store.lease.Tokens;
import io.tlsfleet.store.site.Sites;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Leases and results for workers that may not reach the database. The token says which site it is, never the request: what
 * names an endpoint of another site is refused as a whole and noted in the audit log.
 */
final class SiteRoutes {
    private static final int MOST_LEASES = 1000;
    private static final int MOST_WORKERS = 1000;

    private final Database database;
    private final Ingest ingest;
    private final ScanCounters scans;
    private final Map<Key, Ends> known = new ConcurrentHashMap<>();

    private record Key(String site, String worker) {}

    private record Ends(int site, LeaseSource leases, SiteLink link) {}

    SiteRoutes(Database database, Judging judging, ScanCounters scans) {
        this.database = database;
        this.ingest = new Ingest(database, judging);
        this.scans = scans;
    }

    List<Route> routes() {
        return List.of(
                Route.post(SiteWire.PATH + "leases", Access.SITE, this::lease),
                Route.post(SiteWire.PATH + "leases/renew", Access.SITE, this::renew),
                Route.post(SiteWire.PATH + "leases/release", Access.SITE, this::release),
                Route.post(SiteWire.PATH + "leases/defer", Access.SITE, this::defer),
                Route.post(SiteWire.PATH + "results", Access.SITE, this::complete),
                Route.post(SiteWire.PATH + "presence", Access.SITE, this::report),
                Route.post(SiteWire.PATH + "holds", Access.SITE, this::hold),
                Route.post(SiteWire.PATH + "farewell", Access.SITE, this::leave));
    }

    private Answer lease(Exchange x) {
        SiteWire.LeaseRequest asked = read(x, SiteWire.LeaseRequest.class);
        if (asked.lane() < 0 || asked.lane() > 1 || asked.limit() < 1 || asked.limit() > MOST_LEASES) {
            throw Problem.invalid("limit", "lane is 0 or 1, limit from 1 to " + MOST_LEASES);
        }
        return Answer.json(
                new SiteWire.Leases(await(ends(x, asked.worker()).leases.lease(asked.lane(), asked.limit()))));
    }

    private Answer renew(Exchange x) {
        List<UUID> tokens = read(x, SiteWire.Tokens.class).tokens();
        return Answer.json(new SiteWire.Tokens(await(own(x, "", tokens).leases.renew(tokens))));
    }

    private Answer release(Exchange x) {
        List<UUID> tokens = read(x, SiteWire.Tokens.class).tokens();
        await(own(x, "", tokens).leases.release(tokens));
        return Answer.nothing();
    }

    private Answer defer(Exchange x) {
        SiteWire.Deferrals asked = read(x, SiteWire.Deferrals.class);
        List<UUID> tokens =
                asked.leases().stream().map(SiteLink.Deferred::token).toList();
        await(own(x, asked.worker(), tokens).link.defer(asked.leases()));
        return Answer.nothing();
    }

    private Answer complete(Exchange x) {
        List<Completed> results = read(x, SiteWire.Results.class).results();
        if (!results.stream().flatMap(r -> r.observations().stream()).allMatch(SiteRoutes::isWhole)) {
            throw Problem.invalid("results", "an observation lacks what every one has: endpoint, scan, coverage");
        }
        Ends ends = ends(x, "");
        checkOwn(
                x,
                ends,
                results.stream()
                        .flatMap(r -> Stream.of(r.endpointId(), Tokens.endpoint(r.token())))
                        .toList());
        return Answer.json(new SiteWire.Taken(await(ends.leases.complete(results))));
    }

    /** What the language promises within this process, and a stranger's JSON does not. */
    private static boolean isWhole(Observation seen) {
        return Stream.of(seen.endpoint(), seen.scan(), seen.coverage()).allMatch(Objects::nonNull)
                && Stream.of(
                                seen.endpoint().host(),
                                seen.scan().startedAt(),
                                seen.scan().depth(),
                                seen.scan().outcome(),
                                seen.scan().scanner())
                        .allMatch(Objects::nonNull);
    }

    private Answer report(Exchange x) {
        SiteWire.Report asked = read(x, SiteWire.Report.class);
        return Answer.json(await(ends(x, asked.worker()).link.report(asked.presence())));
    }

    private Answer hold(Exchange x) {
        SiteWire.Holds asked = read(x, SiteWire.Holds.class);
        SiteLink link = ends(x, asked.worker()).link;
        List<Integer> letGo = asked.letGo();
        if (letGo != null && !letGo.isEmpty()) {
            await(link.letGo(letGo));
        }
        return Answer.json(new SiteWire.Shards(await(link.hold(asked.shards()))));
    }

    private Answer leave(Exchange x) {
        SiteWire.Farewell asked = read(x, SiteWire.Farewell.class);
        await(ends(x, asked.worker()).link.leave());
        return Answer.nothing();
    }

    private Ends own(Exchange x, String worker, List<UUID> tokens) {
        Ends ends = ends(x, worker);
        checkOwn(x, ends, tokens.stream().map(Tokens::endpoint).toList());
        return ends;
    }

    private void checkOwn(Exchange x, Ends ends, List<Long> endpoints) {
        if (!new Sites(database.sql()).areOf(ends.site, endpoints)) {
            database.doInTransaction(sql -> new Audit(sql)
                    .record(x.auditActor(), "site.foreign", "site " + site(x), null, Map.of("path", x.requestPath())));
            throw Problem.forbidden(
                    "this token is of the site '" + site(x) + "', and not every endpoint named here is");
        }
    }

    private Ends ends(Exchange x, String worker) {
        String site = site(x);
        // names of workers are theirs to choose: that of one site never means a worker of another
        String name = worker.isEmpty() ? "" : site + "/" + worker;
        if (name.length() > 200 || name.chars().anyMatch(c -> c < ' ')) {
            throw Problem.invalid("worker", "a worker's name has at most 128 characters and no control characters");
        }
        if (known.size() > MOST_WORKERS) {
            known.clear();
        }
        return known.computeIfAbsent(new Key(site, name), key -> {
            int id = new Sites(database.sql())
                    .find(site)
                    .map(Sites.Site::id)
                    .orElseThrow(() -> Problem.forbidden("the site '" + site + "' is gone"));
            DatabaseLeases leases = new DatabaseLeases(database, ingest, site, name, LeaseSettings.DEFAULT);
            return new Ends(id, scans.counting(leases), leases.link(name));
        });
    }

    private static String site(Exchange x) {
        String site = x.principal().site();
        if (site == null) {
            throw Problem.forbidden("this token is of no site");
        }
        return site;
    }

    private static <T> T read(Exchange x, Class<T> type) {
        try {
            return Json.read(x.json(), type);
        } catch (java.io.UncheckedIOException e) {
            throw Problem.invalid("body", "the body is not what a worker of this version says");
        } catch (NullPointerException | IllegalArgumentException e) {
            throw Problem.invalid("body", "a member is missing or out of range");
        }
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
