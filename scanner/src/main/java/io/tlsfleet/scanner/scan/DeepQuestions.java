package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.ClientAuthentication;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Observation.Groups;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.scanner.probe.deep.Deep;
import io.tlsfleet.scanner.probe.deep.EncryptedHello;
import io.tlsfleet.scanner.probe.deep.Found;
import io.tlsfleet.scanner.probe.deep.Ground;
import io.tlsfleet.scanner.probe.deep.SignatureSchemes;
import io.tlsfleet.scanner.probe.deep.Wire;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.fingerprint.Jarm;
import io.tlsfleet.tls.fingerprint.JarmExchange;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lends the deep probes this scan's line, tells them what enumeration has found, and keeps what they bring home. */
final class DeepQuestions {
    private static final NamedGroup X25519 = new NamedGroup(0x001D);

    private final Interview interview;
    private final Draft draft;
    private final Line line;
    private final InstantSource clock;

    DeepQuestions(Interview interview, Draft draft, Line line, InstantSource clock) {
        this.interview = interview;
        this.draft = draft;
        this.line = line;
        this.clock = clock;
    }

    /** {@code echConfigs}: what the name announces, null if it announces none; waited for only when it is needed. */
    void ask(Question question, Supplier<byte @Nullable []> echConfigs) {
        Ground ground = ground(question);
        Found found = Deep.ask(ground, new Lent());
        byte[] announced = echConfigs.get();
        if (announced != null) {
            EncryptedHello.ask(ground, announced, new Lent(), found);
        }
        draft.deep = found;
        draft.features.putAll(found.features());
        if (isForCertificatesAlone()) {
            found.withoutCertificate();
        }
        draft.coverage.addAll(found.coverage());
        clientAuthentication(found);
        for (int i = 0; i < found.handshakes(); i++) {
            interview.countHandshake();
        }
        signatureSchemes(ground, question);
        finiteFieldShares(ground);
        jarm(question);
    }

    /** A second share of what was seen once, with RFC 7919's groups named and without: either may hide the server's own. */
    private void finiteFieldShares(Ground ground) {
        ground.suites().forEach((version, suites) -> {
            List<CipherSuite> finiteField = suites.stream()
                    .filter(s -> s.facts().usesFiniteFieldGroup())
                    .toList();
            Offer named = Offer.of(version, finiteField);
            Offer unnamed = named.withGroups(named.groups().stream()
                    .filter(g -> !Menu.FINITE_FIELD_GROUPS.contains(g))
                    .toList());
            for (Offer offer : List.of(named, unnamed)) {
                if (draft.sawAShareOnce(version) && interview.ask(offer) instanceof Answer.Chosen chosen) {
                    draft.saw(chosen);
                }
            }
        });
    }

    private void signatureSchemes(Ground ground, Question question) {
        SignatureSchemes.Seen seen = SignatureSchemes.ask(ground, new Lent());
        seen.unknown().forEach((version, reason) -> draft.unknown("/signatureSchemes/" + version.label(), reason));
        // of two keys for one suite the second is seen here first
        int chains = draft.chains.all().size();
        seen.flights().forEach(draft::saw);
        seen.certificates().forEach(draft.chains::addTls13);
        if (question.serverName() == null) {
            draft.chains.allWithoutName();
        } else if (draft.chains.all().size() > chains) {
            draft.chains.restOnlyWithName(Reason.UNSUPPORTED, draft);
        }
    }

    /** What is of a name and not of its listener: its page, and whether the key that it announces, if any, is the right one. */
    void askOfTheName(Question question, byte @Nullable [] echConfigs) {
        Ground ground = ground(question);
        Found found = Deep.page(ground, new Lent());
        if (echConfigs != null) {
            EncryptedHello.ask(ground, echConfigs, new Lent(), found);
        }
        draft.deep = found;
        draft.features.putAll(found.features());
        if (isForCertificatesAlone()) {
            found.withoutCertificate();
        }
        draft.coverage.addAll(found.coverage());
        clientAuthentication(found);
        for (int i = 0; i < found.handshakes(); i++) {
            interview.countHandshake();
        }
    }

