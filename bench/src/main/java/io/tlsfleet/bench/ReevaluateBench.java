package io.tlsfleet.bench;

import io.tlsfleet.api.reevaluate.Reevaluator;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.x509.TrustStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
 * {@code ReevaluateBench URL ENDPOINTS ROOT.der fill|POLICY…}: {@code fill} makes an estate in an empty database, each
 * endpoint with a leaf of its own under one of twenty intermediates, a standard scan's facts, one of two hundred settings,
 * ingested and judged by public-web. A policy's name has all that is stored judged by it, and says how long that took.
 */
public final class ReevaluateBench implements AutoCloseable {
    private static final int INTERMEDIATES = 20;
    private static final int BATCH = 250;

    private final Vertx vertx = Vertx.vertx();
    private final Database database;
    private final int endpoints;
    private final Path root;

    private ReevaluateBench(DatabaseAddress address, int endpoints, Path root) {
        this.database = Database.open(vertx, address, 8);
        this.endpoints = endpoints;
        this.root = root;
    }

    public static void main(String[] args) throws Exception {
        DatabaseAddress address = DatabaseAddress.parse(args[0]);
        Migrations.run(address);
        try (ReevaluateBench bench = new ReevaluateBench(address, Integer.parseInt(args[1]), Path.of(args[2]))) {
            for (String what : List.of(args).subList(3, args.length)) {
                if (what.equals("fill")) {
                    bench.fill();
                } else {
                    bench.again(what);
                }
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private Judging judging(String policy) throws IOException {
        List<TrustStore> stores =
                List.of(TrustStore.mozilla(), TrustStore.of("given", List.of(Files.readAllBytes(root))));
        return (target, observation, memory, at) -> new Judging.Judged(
                Judge.judge(observation, List.of(Policies.named(policy)), stores, memory, at),
                at.plus(Duration.ofHours(12)));
    }

    private void again(String policy) throws Exception {
        try (Reevaluator reevaluator = new Reevaluator(database, judging(policy))) {
            Reevaluations reevaluations = new Reevaluations(database);
            long begin = System.nanoTime();
            reevaluations.request("bench", policy);
            reevaluator.start();
            Reevaluations.State state;
            do {
                Thread.sleep(200);
                state = reevaluations.latest().orElseThrow();
            } while (!state.state().equals("done"));
            double seconds = (System.nanoTime() - begin) / 1e9;
            say(String.format(
                    Locale.ROOT,
                    "judged %d endpoints by %s in %.1f s (%.0f/s): %d findings opened, %d resolved, %d failed",
                    state.done(),
                    policy,
                    seconds,
                    state.done() / seconds,
                    state.opened(),
                    state.resolved(),
                    state.failed()));
        }
    }

    private void fill() throws Exception {
        long begin = System.nanoTime();
        Authority authority = new Authority(Instant.now());
        Files.write(root, authority.root);
        for (int from = 0; from < endpoints; from += 5_000) {
            List<Target> targets = new ArrayList<>();
            for (int i = from; i < Math.min(endpoints, from + 5_000); i++) {
                targets.add(new Target(
                        "h" + i + ".example",
                        443,
                        null,
                        null,
                        List.of(),
                        null,
                        Map.of("app", "a" + i % 500),
                        "team-" + i % 300,
                        "local",
                        null,
                        null));
            }
            database.inTransaction(sql -> new Targets(sql).put(targets, "local", "bench"));
        }
        DatabaseLeases leases = new DatabaseLeases(
                database,
                new Ingest(database, judging("public-web")),
                "local",
                new LeaseSettings(Duration.ofMinutes(10), false, Duration.ofDays(7)));
        int done = 0;
        while (done < endpoints) {
            List<Lease> some = leases.lease(0, BATCH).toCompletableFuture().join();
            List<Completed> results = some.parallelStream()
                    .map(lease -> new Completed(
                            lease.endpointId(),
                            lease.token(),
                            List.of(observation(lease.target().host(), lease.endpointId(), authority))))
                    .toList();
            leases.complete(results).toCompletableFuture().join();
            done += some.size();
            if (some.isEmpty()) {
                throw new IllegalStateException("only " + done + " endpoints were due");
            }
        }
        database.sql().run("ANALYZE");
        say(String.format(
                Locale.ROOT,
                "fill: %d endpoints, %d open findings, in %.0f s",
                done,
                Columns.number(database.sql().one("SELECT count(*) AS n FROM finding WHERE state = 'open'"), "n"),
                (System.nanoTime() - begin) / 1e9));
    }

    /** One of two hundred settings; as many facts as a standard scan has. */
    private static Observation observation(String host, long id, Authority authority) {
        Map<String, FactState> protocols = new LinkedHashMap<>();
        Map<String, Observation.Suites> suites = new LinkedHashMap<>();
        boolean old = id % 20 == 0;
        for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")) {
            boolean yes = version.compareTo("TLSv1.2") >= 0 || old && version.startsWith("TLS");
            protocols.put(version, yes ? FactState.ACCEPTED : FactState.REFUSED);
            if (yes) {
                suites.put(version, new Observation.Suites("server", false, suites(version, id)));
            }
        }
        Map<String, Observation.Groups> groups = new LinkedHashMap<>();
        List<Observation.CodePoint> offered = new ArrayList<>();
        for (String group : id % 3 == 0
                ? List.of("x25519", "secp256r1")
                : List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1")) {
            offered.add(new Observation.CodePoint(NamedGroup.named(group).hex(), group));
        }
        groups.put(
                "TLSv1.2",
                new Observation.Groups("server", null, null, offered.subList(offered.size() - 2, offered.size())));
        groups.put("TLSv1.3", new Observation.Groups("server", true, true, offered));
        Observation.ServedChain chain = new Observation.ServedChain(
                List.of("TLSv1.2", "TLSv1.3"),
                true,
                List.of(authority.leaf(host, id), authority.intermediates.get((int) (id % INTERMEDIATES))),
                Map.of(),
                List.of(),
                List.of());
        return new Observation(
                new Observation.Endpoint(host, "192.0.2.1", 443, host, null),
                new Observation.Scan(
                        authority.now, 40, Depth.STANDARD, Outcome.COMPLETE, 12, 3000, 9000, 2, "bench", null, null),
                new Observation.Negotiated(
                        "TLSv1.3", "TLS_AES_128_GCM_SHA256", "x25519", "ecdsa_secp256r1_sha256", "h2"),
                List.of(),
                protocols,
                suites,
                groups,
                List.of(),
                Map.of("TLSv1.2", List.of("ecdsa_secp256r1_sha256"), "TLSv1.3", List.of("ecdsa_secp256r1_sha256")),
                List.of(chain),
                new Observation.Alpn(List.of("h2", "http/1.1"), "ignored"),
                new Observation.Sni("default-certificate"),
                null,
                new Observation.ClientAuthentication("none", "none", List.of(), List.of()),
                Map.of("extendedMasterSecret", FactState.ACCEPTED, "compression", FactState.REFUSED),
                null,
                null,
                null,
                new Observation.Timing(200L, Map.of(), Map.of()),
                null,
                null,
                null);
    }

    private static List<Observation.CodePoint> suites(String version, long id) {
        List<String> names = version.equals("TLSv1.3")
                ? List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
                : version.equals("TLSv1.2")
                        ? List.of(
                                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
                                "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                                "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA")
                        : List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
        List<Observation.CodePoint> points = new ArrayList<>();
        int most = version.equals("TLSv1.2") ? 3 + (int) (id % 200 % 5) : names.size();
        for (String name : names.subList(0, Math.min(most, names.size()))) {
            points.add(new Observation.CodePoint(CipherSuite.named(name).hex(), name));
        }
        return points;
    }

    /** A root, twenty intermediates, leaves over a thousand keys. */
    private static final class Authority {
        final byte[] root;
        final List<byte[]> intermediates = new ArrayList<>();
        final Instant now;
        private final List<KeyPair> issuers = new ArrayList<>();
        private final List<KeyPair> keys = new ArrayList<>();

        Authority(Instant now) throws GeneralSecurityException {
            this.now = now;
            KeyPairGenerator p256 = KeyPairGenerator.getInstance("EC");
            p256.initialize(new java.security.spec.ECGenParameterSpec("secp256r1"));
            KeyPair top = p256.generateKeyPair();
            root = certificate("CN=Bench Root", "CN=Bench Root", top, top, 1, null, 3650);
            for (int i = 0; i < INTERMEDIATES; i++) {
                KeyPair pair = p256.generateKeyPair();
                issuers.add(pair);
                intermediates.add(certificate("CN=Bench CA " + i, "CN=Bench Root", pair, top, 2 + i, null, 1800));
            }
            for (int i = 0; i < 1_000; i++) {
                keys.add(p256.generateKeyPair());
            }
        }

        byte[] leaf(String host, long id) {
            int issuer = (int) (id % INTERMEDIATES);
            return certificate(
                    "CN=" + host,
                    "CN=Bench CA " + issuer,
                    keys.get((int) (id % keys.size())),
                    issuers.get(issuer),
                    1_000 + id,
                    host,
                    90);
        }

        private byte[] certificate(
                String subject,
                String issuer,
                KeyPair of,
                KeyPair by,
                long serial,
                @org.jspecify.annotations.Nullable String host,
                int days) {
            try {
                Instant from = now.minus(Duration.ofDays(20));
                X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                        new X500Name(issuer),
                        BigInteger.valueOf(serial).add(BigInteger.ONE.shiftLeft(96)),
                        Date.from(from),
                        Date.from(from.plus(Duration.ofDays(days))),
                        new X500Name(subject),
                        SubjectPublicKeyInfo.getInstance(of.getPublic().getEncoded()));
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(host == null));
                if (host != null) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
                    builder.addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
                }
                return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate()))
                        .getEncoded();
            } catch (OperatorCreationException | IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        database.close();
        vertx.close().await();
    }
}
