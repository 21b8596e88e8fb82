package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.FiniteFieldDh;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.keys.Tls12Session;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.KnownPrimes;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SSL 3.0 to TLS 1.2 held against what is known. In TLS 1.2 one handshake is finished, for the ticket; where the client's order
 * counts, that one and another hello offer what is not accepted in front, with RFC 7919's groups named in one of them; else what
 * is not accepted is offered alone.
 */
final class OlderRecheck {
    private static final ProtocolVersion TLS12 = ProtocolVersion.TLS_1_2;

    private final Recheck recheck;
    private @Nullable Tls12Session session;
    private @Nullable CipherSuite chosenFirst;

    OlderRecheck(Recheck recheck) {
        this.recheck = recheck;
    }

    /** What the handshake of TLS 1.2 left behind; null when none was finished. */
    @Nullable
    Tls12Session session() {
        return session;
    }

    /** TLS 1.2's best choice among the kind of key that was not seen yet, with the whole registry in front where that says something. */
    void finish(Set<Known.Kind> seen) {
        List<CipherSuite> known = recheck.known.suites(TLS12);
        if (known.isEmpty() || !recheck.mayAsk()) {
            return;
        }
        boolean follows = recheck.known.followsClientInSuites(TLS12);
        List<CipherSuite> unseen = known.stream()
                .filter(s -> seen.stream().noneMatch(k -> k.authenticates(s)))
                .toList();
        List<CipherSuite> preferred = unseen.isEmpty() ? known : unseen;
        List<CipherSuite> usable =
                preferred.stream().filter(Tls12Handshake::knows).toList();
        List<CipherSuite> expected = usable.isEmpty() ? preferred : usable;
        if (!follows && recheck.isOfAnotherName()) {
            expected = recheck.turnedSuites(expected, null).subList(0, 1);
        }
        if (follows) {
            expected = recheck.turnedSuites(expected, null);
        }
        List<CipherSuite> offered = follows
                ? Recheck.joined(Recheck.without(Menu.withoutSrp(TLS12), known), Recheck.joined(expected, known))
                : unseen.isEmpty() && !recheck.isOfAnotherName()
                        ? withoutChaChaFirst(known)
                        : withoutChaChaFirst(expected);
        List<NamedGroup> curves = curves();
        Offer offer =
                Offer.of(TLS12, offered).withGroups(curves).withStaple(true).withAlpn(recheck.alpn());
        Chosen chosen = recheck.mustChoose(finished(offer), "/cipherSuites/TLSv1.2", "a TLS 1.2 hello");
        if (chosen == null) {
            return;
        }
        chosenFirst = chosen.suite();
        recheck.draft.saw(chosen);
        CipherSuite due = follows ? expected.getFirst() : best(offered, known);
        expect(chosen, due, curves);
        recheck.feature("extendedMasterSecret", chosen, Extensions.EXTENDED_MASTER_SECRET);
        recheck.feature("secureRenegotiation", chosen, Extensions.RENEGOTIATION_INFO);
        recheck.alpnHeard(offer.alpn(), chosen.extension(Extensions.ALPN));
    }

    /** The server's first of what was offered: its list is kept in its order. */
    private static CipherSuite best(List<CipherSuite> offered, List<CipherSuite> known) {
        return known.stream().filter(offered::contains).findFirst().orElseThrow();
    }

    private void expect(Chosen chosen, CipherSuite due, List<NamedGroup> curves) {
        String order = orderOf();
        boolean decided = "server".equals(order) || "client".equals(order) || order == null;
        if (!recheck.known.suites(TLS12).contains(chosen.suite())
                || decided && !chosen.suite().equals(due)) {
            recheck.differs("TLS 1.2 took " + chosen.suite().name() + " where it took " + due.name());
        }
        NamedGroup group = chosen.group();
        List<NamedGroup> known = recheck.known.groups(TLS12);
        if (group != null
                && !known.isEmpty()
                && !known.contains(group)
                && due.facts().usesCurve()) {
            recheck.differs("TLS 1.2 took the group " + group.name());
        }
        boolean groupsFollow = recheck.known.followsClientInGroups(TLS12);
        if (group != null && groupsFollow && due.facts().usesCurve() && !group.equals(firstKnown(curves))) {
            recheck.differs("TLS 1.2 took " + group.name() + " where it took "
                    + firstKnown(curves).name());
        }
    }

    private @Nullable String orderOf() {
        var part = recheck.known.facts().cipherSuites() == null
                ? null
                : recheck.known.facts().cipherSuites().get(TLS12.label());
        return part == null ? "unknown" : part.order();
    }

