package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.EncryptedExtensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a server up to TLS 1.2 answers in its ServerHello: everything is offered in one hello, and what is echoed is
 * accepted. encrypt-then-MAC and the truncated HMAC go with CBC suites alone and are offered in a second, where there are any.
 */
final class OlderFeatures {
    private static final byte DEFLATE = 1;
    private static final Extension HEARTBEAT = new Extension(Extensions.HEARTBEAT, new byte[] {1});

    /** ocsp_multi, no responders, no extensions (RFC 6961 section 2.2). */
    private static final Extension STATUS_REQUEST_V2 =
            new Extension(Extensions.STATUS_REQUEST_V2, new byte[] {0, 7, 2, 0, 4, 0, 0, 0, 0});

    /** 2^12, the greatest (RFC 6066 section 4). */
    private static final Extension MAX_FRAGMENT = new Extension(Extensions.MAX_FRAGMENT_LENGTH, new byte[] {4});

    private OlderFeatures() {}

    static void ask(Ground ground, Wire wire, Found found) {
        ProtocolVersion version = ground.newestOlder().orElse(null);
        if (version == null) {
            onlyTls13(ground, wire, found);
            return;
        }
        HelloShape most = most(ground.older(version));
        Heard<ServerFlight> heard = wire.say(new HelloExchange(
                most(ground.olderSignedAnew(version)).with(STATUS_REQUEST_V2).hello()));
        if (heard instanceof Heard.Told<ServerFlight>(ServerFlight flight, Duration connect)) {
            ground.schemes().heard(flight.messages());
        }
        read(heard, found, "statusRequestV2", Extensions.STATUS_REQUEST_V2);
        if (isSilent(heard)) {
            // wolfSSL breaks off whatever asks for a staple; and who stumbles over that order of schemes has the usual
            // one
            heard = wire.say(new HelloExchange(most.hello()));
        }
        read(
                heard,
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
                "compression",
                -1);
        if (!ground.accepts(ProtocolVersion.TLS_1_3)) {
            // apart: who knows it passes over the maximum fragment length (RFC 8449 section 5)
            limit(
                    wire.say(new HelloExchange(ground.older(version)
                            .with(Extensions.recordSizeLimit(version))
                            .hello())),
                    found);
        }
        List<CipherSuite> cbc = most.hello().cipherSuites().stream()
                .filter(s -> s.facts().mode() == SuiteFacts.Mode.CBC)
                .toList();
        if (cbc.isEmpty()) {
            found.feature("encryptThenMac", Fact.NOT_ASKED);
            found.feature("truncatedHmac", Fact.NOT_ASKED);
            return;
        }
        HelloShape macs = ground.older(version)
                .withSuites(cbc)
                .with(Extensions.empty(Extensions.ENCRYPT_THEN_MAC), Extensions.empty(Extensions.TRUNCATED_HMAC));
        read(
                wire.say(new HelloExchange(macs.hello())),
                found,
                "encryptThenMac",
                Extensions.ENCRYPT_THEN_MAC,
                "truncatedHmac",
                Extensions.TRUNCATED_HMAC);
    }

    private static HelloShape most(HelloShape hello) {
        return hello.with(
                        Extensions.empty(Extensions.EXTENDED_MASTER_SECRET),
                        Extensions.renegotiationInfo(),
                        HEARTBEAT,
                        Extensions.empty(Extensions.NEXT_PROTOCOL_NEGOTIATION),
                        MAX_FRAGMENT)
                .withCompression(DEFLATE, (byte) 0);
    }

    /** Two of them are answered in EncryptedExtensions, the others are no part of TLS 1.3 (RFC 8446 section 4.2). */
    private static void onlyTls13(Ground ground, Wire wire, Found found) {
        List.of(
                        "extendedMasterSecret",
                        "secureRenegotiation",
                        "npn",
                        "statusRequestV2",
                        "encryptThenMac",
                        "truncatedHmac")
                .forEach(name -> found.feature(name, Fact.NOT_ASKED));
        if (!ground.accepts(ProtocolVersion.TLS_1_3)) {
            // SSL 3.0 has no extensions, but compression
            read(
                    wire.say(new HelloExchange(ground.older(ProtocolVersion.SSL_3)
                            .withCompression(DEFLATE, (byte) 0)
                            .hello())),
                    found,
                    "compression",
                    -1);
            List.of("heartbeat", "maxFragmentLength", "recordSizeLimit")
                    .forEach(name -> found.feature(name, Fact.NOT_ASKED));
            return;
        }
        // it has no compression to choose
        found.feature("compression", Fact.REFUSED);
        Optional<HelloShape> hello = ground.tls13();
        Heard<Tls13Result> heard = hello.isEmpty()
                ? new Heard.Nothing<>(Reason.UNSUPPORTED)
                : wire.say(new Tls13Handshake(
                        hello.get().with(HEARTBEAT, MAX_FRAGMENT).hello(), ground.shares()));
        for (Extension asked : List.of(HEARTBEAT, MAX_FRAGMENT)) {
            found.feature(
                    asked.equals(HEARTBEAT) ? "heartbeat" : "maxFragmentLength",
                    switch (heard) {
                        case Heard.Nothing<Tls13Result>(var reason) -> Fact.unknown(reason);
                        case Heard.Told<Tls13Result>(Tls13Result result, var connect) ->
                            result.first(EncryptedExtensions.class)
                                    .map(e -> Fact.of(
                                            e.extension(asked.type().code()).isPresent()))
                                    .orElseGet(
                                            () -> Fact.unknown(Fact.reason(result.ending(), result.unintelligible())));
                    });
        }
    }

    private static void limit(Heard<ServerFlight> heard, Found found) {
        switch (heard) {
            case Heard.Nothing<ServerFlight>(var reason) -> found.feature("recordSizeLimit", Fact.unknown(reason));
            case Heard.Told<ServerFlight>(ServerFlight flight, var connect) -> {
                Fact fact = read(flight, Extensions.RECORD_SIZE_LIMIT);
                found.feature("recordSizeLimit", fact);
                flight.serverHello()
                        .flatMap(hello -> hello.extension(Extensions.RECORD_SIZE_LIMIT))
                        .ifPresent(found::recordSizeLimit);
            }
        }
    }

    private static boolean isSilent(Heard<ServerFlight> heard) {
        return heard instanceof Heard.Told<ServerFlight>(ServerFlight flight, var connect)
                && flight.serverHello().isEmpty();
    }

    private static void read(Heard<ServerFlight> heard, Found found, Object... namesAndTypes) {
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
