package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.alerting.Acknowledgements;
import io.tlsfleet.store.query.Certificates;
import io.tlsfleet.store.query.Clusters;
import io.tlsfleet.store.query.Endpoints;
import io.tlsfleet.store.query.Estate;
import io.tlsfleet.store.query.Findings;
import io.tlsfleet.store.query.History;
import io.tlsfleet.store.query.Page;
import io.tlsfleet.store.query.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was found: endpoints, findings, certificates, history. */
final class ResultRoutes {
    private static final Set<String> PRINTS = Set.of("jarm", "ja3s", "ja4s");

    private static final long MOST_COUNTED = 100_000;

    private static final Duration A_DAY = Duration.ofDays(1);

    private final Database database;
    private final Filters filters;
    private final InstantSource clock;
    private final Recent<List<@Nullable Object>, Page<Findings.Cause>> causes;

    ResultRoutes(Database database, Filters filters, InstantSource clock) {
        this.database = database;
        this.filters = filters;
        this.clock = clock;
        this.causes = new Recent<>(Duration.ZERO, clock);
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/endpoints", Access.VIEWER, this::endpoints),
                Route.get("/api/v1/endpoints/{id}", Access.VIEWER, x -> Answer.json(endpoint(x.id()))),
                Route.get("/api/v1/endpoints/{id}/history", Access.VIEWER, this::history),
                Route.get("/api/v1/endpoints/{id}/changes", Access.VIEWER, this::endpointChanges),
                Route.get("/api/v1/changes", Access.VIEWER, this::changes),
                Route.get("/api/v1/findings", Access.VIEWER, this::findings),
                Route.get("/api/v1/findings/causes", Access.VIEWER, this::causes),
                Route.get("/api/v1/findings/{id}", Access.VIEWER, x -> Answer.json(finding(x.id()))),
                Route.post("/api/v1/findings/{id}/acknowledge", Access.OPERATOR, this::acknowledge),
                Route.delete("/api/v1/findings/{id}/acknowledge", Access.OPERATOR, this::unacknowledge),
                Route.get("/api/v1/certificates", Access.VIEWER, this::certificates),
                Route.get("/api/v1/certificates/{sha256}", Access.VIEWER, this::certificate),
                Route.get("/api/v1/fingerprints", Access.VIEWER, this::fingerprints),
                Route.get("/api/v1/fingerprints/odd", Access.VIEWER, this::oddOnes),
                Route.get("/api/v1/search", Access.VIEWER, this::search),
                Route.get("/api/v1/sites", Access.VIEWER, x -> Answer.json(x.page(estate().sitesInFull()))),
                Route.get("/api/v1/progress", Access.VIEWER, this::progress),
                Route.get("/api/v1/workers", Access.VIEWER, x -> Answer.json(x.page(estate().workers()))),
                Route.get("/api/v1/http_sd", Access.VIEWER, this::serviceDiscovery));
    }

    private Answer endpoints(Exchange exchange) {
        Endpoints.Filter filter = filters.endpoints(exchange);
        String word = exchange.queryWord("sort", Set.of("name", "worst", "expiry", "lastScan"));
        Endpoints.Sort sort = switch (word == null ? "name" : word) {
            case "worst" -> Endpoints.Sort.WORST;
            case "expiry" -> Endpoints.Sort.EXPIRY;
            case "lastScan" -> Endpoints.Sort.LAST_SCAN;
            default -> Endpoints.Sort.NAME;
        };
        Endpoints endpoints = new Endpoints(database.sql());
        String cursor = exchange.query("cursor");
        ObjectNode page = Json.tree(endpoints.list(filter, sort, exchange.limit(), cursor))
                .deepCopy();
        if (cursor == null) {
            long total = endpoints.count(filter, MOST_COUNTED + 1);
            page.put("total", total > MOST_COUNTED ? null : Long.valueOf(total));
        }
        return Answer.json(page);
    }

    private Endpoints.Endpoint endpoint(long id) {
        return new Endpoints(database.sql()).find(id).orElseThrow(() -> Problem.notFound("there is no endpoint " + id));
    }

    private Answer history(Exchange exchange) {
        long id = endpoint(exchange.id()).id();
        return Answer.json(new History(database.sql())
                .runs(id, exchange.query("address"), exchange.limit(), exchange.query("cursor")));
    }

    private Answer endpointChanges(Exchange exchange) {
        long id = endpoint(exchange.id()).id();
        return Answer.json(new History(database.sql())
                .changes(new History.ChangeFilter(id, null, null, null), exchange.limit(), exchange.query("cursor")));
    }

    private Answer changes(Exchange exchange) {
        History.ChangeFilter filter = Filters.changes(exchange);
        return Answer.json(new History(database.sql()).changes(filter, exchange.limit(), exchange.query("cursor")));
    }

    private Answer findings(Exchange exchange) {
        return Answer.json(new Findings(database.sql())
                .list(filters.findings(exchange), exchange.limit(), exchange.query("cursor")));
    }

    private Answer causes(Exchange exchange) {
        Findings.Filter filter = filters.findings(exchange);
        int limit = exchange.limit();
        String cursor = exchange.query("cursor");
        return Answer.json(causes.get(
                Arrays.asList(filter, limit, cursor),
                () -> new Findings(database.sql()).causes(filter, limit, cursor)));
    }

    private Findings.Finding finding(long id) {
        return new Findings(database.sql()).find(id).orElseThrow(() -> Problem.notFound("there is no finding " + id));
    }

    private Answer acknowledge(Exchange exchange) {
        Findings.Finding finding = finding(exchange.id());
        Members body = Members.of(exchange.json());
        String reason = body.requiredText("reason", 2000);
        Instant until = body.instant("until");
        if (until == null && (!body.has("until") || body.isNull("until"))) {
            body.wrong("until", "until is missing: an acknowledgement ends at some time");
        } else if (until != null && !until.isAfter(clock.instant())) {
            body.wrong("until", "until is in the past");
        }
        body.done();
        if (finding.state().equals("resolved")) {
            throw Problem.conflict("id", "finding " + finding.id() + " is resolved: there is nothing to acknowledge");
        }
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            new Acknowledgements(sql).acknowledge(List.of(finding.id()), actor.name(), reason, until);
            new Audit(sql)
                    .record(
                            actor,
                            "finding.acknowledge",
                            "finding " + finding.id(),
                            null,
                            Map.of("reason", reason, "until", String.valueOf(until)));
        });
        causes.forget();
        return Answer.json(finding(finding.id()));
    }

    private Answer unacknowledge(Exchange exchange) {
        Findings.Finding finding = finding(exchange.id());
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            new Acknowledgements(sql).takeBack(List.of(finding.id()));
            new Audit(sql)
                    .record(actor, "finding.unacknowledge", "finding " + finding.id(), finding.acknowledgement(), null);
        });
        causes.forget();
        return Answer.json(finding(finding.id()));
    }

    private Answer certificates(Exchange exchange) {
        Certificates.Filter filter = new Certificates.Filter(
                exchange.queryInstant("expiresBefore"),
                exchange.queryInstant("expiresAfter"),
                exchange.query("issuer"),
                exchange.query("owner"),
                exchange.query("served") == null ? null : exchange.queryFlag("served"),
                exchange.query("q"));
        Page<Certificates.Certificate> page =
                new Certificates(database.sql()).list(filter, exchange.limit(), exchange.query("cursor"));
        return Answer.json(new Page<>(page.items().stream().map(this::staged).toList(), page.nextCursor()));
    }

    private ObjectNode staged(Certificates.Certificate certificate) {
        ObjectNode shown = Json.tree(certificate).deepCopy();
        shown.put("stage", stage(certificate.notBefore(), certificate.notAfter()));
        return shown;
    }

    private String stage(@Nullable Instant from, @Nullable Instant until) {
        return from == null || until == null ? "ok" : ExpiryStage.of(from, until, clock.instant());
    }

    private Answer certificate(Exchange exchange) {
        String sha256 = String.valueOf(Filters.sha256(exchange.path("sha256"), "sha256"));
        Certificates.Detail detail = new Certificates(database.sql())
                .find(sha256)
                .orElseThrow(() -> Problem.notFound("no certificate with SHA-256 " + sha256 + " was seen"));
        ObjectNode shown = staged(detail.certificate());
        shown.put(
                "pem",
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(detail.der())
                        + "\n-----END CERTIFICATE-----\n");
        shown.set("servedBy", Json.tree(detail.servedBy()));
        return Answer.json(shown);
    }

    private Answer fingerprints(Exchange exchange) {
        String kind = exchange.queryWord("kind", PRINTS);
        return Answer.json(
                estate().fingerprints(kind == null ? "ja3s" : kind, exchange.limit(), exchange.query("cursor")));
    }

    private Answer oddOnes(Exchange exchange) {
        String kind = exchange.queryWord("kind", PRINTS);
        String by = exchange.queryWord("by", Set.of("owner", "site"));
        List<?> all = new Clusters(database.sql())
                .withOddOnes(kind == null ? "ja3s" : kind, by == null ? "owner" : by, Exchange.MAX_LIMIT);
        return Answer.json(ShortList.page(all, exchange.limit(), exchange.query("cursor")));
    }

    private Answer search(Exchange exchange) {
        String q = exchange.query("q");
        if (q == null || q.isBlank() || q.length() > 200) {
            throw Problem.invalid("q", "q is missing or longer than 200 characters");
        }
        Map<String, Object> found = new LinkedHashMap<>();
        found.put(
                "endpoints",
                new Endpoints(database.sql())
                        .list(Endpoints.Filter.matching(q), Endpoints.Sort.NAME, 8, null)
                        .items());
        found.put(
                "certificates",
                new Certificates(database.sql())
                        .list(Certificates.Filter.matching(q), 8, null).items().stream()
                                .map(this::staged)
                                .toList());
        found.put(
                "findings",
                new Findings(database.sql())
                        .list(Findings.Filter.matching(q), 8, null)
                        .items());
        return Answer.json(found);
    }

    /** Every endpoint once, as a target of /probe with the labels that a relabelling needs. */
    private Answer serviceDiscovery(Exchange exchange) {
        ArrayNode groups = JsonNodeFactory.instance.arrayNode();
        Endpoints.Filter filter = filters.endpoints(exchange);
        String cursor = null;
        do {
            Page<Endpoints.Endpoint> page =
                    new Endpoints(database.sql()).list(filter, Endpoints.Sort.NAME, 1000, cursor);
            for (Endpoints.Endpoint endpoint : page.items()) {
                Map<String, String> labels = new TreeMap<>();
                labels.put("__meta_tlsfleet_id", Long.toString(endpoint.id()));
                labels.put("__meta_tlsfleet_site", endpoint.site());
                labels.put("__meta_tlsfleet_owner", endpoint.owner() == null ? "" : endpoint.owner());
                labels.put("__meta_tlsfleet_state", endpoint.state());
                labels.put("__param_site", endpoint.site());
                if (endpoint.sni() != null) {
                    labels.put("__param_sni", endpoint.sni());
                }
                labels.put("__param_module", endpoint.starttls() == null ? "tls" : endpoint.starttls());
                endpoint.tags()
                        .properties()
                        .forEach(tag -> labels.put(
                                "__meta_tlsfleet_tag_"
                                        + tag.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_"),
                                Text.shown(tag.getValue().asText())));
                ObjectNode group = groups.addObject();
                group.putArray("targets").add(target(endpoint));
                group.set("labels", Json.tree(labels));
            }
            cursor = page.nextCursor();
        } while (cursor != null);
        return Answer.json(groups);
    }

    private static String target(Endpoints.Endpoint endpoint) {
        if (Target.isFile(endpoint.host())) {
            return endpoint.host();
        }
        String host = endpoint.host().indexOf(':') >= 0 ? "[" + endpoint.host() + "]" : endpoint.host();
        return host + ":" + endpoint.port();
    }

    private Estate estate() {
        return new Estate(database.sql());
    }

    private Answer progress(Exchange x) {
        Instant since = x.queryInstant("since");
        return Answer.json(new Progress(database.sql())
                .of(
                        filters.site(x),
                        x.query("owner"),
                        x.tags(),
                        since == null ? clock.instant().minus(A_DAY) : since));
    }
}
