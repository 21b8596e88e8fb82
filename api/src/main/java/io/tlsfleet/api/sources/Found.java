package io.tlsfleet.api.sources;

import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a source gave: targets, each once, and what was passed over with the reason. */
public final class Found {
    private record Key(
            String host,
            int port,
            @Nullable String sni,
            @Nullable String starttls) {}

    private final Map<Key, Target> targets = new LinkedHashMap<>();
    private final List<String> passedOver = new ArrayList<>();

    /** {@code sni} null: the host's own name. A target found twice keeps the tags of both. */
    public void add(
            String host,
            int port,
            @Nullable String sni,
            @Nullable String starttls,
            List<String> addresses,
            Map<String, String> tags) {
        try {
            String name = TargetLines.hostPort(host).host();
            String asked = sni == null ? null : TargetLines.serverName(sni);
            targets.merge(
                    new Key(name, port, asked, starttls),
                    new Target(name, port, asked, starttls, addresses, null, tags, null, null, null, null),
                    Found::merged);
        } catch (IllegalArgumentException e) {
            passOver(Text.shown(host) + ":" + port + ": " + e.getMessage());
        }
    }

    public void passOver(String why) {
        passedOver.add(why);
    }

    public List<Target> targets() {
        return List.copyOf(targets.values());
    }

    public List<String> passedOver() {
        return List.copyOf(passedOver);
    }

    private static Target merged(Target a, Target b) {
        Map<String, String> tags = new LinkedHashMap<>(a.tags());
        b.tags().forEach(tags::putIfAbsent);
        List<String> addresses = new ArrayList<>(a.addresses());
        b.addresses().stream().filter(x -> !addresses.contains(x)).forEach(addresses::add);
        return new Target(
                a.host(),
                a.port(),
                a.sni(),
                a.starttls(),
                addresses,
                a.depth(),
                tags,
                a.owner(),
                a.site(),
                a.policy(),
                a.intervalSeconds());
    }
}
