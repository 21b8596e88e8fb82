package io.tlsfleet.scanner.connect;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where to dial: an address, never a name, so that what the gate saw is what is dialled. */
public record Destination(InetAddress address, int port) {
    InetSocketAddress socketAddress() {
        return new InetSocketAddress(address, port);
    }

    /** The address as it is written: {@code ::1}, not eight groups of it (RFC 5952). */
    public String host() {
        return NetUtil.toAddressString(address);
    }

    @Override
    public String toString() {
        String host = host();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
