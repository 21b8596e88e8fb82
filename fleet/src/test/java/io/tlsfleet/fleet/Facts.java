package io.tlsfleet.fleet;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Observations for tests. Begins as a server that no rule of the default policy has anything to say about (TLS 1.2 and
 * 1.3 as Mozilla's intermediate level asks, hybrid group, HSTS, no certificate seen); each method changes one fact.
 */
public final class Facts {
    public static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");
    private static final List<String> SUITES_12 = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    private static final List<String> SUITES_13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    private static final List<String> GROUPS = List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1");

    private Observation.Endpoint endpoint =
            new Observation.Endpoint("shop.example", "192.0.2.7", 443, "shop.example", null);
    private Observation.Scan scan = new Observation.Scan(
            AT, 41, Depth.FULL, Outcome.COMPLETE, 27, 9123, 40123, 3, "tlsfleet/0.1.0", null, null);
    private Observation.@Nullable Negotiated negotiated = new Observation.Negotiated(
            "TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519MLKEM768", "ecdsa_secp256r1_sha256", "h2");
    private final List<Observation.Coverage> coverage = new ArrayList<>();
    private @Nullable Map<String, FactState> protocols = new LinkedHashMap<>();
    private @Nullable Map<String, Observation.Suites> suites = new LinkedHashMap<>();
    private @Nullable Map<String, Observation.Groups> groups = new LinkedHashMap<>();
    private @Nullable List<Observation.FiniteFieldDh> dh = new ArrayList<>();
    private @Nullable Map<String, List<String>> schemes = new LinkedHashMap<>();
    private @Nullable List<Observation.ServedChain> served = new ArrayList<>();
    private Observation.@Nullable Alpn alpn = new Observation.Alpn(List.of("h2", "http/1.1"), "alert");
    private Observation.@Nullable Sni sni = new Observation.Sni("alert");
    private Observation.@Nullable Resumption resumption = new Observation.Resumption(
            new Observation.Resumption.Tls12(
                    FactState.ACCEPTED, FactState.ACCEPTED, 300L, "00112233445566778899aabbccddeeff"),
            new Observation.Resumption.Tls13(FactState.ACCEPTED, 2, 7200L, FactState.REFUSED, 0));
    private Observation.@Nullable ClientAuthentication client =
            new Observation.ClientAuthentication("none", "none", List.of(), List.of());
    private @Nullable Map<String, Object> features = new LinkedHashMap<>();
    private @Nullable Map<String, FactState> tolerance = new LinkedHashMap<>();
    private @Nullable List<Observation.Vulnerability> vulnerabilities = new ArrayList<>();
    private Observation.@Nullable Fingerprints fingerprints = new Observation.Fingerprints(
            null,
            List.of(new Observation.Fingerprint("tls13-modern", "15af977ce25de452b96affa2addb1036", "771,4865,43-51")),
            null,
            null,
            null);
    private Observation.@Nullable Timing timing =
            new Observation.Timing(210L, Map.of("TLSv1.3", 1400L), Map.of("TLSv1.3", 600L));
    private Observation.@Nullable Dns dns =
            new Observation.Dns(null, List.of("0 issue \"ca.example\""), List.of(), null, false);
    private Observation.@Nullable Quic quic;
    private Observation.@Nullable Http http = new Observation.Http(
            200, new Observation.Http.Hsts(63072000, true, false), "nginx", 0L, false, null, 0, false);

    private Facts() {
        for (ProtocolVersion version : ProtocolVersion.ALL) {
            boolean good = version.compareTo(ProtocolVersion.TLS_1_2) >= 0;
            protocols.put(version.label(), good ? FactState.ACCEPTED : FactState.REFUSED);
        }
        suites("TLSv1.2", "client", SUITES_12.toArray(String[]::new));
        suites("TLSv1.3", "client", SUITES_13.toArray(String[]::new));
        groups("TLSv1.2", GROUPS.subList(1, 4).toArray(String[]::new));
        groups.put("TLSv1.3", new Observation.Groups("server", false, true, points(GROUPS)));
        schemes.put("TLSv1.2", List.of("ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256"));
        schemes.put("TLSv1.3", List.of("ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256"));
        for (String refused : List.of("clientRenegotiation", "compression", "heartbeat", "npn", "truncatedHmac")) {
            features.put(refused, FactState.REFUSED);
        }
        for (String accepted : List.of("extendedMasterSecret", "secureRenegotiation", "fallbackScsv")) {
            features.put(accepted, FactState.ACCEPTED);
        }
        features.put("certificateCompression", List.of("brotli"));
        features.put("recordSizeLimit", 16385);
        for (String tolerated : List.of(
                "futureVersion",
                "grease",
                "largeClientHello",
                "splitClientHello",
                "unknownExtension",
                "longSessionId")) {
            tolerance.put(tolerated, FactState.ACCEPTED);
        }
    }

    public static Facts good() {
        return new Facts();
    }

    public Observation build() {
        return new Observation(
                endpoint,
                scan,
                negotiated,
                coverage,
                protocols,
                suites,
                groups,
                dh,
                schemes,
                served,
                alpn,
                sni,
                resumption,
                client,
                features,
                tolerance,
                vulnerabilities,
                fingerprints,
                timing,
                dns,
                quic,
                http);
    }

    public Facts endpoint(String host, String address, int port, @Nullable String name, @Nullable String starttls) {
        endpoint = new Observation.Endpoint(host, address, port, name, starttls);
        return this;
    }

    public Facts scan(Depth depth, Outcome outcome, @Nullable Reason reason, @Nullable String detail) {
        scan = new Observation.Scan(
                scan.startedAt(),
                scan.durationMillis(),
                depth,
                outcome,
                scan.connections(),
                scan.bytesSent(),
                scan.bytesReceived(),
                scan.handshakesCompleted(),
                scan.scanner(),
                reason,
                detail);
        return this;
    }

    /** Nothing but the endpoint and why it could not be asked. */
    public Facts unreachable(Outcome outcome, Reason reason, String detail) {
        scan(Depth.STANDARD, outcome, reason, detail);
        negotiated = null;
        return without(
                "protocols",
                "suites",
                "groups",
                "dh",
                "schemes",
                "served",
                "alpn",
                "sni",
                "resumption",
                "client",
                "features",
                "tolerance",
                "vulnerabilities",
                "fingerprints",
                "timing",
                "dns",
                "http");
    }

    public Facts negotiated(Observation.@Nullable Negotiated what) {
        negotiated = what;
        return this;
    }

    public Facts unknown(String pointer, Reason reason) {
        coverage.add(Observation.Coverage.unknown(pointer, reason));
        return this;
    }

    public Facts protocol(String label, FactState state) {
        protocols.put(label, state);
        if (state != FactState.ACCEPTED) {
            suites.remove(label);
            groups.remove(label);
        }
        return this;
    }

    /** The version accepted, with these suites in this order. */
    public Facts accepts(String label, String... names) {
        return protocol(label, FactState.ACCEPTED).suites(label, "server", names);
    }

    public Facts suites(String label, @Nullable String order, String... names) {
        List<Observation.CodePoint> points = new ArrayList<>();
        for (String name : names) {
            points.add(suite(name));
        }
        suites.put(label, new Observation.Suites(points.size() < 2 ? null : order, false, points));
        return this;
    }

    public Facts alsoSuite(String label, String name) {
        Observation.Suites old = suites.get(label);
        List<Observation.CodePoint> points = new ArrayList<>(old == null ? List.of() : old.suites());
        points.add(suite(name));
        suites.put(label, new Observation.Suites(old == null ? null : old.order(), false, points));
        return this;
    }

    public Facts groups(String label, String... names) {
        groups.put(label, new Observation.Groups("server", null, null, points(List.of(names))));
        return this;
    }

    public Facts groups13(String order, boolean prefersOfferedShare, String... names) {
        groups.put("TLSv1.3", new Observation.Groups(order, prefersOfferedShare, true, points(List.of(names))));
        return this;
    }

    public Facts dh(String label, int bits, String prime, @Nullable Boolean reused) {
        dh.add(new Observation.FiniteFieldDh(label, bits, prime, reused));
        return this;
    }

    public Facts schemes(String label, String... names) {
        schemes.put(label, List.of(names));
        return this;
    }

    public Facts served(Observation.ServedChain chain) {
        served.add(chain);
        return this;
    }

    public Facts feature(String name, Object value) {
        features.put(name, value);
        return this;
    }

    public Facts tolerance(String name, FactState state) {
        tolerance.put(name, state);
        return this;
    }

    public Facts vulnerability(String id, String state, @Nullable String evidence) {
        vulnerabilities.add(new Observation.Vulnerability(id, state, evidence));
        return this;
    }

    public Facts resumption(Observation.@Nullable Resumption what) {
        resumption = what;
        return this;
    }

    public Facts client(String mode, String enforcement) {
        client = new Observation.ClientAuthentication(mode, enforcement, List.of("CN=Clients"), List.of());
        return this;
    }

    public Facts alpn(Observation.@Nullable Alpn what) {
        alpn = what;
        return this;
    }

    public Facts sni(String unknownName) {
        sni = new Observation.Sni(unknownName);
        return this;
    }

    public Facts dns(Observation.@Nullable Dns what) {
        dns = what;
        return this;
    }

    public Facts quic(Observation.@Nullable Quic what) {
        quic = what;
        return this;
    }

    public Facts http(UnaryOperator<Observation.Http> change) {
        http = change.apply(http);
        return this;
    }

    public Facts fingerprints(UnaryOperator<Observation.Fingerprints> change) {
        fingerprints = change.apply(java.util.Objects.requireNonNull(fingerprints));
        return this;
    }

    /** Parts that nobody asked. */
    public Facts without(String... parts) {
        for (String part : parts) {
            switch (part) {
                case "protocols" -> protocols = null;
                case "suites" -> suites = null;
                case "groups" -> groups = null;
                case "dh" -> dh = null;
                case "schemes" -> schemes = null;
                case "served" -> served = null;
                case "alpn" -> alpn = null;
                case "sni" -> sni = null;
                case "resumption" -> resumption = null;
                case "client" -> client = null;
                case "features" -> features = null;
                case "tolerance" -> tolerance = null;
                case "vulnerabilities" -> vulnerabilities = null;
                case "fingerprints" -> fingerprints = null;
                case "timing" -> timing = null;
                case "dns" -> dns = null;
                case "http" -> http = null;
                default -> throw new IllegalArgumentException(part);
            }
        }
        return this;
    }

    public static Observation.CodePoint suite(String name) {
        CipherSuite suite = CipherSuite.named(name);
        return new Observation.CodePoint(suite.hex(), name);
    }

    private static List<Observation.CodePoint> points(List<String> groups) {
        return groups.stream()
                .map(name -> new Observation.CodePoint(NamedGroup.named(name).hex(), name))
                .toList();
    }
}
