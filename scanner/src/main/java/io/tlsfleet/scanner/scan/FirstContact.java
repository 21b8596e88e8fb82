package io.tlsfleet.scanner.scan;

import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.scanner.scan.Manner.Without;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.List;

/**
 * Finds a hello that this server answers: first an up-to-date client's; where that is met with silence or a hang-up, a small one
 * of TLS 1.2, then one of TLS 1.0 without anything new. What made the difference, size or version, is settled at once, because
 * every later hello depends on it.
 */
final class FirstContact {
    static final Offer MODERN = new Offer(
            List.of(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2),
            Menu.MODERN_SUITES,
            Menu.MODERN_GROUPS,
            Menu.MODERN_SHARES,
            Menu.MODERN_SCHEMES,
            List.of("h2", "http/1.1"),
            true);
    private static final Offer SMALL = Offer.of(ProtocolVersion.TLS_1_2, Menu.SMALL_SUITES);
    private static final Offer OLD = Offer.of(
            ProtocolVersion.TLS_1_0, Menu.common(ProtocolVersion.TLS_1_0).subList(0, 24));

    private final Interview interview;
    private final Tls13Options options;

    FirstContact(Interview interview) {
        this(interview, Tls13Options.PLAIN);
    }

    FirstContact(Interview interview, Tls13Options options) {
        this.interview = interview;
        this.options = options;
    }

    /** The up-to-date client's handshake, as far as it went; the interview has its control when there is one. */
    Interview.Shaken make(Draft draft) {
        draft.sent.add(interview.sent("tls13-modern", MODERN, Manner.USUAL));
        Interview.Shaken modern = interview.handshake(MODERN, options);
        if (isNoProtocol(modern)) {
            modern = interview.handshake(MODERN.withAlpn(List.of()), options);
        }
        draft.nameRefused = modern.answer() instanceof Refused refused && refused.isAlert(Answer.UNRECOGNIZED_NAME);
        if (!isSilence(modern.answer()) || interview.stopped().isPresent()) {
            return modern;
        }
        for (Offer fallback : List.of(SMALL, OLD)) {
            interview.adopt(Manner.SMALL);
            Answer answer = interview.ask(fallback);
            if (!isSilence(answer)) {
                settleSize(fallback, answer);
                return fallback.equals(SMALL) && !interview.manner().isSmall() ? withLess(modern, draft) : modern;
            }
        }
        interview.adopt(Manner.USUAL);
        return modern;
    }

    /**
     * wolfSSL breaks off every hello that asks for a staple, tlslite-ng every one of TLS 1.3 that names protocols where it has none:
     * the same client without that wish may be answered.
     */
    private Interview.Shaken withLess(Interview.Shaken modern, Draft draft) {
        Offer unstapled = MODERN.withStaple(false);
        Interview.Shaken least = interview.handshake(unstapled.withAlpn(List.of()), options);
        if (!(least.answer() instanceof Chosen)) {
            return modern;
        }
        Manner without = Manner.USUAL.and(Without.STAPLE);
        Interview.Shaken again = interview.handshake(unstapled, options);
        if (!(again.answer() instanceof Chosen)) {
            without = Manner.USUAL.and(Without.PROTOCOLS);
            again = interview.handshake(MODERN.withAlpn(List.of()), options);
            draft.alpnMismatch = "closed";
        }
        if (!(again.answer() instanceof Chosen)) {
            without = without.and(Without.STAPLE);
            again = least;
        }
        interview.adopt(without);
        draft.sent.clear();
        draft.sent.add(interview.sent("tls13-modern", MODERN, without));
        return again;
    }

    /** The same version in a hello of usual size: when it is answered, the size was not the matter. */
    private void settleSize(Offer answered, Answer answer) {
        if (!(answer instanceof Chosen)) {
            interview.adopt(Manner.USUAL);
            return;
        }
        ProtocolVersion version = answered.newest();
        interview.adopt(Manner.USUAL);
        Offer usual = Offer.of(version, Menu.common(version));
        boolean large = interview.ask(usual) instanceof Chosen;
        if (!large) {
            interview.adopt(Manner.SMALL);
            interview.controlledBy(answered);
        }
    }

    private static boolean isNoProtocol(Interview.Shaken shaken) {
        return shaken.answer() instanceof Refused refused && refused.isAlert(Answer.NO_APPLICATION_PROTOCOL);
    }

    private static boolean isSilence(Answer answer) {
        return switch (answer) {
            case Hung hung -> true;
            case Unclear unclear ->
                switch (unclear.reason()) {
                    case CLOSED, RESET, READ_TIMEOUT, DEADLINE, MALFORMED -> true;
                    default -> false;
                };
            case Refused refused -> refused.isProtest();
            case Chosen chosen -> false;
        };
    }
}
