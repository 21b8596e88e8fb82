package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Observation.Resumption;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.keys.Tls12Session;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** TLS 1.2 resumption, performed: once by ticket and once by session id, each in a handshake of its own. */
final class OlderResumption {
    private static final String POINTER = "/resumption/TLSv1.2/";

    private OlderResumption() {}

    static void ask(Ground ground, Wire wire, Found found) {
        Optional<HelloShape> hello = ground.olderToFinish(ProtocolVersion.TLS_1_2);
        if (hello.isEmpty()) {
            if (ground.accepts(ProtocolVersion.TLS_1_2)) {
                keep(found, Fact.unknown(Reason.UNSUPPORTED), Fact.unknown(Reason.UNSUPPORTED), null);
            }
            return;
        }
        HelloShape withTicket = hello.get().with(Extensions.empty(Extensions.SESSION_TICKET));
        HelloShape withId = hello.get().without(Extensions.SESSION_TICKET);
        Tried ticket = attempt(ground, wire, found, withTicket, true);
        Tried id = attempt(ground, wire, found, withId, false);
        keep(found, id.fact, ticket.fact, ticket.session);
    }

    private record Tried(Fact fact, @Nullable Tls12Session session) {}

    private static Tried attempt(Ground ground, Wire wire, Found found, HelloShape hello, boolean byTicket) {
        Heard<Tls12Result> first = say(ground, wire, found, hello, Tls12Options.PLAIN);
        if (!(first instanceof Heard.Told<Tls12Result>(Tls12Result result, Duration connect))) {
            return new Tried(Fact.unknown(reason(first)), null);
        }
        Tls12Session session = result.session();
        if (session == null) {
            boolean certificate = result.askedForCertificate() && result.alert().isPresent();
            return new Tried(
                    Fact.unknown(
                            certificate
                                    ? Reason.CLIENT_CERTIFICATE_REQUIRED
                                    : Fact.reason(result.ending(), result.unintelligible())),
                    null);
        }
        boolean offered = byTicket ? session.ticket().length > 0 : session.sessionId().length > 0;
        if (!offered) {
            return new Tried(Fact.REFUSED, session);
        }
        Heard<Tls12Result> second = say(ground, wire, found, hello, Tls12Options.PLAIN.resuming(session));
        if (!(second instanceof Heard.Told<Tls12Result>(Tls12Result again, Duration later))) {
            return new Tried(Fact.unknown(reason(second)), session);
        }
        Fact fact = again.finished()
                ? Fact.of(again.resumed())
                : Fact.unknown(Fact.reason(again.ending(), again.unintelligible()));
        return new Tried(fact, session);
    }

    private static Heard<Tls12Result> say(
            Ground ground, Wire wire, Found found, HelloShape hello, Tls12Options options) {
        Heard<Tls12Result> heard = wire.say(new Tls12Handshake(hello.hello(), ground.shares(), options));
        if (heard instanceof Heard.Told<Tls12Result>(Tls12Result result, Duration connect)) {
            found.heard(result, connect);
        }
        return heard;
    }

    private static Reason reason(Heard<?> heard) {
        return heard instanceof Heard.Nothing<?>(Reason reason) ? reason : Reason.INTERNAL;
    }

    private static void keep(Found found, Fact id, Fact ticket, @Nullable Tls12Session session) {
        Long lifetime = null;
        String keyName = null;
        if (session != null && session.ticket().length > 0) {
            lifetime = session.ticketLifetimeSeconds();
            keyName = session.ticketKeyName().orElse(null);
        }
        found.tls12 = new Resumption.Tls12(id.state(), ticket.state(), lifetime, keyName);
        if (id.reason() != null) {
            found.unknown(POINTER + "sessionId", id.reason());
        }
        if (ticket.reason() != null) {
            found.unknown(POINTER + "ticket", ticket.reason());
        }
    }
}
