package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.ServerMessage.Certificate;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateVerify;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which chains a client gets that sends no name: of the newest accepted version, one handshake for each kind of key until the
 * kinds that are left are refused; then of TLS 1.2 and of what is older, if that serves a chain that did not come. A chain that is served so alone stands by itself and on no version, because nobody who asks
 * for this endpoint gets it.
 */
final class WithoutName {
    /** wolfSSL protests against more than 150. */
    private static final int MOST_SUITES = 128;

    private final Interview interview;
    private final Draft draft;

    /** The last hello was refused for its version. */
    private boolean versionRefused;

    WithoutName(Interview interview, Draft draft) {
        this.interview = interview;
        this.draft = draft;
    }

    void ask(Question question) {
        if (question.serverName() == null) {
            draft.chains.allWithoutName();
            return;
        }
        draft.chains.oldestWithoutName();
        List<ProtocolVersion> versions = draft.suites.keySet().stream()
                .filter(v -> v.compareTo(ProtocolVersion.SSL_3) > 0 && draft.accepts(v))
                .sorted(Comparator.reverseOrder())
                .toList();
        if (versions.isEmpty() || draft.chains.isEmpty()) {
            return;
        }
        Reason unknown = null;
        for (ProtocolVersion version : versions) {
            if (version.equals(versions.getFirst()) || draft.chains.mayComeWithoutName(version)) {
                Reason doubt = chains(version);
                unknown = unknown == null ? doubt : unknown;
            }
        }
        // Go and others choose their versions by the name
        for (ProtocolVersion version : List.of(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2)) {
            if (versionRefused && !versions.contains(version)) {
                versionRefused = false;
                chains(version);
            }
        }
        draft.chains.restOnlyWithName(unknown, draft);
    }

    /** Null when all was answered or refused. */
    private @Nullable Reason chains(ProtocolVersion version) {
        return version.equals(ProtocolVersion.TLS_1_3) ? modern() : older(version);
    }

    private @Nullable Reason modern() {
        Set<Known.Kind> kinds = EnumSet.allOf(Known.Kind.class);
        while (!kinds.isEmpty()) {
            Offer offer = Offer.of(ProtocolVersion.TLS_1_3, Menu.TLS13_SUITES)
                    .withShares(Menu.MODERN_SHARES)
                    .withSchemes(Known.Kind.schemes(kinds));
            Heard<Tls13Result> heard = talk(
                    offer,
                    () -> new Tls13Handshake(hello(offer), interview.shares()),
                    held -> new ServerFlight(
                            held.result().messages(),
                            held.result().ending(),
                            held.result().unintelligible(),
                            held.firstBytes()));
            Tls13Result result = heard.result;
            if (result == null || result.first(Certificate.class).isEmpty()) {
                boolean refused = result != null && result.alert().isPresent() && heard.answer instanceof Chosen;
                return refused ? null : heard.unknown;
            }
            draft.chains.addWithoutName(result.first(Certificate.class).get());
            boolean told = result.first(CertificateVerify.class)
                    .flatMap(v -> Known.Kind.of(v.scheme()))
                    .map(kinds::remove)
                    .orElse(false);
            if (!told) {
                return null;
            }
        }
        return null;
    }

    private @Nullable Reason older(ProtocolVersion version) {
        // what it is known to take first: it may have none of the common ones
        List<CipherSuite> accepted = draft.acceptedSuites(version);
        Set<CipherSuite> offered = new LinkedHashSet<>(accepted);
        offered.addAll(Menu.common(version));
        List<CipherSuite> left = offered.stream().limit(MOST_SUITES).collect(Collectors.toCollection(ArrayList::new));
        boolean mayHaveStumbled = !accepted.isEmpty() && left.size() > accepted.size();
        while (left.stream().anyMatch(s -> s.facts().usesCertificate())) {
            Offer offer = Offer.of(version, left);
            Heard<ServerFlight> heard =
                    talk(offer, () -> new HelloExchange(hello(offer)), Line.Heard<ServerFlight>::result);
            if (mayHaveStumbled
                    && !versionRefused
                    && (heard.answer instanceof Refused || heard.answer instanceof Hung)) {
                // of the others it may choose what its certificate cannot sign
                mayHaveStumbled = false;
                left = new ArrayList<>(accepted);
                continue;
            }
            if (!(heard.answer instanceof Chosen chosen)) {
                return heard.unknown;
            }
            mayHaveStumbled = false;
            chosen.flight().certificate().ifPresent(draft.chains::addWithoutName);
            left.removeIf(s ->
                    s.facts().authentication().equals(chosen.suite().facts().authentication()));
        }
        return null;
    }

    private record Heard<R>(
            @Nullable R result,
            @Nullable Answer answer,
            @Nullable Reason unknown) {}

    /** Hanging up counts when it happens twice with a control answered in between. */
    private <R> Heard<R> talk(
            Offer offer, Supplier<Conversation<R>> conversation, Function<Line.Heard<R>, ServerFlight> flight) {
        for (int attempt = 0; ; attempt++) {
            if (!interview.goesOn() || !(interview.talk(conversation.get()) instanceof Talk.Held<Line.Heard<R>> held)) {
                return new Heard<>(
                        null, null, interview.stopped().map(Unclear::reason).orElse(Reason.DEADLINE));
            }
            Answer answer = FlightReading.read(offer, flight.apply(held.result()));
            if (!(answer instanceof Hung) || attempt > 0 || !interview.isStillThere()) {
                versionRefused = answer instanceof Refused refused && refused.isOfVersion();
                Reason unknown = switch (answer) {
                    case Chosen chosen -> Reason.UNSUPPORTED;
                    case Refused refused -> null;
                    case Hung hung -> attempt > 0 ? null : hung.reason();
                    case Unclear unclear -> unclear.reason();
                };
                return new Heard<>(held.result().result(), answer, unknown);
            }
        }
    }

    private ClientHello hello(Offer offer) {
        return interview
                .hellos()
                .named(null)
                .hello(interview.manner().shape(offer), interview.manner().isPlain());
    }
}