    private NamedGroup firstKnown(List<NamedGroup> curves) {
        List<NamedGroup> known = recheck.known.groups(TLS12);
        return curves.stream().filter(known::contains).findFirst().orElse(curves.getFirst());
    }

    /** All curves, what is not accepted first where that says something. */
    private List<NamedGroup> curves() {
        List<NamedGroup> known = recheck.known.groups(TLS12);
        List<NamedGroup> all = Recheck.without(Menu.TLS12_GROUPS, Menu.FINITE_FIELD_GROUPS);
        if (known.isEmpty()) {
            return all;
        }
        List<NamedGroup> turned = recheck.known.followsClientInGroups(TLS12) ? recheck.turned(known, null) : known;
        return recheck.known.followsClientInGroups(TLS12)
                ? Recheck.joined(Recheck.without(all, known), turned)
                : Recheck.joined(known, all);
    }

    /** A whole handshake; where it broke off without a word the plain hello asks with all care. */
    private Answer finished(Offer offer) {
        Interview interview = recheck.interview;
        Offer shaped = interview.manner().shape(offer);
        Tls12Handshake handshake = new Tls12Handshake(
                interview.hellos().hello(shaped, interview.manner().isPlain()), interview.shares());
        if (interview.talk(handshake) instanceof Talk.Held<Line.Heard<Tls12Result>> held) {
            Tls12Result result = held.result().result();
            if (result.finished()) {
                interview.countHandshake();
                session = result.session();
            }
            Answer answer = FlightReading.read(
                    shaped,
                    new ServerFlight(
                            result.messages(),
                            result.ending(),
                            result.unintelligible(),
                            held.result().firstBytes()));
            if (answer instanceof Chosen || answer instanceof Refused refused && !refused.isProtest()) {
                return answer;
            }
        }
        return interview.ask(offer);
    }

    /** The second question to TLS 1.2's suites: what RFC 7919's groups, or an order of the server's, may hide. */
    void complement() {
        List<CipherSuite> known = recheck.known.suites(TLS12);
        if (known.isEmpty()) {
            return;
        }
        List<CipherSuite> fresh = Recheck.without(Menu.withoutSrp(TLS12), known);
        if (!recheck.known.followsClientInSuites(TLS12)) {
            if (recheck.mayAsk()) {
                Offer wide =
                        Offer.of(TLS12, fresh).withGroups(Recheck.without(Menu.TLS12_GROUPS, Menu.FINITE_FIELD_GROUPS));
                recheck.mustRefuse(recheck.ask(wide), "/cipherSuites/TLSv1.2", "a suite more in TLS 1.2");
            }
            return;
        }
        if (recheck.mayAsk()) {
            List<CipherSuite> finiteField =
                    fresh.stream().filter(s -> s.facts().usesFiniteFieldGroup()).toList();
            List<CipherSuite> turned = recheck.turnedSuites(known, chosenFirst);
            Offer offer = Offer.of(TLS12, Recheck.joined(finiteField, turned))
                    .withGroups(Recheck.joined(curves(), Menu.FINITE_FIELD_GROUPS))
                    .withStaple(true)
                    .withAlpn(recheck.alpn());
            Chosen chosen = recheck.mustChoose(recheck.ask(offer), "/cipherSuites/TLSv1.2", "a TLS 1.2 hello");
            if (chosen != null) {
                recheck.draft.saw(chosen);
                expect(chosen, turned.getFirst(), offer.groups());
                recheck.alpnHeard(offer.alpn(), chosen.extension(Extensions.ALPN));
            }
        }
    }

    /** Curves that are not accepted, and DHE with RFC 7919's groups, alone; asked apart only where an order of the server's hides them. */
    void groupsAlone() {
        List<CipherSuite> known = recheck.known.suites(TLS12);
        boolean followed = recheck.known.followsClientInSuites(TLS12) && recheck.known.followsClientInGroups(TLS12);
        if (known.isEmpty() || followed || !recheck.mayAsk()) {
            return;
        }
        List<CipherSuite> suites = new ArrayList<>(
                known.stream().filter(s -> s.facts().usesCurve()).toList());
        Recheck.without(Menu.withoutSrp(TLS12), known).stream()
                .filter(s -> s.facts().usesFiniteFieldGroup())
                .forEach(suites::add);
        List<NamedGroup> fresh = Recheck.without(Menu.TLS12_GROUPS, recheck.known.groups(TLS12));
        recheck.mustRefuse(
                recheck.ask(Offer.of(TLS12, suites).withGroups(Recheck.joined(fresh, Menu.FINITE_FIELD_GROUPS))),
                "/groups/TLSv1.2",
                "a group more in TLS 1.2");
    }

