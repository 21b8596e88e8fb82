package io.tlsfleet.fleet.target;

import io.tlsfleet.fleet.observation.Depth;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asked us to watch. {@code sni} null means the host's own name (none for an address); "none" is
 * {@link #NO_SNI}. {@code addresses} pins where to connect ("address" or "address:port"), empty means resolve.
 */
public record Target(
        String host,
        int port,
        @Nullable String sni,
        @Nullable String starttls,
        List<String> addresses,
        @Nullable Depth depth,
        Map<String, String> tags,
        @Nullable String owner,
        @Nullable String site,
        @Nullable String policy,
        @Nullable Integer intervalSeconds) {
    public static final String NO_SNI = "none";
    public static final int DEFAULT_PORT = 443;

    public Target {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host is empty");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is out of range 1 to 65535");
        }
        addresses = List.copyOf(addresses);
        tags = Map.copyOf(tags);
    }

    /** The same, judged by another policy. */
    public Target judgedBy(String other) {
        return new Target(host, port, sni, starttls, addresses, depth, tags, owner, site, other, intervalSeconds);
    }
}
