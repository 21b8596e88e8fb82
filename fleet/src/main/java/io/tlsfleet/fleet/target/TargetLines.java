package io.tlsfleet.fleet.target;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.tls.x509.HostName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Targets as people type them: {@code host}, {@code host:port}, {@code [v6]:port}, and, in a file, one a line with
 * options behind it: {@code mail.example:25 sni=mail.example starttls=smtp connect-to=127.0.0.1:2525 depth=full}. A {@code
 * #} at the start of a line or after a space begins a comment.
 */
public final class TargetLines {
    private static final int MAX_LINE = 4096;
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?");
    /** No name ends in a number: what looks like an address is one, or a slip. */
    private static final Pattern LIKE_IPV4 = Pattern.compile(".*\\.[0-9]+");

    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F.]*:[0-9a-fA-F:.]*(%[A-Za-z0-9_.-]+)?");

    private TargetLines() {}

    /** {@code host} and {@code port} as written; a port of 0 was not written. */
    public record HostPort(String host, int port) {}

    /** What a line holds; empty for a blank line or a comment. */
    public static Optional<Target> line(String line) {
        String text = withoutComment(line).strip();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.length() > MAX_LINE) {
            throw new InvalidTarget("a line of " + text.length() + " characters is no target");
        }
        String[] words = SPACE.split(text);
        return Optional.of(target(words[0], List.of(words).subList(1, words.length)));
    }

    /** One target without options, as on a command line. */
    public static Target target(String word) {
        return target(word, List.of());
    }

    private static Target target(String word, List<String> options) {
        HostPort place = hostPort(word);
        String sni = null;
        StarttlsProtocol starttls = null;
        List<String> addresses = new ArrayList<>();
        Depth depth = null;
        for (String option : options) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            String value = equals < 0 ? "" : option.substring(equals + 1);
            if (equals <= 0 || value.isEmpty()) {
                throw new InvalidTarget("'" + shown(option) + "' is no option: write name=value, with " + OPTIONS);
            }
            switch (name) {
                case "sni" -> sni = serverName(value);
                case "starttls" -> starttls = starttls(value);
                case "connect-to" -> addresses.add(connectTo(value));
                case "depth" -> depth = depth(value);
                default ->
                    throw new InvalidTarget(
                            "'" + shown(name) + "' is no option of a target line; there are " + OPTIONS);
            }
        }
        int port = place.port != 0 ? place.port : starttls != null ? starttls.defaultPort() : Target.DEFAULT_PORT;
        return new Target(place.host, port, sni, word(starttls), addresses, depth, Map.of(), null, null, null, null);
    }

    /** As {@link #hostPort}, or a file of certificates as {@code file:/path}. */
    public static HostPort place(String word) {
        if (!Target.isFile(word)) {
            return hostPort(word);
        }
        String path = word.substring(word.indexOf(':') + 1);
        if (!path.startsWith("/")
                || path.startsWith("//")
                || path.contains("/../")
                || path.endsWith("/..")
                || path.length() > 240
                || path.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new InvalidTarget("'" + shown(word)
                    + "' is no file: write file:/absolute/path of at most 240 characters, without ..");
        }
        return new HostPort(word, 0);
    }

    /** Reads {@code host}, {@code host:port}, {@code [v6]:port} or a bare IPv6 address. */
    public static HostPort hostPort(String word) {
        if (word.isEmpty()) {
            throw new InvalidTarget("a target is empty: write host, host:port or [v6]:port");
        }
        if (word.contains("://") || word.contains("/")) {
            throw new InvalidTarget("'" + shown(word) + "' looks like a URL: write host, host:port or [v6]:port");
        }
        if (word.startsWith("[")) {
            int close = word.indexOf(']');
            String inside = close < 0 ? "" : word.substring(1, close);
            String behind = close < 0 ? "" : word.substring(close + 1);
            if (!isIpv6(inside) || !behind.isEmpty() && !behind.startsWith(":")) {
                throw new InvalidTarget("'" + shown(word) + "' is no IPv6 target: write [2001:db8::1]:443");
            }
            return new HostPort(inside, behind.isEmpty() ? 0 : port(behind.substring(1), word));
        }
        if (isIpv6(word)) {
            return new HostPort(word, 0);
        }
        int colon = word.lastIndexOf(':');
        if (word.indexOf(':') != colon) {
            throw new InvalidTarget(
                    "'" + shown(word) + "' has more than one colon: write an IPv6 address as [v6]:port");
        }
        return colon < 0
                ? new HostPort(host(word, word), 0)
                : new HostPort(host(word.substring(0, colon), word), port(word.substring(colon + 1), word));
    }

    /** A server name for SNI as it goes on the wire (RFC 6066 section 3), or {@link Target#NO_SNI}. */
    public static String serverName(String name) {
        return name.equals(Target.NO_SNI) ? name : host(name, name);
    }

    public static Depth depth(String word) {
        return Arrays.stream(Depth.values())
                .filter(d -> d.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidTarget("'" + shown(word) + "' is no depth; there are "
                        + Arrays.stream(Depth.values()).map(Depth::word).collect(Collectors.joining(", "))));
    }

    public static StarttlsProtocol starttls(String word) {
        return StarttlsProtocol.named(word)
                .orElseThrow(() -> new InvalidTarget(
                        "'" + shown(word) + "' is no STARTTLS protocol; there are " + StarttlsProtocol.words()));
    }

    private static String connectTo(String value) {
        hostPort(value);
        return value;
    }

    private static @Nullable String word(@Nullable StarttlsProtocol starttls) {
        return starttls == null ? null : starttls.word();
    }

    private static String host(String host, String word) {
        if (host.isEmpty()) {
            throw new InvalidTarget("'" + shown(word) + "' has no host: write host, host:port or [v6]:port");
        }
        String ascii = host.chars().allMatch(c -> c < 128)
                ? host
                : HostName.toAscii(host).orElseThrow(() -> new InvalidTarget("'" + shown(host) + "' is no host name"));
        if (ascii.length() > 255 || !HOST.matcher(ascii).matches() || ascii.contains("..")) {
            throw new InvalidTarget("'" + shown(host) + "' is no host name or address");
        }
        if (LIKE_IPV4.matcher(ascii).matches() && !IPV4.matcher(ascii).matches()) {
            throw new InvalidTarget("'" + shown(host) + "' is no IPv4 address");
        }
        return ascii.toLowerCase(Locale.ROOT);
    }

    private static int port(String text, String word) {
        if (!NUMBER.matcher(text).matches()) {
            throw new InvalidTarget(
                    "'" + shown(word) + "': '" + shown(text) + "' is no port, a number from 1 to 65535");
        }
        int port = Integer.parseInt(text);
        if (port < 1 || port > 65535) {
            throw new InvalidTarget("'" + shown(word) + "': port " + port + " is out of range 1 to 65535");
        }
        return port;
    }

    /** Scoped addresses ({@code fe80::1%eth0}) too. */
    private static boolean isIpv6(String text) {
        boolean hasColons = text.indexOf(':') < text.lastIndexOf(':');
        if (!hasColons || !IPV6.matcher(text).matches()) {
            return false;
        }
        int scope = text.indexOf('%');
        try {
            return InetAddress.getByName(scope < 0 ? text : text.substring(0, scope)) != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String withoutComment(String line) {
        for (int at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
            if (at == 0 || Character.isWhitespace(line.charAt(at - 1))) {
                return line.substring(0, at);
            }
        }
        return line;
    }

    /** What came in, shortened and without control characters, fit for a terminal. */
    static String shown(String input) {
        String clean = input.codePoints()
                .limit(80)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return input.length() > 80 ? clean + "…" : clean;
    }

    private static final String OPTIONS = "sni=, starttls=, connect-to=, depth=";
}
