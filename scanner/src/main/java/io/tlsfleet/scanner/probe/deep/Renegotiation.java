package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether a client may start a renegotiation: a second hello inside a finished handshake, with the verify_data of the first
 * where the server knows RFC 5746. A ServerHello is a yes; an alert, or hanging up, a no; silence is neither.
 */
final class Renegotiation {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private Renegotiation() {}

    static void ask(Ground ground, Wire wire, Found found) {
        ProtocolVersion version = ground.newestOlder().orElse(null);
        Optional<HelloShape> hello = version == null ? Optional.empty() : ground.olderToFinish(version);
        if (version == null || hello.isEmpty()) {
            found.feature("clientRenegotiation", version == null ? Fact.NOT_ASKED : Fact.unknown(Reason.UNSUPPORTED));
            return;
        }
        Tls12Options.After again = channel -> {
            byte[] verifyData = channel.clientVerifyData();
            HelloShape second = new HelloShape(ground.older(version).hello())
                    .withSuites(hello.get().hello().cipherSuites())
                    .with(new Extension(Extensions.RENEGOTIATION_INFO, ByteWriter.write(w -> w.vec8(verifyData))));
            return channel.seal(TlsRecord.HANDSHAKE, second.hello().encode().encode());
        };
        Tls12Options options = Tls12Options.PLAIN.then(again).waiting(PATIENCE);
        // a ticket beside that of the resumption tells whether they begin with the name of a key
        HelloShape first = version.equals(ProtocolVersion.TLS_1_2) && !ground.plain()
                ? hello.get().with(Extensions.empty(Extensions.SESSION_TICKET))
                : hello.get();
        switch (wire.say(new Tls12Handshake(first.hello(), ground.shares(), options))) {
            case Heard.Nothing<Tls12Result>(Reason reason) ->
                found.feature("clientRenegotiation", Fact.unknown(reason));
            case Heard.Told<Tls12Result>(Tls12Result result, Duration connect) -> {
                found.heard(result, connect);
                found.otherSession = result.session();
                found.feature("clientRenegotiation", read(result));
            }
        }
    }

    static Fact read(Tls12Result result) {
        if (!result.finished()) {
            boolean certificate = result.askedForCertificate() && result.alert().isPresent();
            return Fact.unknown(
                    certificate
                            ? Reason.CLIENT_CERTIFICATE_REQUIRED
                            : Fact.reason(result.ending(), result.unintelligible()));
        }
        if (result.after().stream()
                .anyMatch(r -> r.type() == TlsRecord.HANDSHAKE && r.fragment().length > 0 && r.fragment()[0] == 2)) {
            return Fact.ACCEPTED;
        }
        boolean refused =
                !result.alerts().isEmpty() || result.ending() == Ending.CLOSED || result.ending() == Ending.RESET;
        return refused ? Fact.REFUSED : Fact.unknown(Reason.READ_TIMEOUT);
    }
}
