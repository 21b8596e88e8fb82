package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Observation.SentHello;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Refused.How;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.scanner.scan.Manner.Without;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks one endpoint and gives up nothing too early. A hang-up counts as a refusal only when it happens twice with a control
 * hello answered in between; a silence is asked again; a server that cannot read a hello gets a plainer one; a host that shows
 * that it throttles is asked more slowly. When the control itself fails, or nothing is clear any more, the interview is over
 * and the rest is unknown.
 */
final class Interview {
    private static final Duration BREATH = Duration.ofMillis(250);

    /** Once it is clear that hanging up is how this server says no. */
    private static final Duration SHORT_BREATH = Duration.ofMillis(50);

    private static final String HUNG_UP = "hung up (%s), on a hello it had answered too";
    private static final int NO_DOUBT = 3;
    private static final Duration RECOVERY = Duration.ofMillis(1100);
    private static final double GENTLE_RATE = 5;
    private static final Set<Reason> LASTING =
            EnumSet.of(Reason.NOT_TLS, Reason.MALFORMED, Reason.BLOCKED_BY_POLICY, Reason.NO_ROUTE, Reason.INTERNAL);
    private static final int MAX_UNCLEAR = 3;
    private static final int MAX_REFUSED_CONNECTIONS = 3;

    /** Four times what the most talkative server of the tests takes; a server cannot make us ask for ever. */
    private static final int MAX_CONNECTIONS = 1200;

    private final Line line;
    private final Hellos hellos;
    private final KeyShares shares;
    private final KeyShares ours;
    private Manner manner = Manner.USUAL;
    private @Nullable Offer control;
    private boolean controlWasChosen;
    private int unclearInARow;
    private int refusedConnectionsInARow;
    private int simplerInVain;
    private int refusedByHangingUp;
    private int goodbyes;

    /** It has hung up on a hello that it answered when asked again: here a hang-up proves less. */
    private boolean hangsUpAtRandom;

    private final Map<ProtocolVersion, Reason> hungUpOn = new TreeMap<>();
    private int handshakes;
    private boolean heardTls;
    private boolean stapleWasAskedFor;
    private @Nullable Unclear stop;

    Interview(Line line, Hellos hellos, KeyShares shares) {
        this.line = line;
        this.hellos = hellos;
        this.ours = shares;
        this.shares = shares.anonymous();
    }

    /** A handshake as far as it went; {@code answer} reads its first flight as that of a hello. */
    record Shaken(Answer answer, @Nullable Tls13Result result) {
        boolean finished() {
            return result != null && result.finished();
        }
    }

    Answer ask(Offer offer) {
        Answer answer = settled(offer);
        return count(offer, mayBreakOff(offer, answer) ? moreSimply(offer, answer) : answer);
    }

    /** Whether it takes what it has refused where it may sign as badly as can be; from then on it is asked so. */
    boolean signsBadlyAlone(Offer refused) {
        Manner candidate = manner.and(Without.BETTER_SCHEMES);
        if (stop != null || candidate.equals(manner) || !(settle(refused, candidate) instanceof Chosen)) {
            return false;
        }
        manner = candidate;
        return true;
    }

    /** The same, but what is not understood is not asked again in simpler forms. */
    Answer askAsItIs(Offer offer) {
        return count(offer, settled(offer));
    }

    private Answer settled(Offer offer) {
        if (stop != null) {
            return stop;
        }
        if (line.isOver()) {
            return over(new Unclear(Reason.DEADLINE, "the endpoint's time is up"));
        }
        if (line.connections() >= MAX_CONNECTIONS) {
            return over(new Unclear(Reason.DEADLINE, "not done within " + MAX_CONNECTIONS + " connections"));
        }
        return settle(offer, manner);
    }

