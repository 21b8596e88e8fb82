package io.tlsfleet.fleet.target;

import io.tlsfleet.fleet.observation.Depth;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
    private static final String FILE = "file:";
    public static final char SITES_PARTED_BY = ';';

    public Target {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host is empty");
        }
        if ((port < 1 || port > 65535) && !(port == 0 && isFile(host))) {
            throw new IllegalArgumentException("port " + port + " is out of range 1 to 65535");
        }
        addresses = List.copyOf(addresses);
        tags = Map.copyOf(tags);
    }

    /** Whether it is a file of certificates, {@code file:/path}, which a worker of its site reads; its port is 0. */
    public boolean isFile() {
        return isFile(host);
    }

    public static boolean isFile(String host) {
        return host.startsWith(FILE);
    }

    /** Only of a file. */
    public String filePath() {
        return host.substring(FILE.length());
    }

    /** One for each site of those that {@code site} names, parted by semicolons: the same name watched from several places. */
    public List<Target> perSite() {
        if (site == null || site.indexOf(SITES_PARTED_BY) < 0) {
            return List.of(this);
        }
        List<Target> each = Arrays.stream(site.split(String.valueOf(SITES_PARTED_BY)))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .distinct()
                .map(this::at)
                .toList();
        return each.isEmpty() ? List.of(this) : each;
    }

    private Target at(String one) {
        return new Target(host, port, sni, starttls, addresses, depth, tags, owner, one, policy, intervalSeconds);
    }

    /** What it does not say itself as {@code other} says it; of where it is, nothing. */
    public Target or(Target other) {
        Map<String, String> all = new LinkedHashMap<>(other.tags);
        all.putAll(tags);
        return new Target(
                host,
                port,
                sni,
                starttls,
                addresses,
                depth == null ? other.depth : depth,
                all,
                owner == null ? other.owner : owner,
                site == null ? other.site : site,
                policy == null ? other.policy : policy,
                intervalSeconds == null ? other.intervalSeconds : intervalSeconds);
    }

    /** The same, judged by another policy. */
    public Target judgedBy(String other) {
        return new Target(host, port, sni, starttls, addresses, depth, tags, owner, site, other, intervalSeconds);
    }
}
