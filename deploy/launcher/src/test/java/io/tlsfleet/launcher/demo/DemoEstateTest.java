package io.tlsfleet.launcher.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.CodePoint;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Report.ServedCertificates;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.scanner.scan.Question;
import io.tlsfleet.scanner.scan.Scan;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.x509.TrustStore;
import io.vertx.core.Vertx;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every server is scanned as a user would and found as docs/demo.md says, fact by fact. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings({"NullAway.Init", "NullAway"}) // a part that is missing here is a failed test
class DemoEstateTest {
    private static final Set<String> ALL_VERSIONS = Set.of("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3");

    @TempDir
    static Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final Map<DemoServer, Report> reports = new EnumMap<>(DemoServer.class);

    @BeforeAll
    void scanAll() throws Exception {
        try (Demo demo = Demo.start(directory);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            KeyShares shares = new KeyShares(new SecureRandom());
            Connector connector = new Connector(vertx, AddressGate.local(), Politeness.COMMAND_LINE);
            Scan scan = new Scan(connector, shares, new SecureRandom(), InstantSource.system(), Scan.Settings.STANDARD);
            byte[] root =
                    Base64.getMimeDecoder().decode(Files.readString(demo.root()).replaceAll("-----[A-Z ]+-----", ""));
            List<TrustStore> stores = List.of(TrustStore.of("given", List.of(root)));
            Map<DemoServer, CompletableFuture<Observation>> scans = new EnumMap<>(DemoServer.class);
            for (DemoServer server : DemoServer.values()) {
                Question question = new Question(
                        server.host(),
                        new Destination(Inet4Address.ofLiteral(demo.address(server)), demo.port()),
                        demo.port(),
                        server.host(),
                        null,
                        server == DemoServer.CLIENT_CERTIFICATE ? Depth.FULL : Depth.STANDARD,
                        List.of(),
                        Set.of());
                scans.put(server, CompletableFuture.supplyAsync(() -> scan.scan(question), threads));
            }
            scans.forEach((server, observed) -> reports.put(
                    server,
                    Judge.judge(
                            observed.join(),
                            List.of(Policies.standard()),
                            stores,
                            Memory.NONE,
                            InstantSource.system().instant())));
        }
    }

    @AfterAll
    void close() {
        vertx.close().await();
    }

