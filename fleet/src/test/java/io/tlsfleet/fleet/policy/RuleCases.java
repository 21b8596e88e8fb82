package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.change.Change;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/** For each rule what makes it speak, and what looks like it and must not. */
final class RuleCases {
    static final Instant AT = Facts.AT;

    /** One endpoint to judge. */
    record Scene(UnaryOperator<Facts> facts, Memory memory, String policy, List<TrustStore> stores, Instant at) {}

    static final class RuleCase {
        final List<Scene> fires = new ArrayList<>();
        final List<Scene> silent = new ArrayList<>();

        RuleCase fires(UnaryOperator<Facts> facts) {
            return fires(facts, Memory.NONE);
        }

        RuleCase fires(UnaryOperator<Facts> facts, Memory memory) {
            fires.add(scene(facts, memory, Policies.DEFAULT, false));
            return this;
        }

        RuleCase fires(String policy, UnaryOperator<Facts> facts) {
            fires.add(scene(facts, Memory.NONE, policy, false));
            return this;
        }

        /** With the test root in a store of the public web. */
        RuleCase firesPublic(UnaryOperator<Facts> facts) {
            fires.add(scene(facts, Memory.NONE, Policies.DEFAULT, true));
            return this;
        }

        RuleCase silent(UnaryOperator<Facts> facts) {
            return silent(facts, Memory.NONE);
        }

        RuleCase silent(UnaryOperator<Facts> facts, Memory memory) {
            silent.add(scene(facts, memory, Policies.DEFAULT, false));
            return this;
        }

        RuleCase silent(String policy, UnaryOperator<Facts> facts) {
            silent.add(scene(facts, Memory.NONE, policy, false));
            return this;
        }

        RuleCase silentPublic(UnaryOperator<Facts> facts) {
            silent.add(scene(facts, Memory.NONE, Policies.DEFAULT, true));
            return this;
        }
    }

    private static Scene scene(UnaryOperator<Facts> facts, Memory memory, String policy, boolean isPublic) {
        return new Scene(facts, memory, policy, List.of(isPublic ? Pki.PUBLIC : Pki.PRIVATE), AT);
    }

    static final Map<String, RuleCase> ALL = new LinkedHashMap<>();

    private static RuleCase rule(String id) {
        return ALL.computeIfAbsent(id, i -> new RuleCase());
    }

    /** A memory that differs from none in one thing. */
    static final class Mind {
        @Nullable
        String identity;

        int unreachable;
        List<Memory.TicketKey> tickets = List.of();
        Map<String, Memory.KeyUse> keys = Map.of();
        Map<String, String> knownKeys = Map.of();
        Map<String, Memory.Newer> newer = Map.of();
        List<Memory.Member> members = List.of();
        List<Memory.Elsewhere> elsewhere = List.of();
        List<Double> renewals = List.of();
        Map<String, Memory.RenewalWindow> windows = Map.of();
        Map<String, Duration> lags = Map.of();
        Map<String, List<Memory.Twin>> serials = Map.of();
        List<String> changes = List.of();
        Memory.@Nullable CoverageFall fall;

        Memory memory() {
            return new Memory(
                    "web-team",
                    identity,
                    unreachable,
                    tickets,
                    keys,
                    knownKeys,
                    Map.of(),
                    newer,
                    members,
                    elsewhere,
                    renewals,
                    windows,
                    lags,
                    serials,
                    changes,
                    fall);
        }
    }

    private static Memory mind(java.util.function.Consumer<Mind> change) {
        Mind mind = new Mind();
        change.accept(mind);
        return mind.memory();
    }

    private static Memory.Elsewhere elsewhere(boolean differs, boolean settled) {
        Change change = new Change(Change.Kind.PROTOCOL, "/protocols/TLSv1.0", "accepted", "refused");
        return new Memory.Elsewhere(
                "office", "plant", 7, "198.51.100.7", AT, differs ? List.of(change) : List.of(), settled);
    }

    private static final String KEY = "00112233445566778899aabbccddeeff";

    private static Memory tickets(long hours, Set<String> otherOwners) {
        return mind(m ->
                m.tickets = List.of(new Memory.TicketKey(KEY, AT.minus(Duration.ofHours(hours)), AT, otherOwners)));
    }

    private static UnaryOperator<Facts> suite(String version, String name) {
        return f -> f.accepts(version, name);
    }

    private static UnaryOperator<Facts> also(String name) {
        return f -> f.alsoSuite("TLSv1.2", name);
    }

    private static UnaryOperator<Facts> chain(java.util.function.Consumer<Pki.Leaf> leaf) {
        Observation.ServedChain served = Pki.served(leaf);
        return f -> f.served(served);
    }

    private static final Pki.Issued LEAF = Pki.leaf(l -> {});
    private static final CertificateFacts LEAF_FACTS = CertificateFacts.read(LEAF.der());

