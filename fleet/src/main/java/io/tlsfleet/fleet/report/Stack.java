package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.Observation;
import java.util.Locale;
import java.util.Optional;

/** The server software for which a remedy can be said as configuration. */
public enum Stack {
    NGINX("nginx"),
    APACHE("Apache"),
    HAPROXY("HAProxy"),
    ENVOY("Envoy"),
    TOMCAT("Tomcat"),
    POSTFIX("Postfix"),
    DOVECOT("Dovecot"),
    STUNNEL("stunnel");

    private final String title;

    Stack(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** From the Server header; nothing where it says nothing that we know. */
    public static Optional<Stack> of(Report report) {
        Observation.Http http = report.http();
        String server =
                http == null || http.server() == null ? "" : http.server().toLowerCase(Locale.ROOT);
        if (server.startsWith("nginx") || server.startsWith("openresty")) {
            return Optional.of(NGINX);
        }
        if (server.startsWith("apache-coyote") || server.startsWith("apache tomcat")) {
            return Optional.of(TOMCAT);
        }
        if (server.startsWith("apache")) {
            return Optional.of(APACHE);
        }
        if (server.startsWith("envoy") || server.startsWith("istio-envoy")) {
            return Optional.of(ENVOY);
        }
        return server.startsWith("haproxy") ? Optional.of(HAPROXY) : Optional.empty();
    }
}
