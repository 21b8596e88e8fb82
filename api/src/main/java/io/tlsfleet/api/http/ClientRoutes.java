package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.clients.Breakage;
import io.tlsfleet.api.clients.EstateBreakage;
import io.tlsfleet.api.clients.SightingImport;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.simulate.Proposal;
import io.tlsfleet.fleet.simulate.ServerOffer;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.query.Endpoints;
import io.tlsfleet.store.query.Page;
import io.tlsfleet.store.sensor.ClientCounts;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Client fingerprints: handed in by sensors, looked up by those who may, and only with a line in the audit log; and what
 * a change of a server would do to them.
 */
final class ClientRoutes {
    private static final Set<String> KINDS = Set.of("ja3", "ja4", "suites");
    private static final int MAX_ENDPOINTS = 1_000;
    private static final int BATCH = 100;
    private static final int MAX_CLIENTS = 2_000;

    private final Database database;
    private final Filters filters;
    private final KnownClients known;

    ClientRoutes(Database database, Filters filters, KnownClients known) {
        this.database = database;
        this.filters = filters;
        this.known = known;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/api/v1/clients", Access.SENSOR, this::add),
                Route.get("/api/v1/clients", Access.CLIENTS, this::clients),
                Route.get("/api/v1/clients/known", Access.VIEWER, this::known),
                Route.get("/api/v1/clients/proposals", Access.VIEWER, x -> Answer.json(x.page(Proposal.SHIPPED))),
                Route.get("/api/v1/clients/whatif", Access.CLIENTS, this::estateWhatIf),
                Route.get("/api/v1/endpoints/{id}/clients", Access.CLIENTS, this::endpointClients),
                Route.get("/api/v1/endpoints/{id}/whatif", Access.CLIENTS, this::whatIf));
    }

    private Answer add(Exchange exchange) throws IOException {
        String type = exchange.contentType();
        InputStream lines = switch (type) {
            case "application/x-ndjson", "application/ndjson", "text/plain", "text/tab-separated-values" ->
                exchange.stream();
            case "application/json" -> asLines(exchange.json());
            default ->
                throw Problem.of(
                        415,
                        "Unsupported media type",
                        "Content-Type",
                        "send application/x-ndjson (sightings as `tlsfleet sensor` writes them, Suricata EVE, Zeek"
                                + " JSON), text/plain (logs of Zeek, HAProxy, nginx) or application/json, not '"
                                + Text.shown(type) + "'");
        };
        Audit.Actor actor = exchange.auditActor();
        SightingImport.Result result = new SightingImport(
                        new ClientCounts(database.sql()).today(),
                        batch -> database.doInTransaction(sql -> new ClientCounts(sql).add(batch)))
                .read(lines);
        database.doInTransaction(sql -> new Audit(sql)
                .record(
                        actor,
                        "clients.add",
                        "client fingerprints",
                        null,
                        Map.of("counted", result.counted(), "rejected", result.rejectedCount())));
        return Answer.json(result);
    }

    private static InputStream asLines(JsonNode body) {
        StringBuilder lines = new StringBuilder();
        if (body.isArray()) {
            body.forEach(line -> lines.append(line).append('\n'));
        } else {
            lines.append(body).append('\n');
        }
        return new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Answer known(Exchange exchange) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        Page<?> page = exchange.page(known.all().stream()
                .map(c -> Map.of("name", c.name(), "ja4", c.ja4(), "source", c.source()))
                .toList());
        answer.put("items", page.items());
        answer.put("nextCursor", page.nextCursor());
        answer.put("about", known.about());
        return Answer.json(answer);
    }

    private Answer clients(Exchange exchange) {
        List<Endpoints.Endpoint> endpoints = endpoints(exchange);
        return list(exchange, endpoints, endpoints == null ? "all endpoints" : endpoints.size() + " endpoints");
    }

    private Answer endpointClients(Exchange exchange) {
        Endpoints.Endpoint endpoint = endpoint(exchange.id());
        return list(exchange, List.of(endpoint), "endpoint " + endpoint.id());
    }

    private Answer list(Exchange exchange, @Nullable List<Endpoints.Endpoint> endpoints, String subject) {
        String kind = exchange.queryWord("kind", KINDS);
        String part = exchange.query("fingerprint");
        int limit = exchange.limit();
        long from = offset(exchange.query("cursor"));
        ClientCounts counts = new ClientCounts(database.sql());
        List<String> names = endpoints == null ? null : counts.names(ids(endpoints));
        ClientCounts.Sums sums = counts.sums(names, kind, part, limit, from);
        looked(exchange, "clients.read", subject);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("items", sums.clients().stream().map(this::shown).toList());
        answer.put("nextCursor", sums.more() ? Long.toString(from + limit) : null);
        answer.put("hidden", sums.hidden());
        answer.put("kinds", counts.kinds(names));
        answer.put("days", ClientCounts.DAYS);
        return Answer.json(answer);
    }

    private Map<String, @Nullable Object> shown(ClientCounts.Client client) {
        Map<String, @Nullable Object> item = new LinkedHashMap<>();
        item.put("kind", client.kind());
        item.put("fingerprint", client.fingerprint());
        item.put(
                "names",
                Breakage.named(known, client.kind(), client.fingerprint()).stream()
                        .map(KnownClients.KnownClient::name)
                        .toList());
        item.put("count", client.count());
        item.put("endpoints", client.endpoints());
        item.put("firstDay", client.firstDay().toString());
        item.put("lastDay", client.lastDay().toString());
        if (client.profile() != null) {
            item.put("profile", client.profile());
        }
        return item;
    }

    private Answer whatIf(Exchange exchange) {
        Endpoints.Endpoint endpoint = endpoint(exchange.id());
        Proposal proposal = proposal(exchange);
        Latest.Seen scan = new Latest(database.sql())
                .of(endpoint.id(), null, null)
                .orElseThrow(() -> Problem.notFound("endpoint " + endpoint.id() + " was not scanned yet"));
        Breakage breakage = new Breakage(known, ServerOffer.of(scan.observation()), proposal);
        ClientCounts counts = new ClientCounts(database.sql());
        List<String> names = counts.names(List.of(endpoint.id()));
        String kind = kind(exchange, counts, names);
        ClientCounts.Sums sums = counts.sums(names, kind, null, MAX_CLIENTS, 0);
        looked(exchange, "clients.whatif", "endpoint " + endpoint.id());
        List<Breakage.Seen> seen = sums.clients().stream().map(breakage::of).toList();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("endpoint", Map.of("id", endpoint.id(), "name", endpoint.name()));
        answer.put("proposal", proposal);
        answer.put("assumptions", breakage.assumptions());
        answer.put("kind", kind);
        answer.put("totals", totals(seen, sums.hidden()));
        answer.put("seen", seen.stream().sorted(WORST_FIRST).toList());
        answer.put("known", breakage.known());
        return Answer.json(answer);
    }

    private static final List<String> OUTCOMES = List.of("breaks", "unknown", "fails-today", "connects");
    private static final Comparator<Breakage.Seen> WORST_FIRST = Comparator.<Breakage.Seen>comparingInt(
                    s -> OUTCOMES.indexOf(s.outcome()))
            .thenComparing(Comparator.comparingLong(Breakage.Seen::count).reversed());

    private static Map<String, Long> totals(List<Breakage.Seen> seen, long hidden) {
        Map<String, Long> totals = new LinkedHashMap<>();
        totals.put("fingerprints", (long) seen.size());
        totals.put("connections", seen.stream().mapToLong(Breakage.Seen::count).sum());
        for (String outcome : OUTCOMES) {
            totals.put(
                    outcome,
                    seen.stream()
                            .filter(s -> s.outcome().equals(outcome))
                            .mapToLong(Breakage.Seen::count)
                            .sum());
        }
        totals.put("hidden", hidden);
        return totals;
    }

    /** Each fingerprint against each endpoint where it was seen; sums over the endpoints of the filter. */
    private Answer estateWhatIf(Exchange exchange) {
        Proposal proposal = proposal(exchange);
        List<Endpoints.Endpoint> asked = endpoints(exchange);
        if (asked == null) {
            asked = page(Endpoints.Filter.none());
        }
        ClientCounts counts = new ClientCounts(database.sql());
        List<String> all = counts.names(ids(asked));
        String kind = kind(exchange, counts, all);
        Map<String, ClientCounts.Client> shown = counts.sums(all, kind, null, MAX_CLIENTS, 0).clients().stream()
                .collect(Collectors.toMap(ClientCounts.Client::fingerprint, c -> c));
        Map<String, List<ClientCounts.AtEndpoint>> byName = counts.perEndpoint(all, kind).stream()
                .collect(Collectors.groupingBy(ClientCounts.AtEndpoint::endpoint));
        Map<String, EstateBreakage.Line> lines = new EstateBreakage(known, proposal, shown)
                .over(
                        latest(ids(asked)),
                        id -> counts.names(List.of(id)).stream()
                                .flatMap(name -> byName.getOrDefault(name, List.of()).stream())
                                .toList());
        looked(exchange, "clients.whatif", asked.size() + " endpoints");
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("proposal", proposal);
        answer.put("kind", kind);
        answer.put("endpoints", asked.size());
        answer.put("truncated", asked.size() == MAX_ENDPOINTS);
        answer.put("items", lines.values());
        return Answer.json(answer);
    }

    /** Of each endpoint one address: its members are taken to be alike, and counts do not tell them apart. */
    private List<Latest.Seen> latest(List<Long> ids) {
        Map<Long, Latest.Seen> latest = new LinkedHashMap<>();
        for (int from = 0; from < ids.size(); from += BATCH) {
            new Latest(database.sql())
                    .of(ids.subList(from, Math.min(ids.size(), from + BATCH)))
                    .forEach(seen -> latest.putIfAbsent(seen.endpoint(), seen));
        }
        return List.copyOf(latest.values());
    }

    /** The kind asked for, or the one that was counted most: sums over several kinds would count connections twice. */
    private static String kind(Exchange exchange, ClientCounts counts, List<String> names) {
        String asked = exchange.queryWord("kind", KINDS);
        if (asked != null) {
            return asked;
        }
        List<ClientCounts.Kind> kinds = counts.kinds(names);
        return kinds.stream().anyMatch(k -> k.kind().equals("ja4")) || kinds.isEmpty()
                ? "ja4"
                : kinds.getFirst().kind();
    }

    private static Proposal proposal(Exchange exchange) {
        String name = exchange.query("proposal");
        if (name != null) {
            return Proposal.named(name)
                    .orElseThrow(() -> Problem.invalid(
                            "proposal",
                            "no proposal is called '" + Text.shown(name) + "'; there are "
                                    + Proposal.SHIPPED.stream()
                                            .map(Proposal::name)
                                            .collect(Collectors.joining(", "))));
        }
        String version = exchange.queryWord(
                "minVersion",
                ProtocolVersion.ALL.stream().map(ProtocolVersion::label).collect(Collectors.toSet()));
        Proposal own = new Proposal(
                "own",
                "as asked",
                version,
                exchange.queries("denySuites"),
                exchange.queries("denyGroups"),
                exchange.queries("onlyGroups"));
        List<String> idle = own.meetNothing();
        if (!idle.isEmpty()) {
            throw Problem.invalid(
                    "proposal", "'" + Text.shown(idle.getFirst()) + "' matches no suite or group by name");
        }
        if (version == null
                && own.denySuites().isEmpty()
                && own.denyGroups().isEmpty()
                && own.onlyGroups().isEmpty()) {
            throw Problem.invalid(
                    "proposal", "name a proposal, or give minVersion, denySuites, denyGroups or onlyGroups");
        }
        return own;
    }

    private void looked(Exchange exchange, String action, String subject) {
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> new Audit(sql).record(actor, action, subject, null, null));
    }

    /** Null when no filter was given. */
    private @Nullable List<Endpoints.Endpoint> endpoints(Exchange exchange) {
        Endpoints.Filter asked = filters.endpoints(exchange).withoutFingerprint();
        return asked.equals(Endpoints.Filter.none()) ? null : page(asked);
    }

    private List<Endpoints.Endpoint> page(Endpoints.Filter filter) {
        return new Endpoints(database.sql())
                .list(filter, Endpoints.Sort.NAME, MAX_ENDPOINTS, null)
                .items();
    }

    private Endpoints.Endpoint endpoint(long id) {
        return new Endpoints(database.sql()).find(id).orElseThrow(() -> Problem.notFound("there is no endpoint " + id));
    }

    private static List<Long> ids(List<Endpoints.Endpoint> endpoints) {
        List<Long> ids = new ArrayList<>();
        endpoints.forEach(e -> ids.add(e.id()));
        return ids;
    }

    private static long offset(@Nullable String cursor) {
        if (cursor != null && !cursor.matches("[0-9]{1,9}")) {
            throw Problem.invalid(
                    "cursor", "'" + Text.shown(cursor) + "' is no cursor: give nextCursor of the page before");
        }
        return cursor == null ? 0 : Long.parseLong(cursor);
    }
}
