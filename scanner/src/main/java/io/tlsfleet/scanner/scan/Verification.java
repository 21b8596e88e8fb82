package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.change.Shapes;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.ClientAuthentication;
import io.tlsfleet.fleet.observation.Observation.Fingerprint;
import io.tlsfleet.fleet.observation.Observation.Negotiated;
import io.tlsfleet.fleet.observation.Observation.Resumption;
import io.tlsfleet.fleet.observation.Observation.ServedChain;
import io.tlsfleet.fleet.observation.Observation.Suites;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls12Session;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether an endpoint is still as an earlier observation says, in at most ten questions: the best choice of each version, what
 * was refused, the chain of each kind of key, its staple, and what comes in the same flights for nothing. How is told in {@code
 * docs/decisions/engine-cost.md}.
 */
final class Verification {
    /** An endpoint against itself. */
    static final int QUESTIONS = 10;

    /** Another name against the first on its listener. */
    static final int QUESTIONS_FOR_A_NAME = 6;

    private static final List<ProtocolVersion> OLD =
            List.of(ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0, ProtocolVersion.SSL_3);

    private final Recheck recheck;
    private final Tls13Recheck tls13;
    private final OlderRecheck older;
    private final Draft draft;
    private final Known known;
    private final RandomGenerator random;

    Verification(
            Known known,
            Interview interview,
            Draft draft,
            KeyShares shares,
            RandomGenerator random,
            Question question,
            int limit) {
        this.known = known;
        this.draft = draft;
        this.random = random;
        this.recheck = new Recheck(known, interview, draft, random, question.alpn(), limit, limit < QUESTIONS);
        this.tls13 = new Tls13Recheck(recheck, shares);
        this.older = new OlderRecheck(recheck);
    }

    /** What is different, in words; empty when nothing was found so. {@code first} is the first contact, whose facts are in the draft. */
    Optional<String> ofTheSameEndpoint(Interview.Shaken first, Question question) {
        CipherSuite chosen = begin(first, question);
        tls13.inFront(chosen);
        older.finish(kindsSeen(chosen));
        older.complement();
        older.refused(ProtocolVersion.TLS_1_2);
        older.refused(ProtocolVersion.TLS_1_1);
        older.refused(ProtocolVersion.TLS_1_0);
        if (known.accepts(ProtocolVersion.TLS_1_3)) {
            tls13.suitesAlone();
            tls13.groupsAlone();
        }
        older.groupsAlone();
        OLD.forEach(older::accepted);
        if (known.accepts(ProtocolVersion.TLS_1_3)) {
            tls13.newKinds();
        }
        oldest();
        older.finiteField();
        alpnComplement();
        older.refused(ProtocolVersion.SSL_3);
        chains();
        tickets(first.result());
        return recheck.difference();
    }

    /** Settings only: a name may have chains of its own, but of the same kinds. */
    Optional<String> ofAnotherName(Interview.Shaken first, Question question) {
        CipherSuite chosen = begin(first, question);
        tls13.inFront(chosen);
        older.finish(kindsSeen(chosen));
        older.complement();
        older.refused(ProtocolVersion.TLS_1_1);
        if (known.accepts(ProtocolVersion.TLS_1_3)) {
            tls13.suitesAlone();
            tls13.groupsAlone();
        }
        OLD.forEach(older::accepted);
        older.groupsAlone();
        older.refused(ProtocolVersion.TLS_1_0);
        Set<String> before = keyTypes(known.chains());
        Set<String> now = keyTypes(draft.chains.all());
        if (!before.equals(now)) {
            recheck.differs("key types " + now + ", not " + before);
        }
        return recheck.difference();
    }

    /** By the signature in TLS 1.3, by the suite below. */
    private Set<Known.Kind> kindsSeen(@Nullable CipherSuite first) {
        Set<Known.Kind> seen = EnumSet.noneOf(Known.Kind.class);
        seen.addAll(tls13.kindsSeen());
        for (Known.Kind kind : Known.Kind.values()) {
            if (first != null && kind.authenticates(first)) {
                seen.add(kind);
            }
        }
        return seen;
    }

