package io.tlsfleet.bench;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A fleet as its scans would have left it, the same for the same seed: sixty servers' settings of very unequal frequency, two
 * thirds of the endpoints with a leaf of their own, the rest behind four hundred wildcards; RSA and ECDSA, some expired,
 * self-signed, of another name or without their intermediate; one in fifty silent.
 */
final class StoredEstate {
    private static final int INTERMEDIATES = 20;
    private static final int SETTINGS = 60;

    private final long seed;
    private final Instant now;
    private final KeyPair top;
    private final byte[] root;
    private final List<byte[]> intermediates = new ArrayList<>();
    private final List<KeyPair> issuers = new ArrayList<>();
    private final List<KeyPair> p256 = new ArrayList<>();
    private final List<KeyPair> rsa = new ArrayList<>();
    private final Map<Integer, byte[]> wildcards = new ConcurrentHashMap<>();

    StoredEstate(long seed, Instant now) throws GeneralSecurityException {
        this.seed = seed;
        this.now = now;
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPairGenerator old = KeyPairGenerator.getInstance("RSA");
        old.initialize(2048);
        top = ec.generateKeyPair();
        root = certificate("CN=Bench Root", "CN=Bench Root", top, top, 1, List.of(), 1, 3650);
        for (int i = 0; i < INTERMEDIATES; i++) {
            KeyPair pair = ec.generateKeyPair();
            issuers.add(pair);
            intermediates.add(certificate(
                    "CN=Bench CA " + i + ",O=Bench", "CN=Bench Root", pair, top, 2 + i, List.of(), 1, 1800));
        }
        for (int i = 0; i < 2_000; i++) {
            p256.add(ec.generateKeyPair());
        }
        for (int i = 0; i < 40; i++) {
            rsa.add(old.generateKeyPair());
        }
    }

    byte[] root() {
        return root;
    }

    static Target target(int i) {
        return new Target(
                "h" + i + ".d" + i % 400 + ".example",
                443,
                null,
                null,
                List.of(),
                null,
                Map.of("app", "a" + i % 500),
                "team-" + i % 300,
                "local",
                null,
                null);
    }

    Observation observation(Target target) {
        int number = Integer.parseInt(target.host().substring(1, target.host().indexOf('.')));
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        Observation.Endpoint endpoint =
                new Observation.Endpoint(target.host(), "192.0.2." + (1 + number % 250), 443, target.host(), null);
        if (random.nextInt(50) == 0) {
            return Observation.bare(
                    endpoint,
                    new Observation.Scan(
                            now,
                            5000,
                            Depth.STANDARD,
                            Outcome.UNREACHABLE,
                            1,
                            0,
                            0,
                            0,
                            "bench",
                            Reason.CONNECT_TIMEOUT,
                            null));
        }
        // a few settings are most of the fleet
        int settings = (int) (SETTINGS * Math.pow(random.nextDouble(), 3));
        return seen(endpoint, settings, chain(target, number, random), random);
    }

