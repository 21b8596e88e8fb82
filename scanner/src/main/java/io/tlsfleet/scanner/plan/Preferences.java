package io.tlsfleet.scanner.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Choices seen, and whose order they follow: the client's (always the first acceptable) or one fixed order of the server's. */
public final class Preferences<T> {
    private final List<Seen<T>> seen = new ArrayList<>();
    private final Predicate<T> indulged;
    private List<T> judged = List.of();
    private @Nullable Order verdict;

    public Preferences() {
        this(one -> false);
    }

    /**
     * @param indulged what a server with an order of its own may take from in front of others although it prefers those, such as
     *     ChaCha20 for a client that puts it first (BoringSSL's groups of equal preference): no such choice is held against its order
     */
    public Preferences(Predicate<T> indulged) {
        this.indulged = indulged;
    }

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
        verdict = null;
    }

    public Order verdict(List<T> accepted) {
        Order known = verdict;
        if (known == null || !judged.equals(accepted)) {
            known = judge(new HashSet<>(accepted));
            judged = List.copyOf(accepted);
            verdict = known;
        }
        return known;
    }

    private Order judge(Set<T> accepted) {
        List<Seen<T>> among = new ArrayList<>(seen.size());
        for (Seen<T> one : seen) {
            List<T> offered = new ArrayList<>(one.offered);
            offered.retainAll(accepted);
            among.add(new Seen<>(offered, one.chosen));
        }
        boolean client = among.stream()
                .allMatch(one -> one.offered.isEmpty() || one.offered.getFirst().equals(one.chosen));
        boolean server = isAcyclic(accepted, among, false);
        if (client && server) {
            return Order.UNDECIDED;
        }
        return client ? Order.CLIENT : server || isAcyclic(accepted, among, true) ? Order.SERVER : Order.NEITHER;
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

    /** Each choice puts the chosen above every other accepted one that was offered with it; an indulged one above those before it alone. */
    private boolean isAcyclic(Set<T> known, List<Seen<T>> among, boolean indulges) {
        Map<T, Set<T>> below = new HashMap<>();
        for (Seen<T> one : among) {
            Set<T> others = below.computeIfAbsent(one.chosen, c -> new HashSet<>());
            for (T offered : one.offered) {
                if (!offered.equals(one.chosen)) {
                    others.add(offered);
                } else if (indulges && indulged.test(offered)) {
                    break;
                }
            }
        }
        Set<T> done = new HashSet<>();
        for (T start : known) {
            if (!descends(start, below, new HashSet<>(), done)) {
                return false;
            }
        }
        return true;
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
