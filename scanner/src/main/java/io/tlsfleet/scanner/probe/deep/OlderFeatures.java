package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.util.List;
import java.util.Optional;

/**
 * What a server up to TLS 1.2 answers in its ServerHello: everything is offered in one hello, and what is echoed is
 * accepted. encrypt-then-MAC and the truncated HMAC go with CBC suites alone and are offered in a second.
 */
final class OlderFeatures {
    private static final byte DEFLATE = 1;

    private OlderFeatures() {}

    static void ask(Ground ground, Wire wire, Found found) {
        ProtocolVersion version = ground.newestOlder().orElse(null);
        if (version == null) {
            // TLS 1.3 has no compression to choose.
            found.feature("compression", Fact.REFUSED);
            List.of(
                            "extendedMasterSecret",
                            "secureRenegotiation",
                            "heartbeat",
                            "npn",
                            "maxFragmentLength",
                            "statusRequestV2",
                            "encryptThenMac",
                            "truncatedHmac")
                    .forEach(name -> found.feature(name, Fact.NOT_ASKED));
            return;
        }
        HelloShape all = ground.older(version)
                .with(
                        Extensions.empty(Extensions.EXTENDED_MASTER_SECRET),
                        Extensions.renegotiationInfo(),
                        new Extension(Extensions.HEARTBEAT, new byte[] {1}),
                        Extensions.empty(Extensions.NEXT_PROTOCOL_NEGOTIATION),
                        // 2^12, the greatest (RFC 6066 section 4)
                        new Extension(Extensions.MAX_FRAGMENT_LENGTH, new byte[] {4}),
                        // ocsp_multi, no responders, no extensions (RFC 6961 section 2.2)
                        new Extension(Extensions.STATUS_REQUEST_V2, new byte[] {0, 7, 2, 0, 4, 0, 0, 0, 0}))
                .withCompression(DEFLATE, (byte) 0);
        answer(
                all,
                wire,
                found,
                "extendedMasterSecret",
                Extensions.EXTENDED_MASTER_SECRET,
                "secureRenegotiation",
                Extensions.RENEGOTIATION_INFO,
                "heartbeat",
                Extensions.HEARTBEAT,
                "npn",
                Extensions.NEXT_PROTOCOL_NEGOTIATION,
                "maxFragmentLength",
                Extensions.MAX_FRAGMENT_LENGTH,
                "statusRequestV2",
                Extensions.STATUS_REQUEST_V2,
                "compression",
                -1);
        List<CipherSuite> cbc = all.hello().cipherSuites().stream()
                .filter(s -> s.facts().mode() == SuiteFacts.Mode.CBC)
                .toList();
        if (cbc.isEmpty()) {
            found.feature("encryptThenMac", Fact.REFUSED);
            found.feature("truncatedHmac", Fact.REFUSED);
            return;
        }
        HelloShape macs = ground.older(version)
                .withSuites(cbc)
                .with(Extensions.empty(Extensions.ENCRYPT_THEN_MAC), Extensions.empty(Extensions.TRUNCATED_HMAC));
        answer(
                macs,
                wire,
                found,
                "encryptThenMac",
                Extensions.ENCRYPT_THEN_MAC,
                "truncatedHmac",
                Extensions.TRUNCATED_HMAC);
    }

    private static void answer(HelloShape hello, Wire wire, Found found, Object... namesAndTypes) {
        Heard<ServerFlight> heard = wire.say(new HelloExchange(hello.hello()));
        for (int i = 0; i < namesAndTypes.length; i += 2) {
            int type = (Integer) namesAndTypes[i + 1];
            found.feature(
                    (String) namesAndTypes[i],
                    switch (heard) {
                        case Heard.Nothing<ServerFlight>(var reason) -> Fact.unknown(reason);
                        case Heard.Told<ServerFlight>(ServerFlight flight, var connect) -> read(flight, type);
                    });
        }
    }

    /** {@code type} -1 is the compression method. */
    static Fact read(ServerFlight flight, int type) {
        Optional<ServerHello> answer = flight.serverHello();
        if (answer.isEmpty()) {
            return Fact.unknown(Fact.reason(flight.ending(), flight.unintelligible()));
        }
        return type < 0
                ? Fact.of(answer.get().compressionMethod() != 0)
                : Fact.of(answer.get().extension(type).isPresent());
    }
}
