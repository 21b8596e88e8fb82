package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Hellos that a server must stand: each is one that it answers, made strange in one way. A ServerHello is tolerance. An
 * alert or hanging up is intolerance only when it happens twice with the plain hello answered in between.
 */
final class Tolerance {
    private static final int GREASE = 0x1A1A;
    private static final int OTHER_GREASE = 0x2A2A;
    /** A number that IANA has not given to anything. */
    private static final int UNKNOWN_EXTENSION = 0x7A69;

    /** Between what some F5 devices, others, and those that read one segment alone fell over; the last as long as with a hybrid share. */
    private static final Map<String, Integer> SIZES =
            new TreeMap<>(Map.of("clientHelloOver256", 400, "clientHelloOver512", 700, "clientHelloOver1400", 1800));

    private static final String LARGE_HELLO = "largeClientHello";
    private static final String SPLIT_HELLO = "splitClientHello";
    private static final int LARGE = 1800;
    /** So that 400 is still below 512. */
    private static final int MARGIN = 100;

    private static final int SMALL_RECORD = 64;
    private static final Duration PAUSE = Duration.ofMillis(150);
    private static final Duration BREATH = Duration.ofMillis(200);

    private Tolerance() {}

    static void ask(Ground ground, Wire wire, Found found) {
        HelloShape control = ground.control();
        asked(control, ground).forEach((name, hello) -> found.tolerance(name, fact(hello, control, wire)));
        List<Fact> sizes = new ArrayList<>();
        SIZES.forEach((name, length) -> {
            HelloShape sized = control.paddedTo(length);
            boolean longer = sized.length() > length + MARGIN;
            Fact fact = longer ? Fact.unknown(Reason.UNSUPPORTED) : fact(one(sized), control, wire);
            found.tolerance(name, fact);
            if (!longer) {
                sizes.add(fact);
            }
        });
        Fact large = worst(sizes);
        found.tolerance(LARGE_HELLO, large);
        // where the length alone is too much, two halves of a short one tell of the halves
        byte[] hello = (large.state() == FactState.ACCEPTED ? control.paddedTo(LARGE) : control).record();
        found.tolerance(SPLIT_HELLO, fact(() -> new Split(hello), control, wire));
    }

    /** One refusal is enough, and one doubt. */
    private static Fact worst(List<Fact> facts) {
        return facts.stream()
                .filter(f -> f.state() == FactState.REFUSED)
                .findFirst()
                .or(() -> facts.stream()
                        .filter(f -> f.state() == FactState.UNKNOWN)
                        .findFirst())
                .orElse(facts.isEmpty() ? Fact.unknown(Reason.UNSUPPORTED) : Fact.ACCEPTED);
    }

    private static Map<String, Supplier<Conversation<ServerFlight>>> asked(HelloShape control, Ground ground) {
        Map<String, Supplier<Conversation<ServerFlight>>> asked = new LinkedHashMap<>();
        asked.put("futureVersion", one(future(control)));
        asked.put("grease", one(grease(control)));
        asked.put("unknownExtension", one(control.with(new Extension(UNKNOWN_EXTENSION, new byte[] {1, 2, 3, 4}))));
        asked.put("longSessionId", one(control.withSessionId(filled(32))));
        asked.put("recordFragmentation", () -> new HelloExchange(control.records(SMALL_RECORD)));
        asked.put("wideClientHello", one(wide(control, ground)));
        return asked;
    }

    private static Supplier<Conversation<ServerFlight>> one(HelloShape hello) {
        return () -> new HelloExchange(hello.hello());
    }

    /** TLS 1.4: in supported_versions where that is spoken, else in the old place, which RFC 8446 leaves to older servers. */
    private static HelloShape future(HelloShape control) {
        Optional<byte[]> versions = control.hello().extension(Extensions.SUPPORTED_VERSIONS);
        if (versions.isEmpty()) {
            return control.withVersion(new ProtocolVersion(0x0304));
        }
        return control.with(
                Extensions.supportedVersions(List.of(new ProtocolVersion(0x0305), ProtocolVersion.TLS_1_3)));
    }

