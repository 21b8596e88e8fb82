package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.ServerMessage.Alert;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.Comparator;
import java.util.List;

/** RFC 7507: a hello below the server's best version says that it fell back; inappropriate_fallback is the right answer. */
final class FallbackScsv {
    private static final int TLS_FALLBACK_SCSV = 0x5600;
    private static final int INAPPROPRIATE_FALLBACK = 86;

    private FallbackScsv() {}

    static void ask(Ground ground, Wire wire, Found found) {
        List<ProtocolVersion> versions = ground.suites().keySet().stream()
                .sorted(Comparator.reverseOrder())
                .toList();
        if (versions.size() < 2) {
            found.feature("fallbackScsv", Fact.NOT_ASKED);
            return;
        }
        HelloShape hello = ground.older(versions.get(1)).withSuiteBehind(TLS_FALLBACK_SCSV);
        found.feature(
                "fallbackScsv",
                switch (wire.say(new HelloExchange(hello.hello()))) {
                    case Heard.Nothing<ServerFlight>(Reason reason) -> Fact.unknown(reason);
                    case Heard.Told<ServerFlight>(ServerFlight flight, var connect) -> read(flight);
                });
    }

    static Fact read(ServerFlight flight) {
        if (flight.serverHello().isPresent()) {
            return Fact.REFUSED;
        }
        boolean objected = flight.alert()
                .map(Alert::description)
                .filter(d -> d.code() == INAPPROPRIATE_FALLBACK)
                .isPresent();
        return objected ? Fact.ACCEPTED : Fact.unknown(Fact.reason(flight.ending(), flight.unintelligible()));
    }
}
