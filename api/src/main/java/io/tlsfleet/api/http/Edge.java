package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Principal;
import io.tlsfleet.api.input.InvalidInput;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.StatementRefused;
import io.tlsfleet.store.query.InvalidCursor;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Between the socket and the routes. The event loop only moves bytes: each request is admitted, read and answered by a
 * virtual thread of its own, at most so many at once. Errors become problem documents here and nowhere else.
 */
final class Edge {
    private static final Logger LOG = LoggerFactory.getLogger(Edge.class);
    /** Never a page: the last are where probes of others look for health, and a page would tell them that all is well. */
    private static final Set<String> MACHINE_PATHS = Set.of(
            "/api",
            "/healthz",
            "/readyz",
            "/metrics",
            "/probe",
            "/openapi.json",
            "/livez",
            "/health",
            "/live",
            "/ready");

    private static final String PREFIX = "prefix";

    /** A class of SQLSTATE. */
    private static final String DATA_EXCEPTION = "22";

    private final Vertx vertx;
    private final ApiConfig config;
    private final Doorkeeper doorkeeper;
    private final StaticFiles files;
    private final Semaphore slots;

    Edge(Vertx vertx, ApiConfig config, Doorkeeper doorkeeper) {
        this.vertx = vertx;
        this.config = config;
        this.doorkeeper = doorkeeper;
        this.files = new StaticFiles(config.webRoot(), config.prefix(), Edge.class.getClassLoader());
        this.slots = new Semaphore(config.maxRequests());
    }

    Handler<HttpServerRequest> handler(List<Route> routes) {
        Router router = Router.router(vertx);
        router.route().handler(context -> {
            Headers.secure(context.response().headers(), config.tls() != null);
            if (!isBelowPrefix(context)) {
                context.next();
            }
        });
        Set<String> words = routes.stream().map(Route::path).collect(Collectors.toUnmodifiableSet());
        for (Route route : routes) {
            String path = route.path().replaceAll("\\{(\\w+)}", ":$1");
            Handler<RoutingContext> handler = context -> {
                if (route.path().contains("{id}")
                        && words.contains(context.request().path())) {
                    unmatched(context, routes); // a word of ours, which is no id
                } else {
                    accept(context, route);
                }
            };
            router.route(route.method(), path).handler(handler);
            if (route.answersHead()) {
                router.route(HttpMethod.HEAD, path).handler(handler);
            }
        }
        router.route().handler(context -> unmatched(context, routes));
        router.errorHandler(404, context -> unmatched(context, routes));
        router.errorHandler(405, context -> unmatched(context, routes));
        router.errorHandler(400, context -> refuse(context, Problem.of(400, "Bad request", "the path cannot be read")));
        router.errorHandler(500, context -> refuse(context, unexpected(context.request(), context.failure())));
        return router;
    }

    /** A proxy may take the prefix away or not: with it, the request is routed once more without it. */
    private boolean isBelowPrefix(RoutingContext context) {
        String path = context.request().path();
        String prefix = config.prefix();
        if (prefix.isEmpty()
                || path == null
                || !path.startsWith(prefix + "/") && !path.equals(prefix)
                || context.get(PREFIX) != null) {
            return false;
        }
        String rest = path.equals(prefix) ? "/" : path.substring(prefix.length());
        String query = context.request().query();
        context.put(PREFIX, prefix).reroute(query == null ? rest : rest + "?" + query);
        return true;
    }

    private void accept(RoutingContext context, Route route) {
        HttpServerRequest request = context.request();
        request.pause();
        if (!slots.tryAcquire()) {
            refuse(context, Problem.unavailable("too many requests at once", 1));
            return;
        }
        Context loop = vertx.getOrCreateContext();
        boolean isImport =
                route.path().endsWith("/import") || route.path().equals("/api/v1/clients") && route.changesSomething();
        RequestBody body = new RequestBody(request, loop, isImport ? config.maxImportBytes() : config.maxBodyBytes());
        Map<String, String> path = Map.copyOf(context.pathParams());
        Thread.ofVirtual().name(route.method() + " " + route.path()).start(() -> {
            try {
                answer(request, loop, body, path, route);
            } finally {
                slots.release();
            }
        });
    }

