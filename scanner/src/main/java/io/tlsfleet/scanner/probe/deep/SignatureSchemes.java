package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.KeyExchangeParameters;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateVerify;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts.Authentication;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every scheme that the server signs its handshakes with, by taking away what it has used until it refuses: to TLS 1.2 one
 * kind of key after the other, since the suite names the kind, in TLS 1.3 all at once. What enumeration has seen already is
 * not offered again. signature_algorithms_cert (RFC 8446 section 4.2.3) goes along with everything in it, so that a server does not
 * refuse for what its issuers signed with.
 */
public final class SignatureSchemes {
    private static final int MAX_ROUNDS = 32;
    private static final Extension FOR_CERTIFICATES = new Extension(
            Extensions.SIGNATURE_ALGORITHMS_CERT,
            Extensions.signatureAlgorithms(Menu.ALL_SCHEMES).data());
    private static final Set<Authentication> KINDS =
            EnumSet.of(Authentication.RSA, Authentication.ECDSA, Authentication.DSS);

    /** The key exchanges whose signed parameters can be read; CECPQ1's cannot. */
    private static final Set<KeyExchange> SIGNED = EnumSet.of(KeyExchange.ECDHE, KeyExchange.DHE);

    private final Ground ground;
    private final Wire wire;
    private final Map<ProtocolVersion, Reason> unknown = new TreeMap<>();
    private final List<Answer.Chosen> flights = new ArrayList<>();
    private final List<ServerMessage.Certificate> certificates = new ArrayList<>();

    /** Why a version's list may not be whole, and the chains that came with it. */
    public record Seen(
            Map<ProtocolVersion, Reason> unknown,
            List<Answer.Chosen> flights,
            List<ServerMessage.Certificate> certificates) {}

    private SignatureSchemes(Ground ground, Wire wire) {
        this.ground = ground;
        this.wire = wire;
    }

    /** What is used is kept in the ground's schemes. */
    public static Seen ask(Ground ground, Wire wire) {
        SignatureSchemes asking = new SignatureSchemes(ground, wire);
        asking.tls12();
        asking.tls13();
        return new Seen(asking.unknown, asking.flights, asking.certificates);
    }

    private void tls12() {
        ProtocolVersion version = ProtocolVersion.TLS_1_2;
        for (Authentication kind : KINDS) {
            List<CipherSuite> suites = ground.offered(version).stream()
                    .filter(s -> SIGNED.contains(s.facts().keyExchange())
                            && s.facts().authentication() == kind)
                    .toList();
            if (!suites.isEmpty()) {
                Offer offer = Offer.of(version, suites);
                eliminate(version, of(kind), left -> older(offer.withSchemes(left)));
            }
        }
    }

    private void tls13() {
        Optional<HelloShape> hello = ground.tls13();
        if (hello.isPresent()) {
            eliminate(ProtocolVersion.TLS_1_3, Menu.ALL_SCHEMES, left -> tls13(hello.get(), left));
        }
    }

    /** In the suites' sense ECDSA stands for the Edwards curves too (RFC 8422 section 5.10). */
    private static List<SignatureScheme> of(Authentication kind) {
        return switch (kind) {
            case RSA -> Menu.RSA_SCHEMES;
            case ECDSA -> {
                List<SignatureScheme> all = new ArrayList<>(Menu.ECDSA_SCHEMES);
                all.addAll(Menu.OTHER_SCHEMES);
                yield all;
            }
            default -> Menu.OTHER_SCHEMES;
        };
    }

    private interface Look {
        Sight at(List<SignatureScheme> offered);
    }

    /** What one connection showed. */
    private sealed interface Sight {
        record Signed(SignatureScheme scheme) implements Sight {}

        record Refused() implements Sight {}

        /** Hung up without a word; {@code how} tells a close from a reset. */
        record Hung(Ending how) implements Sight {}

        record Unclear(Reason reason) implements Sight {}
    }

