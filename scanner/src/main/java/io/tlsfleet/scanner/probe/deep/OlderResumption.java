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
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** TLS 1.2 resumption, performed: by ticket, and by session id, for which a server with tickets is asked apart. */
final class OlderResumption {
    private static final String POINTER = "/resumption/TLSv1.2/";

    /** Where each of a server's processes keeps its own sessions (hitch, nginx with a builtin cache), the next may have this one. */
    static final int TRIES = 3;

    /** So often with the same session, for processes that take turns; then with the newest, for one that takes whatever comes. */
    static final int SAME = 2;

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
        Begun first = begin(ground, wire, found, withTicket);
        Fact ticket = resume(ground, wire, found, withTicket, first, Tls12Session::ticket);
        Begun second = first.hasOnlyAnId() ? first : begin(ground, wire, found, withId);
        Fact id = resume(ground, wire, found, withId, second, Tls12Session::sessionId);
        keep(found, id, ticket, first.session);
    }

    /** A session to resume, or why there is none. */
    private record Begun(
            @Nullable Tls12Session session, @Nullable Reason why) {
        boolean hasOnlyAnId() {
            return session != null && session.ticket().length == 0 && session.sessionId().length > 0;
        }
    }

    private static Begun begin(Ground ground, Wire wire, Found found, HelloShape hello) {
        Heard<Tls12Result> heard = say(ground, wire, found, hello, Tls12Options.PLAIN);
        if (!(heard instanceof Heard.Told<Tls12Result>(Tls12Result result, Duration connect))) {
            return new Begun(null, reason(heard));
        }
        boolean certificate = result.askedForCertificate() && result.alert().isPresent();
        return new Begun(
                result.session(),
                certificate
                        ? Reason.CLIENT_CERTIFICATE_REQUIRED
                        : Fact.reason(result.ending(), result.unintelligible()));
    }

    private static Fact resume(
            Ground ground, Wire wire, Found found, HelloShape hello, Begun begun, Function<Tls12Session, byte[]> name) {
        Tls12Session session = begun.session;
        if (session == null) {
            return Fact.unknown(Objects.requireNonNullElse(begun.why, Reason.INTERNAL));
        }
        if (name.apply(session).length == 0) {
            return Fact.REFUSED;
        }
        for (int tried = 1; ; tried++) {
            Heard<Tls12Result> heard = say(ground, wire, found, hello, Tls12Options.PLAIN.resuming(session));
            if (!(heard instanceof Heard.Told<Tls12Result>(Tls12Result again, Duration later))) {
                return Fact.unknown(reason(heard));
            }
            boolean turnedAway = again.serverHello().isEmpty() && again.alert().isPresent();
            if (!turnedAway && !again.finished()) {
                return Fact.unknown(Fact.reason(again.ending(), again.unintelligible()));
            }
            if (again.resumed() || tried == TRIES || turnedAway && tried >= SAME) {
                return Fact.of(again.resumed());
            }
            Tls12Session newer = again.session();
            if (tried >= SAME && newer != null && name.apply(newer).length > 0) {
                session = newer;
            }
        }
    }

    private static Heard<Tls12Result> say(
            Ground ground, Wire wire, Found found, HelloShape hello, Tls12Options options) {
        Heard<Tls12Result> heard = wire.say(new Tls12Handshake(hello.hello(), ground.shares(), options));
        if (heard instanceof Heard.Told<Tls12Result>(Tls12Result result, Duration connect)) {
            found.heard(result, connect);
        }
        return heard;
    }

    /** Not all tickets begin with one (Go's with something random): it is a name when two begin with the same. */
    private static @Nullable String keyName(Tls12Session session, @Nullable Tls12Session other) {
        Optional<String> name = session.ticketKeyName();
        return other == null
                        || other.ticket().length == 0
                        || other.ticketKeyName().equals(name)
                ? name.orElse(null)
                : null;
    }

    private static Reason reason(Heard<?> heard) {
        return heard instanceof Heard.Nothing<?>(Reason reason) ? reason : Reason.INTERNAL;
    }

    private static void keep(Found found, Fact id, Fact ticket, @Nullable Tls12Session session) {
        Long lifetime = null;
        String keyName = null;
        if (session != null && session.ticket().length > 0) {
            lifetime = session.ticketLifetimeSeconds();
            keyName = keyName(session, found.otherSession);
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
