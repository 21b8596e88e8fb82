package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Groups;
import io.tlsfleet.fleet.observation.Observation.Suites;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.plan.Elimination;
import io.tlsfleet.scanner.plan.SuiteElimination;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts.Authentication;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SSL 3.0 to TLS 1.2, each asked by itself: its suites, and for the newest accepted its groups. TLS 1.2's hellos carry the
 * application protocols that have not been chosen yet, and the second one asks for both orders, so that these cost nothing.
 */
final class OlderVersions {
    /** Those that nearly all servers have. */
    private static final List<NamedGroup> USUAL = Menu.CURVES.subList(0, 3);

    private final Interview interview;
    private final Draft draft;
    private final AlpnNames alpn;
    private final boolean full;
    private @Nullable ProtocolVersion groupsOf;
    private Set<KeyExchange> stumbledOver = Set.of();

    OlderVersions(Interview interview, Draft draft, AlpnNames alpn, boolean full) {
        this.interview = interview;
        this.draft = draft;
        this.alpn = alpn;
        this.full = full;
    }

    void ask(ProtocolVersion version) {
        SuiteElimination suites =
                new SuiteElimination(version, interview.manner().widest(), stumbledOver);
        // so that those that are known are named beside those that are left
        Elimination<NamedGroup> groups = new Elimination<>(interview.manner().groups(Menu.CURVES));
        boolean first = true;
        for (Optional<SuiteElimination.Ask> next = suites.next(); next.isPresent(); next = suites.next()) {
            SuiteElimination.Ask question = next.get();
            List<NamedGroup> curves = groups.inFront();
            // the first hello has a fingerprint; whoever stumbles over another order has its suites asked in the usual
            // one, with all others
            boolean anew = full && !first && suites.refusal().isEmpty();
            List<SignatureScheme> schemes = anew ? draft.schemes.unseenFirst(version) : Menu.ALL_SCHEMES;
            Offer offer = Offer.of(version, question.suites())
                    .withGroups(question.finiteFieldGroups() ? joined(curves, Menu.FINITE_FIELD_GROUPS) : curves)
                    .withSchemes(schemes)
                    .withStaple(true)
                    .withAlpn(version.equals(ProtocolVersion.TLS_1_2) ? alpn.next() : List.of());
            Answer answer = interview.ask(offer);
            if (alpn.wasRefused(offer, answer)) {
                continue;
            }
            if (answer instanceof Chosen chosen) {
                draft.saw(chosen);
                alpn.heard(offer, chosen.extension(Extensions.ALPN));
                hearGroup(chosen, curves, groups);
                if (first) {
                    draft.agreed(chosen);
                    firstOf(version, chosen, offer);
                }
                first = false;
            }
            suites.hear(answer);
        }
        boolean mayMissSchemes = version.equals(ProtocolVersion.TLS_1_2)
                && suites.found().isEmpty()
                && suites.refusal().filter(no -> !no.isOfVersion()).isPresent();
        if (mayMissSchemes && interview.signsBadlyAlone(Offer.of(version, Menu.everything(version)))) {
            ask(version);
            return;
        }
        stumbledOver = suites.stumblesOver();
        conclude(version, suites, groups);
    }

    /** With a suite whose certificate asks for no curve itself, a known choice from behind refuses all that is left in front of it. */
    private static void hearGroup(Chosen chosen, List<NamedGroup> offered, Elimination<NamedGroup> groups) {
        NamedGroup group = chosen.group();
        if (group == null || !offered.contains(group)) {
            return;
        }
        if (chosen.suite().facts().authentication() == Authentication.RSA
                && groups.rest(USUAL).isPresent()) {
            groups.choseBehind(group, offered);
        } else {
            groups.chose(group, offered);
        }
    }

    private void conclude(ProtocolVersion version, SuiteElimination suites, Elimination<NamedGroup> groups) {
        if (suites.found().isEmpty()) {
            Optional<Reason> unknown = suites.unknownReason();
            if (unknown.isPresent()) {
                draft.protocolUnknown(version, unknown.get());
            } else {
                draft.protocol(version, FactState.REFUSED);
            }
            return;
        }
        draft.protocol(version, FactState.ACCEPTED);
        draft.suites.put(
                version, new Suites(suites.order(), suites.chachaWhenPreferred(), Draft.suitePoints(suites.found())));
        suites.unknownReason().ifPresent(reason -> draft.unknown("/cipherSuites/" + version.label(), reason));
        if ("unknown".equals(suites.order())) {
            draft.unknown("/cipherSuites/" + version.label() + "/order", Reason.UNSUPPORTED);
        }
        if (groupsOf == null) {
            groupsOf = version;
            groups(version, suites.found(), groups);
        }
    }

