package io.tlsfleet.scanner.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Choices seen, and whose order they follow: the client's (always the first acceptable) or one fixed order of the server's. */
public final class Preferences<T> {
    private final List<Seen<T>> seen = new ArrayList<>();

    public enum Order {
        SERVER,
        CLIENT,
        /** Both would explain what was seen. */
        UNDECIDED,
        /** Neither would. */
        NEITHER
    }

    private record Seen<T>(List<T> offered, T chosen) {}

    public void saw(List<T> offered, T chosen) {
        seen.add(new Seen<>(List.copyOf(offered), chosen));
    }

    public Order verdict(List<T> accepted) {
        Set<T> known = new HashSet<>(accepted);
        boolean client =
                seen.stream().allMatch(s -> firstOf(s.offered, known, s.chosen).equals(s.chosen));
        boolean server = isAcyclic(known);
        if (client && server) {
            return Order.UNDECIDED;
        }
        return client ? Order.CLIENT : server ? Order.SERVER : Order.NEITHER;
    }

    /** Whether each stands above the next by a choice between the two. */
    public boolean proves(List<T> order) {
        for (int i = 1; i < order.size(); i++) {
            T above = order.get(i - 1);
            T below = order.get(i);
            if (seen.stream().noneMatch(s -> s.chosen.equals(above) && s.offered.contains(below))) {
                return false;
            }
        }
        return true;
    }

    private static <T> T firstOf(List<T> offered, Set<T> known, T otherwise) {
        return offered.stream().filter(known::contains).findFirst().orElse(otherwise);
    }

    /** Each choice puts the chosen above every other accepted one that was offered with it. */
    private boolean isAcyclic(Set<T> known) {
        Map<T, Set<T>> below = new HashMap<>();
        for (Seen<T> one : seen) {
            Set<T> others = below.computeIfAbsent(one.chosen, c -> new HashSet<>());
            one.offered.stream()
                    .filter(o -> known.contains(o) && !o.equals(one.chosen))
                    .forEach(others::add);
        }
        Set<T> done = new HashSet<>();
        return known.stream().allMatch(start -> descends(start, below, new HashSet<>(), done));
    }

    private boolean descends(T at, Map<T, Set<T>> below, Set<T> path, Set<T> done) {
        if (done.contains(at)) {
            return true;
        }
        if (!path.add(at)) {
            return false;
        }
        for (T next : below.getOrDefault(at, Set.of())) {
            if (!descends(next, below, path, done)) {
                return false;
            }
        }
        path.remove(at);
        done.add(at);
        return true;
    }
}
