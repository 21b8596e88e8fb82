package io.tlsfleet.fleet.target;

import io.tlsfleet.fleet.observation.Depth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A target out of named texts, as columns of a CSV file or members of a JSON object hold them. What has no name of its own
 * is a tag. Every message names the field and what it held.
 */
final class TargetFields {
    static final List<String> NAMES = List.of(
            "host", "port", "sni", "starttls", "owner", "site", "policy", "intervalSeconds", "depth", "addresses");
    private static final Set<Depth> CHOSEN = Set.of(Depth.CERTIFICATE, Depth.STANDARD, Depth.FULL);
    private static final int MOST_TAGS = 64;
    private static final int LONGEST_TAG = 100;
    private static final int LONGEST_VALUE = 1_000;
    private static final int MOST_ADDRESSES = 64;

    private TargetFields() {}

    static Target target(Map<String, String> fields, List<String> addresses, Map<String, String> tags) {
        String host = fields.getOrDefault("host", "");
        if (host.isBlank()) {
            throw new InvalidTarget("host is missing");
        }
        TargetLines.HostPort place = TargetLines.place(host.strip());
        String starttls = given(fields, "starttls");
        StarttlsProtocol protocol = starttls == null ? null : TargetLines.starttls(starttls);
        String sni = given(fields, "sni");
        String depth = given(fields, "depth");
        if (Target.isFile(place.host())) {
            if (given(fields, "port") != null || protocol != null || !addresses.isEmpty()) {
                throw new InvalidTarget("a file has no port, no starttls and no addresses");
            }
            depth = Depth.CERTIFICATE.word();
        }
        return new Target(
                place.host(),
                port(fields, place, protocol),
                sni == null ? null : TargetLines.serverName(sni),
                protocol == null ? null : protocol.word(),
                checked(addresses),
                depth == null ? null : chosen(depth),
                checked(tags),
                text(fields, "owner"),
                text(fields, "site"),
                text(fields, "policy"),
                interval(fields));
    }

    /** Verification is how a known target is looked at again, not something to ask for. */
    private static Depth chosen(String word) {
        Depth depth = TargetLines.depth(word);
        if (!CHOSEN.contains(depth)) {
            throw new InvalidTarget("depth 'verify' is no depth of a target; there are certificate, standard, full");
        }
        return depth;
    }

    private static int port(
            Map<String, String> fields, TargetLines.HostPort place, @Nullable StarttlsProtocol starttls) {
        String port = given(fields, "port");
        if (Target.isFile(place.host())) {
            return 0;
        }
        if (port == null) {
            return place.port() != 0 ? place.port() : starttls == null ? Target.DEFAULT_PORT : starttls.defaultPort();
        }
        if (place.port() != 0) {
            throw new InvalidTarget("host '" + TargetLines.shown(fields.getOrDefault("host", ""))
                    + "' has a port, and port is given too: write one of them");
        }
        return number("port", port, 1, 65_535);
    }

    private static @Nullable Integer interval(Map<String, String> fields) {
        String interval = given(fields, "intervalSeconds");
        return interval == null ? null : number("intervalSeconds", interval, 1, 366 * 86_400);
    }

    private static int number(String name, String text, int least, int most) {
        if (!text.matches("-?[0-9]{1,18}")) {
            throw new InvalidTarget(
                    name + " '" + TargetLines.shown(text) + "' is no whole number from " + least + " to " + most);
        }
        long number = Long.parseLong(text);
        if (number < least || number > most) {
            throw new InvalidTarget(name + " " + number + " is out of range " + least + " to " + most);
        }
        return (int) number;
    }

    private static @Nullable String text(Map<String, String> fields, String name) {
        String text = given(fields, name);
        if (text != null && (text.length() > 200 || text.indexOf('\0') >= 0)) {
            throw new InvalidTarget(name + " is longer than 200 characters or has a NUL");
        }
        return text;
    }

    private static @Nullable String given(Map<String, String> fields, String name) {
        String value = fields.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    private static List<String> checked(List<String> addresses) {
        if (addresses.size() > MOST_ADDRESSES) {
            throw new InvalidTarget(addresses.size() + " addresses are more than " + MOST_ADDRESSES);
        }
        List<String> checked = new ArrayList<>();
        for (String address : addresses) {
            try {
                TargetLines.hostPort(address.strip());
            } catch (InvalidTarget e) {
                throw new InvalidTarget("addresses: " + e.getMessage());
            }
            checked.add(address.strip());
        }
        return checked;
    }

    private static Map<String, String> checked(Map<String, String> tags) {
        Map<String, String> checked = new LinkedHashMap<>();
        tags.forEach((name, value) -> {
            if (name.isBlank() || name.length() > LONGEST_TAG || name.indexOf('\0') >= 0) {
                throw new InvalidTarget(
                        "tag '" + TargetLines.shown(name) + "': a tag's name has 1 to " + LONGEST_TAG + " characters");
            }
            if (value.length() > LONGEST_VALUE || value.indexOf('\0') >= 0) {
                throw new InvalidTarget("tag '" + TargetLines.shown(name) + "' is longer than " + LONGEST_VALUE
                        + " characters or has a NUL");
            }
            checked.put(name.strip(), value);
        });
        if (checked.size() > MOST_TAGS) {
            throw new InvalidTarget(checked.size() + " tags are more than " + MOST_TAGS);
        }
        return checked;
    }
}
