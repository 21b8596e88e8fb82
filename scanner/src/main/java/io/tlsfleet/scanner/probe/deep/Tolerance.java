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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Hellos that a server must stand: each is one that it answers, made strange. Four that are strange in several ways come first;
 * whoever answers one stands all that is in it, and only of another each strangeness is asked alone. A ServerHello is tolerance.
 * An alert or hanging up is intolerance only when it happens twice with the plain hello answered in between.
 */
final class Tolerance {
    private static final int GREASE = 0x1A1A;
    private static final int OTHER_GREASE = 0x2A2A;
    /** Of a number that IANA has not given to anything. */
    private static final Extension UNKNOWN = new Extension(0x7A69, new byte[] {1, 2, 3, 4});

    private static final String OVER_256 = "clientHelloOver256";
    private static final String OVER_512 = "clientHelloOver512";
    private static final String OVER_1400 = "clientHelloOver1400";

    /** Between what some F5 devices, others, and those that read one segment alone fell over; the last as long as with a hybrid share. */
    private static final Map<String, Integer> SIZES =
            new TreeMap<>(Map.of(OVER_256, 400, OVER_512, 700, OVER_1400, 1800));

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
        Map<String, Supplier<Conversation<ServerFlight>>> alone = alone(control, ground);
        Map<String, Fact> facts = new LinkedHashMap<>();
        for (Together all : together(control, ground)) {
            if (once(all.hello.get(), wire).state() == FactState.ACCEPTED) {
                all.names.forEach(name -> facts.put(name, Fact.ACCEPTED));
            }
        }
        alone.forEach((name, hello) -> facts.computeIfAbsent(name, n -> fact(hello, control, wire)));
        Fact large = worst(SIZES.keySet().stream()
                .filter(alone::containsKey)
                .map(facts::get)
                .toList());
        SIZES.keySet().forEach(name -> facts.computeIfAbsent(name, n -> Fact.unknown(Reason.UNSUPPORTED)));
        facts.put(LARGE_HELLO, large);
        // where the length alone is too much, two halves of a short one tell of the halves
        byte[] hello = (large.state() == FactState.ACCEPTED ? control.paddedTo(LARGE) : control).record();
        facts.computeIfAbsent(SPLIT_HELLO, n -> fact(() -> new Split(hello), control, wire));
        facts.forEach(found::tolerance);
    }

    /** One hello with several strangenesses, by their names. */
    private record Together(List<String> names, Supplier<Conversation<ServerFlight>> hello) {}

    /** The lengths of two of them are those of {@link #SIZES}, since some fell over what lies between two limits alone. */
    private static List<Together> together(HelloShape control, Ground ground) {
        byte[] large = control.paddedTo(LARGE).record();
        return List.of(
                sized(grease(future(control)), OVER_256, "futureVersion", "grease"),
                sized(control.with(UNKNOWN).withSessionId(filled(32)), OVER_512, "unknownExtension", "longSessionId"),
                new Together(
                        List.of("wideClientHello", "recordFragmentation"),
                        () -> new HelloExchange(wide(control, ground).records(SMALL_RECORD))),
                new Together(List.of(OVER_1400, SPLIT_HELLO), () -> new Split(large)));
    }

    private static Together sized(HelloShape hello, String size, String... names) {
        List<String> all = new ArrayList<>(List.of(names));
        int length = Objects.requireNonNull(SIZES.get(size));
        HelloShape padded = hello.paddedTo(length);
        if (padded.length() <= length + MARGIN) {
            all.add(size);
        }
        return new Together(all, one(padded));
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

    /** Without the sizes that the plain hello has passed already. */
    private static Map<String, Supplier<Conversation<ServerFlight>>> alone(HelloShape control, Ground ground) {
        Map<String, Supplier<Conversation<ServerFlight>>> alone = new LinkedHashMap<>();
        alone.put("futureVersion", one(future(control)));
        alone.put("grease", one(grease(control)));
        alone.put("unknownExtension", one(control.with(UNKNOWN)));
        alone.put("longSessionId", one(control.withSessionId(filled(32))));
        alone.put("recordFragmentation", () -> new HelloExchange(control.records(SMALL_RECORD)));
        alone.put("wideClientHello", one(wide(control, ground)));
        SIZES.forEach((name, length) -> {
            HelloShape sized = control.paddedTo(length);
            if (sized.length() <= length + MARGIN) {
                alone.put(name, one(sized));
            }
        });
        return alone;
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
        Fact plain = once(new HelloExchange(control.hello()), wire);
        if (plain.state() != FactState.ACCEPTED) {
            // silence may be our own slowness, being thrown out is not
            return plain.state() == FactState.UNKNOWN ? plain : Fact.unknown(Reason.RATE_LIMITED);
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