    /** A finished TLS 1.3 handshake, or how far it came. Asked once more when the first attempt is not clear. */
    Shaken handshake(Offer offer, Tls13Options options) {
        if (stop != null) {
            return new Shaken(stop, null);
        }
        Shaken shaken = shakeOnce(offer, options);
        if (control != null && !shaken.finished() && !(shaken.answer instanceof Refused)) {
            Tls13Result result = shaken.result;
            boolean older = result != null && result.reached() == Tls13Result.Step.OLDER_VERSION;
            if (!older) {
                line.pause(BREATH);
                shaken = shakeOnce(offer, options);
            }
        }
        if (shaken.finished()) {
            handshakes++;
        }
        count(offer, shaken.answer);
        return shaken;
    }

    private Shaken shakeOnce(Offer offer, Tls13Options options) {
        Offer shaped = manner.shape(offer);
        Tls13Handshake conversation = new Tls13Handshake(hellos.hello(shaped, manner.isPlain()), shares, options);
        return switch (line.talk(conversation)) {
            case Talk.NotHeld<Line.Heard<Tls13Result>> none -> new Shaken(notHeld(none), null);
            case Talk.Held<Line.Heard<Tls13Result>> held -> {
                Tls13Result result = held.result().result();
                ServerFlight flight = new ServerFlight(
                        result.messages(),
                        result.ending(),
                        result.unintelligible(),
                        held.result().firstBytes());
                yield new Shaken(soFar(read(shaped, flight), result), result);
            }
        };
    }

    /**
     * Go and rustls choose first and mind protocols, names and their own keys later: an alert before Finished is the answer. tlslite-ng
     * chooses and then stumbles: a hang-up before its certificate is one.
     */
    private static Answer soFar(Answer first, Tls13Result result) {
        Optional<Answer> refused = result.alert().map(alert -> new Refused(alert.description(), How.ALERT));
        return switch (result.reached()) {
            case RETRIED, SERVER_HELLO, ENCRYPTED_EXTENSIONS ->
                refused.orElse(
                        switch (result.ending()) {
                            case CLOSED -> new Hung(false, false);
                            case RESET -> new Hung(true, false);
                            case FINISHED, READ_TIMEOUT, DEADLINE, TOO_MUCH -> first;
                        });
            case CERTIFICATE, CERTIFICATE_VERIFY -> refused.orElse(first);
            case NOTHING, OLDER_VERSION, FINISHED, CONFIRMED -> first;
        };
    }

    private Answer once(Offer offer, Manner how) {
        if (line.isOver()) {
            return new Unclear(Reason.DEADLINE, "the endpoint's time is up");
        }
        Offer shaped = how.shape(offer);
        HelloExchange conversation = new HelloExchange(hellos.hello(shaped, how.isPlain()));
        return switch (line.talk(conversation)) {
            case Talk.NotHeld<Line.Heard<ServerFlight>> none -> notHeld(none);
            case Talk.Held<Line.Heard<ServerFlight>> held ->
                read(shaped, held.result().result());
        };
    }

    private Answer read(Offer offer, ServerFlight flight) {
        refusedConnectionsInARow = 0;
        Answer answer = FlightReading.read(offer, flight);
        stapleWasAskedFor |= offer.staple() && answer instanceof Chosen;
        heardTls |= answer instanceof Chosen
                || answer instanceof Refused
                || answer instanceof Unclear unclear && unclear.reason() != Reason.NOT_TLS && flight.raw().length > 0;
        return answer;
    }

    private Answer notHeld(Talk.NotHeld<?> none) {
        Unclear unclear = new Unclear(none.reason(), none.detail());
        switch (none.reason()) {
            case CONNECT_REFUSED -> {
                if (++refusedConnectionsInARow >= MAX_REFUSED_CONNECTIONS) {
                    stop = heardTls ? new Unclear(Reason.RATE_LIMITED, none.detail()) : unclear;
                }
            }
            case BLOCKED_BY_POLICY, NO_ROUTE -> stop = unclear;
            case STARTTLS_REFUSED -> stop = heardTls ? stop : unclear;
            default -> {}
        }
        return unclear;
    }