    @Nullable
    Tls12Session session() {
        return older.session();
    }

    /** The resumption part with what this scan's own tickets say. */
    static @Nullable Resumption withTicket(@Nullable Resumption before, @Nullable Tls12Session session) {
        Resumption.Tls12 tls12 = before == null ? null : before.tls12();
        if (before == null || tls12 == null || session == null || session.ticket().length == 0) {
            return before;
        }
        return new Resumption(
                new Resumption.Tls12(
                        tls12.sessionId(),
                        tls12.ticket(),
                        session.ticketLifetimeSeconds(),
                        session.ticketKeyName().orElse(null)),
                before.tls13());
    }

    /** What the first handshake shows; the suite it chose. */
    private @Nullable CipherSuite begin(Interview.Shaken first, Question question) {
        recheck.mayAsk();
        if (!(first.answer() instanceof Chosen chosen)) {
            recheck.differs("an up-to-date client's hello is not answered as it was");
            return null;
        }
        Tls13Result result = first.result();
        if (result != null && chosen.version().equals(ProtocolVersion.TLS_1_3)) {
            tls13.heard(result);
        }
        Negotiated before = known.facts().negotiated();
        if (!Objects.equals(before, draft.negotiated)) {
            recheck.differs("an up-to-date client gets " + draft.negotiated + ", got " + before);
        }
        Negotiated now = draft.negotiated;
        if (now != null && now.alpn() != null) {
            byte[] name = Extensions.alpn(List.of(now.alpn())).data();
            recheck.alpnHeard(List.of(now.alpn()), Optional.of(name));
        }
        sameFingerprints();
        for (ProtocolVersion version : ProtocolVersion.ALL) {
            // what the questions of the draft stand on
            Suites suites = known.facts().cipherSuites() == null
                    ? null
                    : known.facts().cipherSuites().get(version.label());
            if (suites != null) {
                draft.suites.put(version, suites);
            }
            draft.protocol(version, known.protocol(version));
        }
        if (known.facts().alpn() != null) {
            draft.alpnMismatch = known.facts().alpn().onMismatch();
        }
        clientAuthentication(question);
        if (draft.clientAuthentication == null) {
            draft.clientAuthentication = known.facts().clientAuthentication();
        }
        return chosen.suite();
    }

    private void sameFingerprints() {
        if (known.facts().fingerprints() == null) {
            return;
        }
        for (Fingerprint now : draft.ja3s) {
            for (Fingerprint before : known.facts().fingerprints().ja3s()) {
                if (before.hello().equals(now.hello()) && !Shapes.ja3s(before).equals(Shapes.ja3s(now))) {
                    recheck.differs("the ServerHello to " + now.hello() + " has another shape");
                }
            }
        }
    }

    /** Whether a certificate is asked for came with the first flight; who enforces it costs a handshake where one is. */
    private void clientAuthentication(Question question) {
        ClientAuthentication before = known.facts().clientAuthentication();
        boolean asked = draft.certificateRequest != null
                || draft.clientAuthentication != null
                        && !draft.clientAuthentication.mode().equals("none");
        boolean wasAsked = before != null && !before.mode().equals("none");
        if (before == null || before.mode().equals("unknown")) {
            return;
        }
        if (asked != wasAsked) {
            recheck.differs(
                    asked ? "a client certificate is asked for" : "no client certificate is asked for any more");
            return;
        }
        boolean costs = asked
                && (draft.clientAuthentication == null
                        || List.of("requested", "unknown").contains(draft.clientAuthentication.mode()));
        if (!costs || recheck.mayAsk()) {
            new ClientCertificates(recheck.interview, draft).ask(question);
            ClientAuthentication now = draft.clientAuthentication;
            if (now != null
                    && !now.mode().equals("unknown")
                    && (!now.mode().equals(before.mode())
                            || !now.enforcement().equals("unknown")
                                    && !before.enforcement().equals("unknown")
                                    && !now.enforcement().equals(before.enforcement()))) {
                recheck.differs("client certificates: " + now.mode() + " by " + now.enforcement() + ", were "
                        + before.mode() + " by " + before.enforcement());
            }
        }
    }

