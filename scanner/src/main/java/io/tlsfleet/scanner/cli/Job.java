package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.scanner.resolve.Resolver;
import org.jspecify.annotations.Nullable;

/** One target with what the command line adds to it: a line's own word counts more than an option's. */
record Job(
        Target target,
        Depth depth,
        @Nullable String serverName,
        @Nullable String starttls,
        @Nullable String connectTo) {

    static Job of(Target target, ScanOptions options) {
        Depth depth = target.depth();
        String starttls = target.starttls() == null ? options.starttls : target.starttls();
        String sni = target.sni() == null ? options.sni : target.sni();
        return new Job(
                target,
                depth == null ? TargetLines.depth(options.depth) : depth,
                serverName(target.host(), sni),
                starttls,
                target.addresses().isEmpty()
                        ? options.connectTo
                        : target.addresses().getFirst());
    }

    /** The host's own name where nothing is said; an address is no server name (RFC 6066 section 3). */
    private static @Nullable String serverName(String host, @Nullable String sni) {
        if (sni != null) {
            return sni.equals(Target.NO_SNI) ? null : TargetLines.serverName(sni);
        }
        if (Resolver.isLiteral(host)) {
            return null;
        }
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /** What is looked up: where to connect, if that was said. */
    String dialled() {
        return connectTo == null
                ? target.host()
                : TargetLines.hostPort(connectTo).host();
    }

    int dialledPort() {
        int port = connectTo == null ? 0 : TargetLines.hostPort(connectTo).port();
        return port == 0 ? target.port() : port;
    }
}