    private boolean isForCertificatesAlone() {
        ClientAuthentication known = draft.clientAuthentication;
        return known != null && known.mode().equals("required") && known.given() != FactState.ACCEPTED;
    }

    /** None in the handshake, and what the other handshake would be for is not said. */
    private void clientAuthentication(Found found) {
        ClientAuthentication known = draft.clientAuthentication;
        if (found.wantsAnotherHandshake() && known != null && known.mode().equals("none")) {
            draft.clientAuthentication = new ClientAuthentication("unknown", "unknown", List.of(), List.of());
            draft.unknown("/clientAuthentication/mode", Reason.CLIENT_CERTIFICATE_REQUIRED);
        }
    }

    /** Ten connections, one answer each; a question that was not answered in time leaves the whole unknown. */
    void jarm(Question question) {
        String name = question.serverName() == null ? question.host() : question.serverName();
        // a key share of ours is random, has the right length, and can be answered
        byte[] random = interview.shares().offer(X25519).keyExchange();
        List<String> answers = new ArrayList<>();
        for (byte[] hello : Jarm.hellos(name, random)) {
            Wire.Heard<Optional<String>> heard = new Lent().say(new JarmExchange(hello));
            Optional<String> answer =
                    heard instanceof Wire.Heard.Told<Optional<String>> told ? told.result() : Optional.empty();
            if (answer.isEmpty()) {
                Reason reason = heard instanceof Wire.Heard.Nothing<Optional<String>> nothing
                        ? nothing.reason()
                        : Reason.READ_TIMEOUT;
                draft.coverage.add(Coverage.unknown("/fingerprints/jarm", reason));
                return;
            }
            answers.add(answer.get());
        }
        draft.jarm = Jarm.hash(answers);
    }

    private Ground ground(Question question) {
        Map<ProtocolVersion, List<CipherSuite>> suites = new TreeMap<>();
        for (ProtocolVersion version : draft.suites.keySet()) {
            if (version.compareTo(ProtocolVersion.SSL_3) >= 0 && draft.accepts(version)) {
                suites.put(version, draft.suitesWithSrp(version));
            }
        }
        Groups groups = draft.groups.get(ProtocolVersion.TLS_1_3);
        return new Ground(
                        interview.hellos(),
                        interview.ours(),
                        suites,
                        groups == null
                                ? List.of()
                                : groups.groups().stream()
                                        .map(point -> new NamedGroup(Integer.decode(point.code())))
                                        .toList(),
                        interview.manner().isPlain(),
                        question.authority(),
                        question.serverName(),
                        question.starttls(),
                        question.attacks(),
                        clock)
                .taking(
                        List.copyOf(draft.alpn),
                        interview.manner().namesProtocols() && !draft.refusesEveryProtocol(),
                        draft.schemes);
    }

    private final class Lent implements Wire {
        private final byte[] injected;

        private Lent() {
            this(new byte[0]);
        }

        private Lent(byte[] injected) {
            this.injected = injected;
        }

        @Override
        public Wire injecting(byte[] command) {
            return new Lent(command);
        }

        @Override
        public long injectedBytes() {
            return line.injectedBytes();
        }

        @Override
        public <R> Heard<R> say(Conversation<R> conversation) {
            if (!interview.goesOn()) {
                return new Heard.Nothing<>(
                        interview.stopped().map(s -> s.reason()).orElse(Reason.DEADLINE));
            }
            return switch (interview.talk(conversation, injected)) {
                case Talk.NotHeld<Line.Heard<R>> none -> new Heard.Nothing<>(none.reason());
                case Talk.Held<Line.Heard<R>> held ->
                    new Heard.Told<>(held.result().result(), held.connect());
            };
        }

        @Override
        public void pause(Duration length) {
            line.pause(length);
        }
    }
}