    private static UnaryOperator<Facts> leaf(List<byte[]> above) {
        List<byte[]> all = new ArrayList<>(List.of(LEAF.der()));
        all.addAll(above);
        return f -> f.served(Pki.served(all));
    }

    private static UnaryOperator<Facts> sent(byte[]... chain) {
        return f -> f.served(Pki.served(List.of(chain)));
    }

    /** A leaf with that serial number, with or without key identifiers. */
    private static byte[] numbered(Pki.@Nullable Issued issuer, long serial, boolean keyIds) {
        return Pki.leaf(l -> {
                    l.issuer = issuer;
                    l.serial = java.math.BigInteger.valueOf(serial);
                    l.keyIds = keyIds;
                })
                .der();
    }

    /** Another certificate was seen with the number of the one that is served, and its issuer beside it. */
    private static Memory twin(byte[] served, byte[] other, byte[] issuer) {
        return mind(m -> m.serials = Map.of(
                CertificateFacts.read(served).sha256(),
                List.of(new Memory.Twin(other, List.of(issuer), "other.example:443"))));
    }

    private static final UnaryOperator<Facts> GOOD_CHAIN = leaf(List.of(Pki.INTERMEDIATE.der()));

    private static Observation.Http http(
            Observation.Http h, long skew, @Nullable String redirect, int mixed, boolean pins) {
        return new Observation.Http(200, h.hsts(), "nginx", skew, false, redirect, mixed, pins);
    }

    private static Observation.Http hsts(Observation.Http.@Nullable Hsts hsts) {
        return new Observation.Http(200, hsts, "nginx", 0L, false, null, 0, false);
    }

    private static Observation.Resumption resumption(FactState all, long lifetime, FactState early) {
        return new Observation.Resumption(
                new Observation.Resumption.Tls12(all, all, lifetime, KEY),
                new Observation.Resumption.Tls13(all, 2, lifetime, early, early == FactState.ACCEPTED ? 16384 : 0));
    }

    private static Observation.ServedChain fetched(
            String kind, byte @Nullable [] bytes, String url, @Nullable String failure) {
        return Pki.served(
                List.of(LEAF.der(), Pki.INTERMEDIATE.der()),
                Map.of(),
                List.of(new Observation.Fetched(kind, url, AT, bytes, failure)));
    }

    static {
        protocols();
        ciphers();
        exchange();
        handshake();
        resumptionRules();
        certificates();
        chains();
        vulnerabilities();
        around();
    }

