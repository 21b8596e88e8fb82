package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import java.time.Duration;
import java.util.List;

/** What a server does for a name that it cannot know (RFC 6066 section 3). */
final class UnknownName {
    private static final String NAME = "tlsfleet-unknown-name.invalid";

    private UnknownName() {}

    /** A no that may be meant for the version is asked again of all versions, with our own name as the control. */
    static void ask(Ground ground, Wire wire, Found found) {
        Extension name = Extensions.serverName(NAME);
        Heard<ServerFlight> heard = hear(ground, wire, ground.control().with(name));
        if (mayBeForTheVersion(heard)) {
            heard = hear(ground, wire, ground.everything().with(name));
            if (mayBeForTheVersion(heard) && !isAnswered(hear(ground, wire, ground.everything()))) {
                unknown(found, Reason.UNSUPPORTED);
                return;
            }
        }
        switch (heard) {
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

    /** Go asks for another share before it looks at the name: only what comes after that is an answer. */
    private static Heard<ServerFlight> hear(Ground ground, Wire wire, HelloShape hello) {
        Heard<ServerFlight> first = wire.say(new HelloExchange(hello.hello()));
        boolean retries = first instanceof Heard.Told<ServerFlight>(ServerFlight flight, Duration connect)
                && flight.serverHello().filter(ServerHello::isHelloRetryRequest).isPresent();
        if (!retries) {
            return first;
        }
        return switch (wire.say(new Tls13Handshake(hello.hello(), ground.shares()))) {
            case Heard.Nothing<Tls13Result>(Reason reason) -> new Heard.Nothing<>(reason);
            case Heard.Told<Tls13Result>(Tls13Result result, Duration connect) ->
                new Heard.Told<>(
                        new ServerFlight(
                                result.messages().stream()
                                        .filter(m -> !(m instanceof ServerHello h && h.isHelloRetryRequest()))
                                        .toList(),
                                result.ending(),
                                result.unintelligible(),
                                new byte[0]),
                        connect);
        };
    }

    private static boolean isAnswered(Heard<ServerFlight> heard) {
        return heard instanceof Heard.Told<ServerFlight>(ServerFlight flight, Duration connect)
                && flight.serverHello().isPresent();
    }

    private static boolean mayBeForTheVersion(Heard<ServerFlight> heard) {
        return heard instanceof Heard.Told<ServerFlight>(ServerFlight flight, Duration connect)
                && List.of("alert", "closed").contains(read(flight))
                && flight.alert()
                        .filter(a -> a.description().code() == Answer.UNRECOGNIZED_NAME)
                        .isEmpty();
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
