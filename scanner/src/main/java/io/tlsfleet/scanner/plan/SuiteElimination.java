package io.tlsfleet.scanner.plan;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.plan.Preferences.Order;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Refused.How;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SuiteFacts;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All suites of one version up to TLS 1.2. First the 64 that servers have, with RFC 7919's groups named; then everything else,
 * and what is left of the 64, in one wide hello without those groups, because either may hide a server's DHE. A bundle that
 * fails in another way than a clean refusal is cut to pieces, a bounded number of times; where the server hangs up and follows
 * the client's order, a suite that it has stands behind the rest instead, and choosing that one is a refusal of all others.
 * Then whose order it is, and whether ChaCha20 goes first for those who put it first.
 */
public final class SuiteElimination {
    private static final int MAX_CUTS = 12;
    private static final int MAX_CUTS_AFTER_HANGING_UP = 4;
    private static final int NARROW = 64;
    private static final int MAX_ASKS_FOR_ORDER = 2;
    private static final Set<CipherSuite> CHACHA = CipherSuite.all().stream()
            .filter(s -> s.facts().family().equals("CHACHA20"))
            .collect(Collectors.toUnmodifiableSet());

    private final ProtocolVersion version;
    private final int widest;
    private final Deque<Bundle> bundles = new ArrayDeque<>();
    private final List<CipherSuite> found = new ArrayList<>();
    private final List<CipherSuite> wantAName = new ArrayList<>();
    private final List<CipherSuite> unknown = new ArrayList<>();
    private final Preferences<CipherSuite> preferences = new Preferences<>(SuiteElimination::isChaCha);
    private final Set<KeyExchange> troubled = EnumSet.noneOf(KeyExchange.class);
    private Step step = Step.COMMON;
    private @Nullable Ask asked;
    private List<CipherSuite> ranked = new ArrayList<>();
    private @Nullable Reason unknownReason;
    private @Nullable Refused refusal;
    private @Nullable Boolean chachaWhenPreferred;
    private boolean orderAsked;
    private boolean saysTheSameToAll = true;
    private int cuts;
    private int cutsAfterHangingUp;
    private int asksForOrder;
    private @Nullable CipherSuite lastChosen;

    private enum Step {
        COMMON,
        WIDE,
        FINITE_FIELD,
        ORDER,
        RANK,
        CHACHA,
        OVER
    }

    /** One hello: its suites, and whether RFC 7919's groups are named in it. {@code orderOf} is set when the first choice stands last. */
    public record Ask(List<CipherSuite> suites, boolean finiteFieldGroups, boolean isForOrder) {}

    /** {@code knownBehind}: with a suite behind the others that the server has, which it then chooses instead of hanging up. */
    private record Bundle(List<CipherSuite> suites, boolean finiteFieldGroups, boolean knownBehind) {
        Bundle(List<CipherSuite> suites, boolean finiteFieldGroups) {
            this(suites, finiteFieldGroups, false);
        }

        Bundle of(List<CipherSuite> others) {
            return new Bundle(others, finiteFieldGroups, knownBehind);
        }
    }

    /**
     * @param widest how many suites a hello to this server may hold
     * @param stumbledOver what {@link #stumblesOver} said of another version: asked apart from the beginning
     */
    public SuiteElimination(ProtocolVersion version, int widest, Set<KeyExchange> stumbledOver) {
        this.version = version;
        this.widest = widest;
        if (version.equals(ProtocolVersion.SSL_3) && widest > Menu.MOST_OF_SSL3) {
            enqueue(Menu.ofSsl3(), true);
        } else {
            troubled.addAll(stumbledOver);
            // what it stumbles over comes with everything else of its kind
            enqueue(calm(Menu.common(version)), true);
        }
    }

    /** The key exchanges that this server stumbles over, if it took no suite; none that RFC 7919's groups have a part in. */
    public Set<KeyExchange> stumblesOver() {
        Set<KeyExchange> kinds = EnumSet.noneOf(KeyExchange.class);
        if (found.isEmpty() && !troubled.isEmpty()) {
            kinds.addAll(troubled);
            Menu.everything(version).stream()
                    .map(CipherSuite::facts)
                    .filter(SuiteFacts::usesFiniteFieldGroup)
                    .map(SuiteFacts::keyExchange)
                    .forEach(kinds::remove);
        }
        return kinds;
    }

    public Optional<Ask> next() {
        while (step != Step.OVER) {
            Optional<Ask> ask = switch (step) {
                case COMMON, WIDE, FINITE_FIELD -> fromBundles();
                case RANK ->
                    ranked.size() < 2
                            ? Optional.empty()
                            : Optional.of(new Ask(withoutChaChaFirst(ranked), true, false));
                case ORDER -> forOrder();
                case CHACHA -> chachaFirst();
                case OVER -> Optional.empty();
            };
            if (ask.isPresent()) {
                asked = ask.get();
                return ask;
            }
            advance();
        }
        return Optional.empty();
    }