    /** Which curves, with suites that are known to work; RSA suites first, whose certificate asks for no curve itself. */
    private void groups(ProtocolVersion version, List<CipherSuite> accepted, Elimination<NamedGroup> groups) {
        if (version.equals(ProtocolVersion.SSL_3)) {
            // its hello has no extension to name others in
            draft.groups.put(version, new Groups(null, null, null, Draft.groupPoints(groups.found())));
            return;
        }
        List<CipherSuite> curveSuites =
                accepted.stream().filter(s -> s.facts().usesCurve()).toList();
        List<CipherSuite> free = curveSuites.stream()
                .filter(s -> s.facts().authentication() != Authentication.ECDSA)
                .toList();
        if (curveSuites.isEmpty()) {
            draft.groups.put(version, new Groups(null, null, null, List.of()));
            return;
        }
        // wolfSSL takes a curve of its own for a pre-shared key when none of those on offer is its own
        List<CipherSuite> certified =
                free.stream().filter(s -> s.facts().usesCertificate()).toList();
        boolean certificateNeedsCurve = free.isEmpty();
        Offer base = Offer.of(version, certificateNeedsCurve ? curveSuites : certified.isEmpty() ? free : certified);
        while (!groups.isOver()) {
            List<NamedGroup> offered = groups.offer();
            Offer offer = base.withGroups(offered)
                    .withAlpn(version.equals(ProtocolVersion.TLS_1_2) ? alpn.next() : List.of());
            Answer answer = interview.ask(offer);
            if (alpn.wasRefused(offer, answer)) {
                continue;
            }
            if (answer instanceof Chosen chosen) {
                alpn.heard(offer, chosen.extension(Extensions.ALPN));
            }
            hear(answer, offered, groups);
            if (groups.isOver() && certificateNeedsCurve && groups.unknown().isEmpty()) {
                behindTheCertificatesCurve(base, offered, groups);
            }
        }
        groups.unknown().ifPresent(reason -> draft.unknown("/groups/" + version.label(), reason));
        if (interview.manner().isSmall()) {
            // short hellos named the first few alone
            draft.unknown("/groups/" + version.label(), Reason.UNSUPPORTED);
        }
        draft.groups.put(version, new Groups(groups.order(), null, null, Draft.groupPoints(groups.found())));
    }

    /** Without its certificate's curve on offer an ECDSA server refuses: offer what is left before what is known. */
    private void behindTheCertificatesCurve(Offer base, List<NamedGroup> left, Elimination<NamedGroup> groups) {
        List<NamedGroup> rest = new ArrayList<>(left);
        rest.removeAll(groups.found());
        boolean more = !rest.isEmpty();
        while (more) {
            List<NamedGroup> offered = joined(rest, groups.found());
            Answer answer = interview.ask(base.withGroups(offered));
            more = answer instanceof Chosen chosen && rest.contains(chosen.group());
            if (answer instanceof Chosen chosen && chosen.group() != null) {
                draft.saw(chosen);
                groups.chose(chosen.group(), offered);
                rest.remove(chosen.group());
            } else {
                hear(answer, offered, groups);
            }
        }
        // what it chose again has opened the elimination again: nothing that is left is accepted
        groups.refused();
    }

    private void hear(Answer answer, List<NamedGroup> offered, Elimination<NamedGroup> groups) {
        switch (answer) {
            case Chosen chosen -> {
                draft.saw(chosen);
                NamedGroup group = chosen.group();
                if (group == null || !offered.contains(group)) {
                    groups.unclear(Reason.MALFORMED);
                } else {
                    groups.chose(group, offered);
                }
            }
            case Refused no -> groups.refused();
            case Answer.Hung hung -> groups.unclear(hung.reason());
            case Unclear unclear -> groups.unclear(unclear.reason());
        }
    }

    /** What the first whole flight of TLS 1.2 shows for nothing. */
    private void firstOf(ProtocolVersion version, Chosen chosen, Offer offer) {
        if (!version.equals(ProtocolVersion.TLS_1_2)) {
            return;
        }
        if (interview.manner().isPlain()) {
            // that hello did not offer them: what was not offered is not refused
            for (String fact : List.of("extendedMasterSecret", "secureRenegotiation")) {
                draft.features.put(fact, FactState.UNKNOWN);
                draft.unknown("/features/" + fact, Reason.UNSUPPORTED);
            }
            draft.unknown("/fingerprints/ja3s", Reason.UNSUPPORTED);
            return;
        }
        draft.fingerprint("tls12-common", chosen.hello());
        draft.sent.add(interview.sent("tls12-common", offer, interview.manner()));
        draft.features.put("extendedMasterSecret", state(chosen, Extensions.EXTENDED_MASTER_SECRET));
        draft.features.put("secureRenegotiation", state(chosen, Extensions.RENEGOTIATION_INFO));
    }

    private static FactState state(Chosen chosen, int extension) {
        return chosen.extension(extension).isPresent() ? FactState.ACCEPTED : FactState.REFUSED;
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }
}