    /**
     * A version that was refused, and with it in the same hello those below it that were. OpenSSL 3 has TLS 1.1 switched on and stumbles
     * over its signature (internal_error): so what needs none stands in front, and where the client's order counts, the stumble says that
     * nothing of it was taken; but only where TLS 1.2 has just read a hello as wide.
     */
    void refused(ProtocolVersion version) {
        if (recheck.known.protocol(version) != FactState.REFUSED || !recheck.mayAsk()) {
            return;
        }
        List<ProtocolVersion> versions =
                List.of(TLS12, ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0, ProtocolVersion.SSL_3).stream()
                        .filter(v -> v.compareTo(version) <= 0)
                        .filter(v -> recheck.known.protocol(v) == FactState.REFUSED)
                        .toList();
        Offer of = Offer.of(version, Menu.withoutSrp(version));
        List<CipherSuite> calm =
                of.suites().stream().filter(s -> !s.facts().usesCurve()).toList();
        Offer offer = new Offer(
                versions, Recheck.joined(calm, of.suites()), of.groups(), List.of(), of.schemes(), List.of(), false);
        Answer answer = recheck.askAsItIs(offer);
        if (answer instanceof Refused refused && refused.isAlert(Answer.INTERNAL_ERROR) && chosenFirst != null) {
            if (recheck.known.followsClientInSuites(TLS12)) {
                return;
            }
            answer = recheck.askAsItIs(offer.withSuites(calm));
        }
        if (answer instanceof Refused refused && refused.isProtest()) {
            // too wide for it, or its way to say no
            answer = recheck.ask(offer.withSuites(Menu.common(version)));
            if (answer instanceof Refused) {
                return;
            }
        }
        recheck.mustRefuse(answer, "/protocols/" + version.label(), version.label() + " was refused");
    }

    /** An older version that is accepted: what it does not take, and that it is still there. */
    void accepted(ProtocolVersion version) {
        List<CipherSuite> known = recheck.known.suites(version);
        if (!recheck.known.accepts(version) || known.isEmpty() || !recheck.mayAsk()) {
            return;
        }
        List<CipherSuite> fresh = Recheck.without(Menu.withoutSrp(version), known);
        String pointer = "/cipherSuites/" + version.label();
        if (recheck.known.followsClientInSuites(version)) {
            List<CipherSuite> turned = recheck.turned(known, null);
            Answer answer =
                    recheck.ask(Offer.of(version, Recheck.joined(fresh, turned)).withStaple(true));
            Chosen chosen = recheck.mustChoose(answer, pointer, "a hello of " + version.label());
            if (chosen != null) {
                recheck.draft.saw(chosen);
                if (!chosen.suite().equals(turned.getFirst())) {
                    recheck.differs(version.label() + " took " + chosen.suite().name() + " where it took "
                            + turned.getFirst().name());
                }
            }
            return;
        }
        Answer answer = recheck.ask(Offer.of(version, fresh));
        if (answer instanceof Refused no && no.isOfVersion()) {
            recheck.differs(version.label() + " is refused now");
        }
        recheck.mustRefuse(answer, pointer, "a suite more in " + version.label());
    }

    /** The finite-field group that DHE suites are served with. */
    void finiteField() {
        List<CipherSuite> dhe = recheck.known.suites(TLS12).stream()
                .filter(s -> s.facts().usesFiniteFieldGroup())
                .toList();
        List<FiniteFieldDh> known = recheck.known.facts().finiteFieldDh();
        if (dhe.isEmpty() || known == null || !recheck.mayAsk()) {
            return;
        }
        Chosen chosen = recheck.mustChoose(
                recheck.ask(Offer.of(TLS12, dhe)), "/finiteFieldDh", "a TLS 1.2 hello with DHE alone");
        if (chosen == null) {
            return;
        }
        recheck.draft.saw(chosen);
        byte[] prime =
                chosen.keyExchange() == null ? null : chosen.keyExchange().prime();
        if (prime != null) {
            String name = KnownPrimes.name(new BigInteger(1, prime));
            if (known.stream()
                    .noneMatch(dh ->
                            dh.protocol().equals(TLS12.label()) && dh.prime().equals(name))) {
                recheck.differs("DHE with the prime " + name);
            }
        }
    }

    private static List<CipherSuite> withoutChaChaFirst(List<CipherSuite> suites) {
        List<CipherSuite> others = new ArrayList<>(suites);
        others.removeIf(s -> s.facts().family().equals("CHACHA20"));
        return Recheck.joined(others, suites);
    }
}