    public void hear(Answer answer) {
        Ask question = asked;
        if (question == null) {
            throw new IllegalStateException("an answer before any question");
        }
        asked = null;
        saysTheSameToAll &=
                answer instanceof Refused no && no.how() == How.ALERT && (refusal == null || no.equals(refusal));
        switch (answer) {
            case Chosen chosen -> chose(chosen.suite(), question);
            case Refused no
            when no.isAlert(Answer.UNKNOWN_PSK_IDENTITY)
                    && question.suites.stream().anyMatch(SuiteElimination::isSrp) -> wantsAName(question);
            case Refused no -> {
                refusal = no;
                boolean clean = no.how() == How.ALERT && !no.isProtest();
                if (found.isEmpty() && (no.isOfVersion() || clean && version.equals(ProtocolVersion.SSL_3))) {
                    bundles.clear();
                    step = Step.OVER;
                } else {
                    boolean hungUp = no.how() == How.CLOSED || no.how() == How.RESET;
                    failed(question, hungUp ? Failure.HUNG_UP : no.isProtest() ? Failure.UNCLEAN : Failure.CLEAN, null);
                }
            }
            case Hung hung -> failed(question, Failure.UNCLEAN, hung.reason());
            case Unclear unclear -> failed(question, Failure.UNCLEAN, unclear.reason());
        }
    }

    /**
     * SRP was chosen, and no user was named: RFC 5054 section 2.5.1.2 has this alert for it. Of one suite alone that is its acceptance,
     * so each is asked alone; naming a user crashes OpenSSL's own server.
     */
    private void wantsAName(Ask question) {
        Bundle bundle = rest(bundles.remove());
        if (bundle.suites.size() == 1 && !question.isForOrder) {
            wantAName.addAll(bundle.suites);
            return;
        }
        orderAsked |= question.isForOrder;
        List<CipherSuite> srp =
                bundle.suites.stream().filter(SuiteElimination::isSrp).toList();
        srp.reversed().forEach(suite -> bundles.addFirst(new Bundle(List.of(suite), bundle.finiteFieldGroups)));
        bundles.addFirst(bundle.of(without(bundle.suites, srp)));
    }

    private static boolean isSrp(CipherSuite suite) {
        return suite.facts().keyExchange() == KeyExchange.SRP;
    }

    private void chose(CipherSuite suite, Ask question) {
        switch (step) {
            case CHACHA -> {
                chachaWhenPreferred = isChaCha(suite);
                step = Step.OVER;
            }
            case RANK -> {
                preferences.saw(question.suites, suite);
                ranked.remove(suite);
                found.add(suite);
                if (ranked.size() == 1) {
                    found.add(ranked.removeFirst());
                }
            }
            default -> {
                preferences.saw(question.suites, suite);
                lastChosen = suite;
                orderAsked |= !found.isEmpty();
                if (!found.contains(suite)) {
                    found.add(suite);
                } else if (!question.isForOrder && !bundles.isEmpty() && bundles.element().knownBehind) {
                    bundles.remove();
                }
            }
        }
    }

    /** How a bundle was not taken: unless that was clean, its suites may be accepted one by one all the same. */
    private enum Failure {
        CLEAN,
        HUNG_UP,
        UNCLEAN
    }

    private void failed(Ask question, Failure how, @Nullable Reason reason) {
        switch (step) {
            case COMMON, WIDE, FINITE_FIELD -> {
                if (question.isForOrder) {
                    orderAsked = true;
                    return;
                }
                Bundle bundle = bundles.remove();
                List<Bundle> pieces = pieces(rest(bundle), how);
                if (!pieces.isEmpty()) {
                    pieces.reversed().forEach(bundles::addFirst);
                } else if (reason != null) {
                    unknown.addAll(rest(bundle).suites);
                    unknownReason = reason;
                }
            }
            case RANK -> {
                found.addAll(ranked);
                ranked.clear();
            }
            case ORDER -> asksForOrder = MAX_ASKS_FOR_ORDER;
            case CHACHA, OVER -> step = Step.OVER;
        }
    }

