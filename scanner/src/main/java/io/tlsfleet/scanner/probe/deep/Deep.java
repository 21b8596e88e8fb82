package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** All probes of depth {@code full}, in the order in which they are asked. */
public final class Deep {
    private Deep() {}

    /** Asks everything; nothing where no version is accepted. */
    public static Found ask(Ground ground, Wire wire) {
        Found found = new Found();
        if (ground.suites().isEmpty()) {
            return found;
        }
        OlderFeatures.ask(ground, wire, found);
        FallbackScsv.ask(ground, wire, found);
        Renegotiation.ask(ground, wire, found);
        Tls13Features.ask(ground, wire, found);
        Tls13Resumption.ask(ground, wire, found);
        OlderResumption.ask(ground, wire, found);
        UnknownName.ask(ground, wire, found);
        Page.ask(ground, wire, found);
        Tls13Resumption.conclude(found);
        handshakesOfOldVersions(ground, wire, found);
        Tolerance.ask(ground, wire, found);
        Attacks.ask(ground, wire, found);
        return found;
    }

    /** What the application above says to a request alone. */
    public static Found page(Ground ground, Wire wire) {
        Found found = new Found();
        if (!ground.suites().isEmpty()) {
            Page.ask(ground, wire, found);
        }
        return found;
    }

    /** For their time; TLS 1.2 and 1.3 have been finished by the others. */
    private static void handshakesOfOldVersions(Ground ground, Wire wire, Found found) {
        for (ProtocolVersion version : List.of(ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0)) {
            Optional<HelloShape> hello = ground.olderToFinish(version);
            if (hello.isPresent()
                    && wire.say(new Tls12Handshake(hello.get().hello(), ground.shares()))
                            instanceof Wire.Heard.Told<Tls12Result>(Tls12Result result, Duration connect)) {
                found.heard(result, connect);
            }
        }
    }
}
