package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.target.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The policies in force and who is judged by which. A target that names policies is judged by those; else by every one
 * that is assigned to its host, its owner, a tag of its or its site, all at once; else by the default.
 */
public final class PolicyBook {
    /** What ships, and nothing assigned. */
    public static final PolicyBook SHIPPED = new PolicyBook(Map.of(), List.of());

    private final Map<String, Policy> own;
    private final List<Assignment> assignments;

    public PolicyBook(Map<String, Policy> own, List<Assignment> assignments) {
        this.own = Map.copyOf(own);
        this.assignments = List.copyOf(assignments);
    }

    /** All that is given must hold; in {@code host} {@code *} stands for anything, {@code tag} is {@code key:value}. */
    public record Assignment(
            String policy,
            @Nullable String host,
            @Nullable String owner,
            @Nullable String tag,
            @Nullable String site) {
        public Assignment {
            if (host == null && owner == null && tag == null && site == null) {
                throw new IllegalArgumentException("an assignment needs a host, an owner, a tag or a site");
            }
            if (tag != null && tag.indexOf(':') <= 0) {
                throw new IllegalArgumentException("'" + tag + "' is no tag: write key:value");
            }
        }

        public boolean takes(Target target) {
            if (host != null
                    && !Globs.matches(
                            host.toLowerCase(Locale.ROOT), target.host().toLowerCase(Locale.ROOT))) {
                return false;
            }
            if (owner != null && !owner.equals(target.owner()) || site != null && !site.equals(target.site())) {
                return false;
            }
            if (tag == null) {
                return true;
            }
            int colon = tag.indexOf(':');
            return tag.substring(colon + 1).equals(target.tags().get(tag.substring(0, colon)));
        }
    }

    /** Files of one's own, by name, each perhaps extending another; what cannot be read is left out and told. */
    public static Map<String, Policy> read(Map<String, String> texts, Map<String, InvalidPolicy> unread) {
        Map<String, Policy> read = new LinkedHashMap<>();
        texts.keySet().forEach(name -> read(name, texts, read, unread, new HashSet<>()));
        return read;
    }

    private static @Nullable Policy read(
            String name,
            Map<String, String> texts,
            Map<String, Policy> read,
            Map<String, InvalidPolicy> unread,
            Set<String> underWay) {
        Policy shipped = Policies.find(name);
        String text = texts.get(name);
        if (shipped != null || text == null || read.containsKey(name) || !underWay.add(name)) {
            return shipped == null ? read.get(name) : shipped;
        }
        try {
            Policy policy = Policies.parse(text, parent -> read(parent, texts, read, unread, underWay));
            read.put(name, policy);
            return policy;
        } catch (InvalidPolicy e) {
            unread.put(name, e);
            return null;
        }
    }

    /** Shipped or own; null for a name that is none. */
    public @Nullable Policy find(String name) {
        Policy shipped = Policies.find(name);
        return shipped == null ? own.get(name) : shipped;
    }

    /** Every name that a target may give. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>(Policies.SHIPPED);
        names.addAll(new TreeSet<>(own.keySet()));
        return names;
    }

    public Map<String, Policy> own() {
        return own;
    }

    public List<Assignment> assignments() {
        return assignments;
    }

    /** What judges it, never empty. */
    public List<Policy> of(Target target) {
        Set<String> names = new LinkedHashSet<>(names(target.policy()));
        if (names.isEmpty()) {
            assignments.stream().filter(a -> a.takes(target)).forEach(a -> names.add(a.policy()));
        }
        List<Policy> policies = new ArrayList<>();
        for (String name : names) {
            Policy policy = find(name);
            if (policy != null) {
                policies.add(policy);
            }
        }
        return policies.isEmpty() ? List.of(Policies.standard()) : policies;
    }

    /** What a target's word for its policy names: one, or several with commas or blanks between. */
    public static List<String> names(@Nullable String given) {
        return given == null || given.isBlank()
                ? List.of()
                : List.of(given.strip().split("[,;\\s]+"));
    }
}