    /** RFC 8701: reserved values among suites, groups, extensions and versions. */
    private static HelloShape grease(HelloShape control) {
        List<CipherSuite> suites = new ArrayList<>(List.of(new CipherSuite(GREASE)));
        suites.addAll(control.hello().cipherSuites());
        List<Extension> extensions = new ArrayList<>(List.of(new Extension(GREASE, new byte[0])));
        for (Extension extension :
                Optional.ofNullable(control.hello().extensions()).orElse(List.of())) {
            extensions.add(
                    switch (extension.type().code()) {
                        case Extensions.SUPPORTED_GROUPS -> greased(extension, 2);
                        case Extensions.SUPPORTED_VERSIONS -> greased(extension, 1);
                        default -> extension;
                    });
        }
        extensions.add(new Extension(OTHER_GREASE, new byte[] {0}));
        return new HelloShape(new ClientHello(
                control.hello().legacyVersion(),
                control.hello().random(),
                control.hello().sessionId(),
                suites,
                control.hello().compressionMethods(),
                extensions));
    }

    /** A reserved value in front of a list with a length of that many bytes. */
    private static Extension greased(Extension extension, int lengthBytes) {
        byte[] data = extension.data();
        byte[] longer = new byte[data.length + 2];
        System.arraycopy(data, lengthBytes, longer, lengthBytes + 2, data.length - lengthBytes);
        int length = longer.length - lengthBytes;
        longer[lengthBytes - 1] = (byte) length;
        if (lengthBytes == 2) {
            longer[0] = (byte) (length >>> 8);
        }
        longer[lengthBytes] = (byte) (GREASE >>> 8);
        longer[lengthBytes + 1] = (byte) GREASE;
        return new Extension(extension.type(), longer);
    }

    /** The accepted suites first, then the rest of the registry. */
    private static HelloShape wide(HelloShape control, Ground ground) {
        Set<CipherSuite> suites = new LinkedHashSet<>(control.hello().cipherSuites());
        suites.addAll(Menu.everything(ground.newestOlder().orElse(ProtocolVersion.TLS_1_2)));
        return control.withSuites(List.copyOf(suites));
    }

    static Fact fact(Supplier<Conversation<ServerFlight>> hello, HelloShape control, Wire wire) {
        Fact first = once(hello.get(), wire);
        if (first.state() == Fact.ACCEPTED.state()) {
            return first;
        }
        wire.pause(BREATH);
        if (once(new HelloExchange(control.hello()), wire).state() != Fact.ACCEPTED.state()) {
            return Fact.unknown(Reason.RATE_LIMITED);
        }
        Fact second = once(hello.get(), wire);
        boolean agree = first.state() == second.state();
        return second.state() == Fact.ACCEPTED.state() || agree ? second : Fact.unknown(reasonOf(first, second));
    }

    private static Reason reasonOf(Fact first, Fact second) {
        Reason one = first.reason();
        Reason two = second.reason();
        return one != null ? one : two != null ? two : Reason.CLOSED;
    }

    private static Fact once(Conversation<ServerFlight> hello, Wire wire) {
        return switch (wire.say(hello)) {
            case Heard.Nothing<ServerFlight>(Reason reason) -> Fact.unknown(reason);
            case Heard.Told<ServerFlight>(ServerFlight flight, Duration connect) -> read(flight);
        };
    }

    static Fact read(ServerFlight flight) {
        if (flight.serverHello().isPresent()) {
            return Fact.ACCEPTED;
        }
        boolean hungUp =
                flight.raw().length == 0 && (flight.ending() == Ending.CLOSED || flight.ending() == Ending.RESET);
        return flight.alert().isPresent() || hungUp
                ? Fact.REFUSED
                : Fact.unknown(Fact.reason(flight.ending(), flight.unintelligible()));
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0x5A);
        return bytes;
    }

    /** Half of the hello, a pause, the other half: two segments even on loopback (tldr.fail). */
    private static final class Split implements Conversation<ServerFlight> {
        private final byte[] hello;
        private final HelloExchange inner;
        private boolean whole;

        private Split(byte[] hello) {
            this.hello = hello;
            this.inner = new HelloExchange(hello);
        }

        @Override
        public byte[] opening() {
            return Arrays.copyOf(hello, hello.length / 2);
        }

        @Override
        public Optional<Duration> patience() {
            return whole ? Optional.empty() : Optional.of(PAUSE);
        }

        @Override
        public Turn quiet() {
            whole = true;
            return Turn.send(Arrays.copyOfRange(hello, hello.length / 2, hello.length));
        }

        @Override
        public Turn receive(byte[] chunk) {
            return inner.receive(chunk);
        }

        @Override
        public ServerFlight end(Ending how) {
            return inner.end(how);
        }
    }
}
