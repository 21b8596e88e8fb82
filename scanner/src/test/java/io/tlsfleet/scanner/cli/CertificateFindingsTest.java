package io.tlsfleet.scanner.cli;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.junit.jupiter.api.Test;

/**
 * What a scan says of the certificates of a real server (openssl s_server), rule by rule: exactly these and no other.
 * OCSP, lists and issuers come from loopback; what one responder says is openssl's.
 */
class CertificateFindingsTest extends ChainScans {
    CertificateFindingsTest() throws IOException {}

    @Test
    void nothingOfAGoodChain() {
        assertThat(found(NOW, HOST, leaf(shop()), middle)).isEmpty();
        assertThat(report.at("/certificates/0/trust/1/status").asText()).isEqualTo("trusted");
    }

    @Test
    void dates() {
        TestAuthority leaf = leaf(shop());
        assertThat(found(NOW.plus(DAY.multipliedBy(90)), HOST, leaf, middle)).containsOnly("certificate.expired");
        assertThat(found(NOW.minus(DAY.multipliedBy(11)), HOST, leaf, middle))
                .containsOnly("certificate.not-yet-valid");
        assertThat(found(
                        NOW.plus(DAY.multipliedBy(60)),
                        HOST,
                        leaf(shop().valid(NOW.minus(DAY), NOW.plus(DAY.multipliedBy(61)))),
                        middle))
                .contains("certificate.expires-soon");
    }

    @Test
    void names() {
        assertThat(found(NOW, "other.example", leaf(shop()), middle)).containsExactly("certificate.name-mismatch");
        assertThat(found(NOW, HOST, leaf(new Wanted()), middle))
                .containsExactlyInAnyOrder("certificate.name-mismatch", "certificate.common-name-only");
        assertThat(found(NOW, "münchen.example", leaf(new Wanted().dns("xn--mnchen-3ya.example")), middle))
                .isEmpty();
        assertThat(report.at("/certificates/0/hostname/matchedBy").asText()).isEqualTo("DNS:xn--mnchen-3ya.example");
        assertThat(found(NOW, null, leaf(new Wanted().ip("127.0.0.1")), middle)).isEmpty();
        assertThat(found(NOW, null, leaf(new Wanted().dns("127.0.0.1")), middle))
                .contains("certificate.name-mismatch");
        assertThat(found(NOW, "www." + HOST, leaf(new Wanted().dns("*." + HOST)), middle))
                .containsExactly("certificate.wildcard");
        assertThat(found(NOW, "a.www." + HOST, leaf(new Wanted().dns("*." + HOST)), middle))
                .containsExactlyInAnyOrder("certificate.name-mismatch", "certificate.wildcard");
    }

    @Test
    void chains() {
        TestAuthority leaf = leaf(shop());
        assertThat(found(NOW, HOST, leaf)).containsExactly("certificate.chain-incomplete");
        assertThat(found(NOW, HOST, leaf, stranger))
                .containsExactlyInAnyOrder("certificate.chain-incomplete", "certificate.chain-unrelated");
        assertThat(report.path("findings").findValuesAsText("detail"))
                .as("whose certificate is missing is told by the leaf, not by what came last")
                .anyMatch(detail -> detail.contains("leaves out \"CN=Middle\""));
        assertThat(found(NOW, HOST, leaf, root, middle))
                .containsExactlyInAnyOrder("certificate.chain-wrong-order", "certificate.chain-includes-root");
        assertThat(found(NOW, HOST, leaf, middle, stranger)).containsExactly("certificate.chain-unrelated");
        assertThat(found(NOW, HOST, stranger.issue("leaf", shop()), stranger))
                .containsExactlyInAnyOrder("certificate.untrusted", "certificate.chain-includes-root");
        assertThat(found(NOW, HOST, leaf(shop().purpose(KeyPurposeId.id_kp_clientAuth)), middle))
                .containsExactlyInAnyOrder("certificate.eku-wrong", "certificate.untrusted");
    }

