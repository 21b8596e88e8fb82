package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Groups;
import io.tlsfleet.fleet.observation.Observation.Suites;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.plan.Elimination;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateVerify;
import io.tlsfleet.tls.handshake.ServerMessage.EncryptedExtensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3: suites and groups from HelloRetryRequests, two questions a hello; then as many finished handshakes as there are kinds
 * of key, and one that is refused. Where such a handshake brings the server's own list of groups, only what that does not name is
 * asked for after it, unless every group is to be asked. Only a finished handshake, or one that ran into the wish for a client
 * certificate, makes it accepted.
 */
final class Tls13Version {
    /** RFC 8446 section 9.1: those that nearly all servers have, some in tiers. */
    private static final List<CipherSuite> USUAL = Menu.TLS13_SUITES.subList(0, 3);

    private static final CipherSuite CHACHA = CipherSuite.named("TLS_CHACHA20_POLY1305_SHA256");

    private final Interview interview;
    private final Draft draft;
    private final KeyShares shares;
    private final AlpnNames alpn;
    private final Elimination<CipherSuite> suites = new Elimination<>(Menu.TLS13_SUITES);
    private final Elimination<NamedGroup> groups;
    private final boolean asksEveryGroup;
    private List<NamedGroup> stated = List.of();
    private boolean finished;
    private boolean retried;
    private boolean proven;
    private @Nullable Boolean prefersOfferedShare;
    private @Nullable Reason unproven;
    private boolean refusedAsVersion;

    Tls13Version(Interview interview, Draft draft, KeyShares shares, AlpnNames alpn, boolean asksEveryGroup) {
        this.interview = interview;
        this.draft = draft;
        this.shares = shares;
        this.alpn = alpn;
        this.asksEveryGroup = asksEveryGroup;
        this.groups = new Elimination<>(interview.manner().groups(Menu.TLS13_GROUPS));
    }

    /** What an up-to-date client's handshake has shown, before anything is asked. */
    void begin(Tls13Result result) {
        heard(result);
        ServerMessage.ServerHello hello = result.serverHello().orElse(null);
        if (proven && hello != null) {
            suites.sure(hello.cipherSuite());
            Draft.groupOf(hello).ifPresent(groups::sure);
        }
    }

    /** What a handshake that was finished for another reason has shown. */
    private void heard(Tls13Result result) {
        if (result.finished()) {
            proven = true;
        }
        result.first(ServerMessage.Certificate.class).ifPresent(draft.chains::addTls13);
        result.first(CertificateVerify.class).ifPresent(v -> draft.schemes.signed(ProtocolVersion.TLS_1_3, v.scheme()));
        draft.agreed(result);
        if (stated.isEmpty()) {
            stated = result.statedGroups();
        }
    }

    void ask() {
        enumerate();
        if (suites.found().isEmpty()) {
            withoutSuites();
            return;
        }
        if (!finished) {
            finishWithEveryKind();
        }
        enumerate();
        conclude();
    }

    /**
     * Both eliminations in the same hellos, while both go on; a refusal of both is asked apart. That of suites alone is left to a
     * handshake that is to come, where it can ride in front of what is known.
     */
    private void enumerate() {
        boolean apart = false;
        while (!suites.isOver() && !suitesRide() || !groups.isOver()) {
            if ((suites.isOver() || suitesRide())
                    && !asksEveryGroup
                    && !finished
                    && groups.found().size() > 1) {
                finishWithEveryKind();
                groups.stated(stated);
                continue;
            }
            boolean asksSuites = !suites.isOver() && !suitesRide();
            // With the three that servers have in hand a refusal is near: ask apart, so that it is known whose it is.
            apart |= suites.accepted() >= 3;
            boolean asksGroups = !groups.isOver() && !(apart && asksSuites);
            List<CipherSuite> offeredSuites = asksSuites ? suites.offer() : suites.found();
            List<NamedGroup> offeredGroups = asksGroups ? groups.offer() : known(groups);
            Offer offer = Offer.of(ProtocolVersion.TLS_1_3, offeredSuites).withGroups(offeredGroups);
            switch (settled(offer, asksGroups)) {
                case Chosen chosen -> {
                    retried |= chosen.hello().isHelloRetryRequest();
                    if (asksSuites) {
                        suites.chose(chosen.suite(), offeredSuites);
                    }
                    NamedGroup group = chosen.group();
                    if (asksGroups && group != null) {
                        groups.chose(group, offeredGroups);
                    } else if (asksGroups
                            && chosen.namesNothing()
                            && !groups.found().isEmpty()) {
                        groups.refused();
                    } else if (asksGroups) {
                        groups.unclear(Reason.MALFORMED);
                    }
                }
                case Refused no -> {
                    refusedAsVersion |= no.isOfVersion();
                    if (asksSuites && asksGroups && !suites.found().isEmpty()) {
                        apart = true;
                    } else if (asksSuites) {
                        suites.refused();
                        if (suites.found().isEmpty()) {
                            groups.refused();
                        }
                    } else {
                        groups.refused();
                    }
                }
                case Hung hung -> unclear(asksSuites, asksGroups, hung.reason());
                case Unclear unclear -> unclear(asksSuites, asksGroups, unclear.reason());
            }
        }
    }

