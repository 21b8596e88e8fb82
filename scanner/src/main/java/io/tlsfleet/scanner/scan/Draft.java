package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Alpn;
import io.tlsfleet.fleet.observation.Observation.ClientAuthentication;
import io.tlsfleet.fleet.observation.Observation.CodePoint;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Observation.Dns;
import io.tlsfleet.fleet.observation.Observation.Fingerprint;
import io.tlsfleet.fleet.observation.Observation.FiniteFieldDh;
import io.tlsfleet.fleet.observation.Observation.Groups;
import io.tlsfleet.fleet.observation.Observation.Negotiated;
import io.tlsfleet.fleet.observation.Observation.Quic;
import io.tlsfleet.fleet.observation.Observation.SentHello;
import io.tlsfleet.fleet.observation.Observation.Suites;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.KeyExchangeParameters;
import io.tlsfleet.scanner.probe.SchemesInUse;
import io.tlsfleet.scanner.probe.deep.Found;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.Ja4Plus;
import io.tlsfleet.tls.fingerprint.ServerFingerprint;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateRequest;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateVerify;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.KnownPrimes;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts.Authentication;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a scan has found so far; becomes an observation at its end. */
final class Draft {
    /** Dear to make, and done with an answer in a microsecond. */
    private static final Fingerprinter FINGERPRINTER = new Fingerprinter();

    final Map<ProtocolVersion, FactState> protocols = new TreeMap<>();
    final Map<ProtocolVersion, Suites> suites = new TreeMap<>();
    final Map<ProtocolVersion, Groups> groups = new TreeMap<>();
    final SchemesInUse schemes = new SchemesInUse();
    final List<Coverage> coverage = new ArrayList<>();
    final Chains chains = new Chains();
    final Map<String, Object> features = new LinkedHashMap<>();
    final List<Fingerprint> ja3s = new ArrayList<>();
    private final List<Fingerprint> ja4s = new ArrayList<>();
    private final @Nullable Ja4Plus plus;
    final List<SentHello> sent = new ArrayList<>();

    @Nullable
    String jarm;

    /** An up-to-date hello was met with the alert for names that the server does not know. */
    boolean nameRefused;

    final Set<String> alpn = new LinkedHashSet<>();
    String alpnMismatch = "unknown";

    @Nullable
    Negotiated negotiated;

    /** Only at depth full. */
    @Nullable
    Found deep;

    @Nullable
    Dns dns;

    @Nullable
    Quic quic;

    @Nullable
    ClientAuthentication clientAuthentication;

    @Nullable
    CertificateRequest certificateRequest;

    private final Map<ProtocolVersion, Map<String, FiniteField>> finiteFields = new TreeMap<>();

    private static final class FiniteField {
        final int bits;
        final String prime;
        final Set<String> shares = new LinkedHashSet<>();
        int seen;

        FiniteField(int bits, String prime) {
            this.bits = bits;
            this.prime = prime;
        }
    }

    void unknown(String pointer, Reason reason) {
        if (coverage.stream().noneMatch(c -> c.fact().equals(pointer))) {
            coverage.add(Coverage.unknown(pointer, reason));
        }
    }

    /** The first reason why something below {@code part} is not known. */
    Optional<Reason> doubt(String part) {
        return coverage.stream()
                .filter(c -> c.fact().startsWith(part))
                .map(Coverage::reason)
                .flatMap(Stream::ofNullable)
                .findFirst();
    }

    void protocol(ProtocolVersion version, FactState state) {
        protocols.put(version, state);
    }

    void protocolUnknown(ProtocolVersion version, Reason reason) {
        protocols.put(version, FactState.UNKNOWN);
        unknown("/protocols/" + version.label(), reason);
    }

    boolean accepts(ProtocolVersion version) {
        return protocols.get(version) == FactState.ACCEPTED;
    }

    /** The suites found, in the order of the report; none where the version is not known to be accepted; none of SRP, which would be refused for want of a user's name. */
    List<CipherSuite> acceptedSuites(ProtocolVersion version) {
        return suitesWithSrp(version).stream()
                .filter(s -> s.facts().keyExchange() != KeyExchange.SRP)
                .toList();
    }