    @Test
    void aMissingIssuerIsFetchedAndShownAsWhatToAppend() {
        pages.put("/middle.der", middle.der());
        assertThat(found(NOW, HOST, leaf(shop().issuersAt(url("/middle.der")))))
                .containsExactly("certificate.chain-incomplete");
        assertThat(report.at("/certificates/0/missingIntermediates/0/fetchedFrom")
                        .asText())
                .isEqualTo("aia");
        assertThat(report.at("/certificates/0/missingIntermediates/0/pem").asText())
                .isEqualTo(pem(middle));
        assertThat(report.at("/certificates/0/trust/1/status").asText()).isEqualTo("trusted");
    }

    @Test
    void staples() throws IOException {
        TestAuthority leaf = leaf(shop().ocspAt("http://ocsp.invalid/"));
        assertThat(found(NOW, HOST, leaf, middle)).containsExactly("ocsp.staple-missing");
        assertThat(found(NOW, HOST, leaf(shop().mustStaple()), middle))
                .containsExactly("certificate.must-staple-without-staple");
        CertificateStatus good = CertificateStatus.GOOD;
        staple(middle.ocsp(leaf, good, NOW.minus(DAY), NOW.plus(DAY), middle));
        assertThat(found(NOW, HOST, leaf, middle)).isEmpty();
        assertThat(report.at("/certificates/0/ocspStaple/status").asText()).isEqualTo("good");
        assertThat(report.at("/certificates/0/ocspStaple/protocols").toString()).contains("TLSv1.3");
        staple(middle.ocsp(leaf, good, NOW.minus(DAY.multipliedBy(3)), NOW.minus(DAY), middle));
        assertThat(found(NOW, HOST, leaf, middle)).containsExactly("ocsp.staple-expired");
        staple(middle.ocsp(leaf, good, NOW.minus(DAY), NOW.plus(DAY), stranger));
        assertThat(found(NOW, HOST, leaf, middle)).containsExactly("ocsp.staple-invalid");
        CertificateStatus revoked = new RevokedStatus(Date.from(NOW.minus(DAY)), CRLReason.keyCompromise);
        staple(middle.ocsp(leaf, revoked, NOW.minus(DAY), NOW.plus(DAY), middle));
        assertThat(found(NOW, HOST, leaf, middle)).containsExactly("certificate.revoked");
    }

    @Test
    void lists() {
        more.addAll(List.of("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"));
        TestAuthority leaf = leaf(shop().crlAt(url("/middle.crl")));
        pages.put("/middle.crl", middle.crl(NOW.minus(DAY), NOW.plus(DAY)));
        assertThat(inFull(leaf)).isEmpty();
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("not-revoked");
        pages.put("/middle.crl", middle.crl(NOW.minus(DAY), NOW.plus(DAY), leaf));
        assertThat(inFull(leaf)).containsExactly("certificate.revoked");
        pages.put("/middle.crl", middle.crl(NOW.minus(DAY.multipliedBy(9)), NOW.minus(DAY)));
        assertThat(inFull(leaf)).containsExactly("revocation.crl-stale");
        pages.clear();
        assertThat(inFull(leaf)).containsExactly("revocation.responder-unreachable");
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("unknown");
        assertThat(inFull(leaf(shop().crlAt("ldap://127.0.0.1/cn=x")))).isEmpty();
    }

    @Test
    void onlyOfPublicTrust() {
        String store = dir.resolve("public.pem").toString();
        TestAuthority limit = leaf(shop().valid(
                        NOW.minus(DAY),
                        NOW.minus(DAY).plus(DAY.multipliedBy(200)).minusSeconds(1)));
        TestAuthority longer = leaf(shop().valid(NOW.minus(DAY), NOW.minus(DAY).plus(DAY.multipliedBy(200))));
        assertThat(rules(scan(NOW, HOST, List.of(limit, middle), "--trust-store", store)))
                .contains("certificate.sct-missing")
                .doesNotContain("certificate.lifetime-too-long");
        assertThat(rules(scan(NOW, HOST, List.of(longer, middle), "--trust-store", store)))
                .contains("certificate.sct-missing", "certificate.lifetime-too-long");
        assertThat(found(NOW, HOST, longer, middle))
                .as("a private PKI may")
                .doesNotContain("certificate.sct-missing", "certificate.lifetime-too-long");
    }