    private static void protocols() {
        rule("protocol.sslv2-accepted")
                .fires(suite("SSLv2", "SSL_CK_RC4_128_WITH_MD5"))
                .silent(f -> f.protocol("SSLv2", FactState.UNKNOWN).unknown("/protocols/SSLv2", Reason.RESET));
        rule("protocol.sslv3-accepted")
                .fires(suite("SSLv3", "TLS_RSA_WITH_AES_128_CBC_SHA"))
                .silent(f -> f.protocol("SSLv3", FactState.UNKNOWN));
        rule("protocol.tls10-accepted")
                .fires(suite("TLSv1.0", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"))
                .silent(f -> f.protocol("TLSv1.0", FactState.UNKNOWN))
                .silent("mozilla-old-5.8", suite("TLSv1.0", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
        rule("protocol.tls11-accepted")
                .fires(suite("TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"))
                .silent(f -> f.protocol("TLSv1.1", FactState.NOT_ASKED));
        rule("protocol.tls13-missing")
                .fires(f -> f.protocol("TLSv1.3", FactState.REFUSED))
                .silent(f -> f.protocol("TLSv1.3", FactState.UNKNOWN))
                .silent(f -> f.protocol("TLSv1.3", FactState.REFUSED).protocol("TLSv1.2", FactState.REFUSED));
        rule("protocol.tls12-missing-for-policy")
                .fires("legacy-compatible", f -> f.protocol("TLSv1.2", FactState.REFUSED))
                .silent("public-web", f -> f.protocol("TLSv1.2", FactState.REFUSED));
        rule("protocol.not-in-policy").fires("internal-services", f -> f).silent("public-web", f -> f);
    }

    private static void ciphers() {
        rule("cipher.null").fires(also("TLS_RSA_WITH_NULL_SHA256")).silent(f -> f);
        rule("cipher.anonymous")
                .fires(also("TLS_DH_anon_WITH_AES_128_GCM_SHA256"))
                .fires(also("TLS_ECDH_anon_WITH_AES_128_CBC_SHA"))
                .silent(also("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"));
        rule("cipher.export")
                .fires(suite("TLSv1.0", "TLS_RSA_EXPORT_WITH_RC4_40_MD5"))
                .silent(suite("TLSv1.0", "TLS_RSA_WITH_RC4_128_MD5"));
        rule("cipher.rc4").fires(also("TLS_ECDHE_RSA_WITH_RC4_128_SHA")).silent(also("TLS_RSA_WITH_SEED_CBC_SHA"));
        rule("cipher.des").fires(also("TLS_RSA_WITH_DES_CBC_SHA")).silent(also("TLS_RSA_WITH_3DES_EDE_CBC_SHA"));
        rule("cipher.rc2")
                .fires(suite("SSLv2", "SSL_CK_RC2_128_CBC_WITH_MD5"))
                .silent(also("TLS_RSA_WITH_IDEA_CBC_SHA"));
        rule("cipher.triple-des")
                .fires(also("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"))
                .fires(also("TLS_RSA_WITH_IDEA_CBC_SHA"))
                .silent(also("TLS_RSA_WITH_DES_CBC_SHA"))
                .silent("mozilla-old-5.8", also("TLS_RSA_WITH_3DES_EDE_CBC_SHA"));
        rule("cipher.no-forward-secrecy")
                .fires(also("TLS_RSA_WITH_AES_128_GCM_SHA256"))
                .fires(also("TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256"))
                .silent(also("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"));
        rule("cipher.cbc-with-tls10")
                .fires(suite("TLSv1.0", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"))
                .silent(suite("TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
        rule("cipher.cbc")
                .fires(also("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"))
                .silent(also("TLS_ECDHE_ECDSA_WITH_AES_128_CCM"));
        rule("cipher.not-in-policy")
                .fires("mozilla-intermediate-6.0", also("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"))
                .silent("mozilla-intermediate-6.0", f -> f)
                .silent("public-web", also("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"));
        rule("cipher.weak-first")
                .fires(f -> f.suites(
                        "TLSv1.2",
                        "server",
                        "TLS_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
                .silent(f -> f.suites(
                        "TLSv1.2",
                        "client",
                        "TLS_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
                .silent(f -> f.suites(
                        "TLSv1.2",
                        "server",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"));
    }

    private static void exchange() {
        rule("kex.dh-weak")
                .fires(f -> f.dh("TLSv1.2", 1024, "sha256:ab", null))
                .silent(f -> f.dh("TLSv1.2", 2048, "ffdhe2048", null));
        rule("kex.dh-common-prime")
                .fires(f -> f.dh("TLSv1.2", 1024, "rfc2409-oakley-group-2", null))
                .silent(f -> f.dh("TLSv1.2", 1024, "sha256:ab", null))
                .silent(f -> f.dh("TLSv1.2", 2048, "rfc3526-modp-2048", null));
        rule("kex.group-weak")
                .fires(f -> f.groups("TLSv1.2", "secp256r1", "secp192r1"))
                .silent(f -> f.groups("TLSv1.2", "secp224r1", "x25519"));
        rule("kex.group-not-in-policy")
                .fires("mozilla-intermediate-6.0", f -> f.groups("TLSv1.2", "x448"))
                .fires("bsi-tr-02102-2", f -> f.dh("TLSv1.2", 2048, "ffdhe2048", null))
                .silent("mozilla-intermediate-6.0", f -> f);
        rule("kex.post-quantum-missing")
                .fires(f -> f.groups13("server", false, "x25519", "secp256r1"))
                .silent(f -> f.groups13("server", false, "X25519Kyber768Draft00", "x25519"))
                .silent(f -> f.groups13("server", false, "x25519").unknown("/groups/TLSv1.3", Reason.RATE_LIMITED))
                .silent(f -> f.without("groups"));
        rule("kex.post-quantum-draft")
                .fires(f -> f.groups13("server", false, "X25519Kyber768Draft00", "x25519"))
                .silent(f -> f.groups13("server", false, "X25519MLKEM768", "X25519Kyber768Draft00"));
        rule("kex.post-quantum-not-preferred")
                .fires(f -> f.groups13("client", true, "x25519", "X25519MLKEM768"))
                .silent(f -> f.groups13("client", true, "X25519MLKEM768", "secp256r1"));
        rule("signature.sha1-accepted")
                .fires(f -> f.schemes("TLSv1.2", "rsa_pkcs1_sha1", "rsa_pkcs1_sha256"))
                .silent(f -> f.schemes("TLSv1.2", "rsa_pkcs1_sha224"));
        rule("signature.md5-accepted")
                .fires(f -> f.schemes("TLSv1.2", "rsa_pkcs1_md5"))
                .silent(f -> f.schemes("TLSv1.2", "rsa_pkcs1_sha1"));
        rule("signature.not-in-policy")
                .fires("ncsc-nl-2025-05", f -> f.schemes("TLSv1.2", "rsa_pkcs1_sha224"))
                .silent("ncsc-nl-2025-05", f -> f);
    }

    private static void handshake() {
        rule("handshake.insecure-renegotiation")
                .fires(f -> f.feature("secureRenegotiation", FactState.REFUSED)
                        .feature("clientRenegotiation", FactState.ACCEPTED))
                .silent(f -> f.feature("secureRenegotiation", FactState.REFUSED));
        rule("handshake.client-renegotiation")
                .fires(f -> f.feature("clientRenegotiation", FactState.ACCEPTED))
                .silent(f -> f.feature("clientRenegotiation", FactState.UNKNOWN));
        rule("handshake.compression")
                .fires(f -> f.feature("compression", FactState.ACCEPTED))
                .silent(f -> f.feature("compression", FactState.UNKNOWN));
        rule("handshake.no-extended-master-secret")
                .fires(f -> f.feature("extendedMasterSecret", FactState.REFUSED))
                .silent(f ->
                        f.feature("extendedMasterSecret", FactState.REFUSED).protocol("TLSv1.2", FactState.REFUSED));
        rule("handshake.fallback-scsv-ignored")
                .fires(f -> f.feature("fallbackScsv", FactState.REFUSED)
                        .accepts("TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"))
                .silent(f -> f.feature("fallbackScsv", FactState.REFUSED));
        rule("handshake.early-data")
                .fires(f -> f.resumption(resumption(FactState.ACCEPTED, 7200, FactState.ACCEPTED)))
                .silent(f -> f.resumption(resumption(FactState.ACCEPTED, 7200, FactState.UNKNOWN)));
        Map.of(
                        "handshake.version-intolerant", "futureVersion",
                        "handshake.large-hello-intolerant", "largeClientHello",
                        "handshake.split-hello-intolerant", "splitClientHello",
                        "handshake.grease-intolerant", "grease")
                .forEach((id, fact) -> rule(id).fires(f -> f.tolerance(fact, FactState.REFUSED))
                        .silent(f -> f.tolerance(fact, FactState.UNKNOWN)));
    }

    private static void resumptionRules() {
        rule("resumption.ticket-key-not-rotated")
                .fires(f -> f, tickets(41 * 24, Set.of()))
                .silent(f -> f, tickets(24, Set.of()));
        rule("resumption.ticket-key-shared")
                .fires(f -> f, tickets(2, Set.of("mail-team")))
                .silent(f -> f, tickets(2, Set.of()));
        rule("resumption.ticket-lifetime-exceeds-rotation")
                .fires(f -> f.resumption(resumption(FactState.ACCEPTED, 604_801, FactState.REFUSED)))
                .silent(f -> f.resumption(resumption(FactState.ACCEPTED, 604_800, FactState.REFUSED)));
        rule("resumption.none")
                .fires(f -> f.resumption(resumption(FactState.REFUSED, 0, FactState.REFUSED)))
                .silent(f -> f.resumption(resumption(FactState.UNKNOWN, 0, FactState.REFUSED)));
    }

    private static void certificates() {
        rule("certificate.expired")
                .fires(chain(l -> l.life = Duration.ofDays(40)))
                .silent(chain(l -> l.life = Duration.ofDays(60)));
        rule("certificate.not-yet-valid")
                .fires(chain(l -> l.from = Instant.parse("2026-11-22T00:00:00Z")))
                .silent(chain(l -> l.from = Instant.parse("2026-11-21T07:00:00Z")));
        rule("certificate.expires-soon")
                .fires(chain(l -> l.life = Duration.ofDays(60)))
                .fires(chain(l -> l.life = Duration.ofDays(53)))
                .silent(chain(l -> l.life = Duration.ofDays(90)))
                .silent(chain(l -> {
                    l.from = Instant.parse("2026-11-19T00:00:00Z");
                    l.life = Duration.ofDays(6);
                }));
        Pki.Issued brief = Pki.ca("CN=Brief CA,O=Example", Pki.ROOT, Duration.ofDays(720));
        Pki.Issued under = Pki.leaf(l -> l.issuer = brief);
        rule("certificate.intermediate-expires-first")
                .fires(f -> f.served(Pki.served(List.of(under.der(), brief.der()))))
                .silent(GOOD_CHAIN);
        rule("certificate.renewal-overdue")
                .fires(GOOD_CHAIN, mind(m -> m.renewals = List.of(0.33, 0.34)))
                .fires(
                        GOOD_CHAIN,
                        mind(m -> m.windows = Map.of(
                                LEAF_FACTS.sha256(),
                                new Memory.RenewalWindow(AT.minusSeconds(9000), AT.minusSeconds(60), null, null))))
                .silent(GOOD_CHAIN, mind(m -> m.renewals = List.of(0.66, 0.67)))
                .silent(GOOD_CHAIN, mind(m -> m.renewals = List.of(0.33)));
        rule("certificate.renewal-moved-earlier")
                .fires(
                        GOOD_CHAIN,
                        mind(m -> m.windows = Map.of(
                                LEAF_FACTS.sha256(),
                                new Memory.RenewalWindow(
                                        AT.minusSeconds(9000),
                                        AT.plusSeconds(60),
                                        "https://ca.example/incident",
                                        AT.plusSeconds(90_000)))))
                .silent(
                        GOOD_CHAIN,
                        mind(m -> m.windows = Map.of(
                                LEAF_FACTS.sha256(),
                                new Memory.RenewalWindow(
                                        AT.plusSeconds(9000), AT.plusSeconds(90_000), null, AT.plusSeconds(80_000)))));
        rule("certificate.name-mismatch")
                .fires(chain(l -> l.names = List.of("other.example")))
                .fires(GOOD_CHAIN, mind(m -> m.identity = "spiffe://example/shop"))
                .silent(f -> chain(l -> l.names = List.of("*.shop.example"))
                        .apply(f)
                        .endpoint("www.shop.example", "192.0.2.7", 443, "www.shop.example", null))
                .silent(
                        chain(l -> {
                            l.names = List.of();
                            l.uris = List.of("spiffe://example/shop");
                        }),
                        mind(m -> m.identity = "spiffe://example/shop"));
        rule("certificate.common-name-only")
                .fires(chain(l -> l.names = List.of()))
                .silent(GOOD_CHAIN);
        rule("certificate.self-signed")
                .fires(f -> f.served(
                        Pki.served(List.of(Pki.leaf(l -> l.issuer = null).der()))))
                .silent(GOOD_CHAIN);
        Pki.Issued stranger = Pki.ca("CN=Stranger Root", null, Duration.ofDays(3000));
        rule("certificate.untrusted")
                .fires(f -> f.served(
                        Pki.served(List.of(Pki.leaf(l -> l.issuer = stranger).der(), stranger.der()))))
                .silent(GOOD_CHAIN);
        rule("certificate.weak-key")
                .fires(chain(l -> l.key = "RSA 1024"))
                .fires(GOOD_CHAIN, mind(m -> m.knownKeys = Map.of(LEAF_FACTS.spkiSha256(), "stands on a list")))
                .silent(chain(l -> l.key = "RSA 2048"))
                .silent(GOOD_CHAIN, mind(m -> m.knownKeys = Map.of("ab".repeat(32), "stands on a list")));
        rule("certificate.weak-signature")
                .fires(chain(l -> l.signature = "SHA1withECDSA"))
                .silent(chain(l -> l.signature = "SHA384withECDSA"));
        rule("certificate.lifetime-too-long")
                .firesPublic(chain(l -> l.life = Duration.ofDays(201)))
                .silentPublic(chain(l -> l.life = Duration.ofDays(200)))
                .fires(chain(l -> {
                    l.life = Duration.ofDays(201);
                    l.certificatePolicy = "2.23.140.1.2.1";
                }))
                .silent(chain(l -> {
                    l.life = Duration.ofDays(200);
                    l.certificatePolicy = "2.23.140.1.2.1";
                }))
                .silent(chain(l -> l.life = Duration.ofDays(900)));
        rule("certificate.not-in-policy")
                .fires("mozilla-modern-6.0", chain(l -> l.key = "RSA 2048"))
                .fires("mozilla-modern-6.0", chain(l -> l.life = Duration.ofDays(91)))
                .silent("mozilla-modern-6.0", GOOD_CHAIN);
        rule("certificate.eku-wrong")
                .fires(chain(l -> l.usages = List.of(KeyPurposeId.id_kp_clientAuth)))
                .silent(chain(l -> l.usages = List.of()));
        rule("certificate.client-auth-eku-ending")
                .firesPublic(
                        chain(l -> l.usages = List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)))
                .silent(chain(l -> l.usages = List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)))
                .silentPublic(GOOD_CHAIN);
        rule("certificate.wildcard")
                .fires(chain(l -> l.names = List.of("*.example")))
                .silent(GOOD_CHAIN);
        rule("certificate.key-shared")
                .fires(
                        GOOD_CHAIN,
                        mind(m -> m.keys = Map.of(
                                LEAF_FACTS.spkiSha256(),
                                new Memory.KeyUse(11, Set.of("web-team"), List.of("a.example:443")))))
                .fires(
                        GOOD_CHAIN,
                        mind(m -> m.keys = Map.of(
                                LEAF_FACTS.spkiSha256(), new Memory.KeyUse(2, Set.of("web-team", "mail"), List.of()))))
                .silent(
                        GOOD_CHAIN,
                        mind(m -> m.keys =
                                Map.of(LEAF_FACTS.spkiSha256(), new Memory.KeyUse(10, Set.of("web-team"), List.of()))));
        rule("certificate.not-backdated")
                .fires(GOOD_CHAIN, mind(m -> m.lags = Map.of(LEAF_FACTS.issuer().text(), Duration.ofMinutes(2))))
                .silent(GOOD_CHAIN, mind(m -> m.lags = Map.of("CN=Other", Duration.ofMinutes(2))));
        Pki.Issued other = Pki.ca(
                "CN=Test CA 1,O=Example",
                "namesake",
                Pki.ca("CN=Other Root", null, Duration.ofDays(900)),
                Duration.ofDays(800));
        byte[] middle = Pki.INTERMEDIATE.der();
        byte[] seventh = numbered(Pki.INTERMEDIATE, 7, true);
        byte[] bare = numbered(Pki.INTERMEDIATE, 7, false);
        byte[] own = numbered(null, 1, true);
        rule("certificate.duplicate-serial")
                .fires(sent(seventh, middle), twin(seventh, numbered(Pki.INTERMEDIATE, 7, true), middle))
                .fires(sent(seventh, middle), twin(seventh, numbered(Pki.INTERMEDIATE, 7, false), middle))
                .fires(sent(bare, middle), twin(bare, numbered(Pki.INTERMEDIATE, 7, false), middle))
                .fires(sent(seventh, middle, numbered(Pki.INTERMEDIATE, 7, true)))
                .silent(sent(seventh, middle), twin(seventh, numbered(Pki.INTERMEDIATE, 8, true), middle))
                .silent(sent(seventh, middle), twin(seventh, numbered(other, 7, true), other.der()))
                .silent(sent(bare, middle), twin(bare, numbered(other, 7, false), other.der()))
                .silent(sent(own), twin(own, numbered(stranger, 1, true), stranger.der()))
                .silent(sent(seventh, middle, seventh));
        rule("certificate.renewed-not-served")
                .fires(
                        GOOD_CHAIN,
                        mind(m -> m.newer = Map.of(
                                LEAF_FACTS.sha256(),
                                new Memory.Newer("ab".repeat(32), AT, AT.plus(Duration.ofDays(90)), "203.0.113.8"))))
                .silent(
                        GOOD_CHAIN,
                        mind(m -> m.newer =
                                Map.of("cd".repeat(32), new Memory.Newer("ab".repeat(32), AT, AT, "203.0.113.8"))));
        rule("certificate.inconsistent-addresses")
                .fires(
                        GOOD_CHAIN,
                        mind(m -> m.members =
                                List.of(new Memory.Member("203.0.113.8", Map.of("ECDSA", "ab".repeat(32)), null, AT))))
                .silent(
                        GOOD_CHAIN,
                        mind(m -> m.members = List.of(
                                new Memory.Member("203.0.113.8", Map.of("ECDSA", LEAF_FACTS.sha256()), null, AT))));
        rule("certificate.sct-missing").firesPublic(GOOD_CHAIN).silent(GOOD_CHAIN);
        rule("certificate.nonconforming")
                .fires(f -> f.served(Pki.served(List.of(new byte[] {0x30, 3, 2, 1, 0}, Pki.INTERMEDIATE.der()))))
                .silent(GOOD_CHAIN);
    }

    private static void chains() {
        rule("certificate.chain-incomplete").fires(leaf(List.of())).silent(GOOD_CHAIN);
        Pki.Issued second = Pki.ca("CN=Test CA 2,O=Example", Pki.INTERMEDIATE, Duration.ofDays(1500));
        Pki.Issued deep = Pki.leaf(l -> l.issuer = second);
        rule("certificate.chain-wrong-order")
                .fires(f -> f.served(Pki.served(List.of(deep.der(), Pki.INTERMEDIATE.der(), second.der()))))
                .silent(f -> f.served(Pki.served(List.of(deep.der(), second.der(), Pki.INTERMEDIATE.der()))));
        rule("certificate.chain-unrelated")
                .fires(leaf(List.of(
                        Pki.INTERMEDIATE.der(),
                        Pki.ca("CN=Nobody", null, Duration.ofDays(900)).der())))
                .silent(GOOD_CHAIN);
        rule("certificate.chain-includes-root")
                .fires(leaf(List.of(Pki.INTERMEDIATE.der(), Pki.ROOT.der())))
                .silent(GOOD_CHAIN);
        byte[] fresh = Pki.crl(Pki.INTERMEDIATE, AT.minus(Duration.ofDays(1)), AT.plus(Duration.ofDays(6)));
        byte[] stale = Pki.crl(Pki.INTERMEDIATE, AT.minus(Duration.ofDays(9)), AT.minus(Duration.ofDays(2)));
        byte[] listed =
                Pki.crl(Pki.INTERMEDIATE, AT.minus(Duration.ofDays(1)), AT.plus(Duration.ofDays(6)), LEAF.der());
        rule("certificate.revoked")
                .fires(f -> f.served(fetched("crl", listed, "http://crl.example/1.crl", null)))
                .silent(f -> f.served(fetched("crl", fresh, "http://crl.example/1.crl", null)));
        rule("revocation.crl-stale")
                .fires(f -> f.served(fetched("crl", stale, "http://crl.example/1.crl", null)))
                .silent(f -> f.served(fetched("crl", fresh, "http://crl.example/1.crl", null)));
        rule("revocation.responder-unreachable")
                .fires(f -> f.served(fetched("ocsp", null, "http://ocsp.example/", "connect-timeout")))
                .silent(f -> f.served(fetched("crl", null, "ldap://ldap.example/cn=CA", "unsupported")))
                .silent(f -> f.served(
                        fetched("crl", null, "http://crl.example/", "the answer is larger than 16777216 bytes")))
                .silent(f -> f.served(fetched("ocsp", null, "http://ocsp.example/", "blocked-by-policy")))
                .silent(f -> f.served(fetched(
                        "ocsp",
                        null,
                        "http://ocsp.example/",
                        "HTTP 404" + io.tlsfleet.fleet.observation.Observation.Fetched.ISSUER_UNKNOWN)));
        rule("certificate.must-staple-without-staple")
                .fires(chain(l -> l.mustStaple = true))
                .silent(chain(l -> l.ocsp = "http://ocsp.example/"));
        rule("ocsp.staple-missing")
                .fires(chain(l -> l.ocsp = "http://ocsp.example/"))
                .fires(f -> chain(l -> l.ocsp = "http://ocsp.example/")
                        .apply(f)
                        .unknown("/certificates/0/servedWithoutSni", Reason.DEADLINE))
                .silent(f -> chain(l -> l.ocsp = "http://ocsp.example/")
                        .apply(f)
                        .unknown("/certificates/0/ocspStaple", Reason.DEADLINE))
                .silent(GOOD_CHAIN);
        byte[] over =
                Pki.staple(LEAF.der(), Pki.INTERMEDIATE, AT.minus(Duration.ofDays(9)), AT.minus(Duration.ofDays(2)));
        byte[] good =
                Pki.staple(LEAF.der(), Pki.INTERMEDIATE, AT.minus(Duration.ofDays(1)), AT.plus(Duration.ofDays(6)));
        List<byte[]> sent = List.of(LEAF.der(), Pki.INTERMEDIATE.der());
        rule("ocsp.staple-expired")
                .fires(f -> f.served(Pki.served(sent, Map.of("TLSv1.3", over), List.of())))
                .silent(f -> f.served(Pki.served(sent, Map.of("TLSv1.3", good), List.of())));
        rule("ocsp.staple-invalid")
                .fires(f -> f.served(Pki.served(
                        List.of(LEAF.der(), Pki.INTERMEDIATE.der()),
                        Map.of("TLSv1.2", new byte[] {1, 2, 3}),
                        List.of())))
                .silent(GOOD_CHAIN);
    }

    private static void vulnerabilities() {
        for (String id : List.of(
                "heartbleed",
                "ccs-injection",
                "robot",
                "ticketbleed",
                "poodle-tls",
                "padding-oracle",
                "starttls-injection")) {
            rule("vulnerability." + id)
                    .fires(f -> f.vulnerability(id, "vulnerable", "three probes of three agreed"))
                    .silent(f -> f.vulnerability(id, "unknown", "answers differed"));
        }
        rule("vulnerability.drown")
                .fires(suite("SSLv2", "SSL_CK_RC4_128_WITH_MD5"))
                .silent(f -> f);
        rule("vulnerability.freak")
                .fires(suite("TLSv1.0", "TLS_RSA_EXPORT_WITH_RC4_40_MD5"))
                .silent(suite("TLSv1.0", "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"));
        rule("vulnerability.logjam")
                .fires(suite("TLSv1.0", "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"))
                .fires(f -> f.dh("TLSv1.2", 1024, "sha256:ab", null))
                .silent(f -> f.dh("TLSv1.2", 1536, "sha256:ab", null));
        rule("vulnerability.sweet32")
                .fires(also("TLS_RSA_WITH_3DES_EDE_CBC_SHA"))
                .silent(also("TLS_RSA_WITH_AES_128_CBC_SHA"));
        rule("vulnerability.crime")
                .fires(f -> f.feature("compression", FactState.ACCEPTED))
                .silent(f -> f);
        rule("vulnerability.beast")
                .fires(suite("TLSv1.0", "TLS_RSA_WITH_AES_128_CBC_SHA"))
                .silent(suite("TLSv1.0", "TLS_RSA_WITH_RC4_128_SHA"));
        rule("vulnerability.raccoon")
                .fires(f -> f.dh("TLSv1.2", 2048, "ffdhe2048", true))
                .silent(f -> f.dh("TLSv1.2", 2048, "ffdhe2048", null));
    }

    private static void around() {
        rule("http.hsts-missing")
                .fires(f -> f.http(h -> hsts(null)))
                .silent(f -> f.without("http"))
                .silent(f ->
                        f.endpoint("192.0.2.7", "192.0.2.7", 443, null, null).http(h -> hsts(null)));
        rule("http.hsts-short")
                .fires(f -> f.http(h -> hsts(new Observation.Http.Hsts(15_767_999, false, false))))
                .silent(f -> f.http(h -> hsts(new Observation.Http.Hsts(15_768_000, false, false))));
        rule("http.clock-skew")
                .fires(f -> f.http(h -> http(h, -301, null, 0, false)))
                .silent(f -> f.http(h -> http(h, 300, null, 0, false)));
        rule("http.redirect-to-plain")
                .fires(f -> f.http(h -> http(h, 0, "http://shop.example/", 0, false)))
                .silent(f -> f.http(h -> http(h, 0, "https://shop.example/", 0, false)));
        rule("http.mixed-content")
                .fires(f -> f.http(h -> http(h, 0, null, 2, false)))
                .silent(f -> f.http(h -> http(h, 0, null, 0, false)));
        rule("http.public-key-pins")
                .fires(f -> f.http(h -> http(h, 0, null, 0, true)))
                .silent(f -> f.http(h -> http(h, 0, null, 0, false)));
        rule("dns.caa-missing")
                .fires(f -> f.dns(new Observation.Dns(null, List.of(), List.of(), null, false)))
                .silent(f -> f.dns(new Observation.Dns(null, List.of(), List.of(), null, false))
                        .unknown("/dns/caa", Reason.DNS_FAILURE));
        Pki.Issued known = Pki.ca("CN=R99,O=Let's Encrypt,C=US", Pki.ROOT, Duration.ofDays(1500));
        Observation.ServedChain byKnown =
                Pki.served(List.of(Pki.leaf(l -> l.issuer = known).der(), known.der()));
        rule("dns.caa-forbids-issuer")
                .firesPublic(f -> f.served(byKnown))
                .silentPublic(f -> f.served(byKnown)
                        .dns(new Observation.Dns(
                                null,
                                List.of("0 issue \"letsencrypt.org; validationmethods=dns-01\""),
                                List.of(),
                                null,
                                false)))
                .silentPublic(GOOD_CHAIN);
        Observation.Dns.Tlsa wrong = new Observation.Dns.Tlsa(3, 1, 1, "ab", false);
        Observation.Dns.Tlsa right = new Observation.Dns.Tlsa(3, 1, 1, "cd", true);
        rule("dns.tlsa-mismatch")
                .fires(f ->
                        f.dns(new Observation.Dns(null, List.of("0 issue \"ca.example\""), List.of(wrong), null, true)))
                .silent(f -> f.dns(new Observation.Dns(
                        null, List.of("0 issue \"ca.example\""), List.of(wrong, right), null, true)))
                .silent(f -> f.dns(
                        new Observation.Dns(null, List.of("0 issue \"ca.example\""), List.of(wrong), null, false)));
        Observation.Dns ech = new Observation.Dns(
                null,
                List.of("0 issue \"ca.example\""),
                List.of(),
                new Observation.Dns.HttpsRecord(List.of("h2"), true, "shop.example"),
                false);
        rule("dns.ech-not-honoured")
                .fires(f -> f.dns(ech).feature("encryptedClientHello", FactState.REFUSED))
                .silent(f -> f.dns(ech).feature("encryptedClientHello", FactState.UNKNOWN));
        rule("endpoint.unreachable")
                .fires(
                        f -> f.unreachable(Outcome.UNREACHABLE, Reason.CONNECT_REFUSED, "refused"),
                        mind(m -> m.unreachable = 3))
                .fires(
                        f -> f.unreachable(Outcome.NOT_TLS, Reason.NOT_TLS, "HTTP/1.1 400 Bad Request"),
                        mind(m -> m.unreachable = 3))
                .silent(
                        f -> f.unreachable(Outcome.UNREACHABLE, Reason.CONNECT_REFUSED, "refused"),
                        mind(m -> m.unreachable = 2));
        rule("endpoint.changed")
                .fires(f -> f, mind(m -> m.changes = List.of("protocol TLSv1.0: accepted, was refused")))
                .silent(f -> f);
        rule("endpoint.sites-differ")
                .fires(f -> f, mind(m -> m.elsewhere = List.of(elsewhere(true, true))))
                .silent(f -> f, mind(m -> m.elsewhere = List.of(elsewhere(true, false))))
                .silent(f -> f, mind(m -> m.elsewhere = List.of(elsewhere(false, true))));
        rule("endpoint.coverage-fell")
                .fires(f -> f, mind(m -> m.fall = new Memory.CoverageFall(90, 20)))
                .silent(f -> f);
        rule("starttls.refused")
                .fires(f -> f.endpoint("mail.example", "192.0.2.9", 25, "mail.example", "smtp")
                        .unreachable(Outcome.UNREACHABLE, Reason.STARTTLS_REFUSED, "502 not implemented"))
                .silent(f -> f.unreachable(Outcome.UNREACHABLE, Reason.CLOSED, "closed"));
        rule("policy.preference")
                .fires(
                        "high-security",
                        f -> f.suites("TLSv1.3", null, "TLS_AES_128_GCM_SHA256")
                                .suites("TLSv1.2", null, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
                .silent("public-web", f -> f);
    }

    private RuleCases() {}
}
