package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Resumption;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateVerify;
import io.tlsfleet.tls.keys.SessionTicket;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** TLS 1.3 resumption, performed with a ticket of the handshake before, whatever that was for; early data is announced where the ticket allows it and never sent. */
final class Tls13Resumption {
    private static final String POINTER = "/resumption/TLSv1.3/";
    private static final int ILLEGAL_PARAMETER = 47;
    private static final int DECRYPT_ERROR = 51;

    /** None: GnuTLS takes no early data from a client whose ticket is older than it says itself, and ours is used at once. */
    private static final Duration AGE = Duration.ZERO;

    private static final Resumption.Tls13 NONE = new Resumption.Tls13(FactState.REFUSED, 0, null, FactState.REFUSED, 0);

    private Tls13Resumption() {}

    static void ask(Ground ground, Wire wire, Found found) {
        Optional<HelloShape> hello = ground.tls13();
        if (hello.isEmpty()) {
            if (ground.accepts(io.tlsfleet.tls.registry.ProtocolVersion.TLS_1_3)) {
                unknown(found, Reason.UNSUPPORTED);
            }
            return;
        }
        Tls13Result before = found.ticketed;
        if (before != null) {
            Optional<Tls13Result> second = resume(before, hello.get(), ground, wire, found, 1);
            if (found.tls13 != null && found.tls13.psk() != FactState.REFUSED) {
                return;
            }
            // whoever keeps one ticket alone has given it to a later handshake
            if (second.isPresent() && !second.get().tickets().isEmpty()) {
                resume(second.get(), hello.get(), ground, wire, found, OlderResumption.TRIES - 1);
                return;
            }
        }
        Heard<Tls13Result> first = wire.say(new Tls13Handshake(hello.get().hello(), ground.shares()));
        if (first instanceof Heard.Told<Tls13Result>(Tls13Result plain, Duration connect)) {
            found.heard(plain, connect);
            if (before == null || !plain.tickets().isEmpty()) {
                resume(plain, hello.get(), ground, wire, found, OlderResumption.TRIES);
            }
        } else if (before == null) {
            unknown(found, reason(first));
        }
    }

    /** The last handshake that it took, if there was one. */
    private static Optional<Tls13Result> resume(
            Tls13Result before, HelloShape hello, Ground ground, Wire wire, Found found, int tries) {
        List<SessionTicket> tickets = before.tickets();
        if (before.refusedAfterFinished() && before.askedForCertificate()) {
            // some give tickets before they have read our Finished
            unknown(found, Reason.CLIENT_CERTIFICATE_REQUIRED);
            return Optional.empty();
        }
        if (tickets.isEmpty()) {
            if (before.reached() == Tls13Result.Step.CONFIRMED) {
                found.tls13 = NONE;
            } else {
                unknown(found, Fact.reason(before.ending(), before.unintelligible()));
            }
            return Optional.empty();
        }
        // The last ticket: servers with single-use tickets keep every one, others only the newest.
        SessionTicket ticket = tickets.getLast();
        boolean early = ticket.maxEarlyDataSize() > 0;
        HelloShape asking = withoutRetry(plain(hello, before), ground);
        SessionTicket offered = ticket;
        Heard<Tls13Result> second = offer(offered, asking, early, ground, wire);
        for (int tried = 1;
                second instanceof Heard.Told<Tls13Result>(Tls13Result missed, Duration later)
                        && (tried < tries && missed.finished() && !missed.resumed()
                                || tried < OlderResumption.SAME && isRefused(missed));
                tried++) {
            if (tried >= OlderResumption.SAME && !missed.tickets().isEmpty()) {
                offered = missed.tickets().getLast();
            }
            second = offer(offered, asking, early, ground, wire);
        }
        Fact psk;
        Fact earlyData = Fact.REFUSED;
        if (second instanceof Heard.Told<Tls13Result>(Tls13Result again, Duration later)) {
            found.heard(again, later);
            psk = again.finished() || isRefused(again)
                    ? Fact.of(again.resumed())
                    : Fact.unknown(Fact.reason(again.ending(), again.unintelligible()));
            if (early) {
                earlyData = again.finished() ? Fact.of(again.earlyDataAccepted()) : psk;
            }
        } else {
            psk = Fact.unknown(reason(second));
            earlyData = early ? psk : Fact.REFUSED;
        }
        found.settled(POINTER);
        found.tls13 = new Resumption.Tls13(
                psk.state(), tickets.size(), ticket.lifetimeSeconds(), earlyData.state(), ticket.maxEarlyDataSize());
        if (psk.reason() != null) {
            found.unknown(POINTER + "psk", psk.reason());
        }
        if (earlyData.reason() != null) {
            found.unknown(POINTER + "earlyData", earlyData.reason());
        }
        return second instanceof Heard.Told<Tls13Result> told ? Optional.of(told.result()) : Optional.empty();
    }

    private static Heard<Tls13Result> offer(
            SessionTicket ticket, HelloShape hello, boolean early, Ground ground, Wire wire) {
        return wire.say(
                new Tls13Handshake(hello.hello(), ground.shares(), Tls13Options.PLAIN.resuming(ticket, AGE, early)));
    }

    /**
     * OpenSSL that asks for client certificates and was given no session context (redis) says internal_error to every ticket, and
     * to be believed says it twice; an alert that the binder may be to blame for is no word about resumption.
     */
    private static boolean isRefused(Tls13Result again) {
        return again.reached() == Tls13Result.Step.NOTHING
                && again.alert()
                        .map(alert -> alert.description().code())
                        .filter(code -> code != ILLEGAL_PARAMETER && code != DECRYPT_ERROR)
                        .isPresent();
    }

    /**
     * Erlang/OTP writes the hello anew to check its binder; a signature scheme that it does not know takes down the process that keeps
     * all tickets, and with it every listener.
     */
    private static HelloShape plain(HelloShape hello, Tls13Result before) {
        return before.first(CertificateVerify.class)
                .filter(v -> Menu.TLS13_SCHEMES.contains(v.scheme()))
                .map(v -> hello.with(Extensions.signatureAlgorithms(Menu.TLS13_SCHEMES)))
                .orElse(hello);
    }

    /**
     * Behind a HelloRetryRequest there is no early data (RFC 8446 section 4.2.10), and OpenSSL has used up a ticket for one use by
     * then: no group is named for which a server could ask.
     */
    private static HelloShape withoutRetry(HelloShape hello, Ground ground) {
        return ground.share()
                .map(group -> hello.with(Extensions.supportedGroups(List.of(group))))
                .orElse(hello);
    }

    /** A server that answers a request has sent its tickets before, if it has any: hanging up when we do proves nothing. */
    static void conclude(Found found) {
        Resumption.Tls13 seen = found.tls13;
        if (seen != null
                && seen.psk() == FactState.UNKNOWN
                && seen.ticketsPerHandshake() == 0
                && found.spokeWithoutTicket) {
            found.settled(POINTER);
            found.tls13 = NONE;
        }
    }

    private static void unknown(Found found, Reason reason) {
        found.tls13 = new Resumption.Tls13(FactState.UNKNOWN, 0, null, FactState.UNKNOWN, 0);
        List.of("psk", "ticketsPerHandshake", "earlyData", "maxEarlyDataSize")
                .forEach(fact -> found.unknown(POINTER + fact, reason));
    }

    private static Reason reason(Heard<?> heard) {
        return heard instanceof Heard.Nothing<?>(Reason reason) ? reason : Reason.INTERNAL;
    }
}