    @Test
    void weakKeysAndSignatures() {
        Instant now = Instant.now();
        PeerProcess.certificate(dir, "-newkey", "rsa:1024");
        assertThat(rules(serve(now, "localhost"))).contains("certificate.weak-key", "certificate.self-signed");
        PeerProcess.certificate(dir, "-newkey", "rsa:2048", "-sha1");
        assertThat(rules(serve(now, "localhost")))
                .contains("certificate.weak-signature")
                .doesNotContain("certificate.weak-key");
    }

    /** A CA as openssl has it, its index.txt knowing who is revoked: by GET, and by POST with a nonce where GET is not known. */
    @Test
    void opensslAsResponder() throws IOException {
        more.addAll(List.of("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"));
        Files.writeString(
                dir.resolve("leaf.ext"),
                "subjectAltName=DNS:shop.example\nextendedKeyUsage=serverAuth\n" + "authorityInfoAccess=OCSP;URI:"
                        + url("/ocsp/") + "\n");
        PeerProcess.run(
                dir,
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=CA",
                "-keyout",
                "ca.key",
                "-out",
                "ca.pem");
        PeerProcess.run(
                dir,
                "openssl",
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=leaf",
                "-keyout",
                "key.pem",
                "-out",
                "leaf.csr");
        PeerProcess.run(
                dir,
                "openssl",
                "x509",
                "-req",
                "-in",
                "leaf.csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-set_serial",
                "0x0A11",
                "-days",
                "20",
                "-extfile",
                "leaf.ext",
                "-out",
                "cert.pem");
        for (boolean revoked : new boolean[] {false, true}) {
            Files.writeString(
                    dir.resolve("index.txt"),
                    revoked
                            ? "R\t301231235959Z\t261101000000Z,keyCompromise\t0A11\tunknown\t/CN=leaf\n"
                            : "V\t301231235959Z\t\t0A11\tunknown\t/CN=leaf\n");
            asked.clear();
            AtomicBoolean get = new AtomicBoolean(!revoked);
            HttpContext responder = http.createContext("/ocsp/", exchange -> answerByOpenssl(exchange, get.get()));
            try {
                JsonNode said = serve(
                        Instant.now(),
                        HOST,
                        "--depth",
                        "full",
                        "--trust",
                        dir.resolve("ca.pem").toString());
                assertThat(said.at("/certificates/0/revocation/via").asText())
                        .as(said.path("findings").toString())
                        .isEqualTo("ocsp");
                assertThat(said.at("/certificates/0/revocation/status").asText())
                        .isEqualTo(revoked ? "revoked" : "not-revoked");
                assertThat(rules(said).contains("certificate.revoked")).isEqualTo(revoked);
                assertThat(asked).isEqualTo(revoked ? List.of("GET", "POST") : List.of("GET"));
            } finally {
                http.removeContext(responder);
            }
        }
    }

    /** What the openssl program answers to a request that came by GET or POST (RFC 6960 appendix A). */
    private void answerByOpenssl(HttpExchange exchange, boolean get) throws IOException {
        String method = exchange.getRequestMethod();
        asked.add(method);
        byte[] request = method.equals("GET")
                ? Base64.getDecoder().decode(exchange.getRequestURI().getPath().substring("/ocsp/".length()))
                : exchange.getRequestBody().readAllBytes();
        if (method.equals("GET") && !get) {
            exchange.sendResponseHeaders(405, -1);
        } else {
            Files.write(dir.resolve("request.der"), request);
            PeerProcess.run(
                    dir,
                    ("openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -ndays 2"
                                    + " -reqin request.der -respout response.der")
                            .split(" ", -1));
            byte[] response = Files.readAllBytes(dir.resolve("response.der"));
            exchange.sendResponseHeaders(200, response.length);
            exchange.getResponseBody().write(response);
        }
        exchange.close();
    }
}
