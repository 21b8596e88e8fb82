package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extensions;
import java.time.Duration;

/** What a server does for a name that it cannot know (RFC 6066 section 3). */
final class UnknownName {
    private static final String NAME = "tlsfleet-unknown-name.invalid";

    private UnknownName() {}

    static void ask(Ground ground, Wire wire, Found found) {
        HelloShape hello = ground.control().with(Extensions.serverName(NAME));
        switch (wire.say(new HelloExchange(hello.hello()))) {
            case Heard.Nothing<ServerFlight>(Reason reason) -> unknown(found, reason);
            case Heard.Told<ServerFlight>(ServerFlight flight, Duration connect) -> {
                String word = read(flight);
                if (word.equals("unknown")) {
                    unknown(found, Fact.reason(flight.ending(), flight.unintelligible()));
                } else {
                    found.unknownName = word;
                }
            }
        }
    }

    static String read(ServerFlight flight) {
        if (flight.serverHello().isPresent()) {
            return "default-certificate";
        }
        if (flight.alert().isPresent()) {
            return "alert";
        }
        boolean closed = flight.ending() == Ending.CLOSED || flight.ending() == Ending.RESET;
        return closed && flight.raw().length == 0 ? "closed" : "unknown";
    }

    private static void unknown(Found found, Reason reason) {
        found.unknownName = "unknown";
        found.unknown("/sni/unknownName", reason);
    }
}