    private void eliminate(ProtocolVersion version, List<SignatureScheme> all, Look look) {
        List<SignatureScheme> left = new ArrayList<>(all);
        left.removeAll(ground.schemes().of(version));
        for (int round = 0; round < MAX_ROUNDS && !left.isEmpty(); round++) {
            switch (settled(look, left)) {
                case Sight.Signed(SignatureScheme scheme) -> {
                    ground.schemes().signed(version, scheme);
                    if (!left.remove(scheme)) {
                        // It does not care what is offered; nothing more can be learned by offering.
                        return;
                    }
                }
                case Sight.Refused() -> {
                    return;
                }
                case Sight.Hung(Ending how) -> {
                    unknown.putIfAbsent(version, FlightReading.reason(how));
                    return;
                }
                case Sight.Unclear(Reason reason) -> {
                    unknown.putIfAbsent(version, reason);
                    return;
                }
            }
        }
    }

    /** What is not clear is asked twice; the same hang-up twice, with an answer to a usual hello in between, refuses. */
    private Sight settled(Look look, List<SignatureScheme> left) {
        Sight first = look.at(left);
        return switch (first) {
            case Sight.Signed signed -> signed;
            case Sight.Refused refused -> refused;
            case Sight.Unclear unclear -> look.at(left);
            case Sight.Hung hung -> {
                if (!(wire.say(new HelloExchange(ground.control().hello()))
                                instanceof Heard.Told<ServerFlight>(ServerFlight flight, Duration connect))
                        || flight.serverHello().isEmpty()) {
                    yield new Sight.Unclear(Reason.RATE_LIMITED);
                }
                Sight second = look.at(left);
                yield second.equals(hung) ? new Sight.Refused() : second;
            }
        };
    }

    private Sight older(Offer offer) {
        HelloShape hello = with(new HelloShape(ground.hellos().hello(offer, ground.plain())), offer.schemes());
        return switch (wire.say(new HelloExchange(hello.hello()))) {
            case Heard.Nothing<ServerFlight>(Reason reason) -> new Sight.Unclear(reason);
            case Heard.Told<ServerFlight>(ServerFlight flight, Duration connect) ->
                switch (FlightReading.read(offer, flight)) {
                    case Answer.Chosen chosen -> {
                        flights.add(chosen);
                        yield signed(chosen.keyExchange());
                    }
                    case Answer.Refused refused -> new Sight.Refused();
                    case Answer.Hung hung -> new Sight.Hung(hung.reset() ? Ending.RESET : Ending.CLOSED);
                    case Answer.Unclear unclear -> new Sight.Unclear(unclear.reason());
                };
        };
    }

    private static Sight signed(@Nullable KeyExchangeParameters parameters) {
        SignatureScheme scheme = parameters == null ? null : parameters.scheme();
        return scheme == null ? new Sight.Unclear(Reason.MALFORMED) : new Sight.Signed(scheme);
    }

    private Sight tls13(HelloShape usual, List<SignatureScheme> left) {
        HelloShape hello = with(usual, left);
        return switch (wire.say(new Tls13Handshake(hello.hello(), ground.shares()))) {
            case Heard.Nothing<Tls13Result>(Reason reason) -> new Sight.Unclear(reason);
            case Heard.Told<Tls13Result>(Tls13Result result, Duration connect) -> {
                result.first(ServerMessage.Certificate.class).ifPresent(certificates::add);
                Optional<CertificateVerify> signature = result.first(CertificateVerify.class);
                if (signature.isPresent()) {
                    yield new Sight.Signed(signature.get().scheme());
                }
                if (result.alert().isPresent() || result.reached() == Tls13Result.Step.OLDER_VERSION) {
                    yield new Sight.Refused();
                }
                boolean goodbye = result.first(ServerMessage.Alert.class)
                        .filter(FlightReading::isGoodbye)
                        .isPresent();
                boolean hungUp = result.unintelligible() == null
                        && (goodbye || result.ending() == Ending.CLOSED || result.ending() == Ending.RESET);
                yield hungUp
                        ? new Sight.Hung(goodbye ? Ending.CLOSED : result.ending())
                        : new Sight.Unclear(Fact.reason(result.ending(), result.unintelligible()));
            }
        };
    }

    private HelloShape with(HelloShape hello, List<SignatureScheme> schemes) {
        HelloShape asking = hello.with(Extensions.signatureAlgorithms(schemes));
        return ground.plain() ? asking : asking.with(FOR_CERTIFICATES);
    }
}