    /** One question until it is answered, refused for sure, or given up. */
    private Answer settle(Offer offer, Manner how) {
        Answer answer = once(offer, how);
        if (control == null || stop != null) {
            return answer;
        }
        return switch (answer) {
            case Hung hung -> isTheUsualGoodbye(hung) ? new Refused(null, How.CLOSED) : confirm(offer, how, hung);
            case Unclear unclear -> again(offer, how, unclear);
            case Chosen chosen -> chosen;
            case Refused refused -> refused;
        };
    }

    /** s2n refuses with close_notify: no sign of a full house, and when that is sure only every fourth is asked again. */
    private boolean isTheUsualGoodbye(Hung hung) {
        return hung.goodbye() && !hangsUpAtRandom && goodbyes >= NO_DOUBT && ++goodbyes % 4 != 0;
    }

    private Answer confirm(Offer offer, Manner how, Hung first) {
        int alike = 1;
        for (int attempt = 0; attempt < 3; attempt++) {
            if (!controlAnswers()) {
                return over(new Unclear(
                        Reason.RATE_LIMITED, HUNG_UP.formatted(first.reason().word())));
            }
            line.pause(refusedByHangingUp < NO_DOUBT ? BREATH : SHORT_BREATH);
            Answer second = once(offer, how);
            if (!(second instanceof Hung hung)) {
                refusedByHangingUp = 0;
                hangsUpAtRandom |= !(second instanceof Unclear);
                return second;
            }
            alike += hung.reset() == first.reset() ? 1 : 0;
            if (alike == (hangsUpAtRandom ? 3 : 2)) {
                refusedByHangingUp++;
                goodbyes += first.goodbye() && hung.goodbye() ? 1 : 0;
                if (!controlWasChosen) {
                    hungUpOn.put(offer.newest(), hung.reason());
                }
                return new Refused(null, hung.reset() ? How.RESET : How.CLOSED);
            }
        }
        return new Unclear(first.reason(), "hung up, now so, now so");
    }

    private Answer again(Offer offer, Manner how, Unclear first) {
        if (LASTING.contains(first.reason())) {
            return first;
        }
        line.pause(BREATH);
        Answer second = once(offer, how);
        return second instanceof Hung hung ? confirm(offer, how, hung) : second;
    }

    /** A conversation of another kind, whose reading is the caller's. */
    <R> Talk<Line.Heard<R>> talk(Conversation<R> conversation) {
        return talk(conversation, new byte[0]);
    }

    /** With something behind the command that asks for TLS. */
    <R> Talk<Line.Heard<R>> talk(Conversation<R> conversation, byte[] injected) {
        Talk<Line.Heard<R>> talk = line.talk(conversation, injected);
        if (talk instanceof Talk.NotHeld<Line.Heard<R>> none) {
            notHeld(none);
        }
        return talk;
    }

    /** Whether there is anything left to ask and time to ask it. */
    boolean goesOn() {
        return stop == null && !line.isOver();
    }

    /** The fingerprints of that offer's hello as this listener gets it. */
    SentHello sent(String label, Offer offer, Manner how) {
        return SentHellos.of(label, how.shape(offer), how.isPlain(), hellos.isNamed(), hellos);
    }

    Hellos hellos() {
        return hellos;
    }

    /** Without a certificate of ours: what a server asks of strangers. */
    KeyShares shares() {
        return shares;
    }

    /** With the certificate that the user gave, if one was. */
    KeyShares ours() {
        return ours;
    }

    /** A breath, and proof that the server is still there: what stands between two hang-ups that count as a refusal. */
    boolean isStillThere() {
        boolean there = controlAnswers();
        line.pause(BREATH);
        return there;
    }

    void countHandshake() {
        handshakes++;
    }

    /** Three tries, each after a longer pause; from the first failure on the host is asked gently. */
    private boolean controlAnswers() {
        Offer known = control;
        if (known == null) {
            return false;
        }
        for (int attempt = 0; attempt < 3 && stop == null && !line.isOver(); attempt++) {
            Answer answer = once(known, manner);
            if (answer instanceof Chosen || !controlWasChosen && answer instanceof Refused) {
                return true;
            }
            line.slowDown(GENTLE_RATE);
            line.pause(RECOVERY.multipliedBy(attempt + 1L));
        }
        return false;
    }