    /** None when the failure is the answer. */
    private List<Bundle> pieces(Bundle bundle, Failure how) {
        List<Bundle> pieces = List.of();
        switch (how) {
            case CLEAN -> {}
            case UNCLEAN -> {
                if (step == Step.WIDE && saysTheSameToAll) {
                    // no kind of suite hides another
                    return List.of();
                }
                Set<KeyExchange> kinds = keyExchanges(bundle);
                if (kinds.size() == 1) {
                    troubled.addAll(kinds);
                }
                pieces = cuts < MAX_CUTS ? cut(bundle) : pieces;
                cuts += pieces.size() > 1 ? 1 : 0;
            }
            case HUNG_UP -> {
                if (!bundle.knownBehind && preferences.verdict(found) == Order.CLIENT) {
                    return List.of(new Bundle(bundle.suites, bundle.finiteFieldGroups, true));
                }
                if (found.isEmpty()) {
                    // a version that is hung up on as a whole: only what is known to be hung up on might hide it
                    pieces = step == Step.COMMON ? cut(bundle, s -> s.facts().usesFiniteFieldGroup()) : pieces;
                } else if (cutsAfterHangingUp < MAX_CUTS_AFTER_HANGING_UP) {
                    pieces = cut(bundle);
                    cutsAfterHangingUp += pieces.size() > 1 ? 1 : 0;
                }
            }
        }
        return pieces.size() > 1 ? pieces : List.of();
    }

    private Optional<Ask> fromBundles() {
        while (!bundles.isEmpty()) {
            Bundle bundle = rest(bundles.element());
            if (bundle.suites.isEmpty()) {
                bundles.remove();
                continue;
            }
            if (found.size() == 1 && !orderAsked) {
                List<CipherSuite> suites = new ArrayList<>(withoutChaChaFirst(bundle.suites));
                suites.add(found.getFirst());
                return Optional.of(new Ask(suites, bundle.finiteFieldGroups, true));
            }
            // some servers with an order of their own take ChaCha20 where it stands first
            List<CipherSuite> suites =
                    new ArrayList<>(found.isEmpty() ? bundle.suites : withoutChaChaFirst(bundle.suites));
            if (bundle.knownBehind) {
                suites.add(found.getLast());
            }
            return Optional.of(new Ask(suites, bundle.finiteFieldGroups, false));
        }
        return Optional.empty();
    }

    /** Only where the hellos so far did not settle it: what was chosen last stands at the end, so that the answer tells. */
    private Optional<Ask> forOrder() {
        if (found.size() < 2 || asksForOrder == MAX_ASKS_FOR_ORDER || preferences.verdict(found) != Order.UNDECIDED) {
            return Optional.empty();
        }
        asksForOrder++;
        List<CipherSuite> offer = new ArrayList<>(found.reversed());
        offer.removeIf(s -> s.equals(lastChosen));
        found.stream().filter(s -> s.equals(lastChosen)).forEach(offer::add);
        List<CipherSuite> calm = withoutChaChaFirst(offer);
        // where the only others are ChaCha20, that order would ask nothing
        return Optional.of(new Ask(calm.getLast().equals(offer.getLast()) ? calm : offer, true, true));
    }

    private Optional<Ask> chachaFirst() {
        List<CipherSuite> chacha =
                found.stream().filter(SuiteElimination::isChaCha).toList();
        if (chacha.isEmpty() || !isTheServers(preferences.verdict(found)) || isChaCha(found.getFirst())) {
            return Optional.empty();
        }
        List<CipherSuite> offer = new ArrayList<>(chacha);
        found.stream().filter(s -> !isChaCha(s)).forEach(offer::add);
        return Optional.of(new Ask(offer, true, false));
    }

    private void advance() {
        switch (step) {
            case COMMON -> {
                List<CipherSuite> rest = without(Menu.everything(version), found);
                List<CipherSuite> calm = calm(rest);
                enqueue(calm, false);
                cut(new Bundle(without(rest, calm), false), s -> s.facts().keyExchange())
                        .forEach(kind -> enqueue(kind.suites, false));
                step = Step.WIDE;
            }
            case WIDE -> {
                boolean finiteField = found.stream().anyMatch(s -> s.facts().usesFiniteFieldGroup());
                if (finiteField) {
                    enqueue(
                            without(Menu.everything(version), found).stream()
                                    .filter(s -> s.facts().usesFiniteFieldGroup())
                                    .filter(s -> !Menu.common(version).contains(s))
                                    .toList(),
                            true);
                }
                step = Step.FINITE_FIELD;
            }
            case FINITE_FIELD -> step = Step.ORDER;
            case ORDER -> {
                if (preferences.verdict(found) == Order.SERVER && !preferences.proves(found)) {
                    ranked = new ArrayList<>(found);
                    found.clear();
                }
                step = Step.RANK;
            }
            case RANK -> step = Step.CHACHA;
            case CHACHA, OVER -> step = Step.OVER;
        }
    }