    @Test
    void doesNotOutliveAParentThatIsGoneBeforeItListens(@TempDir Path own) throws Exception {
        Process estate = Demo.launch(own, Demo.network(own));
        try {
            estate.getInputStream().close();
            estate.getOutputStream().close();
            assertThat(estate.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            estate.destroyForcibly();
        }
    }

    @Test
    void goodIsGood() {
        Report report = complete(DemoServer.GOOD);
        accepts(report, "TLSv1.2", "TLSv1.3");
        assertThat(suites(report, "TLSv1.3"))
                .containsExactlyInAnyOrder(
                        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
        assertThat(suites(report, "TLSv1.2"))
                .containsExactly(
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
        ServedCertificates served = trusted(report);
        assertThat(served.keyType()).isEqualTo("ECDSA");
        assertThat(served.completeness()).isEqualTo("complete");
        assertThat(served.hostname().matches()).isTrue();
        assertThat(served.ocspStaple().status()).isEqualTo("not-applicable");
        assertThat(findings(report)).isEmpty();
    }

    @Test
    void postQuantumOnlySpeaksNothingElse() {
        Report report = complete(DemoServer.POST_QUANTUM_ONLY);
        accepts(report, "TLSv1.3");
        assertThat(names(report.groups().get("TLSv1.3").groups())).containsExactly("X25519MLKEM768");
        assertThat(report.negotiated().group()).isEqualTo("X25519MLKEM768");
        trusted(report);
        assertThat(findings(report)).isEmpty();
    }

    @Test
    void oldVersionsAreTheOnlyOnes() {
        Report report = complete(DemoServer.OLD_VERSIONS);
        accepts(report, "TLSv1.0", "TLSv1.1");
        assertThat(suites(report, "TLSv1.0"))
                .containsExactly(
                        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                        "TLS_RSA_WITH_AES_128_CBC_SHA",
                        "TLS_RSA_WITH_AES_256_CBC_SHA");
        trusted(report);
        assertThat(findings(report))
                .contains("protocol.tls10-accepted", "protocol.tls11-accepted", "protocol.tls13-missing");
    }

    @Test
    void sslv3AndRc4AreSeen() {
        Report report = complete(DemoServer.SSLV3_RC4);
        accepts(report, "SSLv3", "TLSv1.2");
        for (String version : List.of("SSLv3", "TLSv1.2")) {
            assertThat(suites(report, version))
                    .as(version)
                    .containsExactly(
                            "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_AES_128_CBC_SHA");
        }
        assertThat(findings(report)).contains("protocol.sslv3-accepted", "cipher.rc4", "cipher.no-forward-secrecy");
    }

    @Test
    void weakSuitesAreNamed() {
        Report report = complete(DemoServer.WEAK_SUITES);
        accepts(report, "TLSv1.2");
        assertThat(suites(report, "TLSv1.2"))
                .containsExactly(
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                        "TLS_RSA_WITH_NULL_SHA256",
                        "TLS_RSA_WITH_NULL_SHA",
                        "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
                        "TLS_DH_anon_WITH_AES_128_GCM_SHA256");
        assertThat(findings(report)).contains("cipher.null", "cipher.anonymous", "cipher.triple-des");
    }

    @Test
    void expiredIsExpired() {
        Report report = complete(DemoServer.EXPIRED);
        assertThat(given(report).status()).isEqualTo("expired");
        assertThat(findings(report)).contains("certificate.expired");
    }

    @Test
    void expiringIsTrustedForFiveDaysMore() {
        Report report = complete(DemoServer.EXPIRING);
        trusted(report);
        assertThat(findings(report)).contains("certificate.expires-soon");
    }

    @Test
    void wrongNameIsTrustedForAnother() {
        Report report = complete(DemoServer.WRONG_NAME);
        ServedCertificates served = trusted(report);
        assertThat(served.hostname().matches()).isFalse();
        assertThat(findings(report)).contains("certificate.name-mismatch");
    }

    @Test
    void selfSignedIsNotTrusted() {
        Report report = complete(DemoServer.SELF_SIGNED);
        assertThat(served(report).completeness()).isEqualTo("self-signed");
        assertThat(given(report).status()).isEqualTo("untrusted");
        assertThat(findings(report)).contains("certificate.self-signed");
    }

    @Test
    void missingIntermediateIsMissing() {
        Report report = complete(DemoServer.MISSING_INTERMEDIATE);
        assertThat(served(report).completeness()).isEqualTo("missing-intermediate");
        assertThat(served(report).chain()).hasSize(1);
        assertThat(findings(report)).contains("certificate.chain-incomplete");
    }

    @Test
    void aShortKeyAndAnOldHashAreBothSeen() {
        Report report = complete(DemoServer.RSA1024_SHA1);
        var leaf = served(report).chain().getFirst();
        assertThat(leaf.keyAlgorithm()).isEqualTo("RSA");
        assertThat(leaf.keyBits()).isEqualTo(1024);
        assertThat(leaf.signatureAlgorithm()).isEqualTo("sha1WithRSAEncryption");
        assertThat(findings(report)).contains("certificate.weak-key", "certificate.weak-signature");
    }

    @Test
    void aGoodStapleIsGoodInBothVersions() {
        Report report = complete(DemoServer.STAPLED_GOOD);
        accepts(report, "TLSv1.2", "TLSv1.3");
        var staple = trusted(report).ocspStaple();
        assertThat(staple.status()).isEqualTo("good");
        assertThat(staple.protocols()).containsExactlyInAnyOrder("TLSv1.2", "TLSv1.3");
        assertThat(findings(report)).isEmpty();
    }

    @Test
    void anExpiredStapleIsExpired() {
        Report report = complete(DemoServer.STAPLED_EXPIRED);
        assertThat(trusted(report).ocspStaple().status()).isEqualTo("expired");
        assertThat(findings(report)).contains("ocsp.staple-expired");
    }

    @Test
    void aRequiredClientCertificateIsSaid() {
        Report report = complete(DemoServer.CLIENT_CERTIFICATE);
        accepts(report, "TLSv1.2", "TLSv1.3");
        assertThat(report.clientAuthentication().mode()).isEqualTo("required");
        trusted(report);
        // asked to the bottom: JSSE without its disabled lists signs with MD5 unless it is told not to
        assertThat(findings(report)).isEmpty();
    }

    @Test
    void theTarpitIsUnknownAndNothingElse() {
        Report report = reports.get(DemoServer.TARPIT);
        assertThat(report.scan().outcome()).isIn(Outcome.UNREACHABLE, Outcome.PARTIAL);
        if (report.protocols() != null) {
            assertThat(report.protocols().values()).doesNotContain(FactState.ACCEPTED, FactState.REFUSED);
        }
        assertThat(findings(report)).doesNotContain("protocol.tls13-missing");
        assertThat(report.scan().durationMillis()).isLessThan(62_000);
    }

    @Test
    void plainHttpIsNotTls() {
        Report report = reports.get(DemoServer.PLAIN_HTTP);
        assertThat(report.scan().outcome()).isEqualTo(Outcome.NOT_TLS);
        assertThat(findings(report)).doesNotContain("protocol.tls13-missing");
    }

    private Report complete(DemoServer server) {
        Report report = reports.get(server);
        assertThat(report).isNotNull();
        assertThat(report.scan().outcome())
                .as(() -> server + " " + report.coverage())
                .isEqualTo(Outcome.COMPLETE);
        return report;
    }

    private static void accepts(Report report, String... versions) {
        Set<String> accepted = new TreeSet<>();
        Set<String> refused = new TreeSet<>();
        report.protocols().forEach((version, state) -> {
            if (ALL_VERSIONS.contains(version)) {
                (state == FactState.ACCEPTED ? accepted : refused).add(version);
                assertThat(state).as(version).isIn(FactState.ACCEPTED, FactState.REFUSED);
            }
        });
        assertThat(accepted).containsExactlyInAnyOrder(versions);
        assertThat(accepted.size() + refused.size()).isEqualTo(ALL_VERSIONS.size());
    }

    private static List<String> suites(Report report, String version) {
        return names(report.cipherSuites().get(version).suites());
    }

    private static List<String> names(List<CodePoint> points) {
        return points.stream().map(CodePoint::name).toList();
    }

    private static ServedCertificates served(Report report) {
        assertThat(report.certificates()).hasSize(1);
        return report.certificates().getFirst();
    }

    private static Report.Trust given(Report report) {
        return served(report).trust().stream()
                .filter(t -> t.store().equals("given"))
                .collect(Collectors.toCollection(ArrayList::new))
                .getFirst();
    }

    private static ServedCertificates trusted(Report report) {
        assertThat(given(report).status()).as(() -> given(report).toString()).isEqualTo("trusted");
        return served(report);
    }

    /** What someone should act on: low is a matter of taste, information is none. */
    private static Set<String> findings(Report report) {
        return report.findings().stream()
                .filter(f -> f.severity().compareTo(Severity.MEDIUM) >= 0)
                .map(f -> f.rule())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