    /** The same with those: what cannot be offered can still be flawed. */
    List<CipherSuite> suitesWithSrp(ProtocolVersion version) {
        Suites found = accepts(version) ? suites.get(version) : null;
        return found == null
                ? List.of()
                : found.suites().stream()
                        .map(point -> new CipherSuite(Integer.decode(point.code())))
                        .toList();
    }

    /** Whether all that is accepted up to TLS 1.2 goes without a certificate, and something of it with a key agreed beforehand. */
    boolean sharesKeysAlone() {
        List<CipherSuite> accepted = suites.keySet().stream()
                .filter(v -> v.compareTo(ProtocolVersion.TLS_1_3) < 0)
                .flatMap(v -> suitesWithSrp(v).stream())
                .toList();
        return accepted.stream().noneMatch(s -> s.facts().usesCertificate())
                && accepted.stream().anyMatch(s -> s.facts().authentication() == Authentication.PSK);
    }

    /** All that an answer up to TLS 1.2 shows beside the suite. */
    void saw(Chosen chosen) {
        chains.add(chosen.version(), chosen.flight(), chosen.hello());
        if (certificateRequest == null) {
            certificateRequest = chosen.flight().first(CertificateRequest.class).orElse(null);
        }
        KeyExchangeParameters parameters = chosen.keyExchange();
        if (parameters == null) {
            return;
        }
        if (parameters.scheme() != null) {
            schemes.signed(chosen.version(), parameters.scheme());
        }
        byte[] prime = parameters.prime();
        if (prime != null) {
            BigInteger p = new BigInteger(1, prime);
            FiniteField field = finiteFields
                    .computeIfAbsent(chosen.version(), v -> new LinkedHashMap<>())
                    .computeIfAbsent(KnownPrimes.name(p), name -> new FiniteField(p.bitLength(), name));
            field.seen++;
            field.shares.add(HexFormat.of().formatHex(parameters.publicValue()));
        }
    }

    Draft(@Nullable Ja4Plus plus) {
        this.plus = plus;
    }

    void fingerprint(String hello, ServerHello answer) {
        try {
            if (plus != null) {
                Ja4Plus.Ja4s print = plus.ja4s(body(answer), Transport.TCP);
                ja4s.add(new Fingerprint(hello, print.hash(), print.raw()));
            }
            ServerFingerprint print;
            synchronized (FINGERPRINTER) {
                print = FINGERPRINTER.server(body(answer));
            }
            ja3s.add(new Fingerprint(hello, print.ja3s(), print.ja3sText()));
        } catch (MalformedMessage e) {
            throw new IllegalStateException("a ServerHello that was read before", e);
        }
    }

    /** Null where nobody asked for the plugin's. */
    @Nullable
    List<Fingerprint> ja4sPart() {
        return plus == null ? null : List.copyOf(ja4s);
    }

    /** Of each certificate served, once, named by its hash. */
    @Nullable
    List<Fingerprint> ja4xPart() {
        if (plus == null) {
            return null;
        }
        Map<String, Fingerprint> prints = new LinkedHashMap<>();
        for (Observation.ServedChain served : chains.all()) {
            for (byte[] certificate : served.chain()) {
                try {
                    String sha256 = CertificateFacts.read(certificate).sha256();
                    prints.putIfAbsent(sha256, new Fingerprint(sha256, plus.ja4x(certificate), null));
                } catch (MalformedMessage e) {
                    // no certificate that could be fingerprinted; the chain shows what is wrong with it
                }
            }
        }
        return List.copyOf(prints.values());
    }

    /** What an up-to-date client gets, and where it gets nothing, what the newest version that is accepted agreed. */
    void agreed(Chosen chosen) {
        if (negotiated == null) {
            KeyExchangeParameters parameters = chosen.keyExchange();
            negotiated = new Negotiated(
                    chosen.version().label(),
                    chosen.suite().name(),
                    chosen.group() == null ? null : chosen.group().name(),
                    parameters == null || parameters.scheme() == null
                            ? null
                            : parameters.scheme().name(),
                    chosen.extension(Extensions.ALPN)
                            .map(data -> new String(data, StandardCharsets.ISO_8859_1).substring(3))
                            .orElse(null));
        }
    }

