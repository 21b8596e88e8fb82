package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.SuiteFacts;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What is known, held against what a few hellos show; the first difference ends it, because then everything is asked anew. A
 * question that was not answered is no difference: its fact is unknown now.
 */
final class Recheck {
    final Known known;
    final Interview interview;
    final Draft draft;
    final RandomGenerator random;
    private final List<String> alpnLeft;
    private final Set<String> alpnSeen = new HashSet<>();
    private final boolean weakestFirst;
    private int left;
    private @Nullable String difference;

    /** {@code more} are application protocols of the user's; {@code limit} is how many questions may be asked. */
    Recheck(
            Known known,
            Interview interview,
            Draft draft,
            RandomGenerator random,
            Collection<String> more,
            int limit,
            boolean weakestFirst) {
        this.known = known;
        this.interview = interview;
        this.draft = draft;
        this.random = random;
        this.left = limit;
        this.weakestFirst = weakestFirst;
        this.alpnLeft = new ArrayList<>(Menu.ALPN);
        more.stream().filter(name -> !alpnLeft.contains(name)).forEach(alpnLeft::add);
        alpnLeft.removeAll(known.alpn());
    }

    /** Whether one more question may be asked; it counts as asked. */
    boolean mayAsk() {
        return difference == null && interview.goesOn() && left-- > 0;
    }

    void differs(String what) {
        if (difference == null) {
            difference = what;
        }
    }

    Optional<String> difference() {
        return Optional.ofNullable(difference);
    }

    /** Whether another name than the known one is asked. */
    boolean isOfAnotherName() {
        return weakestFirst;
    }

    /** An answer that had to be a refusal: the offer was all that is not accepted. */
    void mustRefuse(Answer answer, String pointer, String what) {
        switch (answer) {
            case Chosen chosen ->
                differs(what + ": " + chosen.suite().name()
                        + (chosen.group() == null
                                ? ""
                                : " with " + chosen.group().name()) + " in "
                        + chosen.version().label() + " was taken");
            case Refused refused -> protest(refused);
            case Hung hung -> draft.unknown(pointer, hung.reason());
            case Unclear unclear -> draft.unknown(pointer, unclear.reason());
        }
    }

    /** A hello that the server cannot read says nothing of what it holds. */
    void protest(Refused refused) {
        if (refused.isProtest()) {
            differs("a wide hello cannot be read (" + refused.alert() + ")");
        }
    }

    /** An answer that had to be a choice; null when it was none. */
    @Nullable
    Chosen mustChoose(Answer answer, String pointer, String what) {
        switch (answer) {
            case Chosen chosen -> {
                return chosen;
            }
            case Refused refused ->
                differs(what + ": refused ("
                        + (refused.alert() == null ? refused.how().name() : refused.alert()) + ")");
            case Hung hung -> draft.unknown(pointer, hung.reason());
            case Unclear unclear -> draft.unknown(pointer, unclear.reason());
        }
        return null;
    }

    /**
     * Names that are not known to be accepted, then those known that were not chosen in this scan yet; empty when that would be
     * refused, or says nothing more.
     */
    List<String> alpn() {
        if (known.facts().alpn() == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>(alpnLeft);
        names.add(Menu.UNKNOWN_ALPN);
        known.alpn().stream().filter(name -> !alpnSeen.contains(name)).forEach(names::add);
        boolean anyKnown = names.size() > alpnLeft.size() + 1;
        return anyKnown || alpnIsIgnored() ? names : List.of();
    }

    boolean alpnIsIgnored() {
        return known.facts().alpn() != null
                && "ignored".equals(known.facts().alpn().onMismatch());
    }

    /** What nobody speaks and what is not accepted; a refusal is due. */
    List<String> alpnComplement() {
        List<String> names = new ArrayList<>(alpnLeft);
        names.add(Menu.UNKNOWN_ALPN);
        return names;
    }

    boolean alpnIsWhole() {
        return known.facts().alpn() != null && alpnSeen.containsAll(known.alpn());
    }

    /** The server's choice among {@code offered}. */
    void alpnHeard(List<String> offered, Optional<byte[]> extension) {
        if (offered.isEmpty() || known.facts().alpn() == null) {
            return;
        }
        if (extension.isEmpty()) {
            if (offered.stream().anyMatch(known.alpn()::contains)) {
                differs("no application protocol was chosen where one was before");
            }
            return;
        }
        try {
            for (String name : Extensions.readAlpn(extension.get())) {
                if (!known.alpn().contains(name)) {
                    differs("application protocol " + name + " was chosen");
                }
                alpnSeen.add(name);
            }
        } catch (MalformedMessage e) {
            draft.unknown("/alpn", Reason.MALFORMED);
        }
    }

    /** Whether a known feature is as before; {@code extension} is the one that says it. */
    void feature(String name, Chosen chosen, int extension) {
        Object before = known.facts().features() == null
                ? null
                : known.facts().features().get(name);
        FactState now = chosen.extension(extension).isPresent() ? FactState.ACCEPTED : FactState.REFUSED;
        if (before instanceof FactState state
                && (state == FactState.ACCEPTED || state == FactState.REFUSED)
                && state != now) {
            differs(name + " is " + now.word() + ", was " + state.word());
        }
    }

    /**
     * The suites with the one in front that a server should least have: before a name is said to have it too, it is asked for.
     * Where this endpoint itself had it before, any may be in front.
     */
    List<CipherSuite> turnedSuites(List<CipherSuite> list, @Nullable CipherSuite notFirst) {
        if (!weakestFirst) {
            return turned(list, notFirst);
        }
        return list.stream()
                .filter(suite -> !suite.equals(notFirst))
                .max(Comparator.comparingInt(Recheck::weakness))
                .map(first -> joined(List.of(first), list))
                .orElse(list);
    }

    private static int weakness(CipherSuite suite) {
        SuiteFacts facts = suite.facts();
        boolean broken = suite.name().matches(".*(NULL|EXPORT|anon|RC4|RC2|DES).*");
        return (broken ? 4 : 0) + (facts.isForwardSecret() ? 0 : 2) + (facts.mode() == SuiteFacts.Mode.AEAD ? 0 : 1);
    }

    /** The list turned, so that another of its members comes first; which one is drawn, so that in time each does. */
    <T> List<T> turned(List<T> list, @Nullable T notFirst) {
        List<T> firsts = list.stream().filter(t -> !t.equals(notFirst)).toList();
        if (firsts.isEmpty()) {
            return list;
        }
        T first = firsts.get(random.nextInt(firsts.size()));
        List<T> turned = new ArrayList<>(List.of(first));
        list.stream().filter(t -> !t.equals(first)).forEach(turned::add);
        return turned;
    }

    static <T> List<T> without(Collection<T> all, Collection<T> some) {
        return all.stream().filter(t -> !some.contains(t)).toList();
    }

    static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> both = new ArrayList<>(first);
        second.stream().filter(t -> !first.contains(t)).forEach(both::add);
        return both;
    }

    Answer ask(Offer offer) {
        return interview.ask(offer);
    }

    /** Without simpler forms of it when it is not understood. */
    Answer askAsItIs(Offer offer) {
        return interview.askAsItIs(offer);
    }
}
