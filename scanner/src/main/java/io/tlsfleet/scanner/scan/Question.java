package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.scanner.connect.Destination;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a scan is asked for: one endpoint at one address. {@code serverName} is the SNI, null for none; {@code alpn} are names to
 * ask for beside the usual ones; {@code attacks} are the ids of probes that send more than a hello and were allowed.
 */
public record Question(
        String host,
        Destination destination,
        int port,
        @Nullable String serverName,
        @Nullable String starttls,
        Depth depth,
        List<String> alpn,
        Set<String> attacks) {
    private static final int HTTPS = 443;

    public Question {
        alpn = List.copyOf(alpn);
        attacks = Set.copyOf(attacks);
    }

    /** What a request says in Host: the name judged, with a port other than that of https (RFC 9110 section 7.2). */
    String authority() {
        String name = serverName == null ? host : serverName;
        String written = name.contains(":") ? "[" + name.split("%", 2)[0] + "]" : name;
        return port == HTTPS ? written : written + ":" + port;
    }

    /** The same, as deep as that. */
    public Question at(Depth other) {
        return new Question(host, destination, port, serverName, starttls, other, alpn, attacks);
    }
}