    /** The same of a finished handshake of TLS 1.3, with who is asked for a certificate in it. */
    void agreed(Tls13Result result) {
        ServerHello hello = result.serverHello().orElse(null);
        if (negotiated == null && result.finished() && hello != null) {
            negotiated = new Negotiated(
                    ProtocolVersion.TLS_1_3.label(),
                    hello.cipherSuite().name(),
                    groupOf(hello).map(NamedGroup::name).orElse(null),
                    result.first(CertificateVerify.class)
                            .map(v -> v.scheme().name())
                            .orElse(null),
                    alpn.stream().findFirst().orElse(null));
        }
        if (clientAuthentication == null) {
            clientAuthentication = ClientCertificates.of(result);
        }
    }

    static Optional<NamedGroup> groupOf(ServerHello hello) {
        try {
            return hello.keyShareGroup();
        } catch (MalformedMessage e) {
            return Optional.empty();
        }
    }

    void alpnOf(ServerHello hello) {
        hello.extension(Extensions.ALPN).ifPresent(this::alpnChosen);
    }

    /** The one name of the server's extension, if it can be read. */
    void alpnChosen(byte[] extension) {
        try {
            alpn.addAll(Extensions.readAlpn(extension));
        } catch (MalformedMessage e) {
            unknown("/alpn", Reason.MALFORMED);
        }
    }

    Alpn alpnPart() {
        return new Alpn(List.copyOf(alpn), alpnMismatch);
    }

    /** It has application protocols that we cannot name; who names none may still be let pass (OpenSSL, GnuTLS, Go). */
    boolean refusesEveryProtocol() {
        return alpn.isEmpty() && alpnMismatch.equals("alert");
    }

    /** Whether a group of that version was seen with one share alone, so that nothing is known of the next. */
    boolean sawAShareOnce(ProtocolVersion version) {
        return finiteFields.getOrDefault(version, Map.of()).values().stream().anyMatch(f -> f.seen == 1);
    }

    List<FiniteFieldDh> finiteFieldPart() {
        List<FiniteFieldDh> parts = new ArrayList<>();
        finiteFields.forEach((version, fields) -> fields.values()
                .forEach(f -> parts.add(new FiniteFieldDh(
                        version.label(), f.bits, f.prime, f.seen < 2 ? null : f.shares.size() < f.seen))));
        return parts;
    }

    Map<String, List<String>> schemesPart() {
        Map<String, List<String>> part = new LinkedHashMap<>();
        schemes.all()
                .forEach((version, seen) -> part.put(
                        version.label(),
                        seen.stream().map(SignatureScheme::name).toList()));
        return part;
    }

    static <V> Map<String, V> byLabel(Map<ProtocolVersion, V> facts) {
        Map<String, V> labelled = new LinkedHashMap<>();
        facts.forEach((version, fact) -> labelled.put(version.label(), fact));
        return labelled;
    }

    static List<CodePoint> suitePoints(List<CipherSuite> suites) {
        return suites.stream().map(s -> new CodePoint(s.hex(), s.name())).toList();
    }

    static List<CodePoint> groupPoints(List<NamedGroup> groups) {
        return groups.stream().map(g -> new CodePoint(g.hex(), g.name())).toList();
    }

    private static byte[] body(ServerHello hello) {
        return ByteWriter.write(w -> {
            w.u16(hello.legacyVersion().code()).raw(hello.random()).vec8(hello.sessionId());
            w.u16(hello.cipherSuite().code()).u8(hello.compressionMethod());
            List<Extension> extensions = hello.extensions();
            if (extensions != null) {
                w.vec16(block ->
                        extensions.forEach(e -> block.u16(e.type().code()).vec16(e.data())));
            }
        });
    }
}