    private void answer(
            HttpServerRequest request, Context loop, RequestBody body, Map<String, String> path, Route route) {
        Answer answer;
        try {
            Peer peer = Peer.of(request, config.trustedProxies());
            Principal principal = doorkeeper.admit(request, peer, route);
            Described.check(route, request.params().names());
            Exchange exchange =
                    new Exchange(request, path, body, principal, peer, doorkeeper.isTls(peer), config.maxBodyBytes());
            switch (route.action()) {
                case Route.Reply reply -> answer = reply.to(exchange);
                case Route.Stream stream -> {
                    loop.runOnContext(v -> request.response().putHeader("Cache-Control", "no-store"));
                    stream.open(exchange, new Outlet(request.response(), loop));
                    return;
                }
            }
        } catch (InvalidInput e) {
            answer = problem(request, Problem.of(e));
        } catch (Problem e) {
            answer = problem(request, e);
        } catch (InvalidCursor e) {
            answer = problem(request, Problem.invalid("cursor", String.valueOf(e.getMessage())));
        } catch (StatementRefused e) {
            answer = problem(request, isOfCursor(e, request) ? noCursor() : unexpected(request, e));
        } catch (DatabaseAway e) {
            LOG.warn("{} {}: {}", request.method(), request.path(), e.getMessage());
            answer = problem(request, Problem.unavailable("the database does not answer; try again", 5));
        } catch (Exception | StackOverflowError e) {
            answer = problem(request, unexpected(request, e));
        }
        Answer last = answer;
        loop.runOnContext(v -> send(request, last, body.isUsedUp() || !hasBody(request)));
    }

    private static Problem noCursor() {
        return Problem.invalid("cursor", "this is no cursor: give nextCursor of the page before, or none");
    }

    /** What an invented cursor holds is no value of the column that it stands for. */
    private static boolean isOfCursor(StatementRefused refused, HttpServerRequest request) {
        return refused.state().startsWith(DATA_EXCEPTION) && request.params().contains("cursor");
    }

    private static boolean hasBody(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String length = headers.get("Content-Length");
        return headers.contains("Transfer-Encoding") || length != null && !length.equals("0");
    }

    private void send(HttpServerRequest request, Answer answer, boolean usedUp) {
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(answer.status());
        if (!answer.contentType().isEmpty()) {
            response.putHeader("Content-Type", answer.contentType());
        }
        response.putHeader("Cache-Control", "no-store");
        answer.headers()
                .forEach((name, value) -> response.putHeader(
                        name, name.equals("Location") && value.startsWith("/") ? config.prefix() + value : value));
        if (!usedUp && request.version() != HttpVersion.HTTP_2) {
            // a body that nobody read: the connection is not used again
            response.putHeader("Connection", "close");
        }
        if (answer.status() == 204) {
            response.end();
        } else if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader("Content-Length", Integer.toString(answer.body().length))
                    .end();
        } else {
            response.end(Buffer.buffer(answer.body()));
        }
        if (!usedUp) {
            request.handler(rest -> {}).exceptionHandler(gone -> {}).resume();
        }
    }

    private void unmatched(RoutingContext context, List<Route> routes) {
        HttpServerRequest request = context.request();
        if (request.response().ended()) {
            return;
        }
        String path = request.path() == null ? "" : request.path();
        boolean machine = MACHINE_PATHS.stream().anyMatch(p -> path.equals(p) || path.startsWith(p + "/"));
        if (!machine
                && (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD))) {
            files.serve(request, request.response());
            return;
        }
        boolean named = routes.stream().anyMatch(route -> route.path().equals(path));
        List<String> methods = routes.stream()
                .filter(route -> named
                        ? route.path().equals(path)
                        : path.matches(route.path().replace(".", "\\.").replaceAll("\\{\\w+}", "[^/]+")))
                .flatMap(route -> Stream.of(route.method().name(), route.answersHead() ? "HEAD" : ""))
                .filter(method -> !method.isEmpty())
                .sorted()
                .toList();
        if (methods.isEmpty() || methods.contains(request.method().name())) {
            refuse(
                    context,
                    Problem.notFound("there is no " + io.tlsfleet.api.input.Text.shown(path)
                            + "; /openapi.json lists every route"));
        } else {
            refuse(
                    context,
                    Problem.of(
                                    405,
                                    "Method not allowed",
                                    request.method() + " is not possible here, but " + String.join(", ", methods))
                            .with("Allow", String.join(", ", methods)));
        }
    }

    private void refuse(RoutingContext context, Problem problem) {
        send(context.request(), problem(context.request(), problem), !hasBody(context.request()));
    }

    private static Answer problem(HttpServerRequest request, Problem problem) {
        Answer answer = new Answer(
                problem.status(),
                "application/problem+json",
                Json.bytes(problem.document(String.valueOf(request.path()))),
                problem.headers());
        return answer;
    }

    /** What we did not foresee: the log has the trace, the client gets a number to quote. */
    private static Problem unexpected(HttpServerRequest request, @Nullable Throwable failure) {
        String number = UUID.randomUUID().toString().substring(0, 8);
        LOG.error("{} {} failed, incident {}", request.method(), request.path(), number, failure);
        return Problem.of(
                500,
                "Internal error",
                "something went wrong here, not with your input; the log has incident " + number);
    }
}
