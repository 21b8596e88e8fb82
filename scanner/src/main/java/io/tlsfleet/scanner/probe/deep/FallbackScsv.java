package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.ServerMessage.Alert;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** RFC 7507: a hello below the server's best version says that it fell back; inappropriate_fallback is the right answer. */
final class FallbackScsv {
    private static final int TLS_FALLBACK_SCSV = 0x5600;
    private static final int INAPPROPRIATE_FALLBACK = 86;
    private static final Duration BREATH = Duration.ofMillis(250);

    private FallbackScsv() {}

    static void ask(Ground ground, Wire wire, Found found) {
        List<ProtocolVersion> versions = ground.suites().keySet().stream()
                .sorted(Comparator.reverseOrder())
                .toList();
        if (versions.size() < 2) {
            found.feature("fallbackScsv", Fact.NOT_ASKED);
            return;
        }
        HelloShape plain = ground.older(versions.get(1));
        HelloShape hello = plain.withSuiteBehind(TLS_FALLBACK_SCSV);
        Heard<ServerFlight> first = wire.say(new HelloExchange(hello.hello()));
        Fact fact = fact(first);
        if (hungUp(first)) {
            // an objection when it is done twice, and not to the same hello without it
            wire.pause(BREATH);
            boolean answered = fact(wire.say(new HelloExchange(plain.hello()))).equals(Fact.REFUSED);
            fact = answered && hungUp(wire.say(new HelloExchange(hello.hello()))) ? Fact.ACCEPTED : fact;
        }
        found.feature("fallbackScsv", fact);
    }

    private static Fact fact(Heard<ServerFlight> heard) {
        return switch (heard) {
            case Heard.Nothing<ServerFlight>(Reason reason) -> Fact.unknown(reason);
            case Heard.Told<ServerFlight>(ServerFlight flight, var connect) -> read(flight);
        };
    }

    private static boolean hungUp(Heard<ServerFlight> heard) {
        if (!(heard instanceof Heard.Told<ServerFlight>(ServerFlight flight, var connect))) {
            return false;
        }
        boolean closed =
                flight.raw().length == 0 && (flight.ending() == Ending.CLOSED || flight.ending() == Ending.RESET);
        return closed
                || flight.serverHello().isEmpty()
                        && flight.first(Alert.class)
                                .filter(FlightReading::isGoodbye)
                                .isPresent();
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
