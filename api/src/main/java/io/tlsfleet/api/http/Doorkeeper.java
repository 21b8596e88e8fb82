package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.auth.Credentials;
import io.tlsfleet.api.auth.Principal;
import io.tlsfleet.api.auth.Sessions;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Says who asks, and refuses whoever may not. A route without a matching role is closed. */
final class Doorkeeper {
    static final String FEED = "/api/v1/calendar.ics";
    private final ApiConfig config;
    private final Credentials credentials;
    private final InstantSource clock;

    Doorkeeper(ApiConfig config, Credentials credentials, InstantSource clock) {
        this.clock = clock;
        this.config = config;
        this.credentials = credentials;
    }

    /** Whoever asks; null where a route is open to all. */
    @Nullable
    Principal admit(HttpServerRequest request, Peer peer, Route route) {
        checkHost(peer);
        checkTransport(peer, route);
        if (route.access() == Access.PUBLIC) {
            if (route.changesSomething()) {
                checkOrigin(request, peer);
            }
            return null;
        }
        if (route.access() == Access.HEALTH && isOpenTo(peer, route)) {
            return null; // whoever asks, a token that has ended included
        }
        Principal principal = principal(request, peer, route);
        if (principal == null) {
            if (route.access() == Access.OPEN && isOpenTo(peer, route)) {
                return null;
            }
            throw Problem.unauthorized("this needs an API token: send Authorization: Bearer tf_…, or sign in");
        }
        if (!principal.role().may(route.access())) {
            throw Problem.forbidden("the token '" + principal.name() + "' has the role "
                    + principal.role().word() + "; this needs " + route.access().word());
        }
        return principal;
    }

    private @Nullable Principal principal(HttpServerRequest request, Peer peer, Route route) {
        String header = request.getHeader("Authorization");
        if (header != null) {
            return byToken(bearer(header), "Authorization");
        }
        String inQuery = route.path().equals(FEED) ? request.getParam("token") : null;
        if (inQuery != null) {
            return byToken(inQuery, "token");
        }
        String cookie = Sessions.cookie(request.headers().getAll("Cookie"), isTls(peer));
        if (cookie == null) {
            return route.access() == Access.SITE ? byCertificate(request) : null;
        }
        if (route.changesSomething()) {
            checkOrigin(request, peer);
        }
        return credentials
                .bySession(Sessions.sha256(cookie))
                .orElseThrow(() -> Problem.unauthorized("the session has ended: sign in again"));
    }

    private Principal byToken(String text, String field) {
        if (!ApiToken.isWellFormed(text)) {
            throw Problem.unauthorized(field
                    + " holds no whole token of this server: its checksum does not fit (a typing error, or cut off?)");
        }
        Optional<Principal> found = credentials.byToken(new ApiToken(text).sha256());
        return found.orElseThrow(
                () -> Problem.unauthorized("the token in " + field + " is unknown here, revoked or expired"));
    }

    /** A worker that shook hands with a certificate: its key is what counts, whoever signed it. */
    private @Nullable Principal byCertificate(HttpServerRequest request) {
        SSLSession session = request.connection().sslSession();
        if (config.tls() == null || !config.tls().asksWorkers() || session == null) {
            return null;
        }
        CertificateFacts certificate;
        try {
            certificate = CertificateFacts.read(session.getPeerCertificates()[0].getEncoded());
        } catch (SSLPeerUnverifiedException e) {
            return null;
        } catch (CertificateEncodingException e) {
            throw Problem.unauthorized("the client certificate cannot be read");
        }
        String subject = Text.shown(certificate.subject().text());
        Instant now = clock.instant();
        Instant from = certificate.notBefore();
        Instant until = certificate.notAfter();
        if (from == null || until == null || now.isBefore(from) || now.isAfter(until)) {
            throw Problem.unauthorized(
                    "the client certificate of " + subject + " is valid from " + from + " to " + until);
        }
        return credentials
                .byCertificate(HexFormat.of().parseHex(certificate.spkiSha256()))
                .orElseThrow(() -> Problem.unauthorized(
                        "the key of the client certificate of " + subject + " is unknown here, revoked or expired"));
    }

    private static String bearer(String header) {
        String[] parts = header.strip().split("\\s+", 2);
        if (parts.length != 2 || !parts[0].equalsIgnoreCase("Bearer")) {
            throw Problem.unauthorized("Authorization is not of the form 'Bearer tf_…'");
        }
        return parts[1].strip();
    }

    /** Health says nothing but up or down, so a prober needs no token unless a proxy stands between. */
    private boolean isOpenTo(Peer peer, Route route) {
        return config.isLoopback() ? peer.direct() : route.access() == Access.HEALTH && !peer.forwarded();
    }

    /** Without TLS only this machine and proxies that were named may talk to us; a name that was rebound may not. */
    private void checkTransport(Peer peer, Route route) {
        if (config.tls() == null && !config.isLoopback() && !peer.trustedProxy() && !Peer.isLoopback(peer.address())) {
            if (route.access() != Access.OPEN && route.access() != Access.HEALTH) {
                throw Problem.forbidden("without TLS only trusted proxies are answered, and " + peer.address()
                        + " is none: see --trusted-proxy, --tls-certificate");
            }
        }
    }

    private void checkHost(Peer peer) {
        if (!config.isLoopback() || peer.trustedProxy()) {
            return;
        }
        String host = hostOf(peer.host());
        if (host != null
                && !host.equals("localhost")
                && !host.endsWith(".localhost")
                && !Peer.isLoopback(host)
                && !host.equals(hostOf(authority(config.publicUrl())))) {
            throw Problem.of(
                    421,
                    "Misdirected request",
                    "Host",
                    "this server listens on loopback and does not answer to that name");
        }
    }

    /** A browser's request that changes something must come from a page of ours. */
    private void checkOrigin(HttpServerRequest request, Peer peer) {
        String site = request.getHeader("Sec-Fetch-Site");
        String origin = request.getHeader("Origin");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw Problem.forbidden(
                    "a request from another site may not change anything (Sec-Fetch-Site: " + Text.shown(site) + ")");
        }
        if (origin != null) {
            String from = authority(origin);
            if (from == null || !from.equals(peer.host()) && !from.equals(authority(config.publicUrl()))) {
                throw Problem.forbidden("a request from another origin may not change anything: it is of a page of "
                        + Text.shown(origin) + " and for " + Text.shown(String.valueOf(peer.host()))
                        + "; a proxy between must hand on the name it is asked for (Host, X-Forwarded-Host or Forwarded), or"
                        + " --public-url says it");
            }
        } else if (site == null && request.getHeader("Cookie") != null) {
            throw Problem.forbidden(
                    "a request with a cookie needs an Origin or Sec-Fetch-Site header to change anything");
        }
    }

    boolean isTls(Peer peer) {
        return config.tls() != null || peer.forwardedTls();
    }

    private static @Nullable String authority(@Nullable String url) {
        if (url == null) {
            return null;
        }
        try {
            return new URI(url).getRawAuthority();
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static @Nullable String hostOf(@Nullable String authority) {
        if (authority == null) {
            return null;
        }
        String host = authority.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
