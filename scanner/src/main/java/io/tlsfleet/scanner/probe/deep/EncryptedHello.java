package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.ech.EchConfig;
import io.tlsfleet.tls.ech.EchHello;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;

/**
 * Encrypted Client Hello as it is announced in DNS (RFC 9849, RFC 9848): a hello that only the owner of the configuration can
 * open, and whether the ServerHello shows that it did. One connection; a server that goes on with the outer hello refuses.
 */
public final class EncryptedHello {
    private static final SecureRandom RANDOM = new SecureRandom();

    private EncryptedHello() {}

    /** {@code configs} is the ECHConfigList of the HTTPS record; the answer replaces what a GREASE offer has shown. */
    public static void ask(Ground ground, byte[] configs, Wire wire, Found found) {
        found.feature("encryptedClientHello", accepted(ground, configs, wire));
    }

    private static Fact accepted(Ground ground, byte[] configs, Wire wire) {
        Optional<HelloShape> hello = ground.tls13();
        String name = ground.serverName();
        if (name == null) {
            return Fact.NOT_ASKED;
        }
        try {
            Optional<EchConfig> config = EchConfig.usable(EchConfig.readAll(configs));
            if (config.isEmpty() || hello.isEmpty()) {
                return Fact.unknown(Reason.UNSUPPORTED);
            }
            EchHello ech = EchHello.of(hello.get().hello(), name, config.get(), RANDOM);
            Fact first = read(wire.say(new HelloExchange(ech.outer())), ech);
            return first.reason() == null ? first : read(wire.say(new HelloExchange(ech.outer())), ech);
        } catch (MalformedMessage e) {
            return Fact.unknown(Reason.MALFORMED);
        }
    }

    private static Fact read(Heard<ServerFlight> heard, EchHello ech) {
        return switch (heard) {
            case Heard.Nothing<ServerFlight>(Reason reason) -> Fact.unknown(reason);
            case Heard.Told<ServerFlight>(ServerFlight flight, Duration connect) -> {
                Optional<ServerHello> answer = flight.serverHello();
                if (answer.isPresent()) {
                    yield ech.isAccepted(answer.get()).map(Fact::of).orElse(Fact.unknown(Reason.UNSUPPORTED));
                }
                yield flight.alert().filter(a -> !a.isWarning()).isPresent()
                        ? Fact.REFUSED
                        : Fact.unknown(Fact.reason(flight.ending(), flight.unintelligible()));
            }
        };
    }
}