    /** Whether what is left of the suites can stand in front of the others in a handshake that is to come. */
    private boolean suitesRide() {
        return !finished
                && !interview.manner().isSmall()
                && groups.found().size() > 1
                && suites.rest(USUAL).isPresent();
    }

    /** To name no group is no alert: it counts as a refusal when it comes twice, with a control hello answered in between. */
    private Answer settled(Offer offer, boolean asksGroups) {
        Answer answer = interview.ask(offer);
        if (!asksGroups || groups.found().isEmpty() || !(answer instanceof Chosen chosen) || !chosen.namesNothing()) {
            return answer;
        }
        Answer control = interview.ask(offer.withGroups(groups.found()));
        return control instanceof Chosen there && there.group() != null
                ? interview.ask(offer)
                : new Unclear(Reason.MALFORMED, "a HelloRetryRequest that names no group");
    }

    private void unclear(boolean ofSuites, boolean ofGroups, Reason reason) {
        if (ofSuites) {
            suites.unclear(reason);
        }
        if (ofGroups) {
            groups.unclear(reason);
        }
    }

    /** While the suites are asked alone: the groups found so far, all of them before any was. */
    private static List<NamedGroup> known(Elimination<NamedGroup> groups) {
        return groups.found().isEmpty() ? Menu.TLS13_GROUPS : groups.found();
    }

    private void withoutSuites() {
        if (proven) {
            // The server finishes handshakes but answers no empty key_share: accepted, and its lists unknown.
            draft.protocol(ProtocolVersion.TLS_1_3, FactState.ACCEPTED);
            draft.unknown("/cipherSuites/TLSv1.3", suites.unknown().orElse(Reason.UNSUPPORTED));
            draft.unknown("/groups/TLSv1.3", groups.unknown().orElse(Reason.UNSUPPORTED));
        } else if (suites.unknown().isPresent()) {
            draft.protocolUnknown(ProtocolVersion.TLS_1_3, suites.unknown().get());
        } else {
            draft.protocol(ProtocolVersion.TLS_1_3, FactState.REFUSED);
        }
    }

    /** One handshake for each kind of key, until the kinds that are left are refused. */
    private void finishWithEveryKind() {
        Set<Known.Kind> kinds = EnumSet.allOf(Known.Kind.class);
        draft.schemes
                .of(ProtocolVersion.TLS_1_3)
                .forEach(scheme -> Known.Kind.of(scheme).ifPresent(kinds::remove));
        boolean going = true;
        while (going && !kinds.isEmpty()) {
            Interview.Shaken shaken = handshake(Known.Kind.schemes(kinds));
            Tls13Result result = shaken.result();
            going = false;
            if (result != null && result.first(CertificateVerify.class).isPresent()) {
                going = result.first(CertificateVerify.class)
                        .flatMap(v -> Known.Kind.of(v.scheme()))
                        .map(kinds::remove)
                        .orElse(false);
            } else if (!proven && (!(shaken.answer() instanceof Refused) || failsInItself(shaken))) {
                unproven = whyUnproven(shaken);
            }
        }
        if (prefersOfferedShare == null && groups.found().size() > 1 && proven && share() != null) {
            handshake(Menu.ALL_SCHEMES);
        }
        finished = true;
    }

    /**
     * Behind a ServerHello of its own a server has chosen the version, and internal_error has nothing to do with what was asked
     * (RFC 8446 section 6.2): OpenSMTPD that cannot use its key.
     */
    private static boolean failsInItself(Interview.Shaken shaken) {
        return shaken.answer() instanceof Refused refused
                && refused.isAlert(Answer.INTERNAL_ERROR)
                && shaken.result() != null
                && shaken.result().serverHello().isPresent();
    }

    private static Reason whyUnproven(Interview.Shaken shaken) {
        Tls13Result result = shaken.result();
        if (result != null && result.unsupported() != null) {
            return Reason.UNSUPPORTED;
        }
        return shaken.answer() instanceof Unclear unclear ? unclear.reason() : Reason.CLOSED;
    }

    /** Of what is accepted that which we can finish a handshake with; all of it where that is nothing. */
    private Offer toFinish() {
        List<CipherSuite> usable = suites.found().stream()
                .filter(s -> Tls13Suite.of(s).isPresent())
                .toList();
        List<NamedGroup> agreeable =
                groups.found().stream().filter(shares::knows).toList();
        List<CipherSuite> offered =
                new ArrayList<>(suitesRide() ? suites.rest(USUAL).orElseThrow() : List.of());
        offered.addAll(usable.isEmpty() ? suites.found() : usable);
        return Offer.of(ProtocolVersion.TLS_1_3, offered).withGroups(agreeable.isEmpty() ? groups.found() : agreeable);
    }

