package io.tlsfleet.api.http;

import io.tlsfleet.fleet.target.AddressRange;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
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
    private static final List<String> FORWARDING =
            List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via");

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
        String forwardedHost = request.getHeader("X-Forwarded-Host");
        return new Peer(
                client(socket, request.headers().getAll("X-Forwarded-For"), trusted),
                false,
                true,
                true,
                "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto")),
                forwardedHost == null ? host : forwardedHost);
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