    private void oldest() {
        FactState before = known.protocol(ProtocolVersion.SSL_2);
        if (before != FactState.ACCEPTED && before != FactState.REFUSED || !recheck.mayAsk()) {
            return;
        }
        new OldestVersion(recheck.interview, draft, random).ask();
        FactState now = draft.protocols.getOrDefault(ProtocolVersion.SSL_2, FactState.UNKNOWN);
        if (now != FactState.UNKNOWN && now != before) {
            recheck.differs("SSLv2 is " + now.word() + ", was " + before.word());
        }
    }

    /** Names that are not accepted, alone: the server must object, as it did. Where it ignores them they rode along. */
    private void alpnComplement() {
        if (known.facts().alpn() == null || recheck.alpnIsIgnored() || !recheck.mayAsk()) {
            return;
        }
        // a server that hangs up on names may do so in its newest version alone
        boolean tls12 = known.accepts(ProtocolVersion.TLS_1_2)
                && !("closed".equals(known.facts().alpn().onMismatch()) && known.accepts(ProtocolVersion.TLS_1_3));
        ProtocolVersion version = tls12 ? ProtocolVersion.TLS_1_2 : ProtocolVersion.TLS_1_3;
        List<String> names = recheck.alpnComplement();
        Offer offer = Offer.of(version, known.suites(version)).withAlpn(names);
        if (tls12) {
            Answer answer = recheck.ask(offer);
            if (answer instanceof Chosen chosen) {
                recheck.alpnHeard(names, chosen.extension(Extensions.ALPN));
                recheck.differs("unknown application protocols are not objected to any more");
            }
            return;
        }
        Tls13Result result = recheck.interview
                .handshake(offer.withShares(Menu.MODERN_SHARES), Tls13Options.PLAIN)
                .result();
        if (result != null && result.finished()) {
            recheck.differs("unknown application protocols are not objected to any more");
        }
    }

    /** Every chain that came must be known, and stapled as it was. */
    private void chains() {
        for (ServedChain now : draft.chains.all()) {
            Optional<ServedChain> before = known.chains().stream()
                    .filter(chain -> Carried.isSame(chain, now))
                    .findFirst();
            if (before.isEmpty()) {
                recheck.differs("a chain that was not served before");
            } else if (before.get().staples().isEmpty() != now.staples().isEmpty()) {
                recheck.differs(now.staples().isEmpty() ? "no staple any more" : "a staple");
            }
        }
    }

    private void tickets(@Nullable Tls13Result first) {
        Resumption before = known.facts().resumption();
        Tls12Session session = older.session();
        if (before == null) {
            return;
        }
        Resumption.Tls12 tls12 = before.tls12();
        if (tls12 != null && session != null && tls12.ticket() != FactState.UNKNOWN) {
            boolean was = tls12.ticket() == FactState.ACCEPTED || tls12.ticketKeyName() != null;
            boolean is = session.ticket().length > 0;
            if (was != is) {
                recheck.differs(
                        is ? "TLS 1.2 hands out session tickets" : "TLS 1.2 hands out no session ticket any more");
            }
        }
        Resumption.Tls13 tls13Before = before.tls13();
        if (tls13Before != null
                && tls13Before.psk() != FactState.UNKNOWN
                && first != null
                && first.reached() == Tls13Result.Step.CONFIRMED) {
            boolean is = !first.tickets().isEmpty();
            if (is != tls13Before.ticketsPerHandshake() > 0) {
                recheck.differs(is ? "TLS 1.3 hands out tickets" : "TLS 1.3 hands out no ticket any more");
            }
        }
    }

    private static Set<String> keyTypes(List<ServedChain> chains) {
        Set<String> types = new HashSet<>();
        for (ServedChain chain : chains) {
            if (!chain.servedOn().isEmpty() && !chain.chain().isEmpty()) {
                types.add(CertificateFacts.read(chain.chain().getFirst()).key().type());
            }
        }
        return types;
    }
}
