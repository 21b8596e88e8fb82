package io.tlsfleet.scanner.connect;

import io.vertx.core.net.ProxyOptions;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** How connections leave this machine: from which of its addresses, and through which proxy; null for the system's choice and none. */
public record Route(@Nullable InetAddress source, @Nullable ProxyOptions proxy) {
    public static final Route DIRECT = new Route(null, null);
}