    private Observation seen(
            Observation.Endpoint endpoint, int settings, Observation.ServedChain chain, SplittableRandom random) {
        SplittableRandom of = new SplittableRandom(seed + settings);
        boolean modern = of.nextInt(6) == 0;
        boolean old = !modern && of.nextInt(5) == 0;
        Map<String, FactState> protocols = new LinkedHashMap<>();
        Map<String, Observation.Suites> suites = new LinkedHashMap<>();
        for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")) {
            boolean yes = version.equals("TLSv1.3")
                    || version.equals("TLSv1.2") && !modern
                    || old && (version.equals("TLSv1.0") || version.equals("TLSv1.1"));
            protocols.put(version, yes ? FactState.ACCEPTED : FactState.REFUSED);
            if (yes) {
                suites.put(
                        version,
                        new Observation.Suites(
                                of.nextBoolean() ? "server" : "client", false, suites(version, settings)));
            }
        }
        List<Observation.CodePoint> offered = new ArrayList<>();
        for (String group : of.nextInt(3) == 0
                ? List.of("x25519", "secp256r1")
                : List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1")) {
            offered.add(new Observation.CodePoint(NamedGroup.named(group).hex(), group));
        }
        Map<String, Observation.Groups> groups = new LinkedHashMap<>();
        if (!modern) {
            groups.put(
                    "TLSv1.2",
                    new Observation.Groups("server", null, null, offered.subList(offered.size() - 2, offered.size())));
        }
        groups.put("TLSv1.3", new Observation.Groups("server", true, true, offered));
        Map<String, Object> features = new LinkedHashMap<>();
        features.put("extendedMasterSecret", of.nextInt(8) == 0 ? FactState.REFUSED : FactState.ACCEPTED);
        features.put("secureRenegotiation", FactState.ACCEPTED);
        features.put("clientRenegotiation", FactState.REFUSED);
        features.put("compression", FactState.REFUSED);
        Observation.Resumption resumption = new Observation.Resumption(
                modern ? null : new Observation.Resumption.Tls12(FactState.REFUSED, FactState.ACCEPTED, 7200L, null),
                new Observation.Resumption.Tls13(FactState.ACCEPTED, 2, 7200L, FactState.REFUSED, 0));
        return new Observation(
                endpoint,
                new Observation.Scan(now, 40, Depth.STANDARD, Outcome.COMPLETE, 14, 3000, 9000, 2, "bench", null, null),
                new Observation.Negotiated(
                        "TLSv1.3", "TLS_AES_128_GCM_SHA256", "x25519", "ecdsa_secp256r1_sha256", "h2"),
                random.nextInt(20) == 0
                        ? List.of(Observation.Coverage.unknown("/resumption/TLSv1.3/psk", Reason.READ_TIMEOUT))
                        : List.of(),
                protocols,
                suites,
                groups,
                List.of(),
                Map.of("TLSv1.3", List.of("ecdsa_secp256r1_sha256")),
                List.of(chain),
                new Observation.Alpn(List.of("h2", "http/1.1"), "ignored"),
                new Observation.Sni("default-certificate"),
                resumption,
                new Observation.ClientAuthentication("none", "none", List.of(), List.of()),
                features,
                null,
                null,
                null,
                new Observation.Timing(100L + random.nextInt(400), Map.of("TLSv1.3", 1400L), Map.of()),
                null,
                null,
                of.nextInt(2) == 0
                        ? null
                        : new Observation.Http(
                                200,
                                of.nextInt(3) == 0 ? null : new Observation.Http.Hsts(63_072_000, true, false),
                                "nginx",
                                0L,
                                false,
                                null,
                                0,
                                false));
    }

    private Observation.ServedChain chain(Target target, int number, SplittableRandom random) {
        int issuer = number % INTERMEDIATES;
        String host = target.host();
        byte[] leaf;
        boolean alone = false;
        if (random.nextInt(3) == 0) {
            int domain = number % 400;
            issuer = domain % INTERMEDIATES;
            leaf = wildcards.computeIfAbsent(
                    domain, d -> leaf("*.d" + d + ".example", p256.get(d), d % INTERMEDIATES, 5_000_000 + d, 20, 90));
        } else {
            int kind = random.nextInt(100);
            KeyPair key = kind < 15 ? rsa.get(number % rsa.size()) : p256.get(400 + number % (p256.size() - 400));
            String name = kind == 99 ? "other.example" : host;
            if (kind == 98) {
                alone = true;
                leaf = certificate("CN=" + host, "CN=" + host, key, key, number, List.of(host), 20, 90);
            } else {
                leaf = leaf(name, key, issuer, 1_000 + number, kind == 97 ? 100 : 10 + random.nextInt(70), 90);
            }
            alone |= kind == 96 || kind == 95;
        }
        return new Observation.ServedChain(
                List.of("TLSv1.2", "TLSv1.3"),
                true,
                alone ? List.of(leaf) : List.of(leaf, intermediates.get(issuer)),
                Map.of(),
                List.of(),
                List.of());
    }

    private static List<Observation.CodePoint> suites(String version, int settings) {
        List<String> names = version.equals("TLSv1.3")
                ? List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
                : version.equals("TLSv1.2")
                        ? List.of(
                                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
                                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                                "TLS_RSA_WITH_3DES_EDE_CBC_SHA")
                        : List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");
        int most = version.equals("TLSv1.2") ? 6 + settings % 7 : names.size();
        return names.subList(0, most).stream()
                .map(name -> new Observation.CodePoint(CipherSuite.named(name).hex(), name))
                .toList();
    }

    private byte[] leaf(String name, KeyPair key, int issuer, long serial, int ageDays, int days) {
        return certificate(
                "CN=" + name,
                "CN=Bench CA " + issuer + ",O=Bench",
                key,
                issuers.get(issuer),
                serial,
                List.of(name),
                ageDays,
                days);
    }

    private byte[] certificate(
            String subject,
            String issuer,
            KeyPair of,
            KeyPair by,
            long serial,
            List<String> hosts,
            int ageDays,
            int days) {
        try {
            Instant from = now.minus(Duration.ofDays(ageDays));
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    new X500Name(issuer),
                    BigInteger.valueOf(serial).add(BigInteger.ONE.shiftLeft(96)),
                    Date.from(from),
                    Date.from(from.plus(Duration.ofDays(days))),
                    new X500Name(subject),
                    SubjectPublicKeyInfo.getInstance(of.getPublic().getEncoded()));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(hosts.isEmpty()));
            for (String host : hosts) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            }
            String algorithm = by.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            return builder.build(new JcaContentSignerBuilder(algorithm).build(by.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
