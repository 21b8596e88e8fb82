package io.tlsfleet.scanner.connect;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where to dial: an address, never a name, so that what the gate saw is what is dialled. */
public record Destination(InetAddress address, int port) {
    InetSocketAddress socketAddress() {
        return new InetSocketAddress(address, port);
    }

    @Override
    public String toString() {
        String host = address.getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
