package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.vertx.core.http.HttpMethod;

/** One line of the route table. Path parameters are written {@code {id}}, as in the OpenAPI document. */
public record Route(HttpMethod method, String path, Access access, Action action) {
    /** What is done with a request, on a virtual thread. */
    public sealed interface Action permits Reply, Stream {}

    /** Answers at once. */
    @FunctionalInterface
    public non-sealed interface Reply extends Action {
        Answer to(Exchange exchange) throws Exception;
    }

    /** Keeps the response open. */
    @FunctionalInterface
    public non-sealed interface Stream extends Action {
        void open(Exchange exchange, Outlet outlet);
    }

    static Route get(String path, Access access, Reply action) {
        return new Route(HttpMethod.GET, path, access, action);
    }

    static Route post(String path, Access access, Reply action) {
        return new Route(HttpMethod.POST, path, access, action);
    }

    static Route put(String path, Access access, Reply action) {
        return new Route(HttpMethod.PUT, path, access, action);
    }

    static Route patch(String path, Access access, Reply action) {
        return new Route(HttpMethod.PATCH, path, access, action);
    }

    static Route delete(String path, Access access, Reply action) {
        return new Route(HttpMethod.DELETE, path, access, action);
    }

    /** RFC 9110, section 9.3.2: as GET without the content; a stream has no end to come to. */
    boolean answersHead() {
        return method.equals(HttpMethod.GET) && action instanceof Reply;
    }

    boolean changesSomething() {
        return !method.equals(HttpMethod.GET);
    }
}
