package io.tlsfleet.scanner.plan;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.plan.Preferences.Order;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Offers a list, takes out what is chosen, and is over when the server refuses the rest: accepted + 1 hellos. The second hello
 * still offers the first choice, behind all others, so that the same answer tells whose order counts.
 */
public final class Elimination<T> {
    private final List<T> candidates;
    private final Set<T> left;
    private final List<T> found = new ArrayList<>();
    private final Preferences<T> preferences = new Preferences<>();
    private @Nullable T sure;
    private boolean orderAsked;
    private boolean over;
    private @Nullable Reason unknown;

    public Elimination(Collection<T> candidates) {
        this.candidates = List.copyOf(candidates);
        this.left = new LinkedHashSet<>(candidates);
        this.over = left.isEmpty();
    }

    /**
     * Accepted, as an answer under other conditions has shown. It goes behind all others: a server that picks it from there has an
     * order of its own, and where the client's counts it need not be asked for at all.
     */
    public void sure(T accepted) {
        if (found.isEmpty() && left.remove(accepted)) {
            left.add(accepted);
            sure = accepted;
        }
    }

    /**
     * What the server itself says it has, in its order: need not be asked for, but what it does not name is. Nothing is taken from a
     * list that lacks what it has chosen.
     */
    public void stated(List<T> all) {
        if (over || !all.containsAll(found)) {
            return;
        }
        all.stream().filter(left::remove).forEach(found::add);
        over = left.isEmpty();
    }

    public boolean isOver() {
        return over;
    }

    /** What the next hello offers; once it is over, what was found. */
    public List<T> offer() {
        if (over) {
            return List.copyOf(found);
        }
        List<T> offer = new ArrayList<>(left);
        if (found.size() == 1 && !orderAsked) {
            offer.add(found.getFirst());
        } else if (left.size() > 1 && followsClient()) {
            offer.removeIf(one -> one.equals(sure));
        }
        return offer;
    }

    /**
     * What is left in front of what was found, for a hello that asks something else and must not be refused for this list. Where
     * the client's order counts each such hello finds one more; that nothing is left is only told by {@link #offer}.
     */
    public List<T> inFront() {
        List<T> offer = new ArrayList<>(left);
        offer.addAll(found);
        return offer;
    }

    /** The server's choice from {@link #offer}; also from an offer elsewhere that is told here. */
    public void chose(T choice, List<T> offered) {
        preferences.saw(offered, choice);
        // a choice from behind all others is an order of the server's already
        orderAsked |=
                !found.isEmpty() || choice.equals(sure) && offered.getLast().equals(choice);
        if (!found.contains(choice)) {
            found.add(choice);
            left.remove(choice);
        }
        over |= left.isEmpty();
    }

    /**
     * What is left, for a hello that names it in front of what is known: a server that has followed the client's order refuses it by
     * passing over it. None where its order is not the client's, and while any of {@code tiers} is left: some servers go by tiers
     * (BoringSSL: AES before ChaCha20), and by the client's order within one only.
     */
    public Optional<List<T>> rest(Collection<T> tiers) {
        List<T> rest = left.stream().filter(one -> !one.equals(sure)).toList();
        return over || !followsClient() || !Collections.disjoint(rest, tiers) ? Optional.empty() : Optional.of(rest);
    }

    /** The answer to a hello that names all of {@link #rest} in front. */
    public void choseBehind(T choice, List<T> offered) {
        boolean known = found.contains(choice) || choice.equals(sure);
        chose(choice, offered);
        if (known && followsClient()) {
            end();
        }
    }

    private boolean followsClient() {
        return found.size() > 1 && preferences.verdict(found) == Order.CLIENT;
    }

    /** Nothing of what is left is accepted. When the first choice was offered again and even that failed, only the order stays open. */
    public void refused() {
        if (found.size() == 1 && !orderAsked) {
            orderAsked = true;
            return;
        }
        end();
    }

    /** How many are accepted for all that is known, found or not. */
    public int accepted() {
        return found.size() + (sure != null && left.contains(sure) ? 1 : 0);
    }

    public void unclear(Reason reason) {
        unknown = reason;
        end();
    }

    private void end() {
        over = true;
        T accepted = sure;
        if (accepted != null && !found.isEmpty() && left.remove(accepted)) {
            found.add(accepted);
        }
    }

    /** In the server's order; where that is the client's, in that of the candidates. */
    public List<T> found() {
        return over && followsClient()
                ? candidates.stream().filter(found::contains).toList()
                : List.copyOf(found);
    }

    public Optional<Reason> unknown() {
        return Optional.ofNullable(unknown);
    }

    /** As reports say it; null when there is but one. */
    public @Nullable String order() {
        return found.size() < 2 ? null : word(preferences.verdict(found));
    }

    static String word(Order order) {
        return switch (order) {
            case SERVER -> "server";
            case CLIENT -> "client";
            case UNDECIDED, NEITHER -> "unknown";
        };
    }
}
