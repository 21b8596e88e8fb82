package io.tlsfleet.api.sources;

import java.util.Optional;

/** {@code host}, {@code host:port}, {@code [v6]:port} or a URL, as configurations write them; the scheme is kept. */
record HostPort(String host, int port, String scheme) {

    static Optional<HostPort> parse(String text, int defaultPort) {
        String rest = text.strip();
        String scheme = "";
        int mark = rest.indexOf("://");
        if (mark >= 0) {
            scheme = rest.substring(0, mark);
            rest = rest.substring(mark + 3);
            int user = rest.indexOf('@');
            int slash = rest.indexOf('/');
            if (user >= 0 && (slash < 0 || user < slash)) {
                rest = rest.substring(user + 1);
            }
        }
        for (char end : new char[] {'/', '?', '#'}) {
            int at = rest.indexOf(end);
            rest = at >= 0 ? rest.substring(0, at) : rest;
        }
        String host;
        String port = "";
        if (rest.startsWith("[") && rest.indexOf(']') > 0) {
            host = rest.substring(1, rest.indexOf(']'));
            port = rest.substring(rest.indexOf(']') + 1);
            port = port.startsWith(":") ? port.substring(1) : port;
        } else if (rest.indexOf(':') == rest.lastIndexOf(':') && rest.indexOf(':') > 0) {
            host = rest.substring(0, rest.indexOf(':'));
            port = rest.substring(rest.indexOf(':') + 1);
        } else {
            host = rest;
        }
        if (host.isEmpty() || !port.matches("\\d{0,5}")) {
            return Optional.empty();
        }
        int standard = scheme.equals("http") ? 80 : scheme.equals("https") ? 443 : defaultPort;
        return Optional.of(new HostPort(host, port.isEmpty() ? standard : Integer.parseInt(port), scheme));
    }
}