    /**
     * Without old groups where one might be what it minds, without the staple, without every extension that can be spared, then with
     * few signature schemes where it cannot read the hello.
     */
    private Answer moreSimply(Offer offer, Answer broken) {
        Manner unstapled = manner.and(Without.STAPLE);
        List<Manner> simpler = new ArrayList<>(List.of(unstapled, unstapled.and(Without.EXTRAS)));
        if (broken instanceof Refused refused && refused.isAlert(Answer.ILLEGAL_PARAMETER)) {
            simpler.addFirst(manner.and(Without.OLD_GROUPS));
        }
        if (broken instanceof Refused refused
                && refused.isAlert(Answer.DECODE_ERROR)
                && offer.suites().size() <= Menu.common(offer.newest()).size()) {
            simpler.add(manner.and(Without.SCHEMES));
        }
        for (Manner candidate : simpler) {
            boolean differs = candidate.isPlain() || !candidate.shape(offer).equals(manner.shape(offer));
            if (differs && stop == null && control != null) {
                Answer answer = settle(offer, candidate);
                if (answer instanceof Chosen) {
                    manner = candidate;
                    return answer;
                }
                if (answer instanceof Refused refused && !refused.isProtest() && refused.how() == How.ALERT) {
                    return answer;
                }
            }
        }
        simplerInVain++;
        return broken;
    }

    /** Not a no, but a server that cannot read an extension of ours. Where simpler hellos fared no better twice, that is that. */
    private boolean mayBreakOff(Offer offer, Answer answer) {
        return answer instanceof Refused refused
                && !manner.isPlain()
                && simplerInVain < 2
                && (refused.isProtest()
                        || refused.how() != How.ALERT && manner.shape(offer).staple());
    }

    private Answer count(Offer offer, Answer answer) {
        if (answer instanceof Chosen) {
            control = offer;
            controlWasChosen = true;
        } else if (answer instanceof Refused refused && refused.how() == How.ALERT && control == null) {
            control = offer;
        }
        if (answer instanceof Unclear unclear) {
            if (++unclearInARow >= MAX_UNCLEAR && stop == null && !controlAnswers()) {
                boolean thrownOut = unclear.reason() == Reason.RESET || unclear.reason() == Reason.CLOSED;
                over(
                        thrownOut
                                ? new Unclear(
                                        Reason.RATE_LIMITED,
                                        HUNG_UP.formatted(unclear.reason().word()))
                                : unclear);
            }
        } else {
            unclearInARow = 0;
        }
        return answer;
    }

    private Unclear over(Unclear why) {
        stop = why;
        return why;
    }

    /** From now on the listener is asked in this manner. */
    void adopt(Manner other) {
        manner = other;
    }

    Manner manner() {
        return manner;
    }

    /** The versions refused by hanging up, if no hello at all was answered: of those nothing is known. */
    Map<ProtocolVersion, Reason> hungUpOnWithoutAnswer() {
        return controlWasChosen ? Map.of() : hungUpOn;
    }

    /** Set by the first contact when the control came from elsewhere. */
    void controlledBy(Offer offer) {
        control = offer;
        controlWasChosen = true;
    }

    boolean hasControl() {
        return control != null;
    }

    Optional<Unclear> stopped() {
        return Optional.ofNullable(stop);
    }

    /** The server has answered in a way that this interview does not read. */
    void heard() {
        heardTls = true;
    }

    boolean heardTls() {
        return heardTls;
    }

    /** Whether a hello that was answered asked for a staple: else that there was none means nothing. */
    boolean askedForStaple() {
        return stapleWasAskedFor;
    }

    boolean isBehindStarttls() {
        return line.isBehindStarttls();
    }

    int handshakes() {
        return handshakes;
    }
}
