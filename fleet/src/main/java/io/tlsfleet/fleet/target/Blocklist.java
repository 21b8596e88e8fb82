package io.tlsfleet.fleet.target;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What nobody scans, whoever asks: address ranges ("192.0.2.0/24", "2001:db8::1") and domains ("example.org", which takes all
 * its subdomains along).
 */
public final class Blocklist {
    public static final Blocklist NONE = new Blocklist(List.of(), Set.of());

    private final List<AddressRange> ranges;
    private final Set<String> domains;

    private Blocklist(List<AddressRange> ranges, Set<String> domains) {
        this.ranges = List.copyOf(ranges);
        this.domains = Set.copyOf(domains);
    }

    public static Blocklist of(List<String> patterns) {
        List<AddressRange> ranges = new ArrayList<>();
        Set<String> domains = new LinkedHashSet<>();
        for (String pattern : patterns) {
            if (isRange(pattern)) {
                ranges.add(AddressRange.parse(pattern));
            } else {
                domains.add(domain(pattern));
            }
        }
        return new Blocklist(ranges, domains);
    }

    /** The pattern as it is kept; an {@link IllegalArgumentException} says what is wrong with it. */
    public static String canonical(String pattern) {
        String text = pattern.strip();
        return isRange(text) ? AddressRange.parse(text).toString() : domain(text);
    }

    public List<AddressRange> ranges() {
        return ranges;
    }

    /** Why a target of that name (or literal address) is left alone; empty when it is not. */
    public Optional<String> objection(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (isRange(name)) {
            try {
                InetAddress address = InetAddress.ofLiteral(name);
                return objection(address);
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        for (int from = 0; from >= 0 && from < name.length(); ) {
            String domain = name.substring(from);
            if (domains.contains(domain)) {
                return Optional.of(host + " is on the blocklist (" + domain + ")");
            }
            int dot = name.indexOf('.', from);
            from = dot < 0 ? -1 : dot + 1;
        }
        return Optional.empty();
    }

    public Optional<String> objection(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ranges.stream()
                .filter(range -> range.contains(bytes))
                .findFirst()
                .map(range -> address.getHostAddress() + " is on the blocklist (" + range + ")");
    }

    private static boolean isRange(String pattern) {
        return pattern.indexOf(':') >= 0 || pattern.matches("[0-9./]+");
    }

    private static String domain(String pattern) {
        String name = pattern.toLowerCase(Locale.ROOT);
        if (name.startsWith("*.")) {
            name = name.substring(2);
        }
        if (!name.matches("[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_]([a-z0-9_-]{0,62}))*\\.?") || name.length() > 253) {
            throw new IllegalArgumentException(
                    "'" + pattern + "' is neither an address, a range like 192.0.2.0/24, nor a domain");
        }
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
