package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.auth.Credentials;
import io.tlsfleet.api.auth.Principal;
import io.tlsfleet.api.auth.Sessions;
import io.tlsfleet.api.input.Members;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A token in, a cookie out. */
final class SessionRoutes {
    private final Credentials credentials;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final String version;

    SessionRoutes(Credentials credentials, RandomGenerator random, InstantSource clock, String version) {
        this.credentials = credentials;
        this.random = random;
        this.clock = clock;
        this.version = version;
    }

    List<Route> routes() {
        return List.of(
                Route.get(
                        "/api/v1/session",
                        Access.VIEWER,
                        exchange -> Answer.json(
                                shown(exchange.principal(), exchange.principal().expiresAt()))),
                Route.post("/api/v1/session", Access.PUBLIC, this::signIn),
                Route.delete("/api/v1/session", Access.VIEWER, this::signOut));
    }

    private Answer signIn(Exchange exchange) {
        Members body = Members.of(exchange.json());
        String text = body.requiredText("token", 200).strip();
        body.done();
        if (!ApiToken.isWellFormed(text)) {
            throw Problem.of(
                    401,
                    "Not signed in",
                    "token",
                    "this is no whole token of this server: its checksum does not fit (a typing error, or cut off?)");
        }
        Principal principal = credentials
                .byToken(new ApiToken(text).sha256())
                .filter(p -> p.role().may(Access.VIEWER))
                .orElseThrow(() ->
                        Problem.of(401, "Not signed in", "token", "this token is unknown here, revoked or expired"));
        String session = Sessions.random(random);
        Instant end = clock.instant().plus(Sessions.LONGEST);
        Instant tokenEnd = principal.expiresAt();
        Instant expiresAt = tokenEnd != null && tokenEnd.isBefore(end) ? tokenEnd : end;
        credentials.begin(Sessions.sha256(session), principal.tokenId(), expiresAt);
        return Answer.json(shown(principal, expiresAt))
                .with("Set-Cookie", Sessions.set(session, Sessions.LONGEST, exchange.isTls()));
    }

    private Answer signOut(Exchange exchange) {
        String cookie = Sessions.cookie(exchange.headers("Cookie"), exchange.isTls());
        if (cookie != null) {
            credentials.end(Sessions.sha256(cookie));
        }
        return Answer.nothing().with("Set-Cookie", Sessions.clear(exchange.isTls()));
    }

    private Map<String, @Nullable Object> shown(Principal principal, @Nullable Instant expiresAt) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("user", principal.name());
        shown.put("role", principal.role().word());
        shown.put("expiresAt", expiresAt);
        shown.put("version", version);
        return shown;
    }
}
