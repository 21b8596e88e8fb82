package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Negotiated;
import io.tlsfleet.fleet.observation.Observation.Suites;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.sslv2.Sslv2Answer;
import io.tlsfleet.tls.sslv2.Sslv2ClientHello;
import io.tlsfleet.tls.sslv2.Sslv2Exchange;
import java.util.random.RandomGenerator;

/** SSL 2.0: one hello with every cipher; its server lists those it has and leaves the choice to the client. */
final class OldestVersion {
    private static final int CHALLENGE = 16;

    private final Interview interview;
    private final Draft draft;
    private final RandomGenerator random;

    OldestVersion(Interview interview, Draft draft, RandomGenerator random) {
        this.interview = interview;
        this.draft = draft;
        this.random = random;
    }

    /** A server that hangs up on every TLS hello may still know this one. */
    boolean isAllThereIs() {
        if (!interview.goesOn()
                || !(talk() instanceof Talk.Held<Line.Heard<Sslv2Answer>> held)
                || !(held.result().result() instanceof Sslv2Answer.ServerHello hello)) {
            return false;
        }
        accepted(hello);
        interview.heard();
        return true;
    }

    void ask() {
        Ending firstHangUp = null;
        Reason reason = interview.stopped().map(stop -> stop.reason()).orElse(Reason.DEADLINE);
        for (int attempt = 0; attempt < 2 && interview.goesOn(); attempt++) {
            Sslv2Answer answer;
            switch (talk()) {
                case Talk.NotHeld<Line.Heard<Sslv2Answer>> none -> {
                    reason = none.reason();
                    continue;
                }
                case Talk.Held<Line.Heard<Sslv2Answer>> held ->
                    answer = held.result().result();
            }
            switch (answer) {
                case Sslv2Answer.ServerHello hello -> {
                    accepted(hello);
                    return;
                }
                case Sslv2Answer.Sslv2Error error -> {
                    draft.protocol(ProtocolVersion.SSL_2, FactState.ACCEPTED);
                    return;
                }
                case Sslv2Answer.TlsAlert alert -> {
                    draft.protocol(ProtocolVersion.SSL_2, FactState.REFUSED);
                    return;
                }
                case Sslv2Answer.Unintelligible odd -> reason = Reason.MALFORMED;
                case Sslv2Answer.None none -> {
                    reason = FlightReading.reason(none.how());
                    boolean hungUp = none.bytes() == 0 && (none.how() == Ending.CLOSED || none.how() == Ending.RESET);
                    if (hungUp && none.how() == firstHangUp) {
                        draft.protocol(ProtocolVersion.SSL_2, FactState.REFUSED);
                        return;
                    }
                    if (hungUp && !interview.isStillThere()) {
                        break;
                    }
                    firstHangUp = hungUp ? none.how() : null;
                }
            }
        }
        draft.protocolUnknown(ProtocolVersion.SSL_2, reason);
    }

    private Talk<Line.Heard<Sslv2Answer>> talk() {
        byte[] challenge = new byte[CHALLENGE];
        random.nextBytes(challenge);
        return interview.talk(new Sslv2Exchange(new Sslv2ClientHello(Sslv2ClientHello.everyCipher(), challenge)));
    }

    private void accepted(Sslv2Answer.ServerHello hello) {
        draft.protocol(ProtocolVersion.SSL_2, FactState.ACCEPTED);
        if (draft.negotiated == null && !hello.ciphers().isEmpty()) {
            draft.negotiated = new Negotiated(
                    ProtocolVersion.SSL_2.label(), hello.ciphers().getFirst().name(), null, null, null);
        }
        draft.suites.put(
                ProtocolVersion.SSL_2,
                new Suites(hello.ciphers().size() < 2 ? null : "client", null, Draft.suitePoints(hello.ciphers())));
        if (hello.certificate().length > 0) {
            draft.chains.addAlone(ProtocolVersion.SSL_2, hello.certificate());
        }
    }
}
