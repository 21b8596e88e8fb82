package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.deep.Attacks.Verdict;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.keys.Tls12Session;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.util.Optional;

/** CVE-2016-9244: a ticket with a session id of one byte; F5 devices echoed 32, the rest out of their memory. Only the length is kept. */
final class Ticketbleed {
    private static final byte[] SHORT_ID = {0x5A};

    private Ticketbleed() {}

    static Verdict once(Ground ground, Wire wire) {
        ProtocolVersion version = ground.newestOlder().orElse(null);
        Optional<HelloShape> hello = version == null ? Optional.empty() : ground.olderToFinish(version);
        if (hello.isEmpty()) {
            return version == null
                    ? Verdict.notVulnerable("TLS 1.2 and below are not spoken")
                    : Verdict.unknown("no suite that we can finish with");
        }
        HelloShape asking = hello.get().with(Extensions.empty(Extensions.SESSION_TICKET));
        if (!(wire.say(new Tls12Handshake(asking.hello(), ground.shares()))
                instanceof Heard.Told<Tls12Result>(Tls12Result full, Duration connect))) {
            return Verdict.unknown("no connection");
        }
        Tls12Session session = full.session();
        if (session == null) {
            return Verdict.unknown("the handshake did not finish");
        }
        if (session.ticket().length == 0) {
            return Verdict.notVulnerable("no tickets");
        }
        Tls12Session shortened = new Tls12Session(
                session.version(),
                session.suite(),
                session.masterSecret(),
                SHORT_ID,
                session.ticket(),
                session.ticketLifetimeSeconds(),
                session.extendedMasterSecret());
        return switch (wire.say(
                new Tls12Handshake(asking.hello(), ground.shares(), Tls12Options.PLAIN.resuming(shortened)))) {
            case Heard.Nothing<Tls12Result>(var reason) -> Verdict.unknown(reason.word());
            case Heard.Told<Tls12Result>(Tls12Result result, Duration later) -> read(result.serverHello());
        };
    }

    static Verdict read(Optional<ServerHello> hello) {
        if (hello.isEmpty()) {
            return Verdict.unknown("no ServerHello");
        }
        byte[] id = hello.get().sessionId();
        return id.length > SHORT_ID.length && id[0] == SHORT_ID[0]
                ? Verdict.vulnerable("a session id of " + id.length + " bytes came back for one of " + SHORT_ID.length)
                : Verdict.notVulnerable("a session id of " + id.length + " bytes came back");
    }
}
