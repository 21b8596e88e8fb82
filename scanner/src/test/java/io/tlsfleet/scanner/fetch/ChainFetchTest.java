package io.tlsfleet.scanner.fetch;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.tls.x509.ChainJudge;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import io.tlsfleet.tls.x509.TrustStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChainFetchTest {
    private static final Duration DAY = Duration.ofDays(1);
    private final Vertx vertx = Vertx.vertx();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final HttpServer server = start();
    private final String base = "http://127.0.0.1:" + server.getAddress().getPort();
    private final TestAuthority root = TestAuthority.root("Root");
    private final TestAuthority middle = root.intermediate("Middle", new Wanted());
    private final TestAuthority lower = middle.intermediate("Lower", new Wanted().issuersAt(base + "/middle"));
    private final TestAuthority leaf = lower.issue(
            "leaf",
            new Wanted()
                    .dns("a.example")
                    .issuersAt(base + "/lower")
                    .ocspAt(base + "/ocsp")
                    .crlAt(base + "/crl"));
    private final List<TrustStore> stores = List.of(TrustStore.of("given", List.of(root.der())));

    private static HttpServer start() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void serve() {
        files.put("/lower", lower.der());
        files.put("/middle", middle.der());
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        vertx.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(exchange.getRequestMethod() + " " + path.replaceFirst("^(/[a-z]+).*", "$1"));
        byte[] body = files.get(path.replaceFirst("^(/[a-z]+).*", "$1"));
        boolean refused = body == null
                || path.startsWith("/ocsp") && exchange.getRequestMethod().equals("GET") && files.containsKey("no-get");
        exchange.sendResponseHeaders(refused ? 404 : 200, refused || body == null ? -1 : body.length);
        if (!refused && body != null) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private List<Observation.Fetched> fetch(boolean revocation) throws InterruptedException {
        Connector connector = new Connector(vertx, AddressGate.local(), Politeness.COMMAND_LINE);
        Fetcher fetcher = new Fetcher(connector, host -> List.of(InetAddress.getByName(host)), () -> NOW);
        return new ChainFetch(fetcher, () -> NOW, new Random(1)).fetch(List.of(leaf.der()), stores, revocation);
    }

    private ChainVerdict judge(List<Observation.Fetched> fetched) {
        return ChainJudge.judge(ChainQuestion.of(List.of(leaf.der()), stores, NOW)
                .withKnown(bytes(fetched, "issuer"))
                .withRevocation(bytes(fetched, "crl"), bytes(fetched, "ocsp"), false));
    }

    private static List<byte[]> bytes(List<Observation.Fetched> fetched, String kind) {
        List<byte[]> found = new ArrayList<>();
        for (Observation.Fetched one : fetched) {
            byte[] bytes = one.bytes();
            if (bytes != null && one.kind().equals(kind)) {
                found.add(bytes);
            }
        }
        return found;
    }

    @Test
    void climbsFromLeafToAnchor() throws Exception {
        ChainVerdict verdict = judge(fetch(false));
        assertThat(verdict.trusted()).isTrue();
        assertThat(verdict.missingIntermediates()).hasSize(2);
        assertThat(requests).containsExactly("GET /lower", "GET /middle");
    }

    @Test
    void asksTheResponderByGetAndListsOnlyWhenItIsSilent() throws Exception {
        files.put("/ocsp", lower.ocsp(leaf, CertificateStatus.GOOD, NOW.minus(DAY), NOW.plus(DAY), lower));
        ChainVerdict verdict = judge(fetch(true));
        assertThat(verdict.revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.NOT_REVOKED);
        assertThat(verdict.revocation().via()).isEqualTo("ocsp");
        assertThat(requests).containsExactly("GET /lower", "GET /middle", "GET /ocsp");

        requests.clear();
        files.remove("/ocsp");
        files.put("/crl", lower.crl(NOW.minus(DAY), NOW.plus(DAY), leaf));
        List<Observation.Fetched> fetched = fetch(true);
        assertThat(judge(fetched).revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.REVOKED);
        assertThat(judge(fetched).trusted()).isFalse();
        assertThat(requests).containsExactly("GET /lower", "GET /middle", "GET /ocsp", "POST /ocsp", "GET /crl");
        assertThat(fetched).anySatisfy(one -> assertThat(one.failure()).isEqualTo("HTTP 404"));
    }

    /** Its root is known to those who judge alone: the list says it all the same, and no responder can be asked. */
    @Test
    void asksForListsWhereNobodyHereKnowsTheIssuer() throws Exception {
        files.remove("/lower");
        files.put("/crl", lower.crl(NOW.minus(DAY), NOW.plus(DAY), leaf));
        List<Observation.Fetched> fetched = fetch(true);
        assertThat(requests).containsExactly("GET /lower", "GET /ocsp", "POST /ocsp", "GET /crl");
        assertThat(fetched).anySatisfy(one -> {
            assertThat(one.kind()).isEqualTo("ocsp");
            assertThat(one.bytes()).isNull();
            assertThat(one.failure()).isEqualTo("HTTP 404, asked about an issuer that is not known here");
        });
        ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                        List.of(leaf.der()), List.of(TrustStore.of("given", List.of(lower.der()))), NOW)
                .withRevocation(bytes(fetched, "crl"), List.of(), false));
        assertThat(verdict.revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.REVOKED);
    }

    /** It says no in its own words: it was asked, so nobody may call the certificate not checked. */
    @Test
    void recordsTheRefusalOfAResponderThatWasAskedAboutAnUnknownIssuer() throws Exception {
        files.remove("/lower");
        byte[] unauthorized = {0x30, 3, 0x0A, 1, 6};
        files.put("/ocsp", unauthorized);
        List<Observation.Fetched> fetched = fetch(true);
        ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                        List.of(leaf.der()), List.of(TrustStore.of("given", List.of(lower.der()))), NOW)
                .withRevocation(List.of(), bytes(fetched, "ocsp"), false));
        assertThat(verdict.revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.UNKNOWN);
        assertThat(verdict.revocation().reason()).contains("unauthorized");
    }

    /** Whoever judges may know the root: the request is made from what the certificate says of its issuer's key. */
    @Test
    void asksTheResponderOfAnIssuerThatIsKnownElsewhere() throws Exception {
        files.remove("/lower");
        files.put("/ocsp", lower.ocsp(leaf, CertificateStatus.GOOD, NOW.minus(DAY), NOW.plus(DAY), lower));
        List<Observation.Fetched> fetched = fetch(true);
        assertThat(requests).containsExactly("GET /lower", "GET /ocsp");
        ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(
                        List.of(leaf.der()), List.of(TrustStore.of("given", List.of(lower.der()))), NOW)
                .withRevocation(List.of(), bytes(fetched, "ocsp"), false));
        assertThat(verdict.revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.NOT_REVOKED);
    }

    @Test
    void asksTheListsWhereTheResponderSaysNothingOfToday() throws Exception {
        files.put(
                "/ocsp",
                lower.ocsp(leaf, CertificateStatus.GOOD, NOW.minus(DAY.multipliedBy(3)), NOW.minus(DAY), lower));
        files.put("/crl", lower.crl(NOW.minus(DAY), NOW.plus(DAY)));
        ChainVerdict verdict = judge(fetch(true));
        assertThat(verdict.revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.NOT_REVOKED);
        assertThat(verdict.revocation().via()).isEqualTo("crl");
    }

    @Test
    void postsWhereGetIsNotKnown() throws Exception {
        files.put("no-get", new byte[0]);
        files.put("/ocsp", lower.ocsp(leaf, CertificateStatus.GOOD, NOW.minus(DAY), NOW.plus(DAY), lower));
        assertThat(judge(fetch(true)).revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.NOT_REVOKED);
        assertThat(requests).contains("POST /ocsp").doesNotContain("GET /crl");
    }

    /** The complete list knows nothing of it yet; the difference that it points to does. */
    @Test
    void fetchesTheDifferencesThatAListNames() throws Exception {
        Extension freshest = new Extension(
                Extension.freshestCRL,
                false,
                new CRLDistPoint(new DistributionPoint[] {
                            new DistributionPoint(
                                    new DistributionPointName(new GeneralNames(
                                            new GeneralName(GeneralName.uniformResourceIdentifier, base + "/delta"))),
                                    null,
                                    null)
                        })
                        .getEncoded());
        Extension base10 = new Extension(Extension.deltaCRLIndicator, true, new CRLNumber(BigInteger.TEN).getEncoded());
        files.put("/crl", lower.crl(NOW.minus(DAY), NOW.plus(DAY), List.of(freshest)));
        files.put("/delta", lower.crl(NOW.minus(DAY), NOW.plus(DAY), List.of(base10)));
        assertThat(judge(fetch(true)).revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.NOT_REVOKED);
        assertThat(requests).endsWith("GET /crl", "GET /delta");
        files.put("/delta", lower.crl(NOW.minus(DAY), NOW.plus(DAY), List.of(base10), leaf));
        assertThat(judge(fetch(true)).revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.REVOKED);
    }

    /** Half a million entries, more than 16 MiB: judged all the same, and neither kept nor sent on whole. */
    @Test
    void aListTooLongToKeepIsJudgedByAnExcerpt() throws Exception {
        files.remove("/ocsp");
        byte[] without = longList();
        files.put("/crl", without);
        assertThat(without.length).isGreaterThan(16 << 20);
        Connector connector = new Connector(vertx, AddressGate.local(), Politeness.COMMAND_LINE);
        Fetcher fetcher = new Fetcher(connector, host -> List.of(InetAddress.getByName(host)), () -> NOW);
        ChainFetch chains = new ChainFetch(fetcher, () -> NOW, new Random(1));
        List<Observation.Fetched> fetched = chains.fetch(List.of(leaf.der()), stores, true);
        assertThat(judge(fetched).revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.NOT_REVOKED);
        assertThat(bytes(fetched, "crl"))
                .singleElement()
                .satisfies(list -> assertThat(list.length).isLessThan(4096));
        int asked = requests.size();
        chains.fetch(List.of(leaf.der()), stores, true);
        assertThat(requests.subList(asked, requests.size())).as("it is kept").doesNotContain("GET /crl");

        files.put("/crl", longList(leaf));
        fetched = fetch(true);
        assertThat(judge(fetched).revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.REVOKED);
        byte[] forged = bytes(fetched, "crl").getFirst();
        files.put("/crl", forged);
        assertThat(fetch(true))
                .as("an excerpt from the network could leave out what counts")
                .anySatisfy(one -> assertThat(one.failure()).isEqualTo("no revocation list"));
    }

    /** Entries of 36 octets, put together by hand: a builder of 500,000 takes its time. */
    private byte[] longList(TestAuthority... revoked) throws Exception {
        TestAuthority[] one = revoked.length > 0 ? revoked : new TestAuthority[] {middle};
        byte[] list = lower.crl(NOW.minus(DAY), NOW.plus(DAY), one);
        return lower.resigned(list, 500_000);
    }

    @Test
    void anIssuerThatIsNoneMendsNothing() throws Exception {
        files.put("/lower", TestAuthority.root("Lower").der());
        ChainVerdict verdict = judge(fetch(false));
        assertThat(verdict.trusted()).isFalse();
        assertThat(verdict.missingIntermediates()).isEmpty();
    }
}