    private void enqueue(List<CipherSuite> suites, boolean finiteFieldGroups) {
        for (int at = 0; at < suites.size(); at += widest) {
            bundles.add(new Bundle(suites.subList(at, Math.min(suites.size(), at + widest)), finiteFieldGroups));
        }
    }

    /**
     * Narrow ones by key exchange, which is what makes a server hang up or stumble; wide ones by number, but where it is known which
     * key exchange that is, all others stay together.
     */
    private List<Bundle> cut(Bundle bundle) {
        if (bundle.suites.size() <= NARROW) {
            return cut(bundle, s -> s.facts().keyExchange());
        }
        List<CipherSuite> calm = calm(bundle.suites);
        boolean parts = !calm.isEmpty() && calm.size() < bundle.suites.size();
        List<Bundle> pieces = new ArrayList<>();
        if (parts) {
            pieces.add(bundle.of(calm));
        }
        List<CipherSuite> families = (parts ? without(bundle.suites, calm) : bundle.suites)
                .stream()
                        .sorted(Comparator.comparing(s -> s.facts().keyExchange()))
                        .toList();
        for (Bundle kind : cut(bundle.of(families), s -> s.facts().usesFiniteFieldGroup())) {
            for (int at = 0; at < kind.suites.size(); at += NARROW) {
                pieces.add(bundle.of(kind.suites.subList(at, Math.min(kind.suites.size(), at + NARROW))));
            }
        }
        return pieces;
    }

    private List<CipherSuite> calm(List<CipherSuite> suites) {
        return troubled.isEmpty()
                ? suites
                : suites.stream()
                        .filter(s -> !troubled.contains(s.facts().keyExchange()))
                        .toList();
    }

    private static Set<KeyExchange> keyExchanges(Bundle bundle) {
        return bundle.suites.stream().map(s -> s.facts().keyExchange()).collect(Collectors.toSet());
    }

    private static List<Bundle> cut(Bundle bundle, Function<CipherSuite, Object> kind) {
        Map<Object, List<CipherSuite>> kinds = new LinkedHashMap<>();
        for (CipherSuite suite : bundle.suites) {
            kinds.computeIfAbsent(kind.apply(suite), k -> new ArrayList<>()).add(suite);
        }
        return kinds.values().stream().map(bundle::of).toList();
    }

    private Bundle rest(Bundle bundle) {
        return bundle.of(without(bundle.suites, found));
    }

    private static List<CipherSuite> without(List<CipherSuite> suites, List<CipherSuite> others) {
        if (others.isEmpty()) {
            return suites;
        }
        List<CipherSuite> rest = new ArrayList<>(suites);
        rest.removeAll(new HashSet<>(others));
        return rest;
    }

    private static List<CipherSuite> withoutChaChaFirst(List<CipherSuite> suites) {
        List<CipherSuite> others = new ArrayList<>(suites.size());
        List<CipherSuite> chacha = new ArrayList<>();
        for (CipherSuite suite : suites) {
            (isChaCha(suite) ? chacha : others).add(suite);
        }
        others.addAll(chacha);
        return others;
    }

    /** Or nobody's, as where some suites are of equal preference (BoringSSL) and the client's order counts among them. */
    private static boolean isTheServers(Order order) {
        return order == Order.SERVER || order == Order.NEITHER;
    }

    private static boolean isChaCha(CipherSuite suite) {
        return CHACHA.contains(suite);
    }

    /** In the server's order where it has one, in that of the menu where it is the client's; those of SRP stand last. */
    public List<CipherSuite> found() {
        List<CipherSuite> ordered = new ArrayList<>(found);
        if (preferences.verdict(found) == Order.CLIENT) {
            ordered.sort(Comparator.comparingInt(Menu.everything(version)::indexOf));
        }
        return Stream.concat(ordered.stream(), wantAName.stream()).toList();
    }

    /** The last refusal, where there was one. */
    public Optional<Refused> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Why some suites could not be asked; empty when all were. */
    public Optional<Reason> unknownReason() {
        return Optional.ofNullable(unknownReason);
    }

    public List<CipherSuite> unknown() {
        return List.copyOf(unknown);
    }

    public @Nullable String order() {
        return found.size() < 2 ? null : Elimination.word(preferences.verdict(found));
    }

    /** Null with one suite alone, and where the question had no answer. */
    public @Nullable Boolean chachaWhenPreferred() {
        boolean asks = !"client".equals(order())
                && found.stream().anyMatch(SuiteElimination::isChaCha)
                && !isChaCha(found.getFirst());
        return found.size() < 2 ? null : asks ? chachaWhenPreferred : (Boolean) false;
    }
}
