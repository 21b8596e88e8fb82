package io.tlsfleet.scanner.cli;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.function.Function;

/** A proxy as a URL names it, looked up once. */
final class Proxies {
    private Proxies() {}

    static ProxyOptions of(String url, Function<String, RuntimeException> usage) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw usage.apply("--proxy " + url + ": write http://host:port or socks5://host:port");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme();
        ProxyType type = switch (scheme) {
            case "http" -> ProxyType.HTTP;
            case "socks5", "socks5h" -> ProxyType.SOCKS5;
            default -> throw usage.apply("--proxy " + url + ": write http://host:port or socks5://host:port");
        };
        if (uri.getHost() == null) {
            throw usage.apply("--proxy " + url + ": has no host");
        }
        InetAddress address;
        try {
            address = InetAddress.getByName(uri.getHost());
        } catch (UnknownHostException e) {
            throw usage.apply("--proxy " + url + ": " + uri.getHost() + " has no address");
        }
        int port = uri.getPort() > 0 ? uri.getPort() : type == ProxyType.HTTP ? 3128 : 1080;
        ProxyOptions options = new ProxyOptions()
                .setType(type)
                .setHost(address.getHostAddress())
                .setPort(port);
        String user = uri.getUserInfo();
        if (user != null) {
            int colon = user.indexOf(':');
            options.setUsername(colon < 0 ? user : user.substring(0, colon));
            options.setPassword(colon < 0 ? "" : user.substring(colon + 1));
        }
        return options;
    }
}
