package io.tlsfleet.api.http;

import io.tlsfleet.fleet.target.AddressRange;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from. {@code address} is the client's, through trusted proxies; {@code direct} says that it came
 * straight from this machine with no sign of a proxy between.
 */
record Peer(
        String address,
        boolean direct,
        boolean forwarded,
        boolean trustedProxy,
        boolean forwardedTls,
        @Nullable String host) {
    private static final List<String> OLD = List.of("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto");
    private static final List<String> FORWARDING =
            List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via");

    private static final Pattern NODE =
            Pattern.compile("\\[([0-9A-Fa-f:.]+)\\](?::[0-9A-Za-z._-]+)?|([0-9.]+)(?::[0-9A-Za-z._-]+)?");

    static Peer of(HttpServerRequest request, List<AddressRange> trusted) {
        String socket = request.remoteAddress() == null
                ? "unknown"
                : String.valueOf(request.remoteAddress().hostAddress());
        boolean forwarded = FORWARDING.stream().anyMatch(request.headers()::contains);
        boolean proxy = isIn(socket, trusted);
        String host = request.authority() == null ? null : request.authority().toString();
        if (!proxy || !forwarded) {
            return new Peer(socket, !forwarded && isLoopback(socket), forwarded, proxy, false, host);
        }
        // a proxy that writes the one kind hands on the other as its client sent it: where there are both, the older
        // counts
        Hop hop = OLD.stream().anyMatch(request.headers()::contains)
                ? new Hop(
                        client(socket, request.headers().getAll("X-Forwarded-For"), trusted),
                        request.getHeader("X-Forwarded-Proto"),
                        request.getHeader("X-Forwarded-Host"))
                : hop(socket, request.headers().getAll("Forwarded"), trusted);
        return new Peer(
                hop.address(),
                false,
                true,
                true,
                "https".equalsIgnoreCase(hop.proto()),
                hop.host() == null ? host : hop.host());
    }

    /** The way on which the client came to the first proxy of ours. */
    private record Hop(
            String address,
            @Nullable String proto,
            @Nullable String host) {}

    /** As {@link #client}; what a hop says of protocol and host counts as far as its proxy is one of ours (RFC 7239). */
    private static Hop hop(String socket, List<String> lines, List<AddressRange> trusted) {
        Hop hop = new Hop(socket, null, null);
        for (Map<String, String> element : Forwarded.nearestFirst(lines)) {
            String said = element.get("for");
            String address = said == null ? null : address(said);
            hop = new Hop(address == null ? hop.address() : address, element.get("proto"), element.get("host"));
            if (address == null || !isIn(address, trusted)) {
                return hop;
            }
        }
        return hop;
    }

    /** Without a port and brackets; null where it is {@code unknown} or a name that a proxy made up (RFC 7239 section 6). */
    private static @Nullable String address(String node) {
        Matcher form = NODE.matcher(node);
        String bare = !form.matches() ? node : form.group(1) == null ? form.group(2) : form.group(1);
        return literal(bare) == null ? null : bare;
    }

    /** The last address of the list that is not a proxy of ours; what stands before it anyone can claim. */
    private static String client(String socket, List<String> lists, List<AddressRange> trusted) {
        List<String> hops = lists.stream()
                .flatMap(list -> Arrays.stream(list.split(",")))
                .map(String::strip)
                .filter(hop -> !hop.isEmpty())
                .toList();
        String client = socket;
        for (String hop : hops.reversed()) {
            if (literal(hop) == null) {
                return client;
            }
            client = hop;
            if (!isIn(hop, trusted)) {
                return client;
            }
        }
        return client;
    }

    static boolean isLoopback(String address) {
        InetAddress literal = literal(address);
        return literal != null && literal.isLoopbackAddress();
    }

    private static boolean isIn(String address, List<AddressRange> ranges) {
        InetAddress literal = literal(address);
        return literal != null && ranges.stream().anyMatch(range -> range.contains(literal.getAddress()));
    }

    private static @Nullable InetAddress literal(String address) {
        int scope = address.indexOf('%');
        String bare = scope < 0 ? address : address.substring(0, scope);
        if (!bare.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            return null;
        }
        try {
            return InetAddress.getByName(bare);
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