    private Interview.Shaken handshake(List<SignatureScheme> schemes) {
        Manner manner = interview.manner();
        List<String> names = manner.isSmall() || !manner.namesProtocols() ? List.of() : alpn.next();
        NamedGroup last = share();
        boolean withRest = suitesRide();
        Offer offer = toFinish()
                .withShares(last == null ? List.of() : List.of(last))
                .withSchemes(schemes)
                .withStaple(true)
                .withAlpn(names);
        Interview.Shaken shaken = interview.handshake(offer, Tls13Options.PLAIN);
        if (alpn.wasRefused(offer, shaken.answer())) {
            offer = offer.withAlpn(List.of());
            shaken = interview.handshake(offer, Tls13Options.PLAIN);
            alpn.wasRefused(offer, shaken.answer());
        }
        Tls13Result result = shaken.result();
        if (result != null && shaken.answer() instanceof Chosen chosen) {
            heard(result);
            preference(last, result);
            Offer asked = offer;
            result.first(EncryptedExtensions.class).ifPresent(e -> alpn.heard(asked, e.extension(Extensions.ALPN)));
            if (withRest) {
                suites.choseBehind(chosen.suite(), offer.suites());
                return suites.isOver() ? shaken : handshake(schemes);
            }
        }
        return shaken;
    }

    /**
     * Whether the server takes a share of a group that it would not have chosen, or asks for a better one: any but its first
     * tells, so it is the one that costs us least. Without that question the cheapest of all.
     */
    private @Nullable NamedGroup share() {
        boolean asks = prefersOfferedShare == null && groups.found().size() > 1;
        return groups.found().stream()
                .skip(asks ? 1 : 0)
                .filter(shares::knows)
                .min(Comparator.comparingInt(Tls13Version::cost))
                .orElse(null);
    }

    private static int cost(NamedGroup group) {
        int place = Menu.CHEAP_SHARES.indexOf(group);
        return place < 0 ? Menu.CHEAP_SHARES.size() : place;
    }

    private void preference(@Nullable NamedGroup offered, Tls13Result result) {
        if (offered != null && !offered.equals(groups.found().getFirst()) && prefersOfferedShare == null) {
            prefersOfferedShare = result.retryRequest().isEmpty();
        }
    }

    /**
     * A server that has only keys it shares with its clients refuses all who have none, and in TLS 1.3, whose suites do not name
     * the key exchange, that cannot be told from having no TLS 1.3: unless it refuses the version itself, to be asked once the
     * older ones are known.
     */
    void doubtRefusal() {
        boolean refused = draft.protocols.get(ProtocolVersion.TLS_1_3) == FactState.REFUSED && !refusedAsVersion;
        if (refused && draft.sharesKeysAlone()) {
            draft.protocolUnknown(ProtocolVersion.TLS_1_3, Reason.UNSUPPORTED);
        }
    }

    private void conclude() {
        if (proven) {
            draft.protocol(ProtocolVersion.TLS_1_3, FactState.ACCEPTED);
        } else if (unproven != null) {
            draft.protocolUnknown(ProtocolVersion.TLS_1_3, unproven);
            return;
        } else {
            draft.protocol(ProtocolVersion.TLS_1_3, FactState.REFUSED);
            return;
        }
        draft.suites.put(
                ProtocolVersion.TLS_1_3,
                new Suites(suites.order(), chachaWhenPreferred(), Draft.suitePoints(suites.found())));
        suites.unknown().ifPresent(reason -> draft.unknown("/cipherSuites/TLSv1.3", reason));
        draft.groups.put(
                ProtocolVersion.TLS_1_3,
                new Groups(groups.order(), prefersOfferedShare, retried, Draft.groupPoints(groups.found())));
        groups.unknown().ifPresent(reason -> draft.unknown("/groups/TLSv1.3", reason));
        if (interview.manner().isSmall()) {
            // short hellos named the first few alone
            draft.unknown("/groups/TLSv1.3", Reason.UNSUPPORTED);
        }
    }

    /** Null with one suite alone, and where the question had no answer. */
    private @Nullable Boolean chachaWhenPreferred() {
        if (suites.found().size() < 2) {
            return null;
        }
        if (!"server".equals(suites.order())
                || !suites.found().contains(CHACHA)
                || suites.found().getFirst().equals(CHACHA)) {
            return false;
        }
        List<CipherSuite> offered = new ArrayList<>(suites.found());
        offered.remove(CHACHA);
        offered.addFirst(CHACHA);
        Offer offer = Offer.of(ProtocolVersion.TLS_1_3, offered).withGroups(groups.found());
        return interview.ask(offer) instanceof Chosen chosen
                ? (Boolean) chosen.suite().equals(CHACHA)
                : null;
    }
}
