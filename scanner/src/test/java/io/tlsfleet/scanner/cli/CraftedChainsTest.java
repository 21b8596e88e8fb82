package io.tlsfleet.scanner.cli;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TestAuthority.Said;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.junit.jupiter.api.Test;

/** What a scan says of chains that were made to be wrong in one thing, served by openssl; beside each one that is right. */
class CraftedChainsTest extends ChainScans {
    private static final BigInteger F4 = BigInteger.valueOf(65_537);
    private final Random random = new Random(17);

    CraftedChainsTest() throws IOException {}

    @Test
    void keysWhosePrivateHalfAnyoneCanHave() {
        assertThat(weakness(rsa(prime(), prime(), F4))).isEmpty();
        assertThat(weakness(rsa(prime(), prime(), BigInteger.valueOf(3)))).isEmpty();
        assertThat(weakness(rsa(rocaPrime(), rocaPrime(), F4))).contains("ROCA");
        BigInteger p = prime();
        assertThat(weakness(rsa(p, p.add(BigInteger.ONE.shiftLeft(64)).nextProbablePrime(), F4)))
                .contains("Fermat");
        assertThat(weakness(rsa(prime(), prime(), BigInteger.ONE))).contains("exponent is 1");
    }

    @Test
    void aKeyOnAList() throws Exception {
        KeyPair keys = rsa(prime(), prime(), F4);
        String spki = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(keys.getPublic().getEncoded()));
        String list = Files.writeString(dir.resolve("leaked.txt"), spki + "\n").toString();
        List<TestAuthority> chain = List.of(leaf(shop().keys(keys)), middle);
        assertThat(rules(scan(NOW, HOST, chain, "--known-keys", list, "--trust", rootFile())))
                .containsExactly("certificate.weak-key");
        assertThat(report.at("/findings/0/severity").asText()).isEqualTo("critical");
        List<TestAuthority> good = List.of(leaf(shop()), middle);
        assertThat(rules(scan(NOW, HOST, good, "--known-keys", list, "--trust", rootFile())))
                .isEmpty();
    }

    @Test
    void aSerialNumberThatServesTwoCertificates() throws IOException {
        TestAuthority ecdsa = leaf(shop().serial(0x5EA1));
        for (long serial : new long[] {0x5EA1, 0x5EA2}) {
            TestAuthority rsa = leaf(shop().keys(rsa(prime(), prime(), F4)).serial(serial));
            more.clear();
            write("second", rsa);
            more.addAll(List.of("-dcert", "second.pem", "-dkey", "second.key", "-dcert_chain", "others.pem"));
            List<String> rules =
                    rules(scan(NOW, HOST, List.of(ecdsa, middle), "--depth", "standard", "--trust", rootFile()));
            assertThat(report.path("certificates")).hasSize(2);
            assertThat(rules.contains("certificate.duplicate-serial")).isEqualTo(serial == 0x5EA1);
        }
    }

    @Test
    void anIntermediateThatEndsFirst() {
        TestAuthority brief =
                root.intermediate("Brief", new Wanted().valid(NOW.minus(DAY), NOW.plus(DAY.multipliedBy(70))));
        assertThat(found(NOW, HOST, brief.issue("leaf", shop()), brief))
                .containsExactly("certificate.intermediate-expires-first");
        assertThat(found(NOW.plus(DAY.multipliedBy(71)), HOST, brief.issue("leaf", shop()), brief))
                .contains("certificate.expired");
        assertThat(report.at("/certificates/0/trust/1/status").asText()).isEqualTo("expired");
    }

    @Test
    void signaturesWithSha1() {
        assertThat(found(NOW, HOST, leaf(shop().signedWithSha1()), middle))
                .containsExactly("certificate.weak-signature");
        assertThat(report.at("/certificates/0/trust/1/status").asText()).isEqualTo("weak-signature");
        TestAuthority old = root.intermediate("Old", new Wanted().signedWithSha1());
        assertThat(found(NOW, HOST, old.issue("leaf", shop()), old)).containsExactly("certificate.weak-signature");
    }

    @Test
    void namesOutsideTheConstraintsOfTheirIssuer() {
        for (String permitted : List.of("example", "other.test")) {
            TestAuthority bound = root.intermediate(
                    "Bound",
                    new Wanted()
                            .extension(
                                    Extension.nameConstraints,
                                    true,
                                    new NameConstraints(
                                            new GeneralSubtree[] {
                                                new GeneralSubtree(new GeneralName(GeneralName.dNSName, permitted))
                                            },
                                            null)));
            List<String> rules = found(NOW, HOST, bound.issue("leaf", shop()), bound);
            boolean within = permitted.equals("example");
            assertThat(report.at("/certificates/0/trust/1/status").asText())
                    .isEqualTo(within ? "trusted" : "name-constraint");
            assertThat(rules).isEqualTo(within ? List.of() : List.of("certificate.untrusted"));
        }
    }

    @Test
    void staplesByOthersThanTheIssuer() throws IOException {
        TestAuthority leaf = leaf(shop().ocspAt("http://ocsp.invalid/"));
        TestAuthority other = leaf(shop().ocspAt("http://ocsp.invalid/"));
        CertificateStatus good = CertificateStatus.GOOD;
        staple(middle.ocsp(
                leaf, good, NOW.minus(DAY), NOW.plus(DAY), delegate(KeyPurposeId.id_kp_OCSPSigning, middle)));
        assertThat(found(NOW, HOST, leaf, middle)).isEmpty();
        staple(middle.ocsp(leaf, good, NOW.minus(DAY), NOW.plus(DAY), delegate(KeyPurposeId.id_kp_serverAuth, middle)));
        assertThat(found(NOW, HOST, leaf, middle)).containsExactly("ocsp.staple-invalid");
        assertThat(report.at("/certificates/0/ocspStaple/status").asText()).isEqualTo("bad-signature");
        staple(middle.ocsp(leaf, good, NOW.minus(DAY), NOW.plus(DAY), delegate(KeyPurposeId.id_kp_OCSPSigning, root)));
        assertThat(found(NOW, HOST, leaf, middle))
                .as("delegated by another CA than the leaf's")
                .containsExactly("ocsp.staple-invalid");
        staple(middle.ocsp(other, good, NOW.minus(DAY), NOW.plus(DAY), middle));
        assertThat(found(NOW, HOST, leaf, middle)).containsExactly("ocsp.staple-invalid");
        assertThat(report.at("/certificates/0/ocspStaple/status").asText()).isEqualTo("wrong-certificate");
    }

    /** Of several answers about the certificate those count that are current, then the latest, then the strictest. */
    @Test
    void staplesWithSeveralAnswers() throws IOException {
        TestAuthority leaf = leaf(shop().ocspAt("http://ocsp.invalid/"));
        CertificateStatus revoked = new RevokedStatus(Date.from(NOW.minus(DAY)), CRLReason.keyCompromise);
        Said good = new Said(null, NOW.minus(DAY), NOW.plus(DAY));
        staple(middle.ocsp(leaf, List.of(good, new Said(revoked, NOW.minus(DAY), NOW.plus(DAY))), NOW, middle));
        assertThat(found(NOW, HOST, leaf, middle)).containsExactly("certificate.revoked");
        Said old = new Said(revoked, NOW.minus(DAY.multipliedBy(3)), NOW.plus(DAY));
        staple(middle.ocsp(leaf, List.of(old, good), NOW, middle));
        assertThat(found(NOW, HOST, leaf, middle)).isEmpty();
        Said later = new Said(null, NOW.plus(DAY), NOW.plus(DAY.multipliedBy(2)));
        staple(middle.ocsp(leaf, List.of(later, good), NOW, middle));
        assertThat(found(NOW, HOST, leaf, middle)).isEmpty();
        staple(middle.ocsp(leaf, List.of(good), NOW.minus(DAY.multipliedBy(30)), middle));
        assertThat(found(NOW, HOST, leaf, middle))
                .as("made before there was this certificate")
                .containsExactly("ocsp.staple-invalid");
    }

    private static TestAuthority delegate(KeyPurposeId purpose, TestAuthority by) {
        return by.issue("Responder", new Wanted().purpose(purpose));
    }

    /** A list for one distribution point says nothing of certificates that name another (RFC 5280 section 6.3.3 b). */
    @Test
    void listsInParts() throws IOException {
        more.addAll(List.of("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"));
        TestAuthority leaf = leaf(shop().crlAt(url("/part-1.crl")));
        pages.put("/part-1.crl", middle.crl(NOW.minus(DAY), NOW.plus(DAY), List.of(part("/part-1.crl")), leaf));
        assertThat(inFull(leaf)).containsExactly("certificate.revoked");
        pages.put("/part-1.crl", middle.crl(NOW.minus(DAY), NOW.plus(DAY), List.of(part("/part-1.crl"))));
        assertThat(inFull(leaf)).isEmpty();
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("not-revoked");
        pages.put("/part-1.crl", middle.crl(NOW.minus(DAY), NOW.plus(DAY), List.of(part("/part-2.crl")), leaf));
        assertThat(inFull(leaf)).doesNotContain("certificate.revoked");
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("unknown");
    }

    /** A difference alone calls nothing good; one that is signed by a stranger calls nothing revoked either. */
    @Test
    void differencesAndForgeries() throws IOException {
        more.addAll(List.of("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"));
        TestAuthority leaf = leaf(shop().crlAt(url("/middle.crl")));
        Extension delta = new Extension(Extension.deltaCRLIndicator, true, new ASN1Integer(9).getEncoded());
        pages.put("/middle.crl", middle.crl(NOW.minus(DAY), NOW.plus(DAY), List.of(delta)));
        assertThat(inFull(leaf)).doesNotContain("certificate.revoked");
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("unknown");
        pages.put("/middle.crl", TestAuthority.root("Middle").crl(NOW.minus(DAY), NOW.plus(DAY), leaf));
        assertThat(inFull(leaf)).doesNotContain("certificate.revoked");
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("unknown");
    }

    /** The list is another's, as the distribution point says; both stand under one root. */
    @Test
    void indirectLists() throws IOException {
        more.addAll(List.of("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"));
        GeneralNames lister = new GeneralNames(new GeneralName(new X500Name("CN=Root")));
        Wanted wanted = shop().extension(
                        Extension.cRLDistributionPoints, false, new CRLDistPoint(new DistributionPoint[] {
                            new DistributionPoint(at("/indirect.crl"), null, lister)
                        }));
        TestAuthority leaf = leaf(wanted);
        Extension indirect = new Extension(
                Extension.issuingDistributionPoint,
                true,
                new IssuingDistributionPoint(at("/indirect.crl"), false, false, null, true, false).getEncoded());
        pages.put("/indirect.crl", root.indirectCrl(NOW.minus(DAY), NOW.plus(DAY), indirect, middle, leaf));
        assertThat(inFull(leaf)).containsExactly("certificate.revoked");
        pages.put("/indirect.crl", root.indirectCrl(NOW.minus(DAY), NOW.plus(DAY), indirect, stranger, leaf));
        assertThat(inFull(leaf)).isEmpty();
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("not-revoked");
    }

    /** Its length is not said: reading ends early, nothing is said of the certificate, and nothing of the source. */
    @Test
    void aListOfFiftyMegabytes() {
        more.addAll(List.of("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"));
        AtomicLong taken = new AtomicLong();
        http.createContext("/huge.crl", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[1 << 16];
            try (OutputStream body = exchange.getResponseBody()) {
                for (int i = 0; i < 800; i++) {
                    body.write(piece);
                    taken.addAndGet(piece.length);
                }
            }
        });
        List<String> rules = inFull(leaf(shop().crlAt(url("/huge.crl"))));
        assertThat(rules).as(report.path("findings").toString()).isEmpty();
        assertThat(report.at("/certificates/0/revocation/status").asText()).isEqualTo("unknown");
        assertThat(taken.get()).isLessThan(30L << 20);
    }

    /** An issuer inside a PKCS#7 bundle, as many CAs publish it, beside one that cannot be meant. */
    @Test
    void anIssuerOutOfABundle() throws Exception {
        pages.put(
                "/bundle.p7c",
                new CMSSignedDataGenerator() {
                    {
                        addCertificate(new X509CertificateHolder(stranger.der()));
                        addCertificate(new X509CertificateHolder(middle.der()));
                    }
                }.generate(new CMSAbsentContent()).getEncoded("DER"));
        assertThat(found(NOW, HOST, leaf(shop().issuersAt(url("/bundle.p7c")))))
                .containsExactly("certificate.chain-incomplete");
        assertThat(report.at("/certificates/0/missingIntermediates/0/subject").asText())
                .isEqualTo("CN=Middle");
        assertThat(report.at("/certificates/0/trust/1/status").asText()).isEqualTo("trusted");
        pages.put("/bundle.p7c", stranger.der());
        assertThat(found(NOW, HOST, leaf(shop().issuersAt(url("/bundle.p7c")))))
                .containsExactly("certificate.chain-incomplete");
        assertThat(report.at("/certificates/0/trust/1/status").asText()).isEqualTo("untrusted");
    }

    private Extension part(String path) throws IOException {
        return new Extension(
                Extension.issuingDistributionPoint,
                true,
                new IssuingDistributionPoint(at(path), false, false, null, false, false).getEncoded());
    }

    private DistributionPointName at(String path) {
        return new DistributionPointName(
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, url(path))));
    }

    private String weakness(KeyPair keys) {
        List<String> rules = found(NOW, HOST, leaf(shop().keys(keys)), middle);
        assertThat(rules).as(report.toString()).isSubsetOf("certificate.weak-key");
        return rules.isEmpty() ? "" : report.at("/findings/0/detail").asText();
    }

    private BigInteger prime() {
        return BigInteger.valueOf(3)
                .shiftLeft(1022)
                .add(new BigInteger(1022, random))
                .nextProbablePrime();
    }

    /** k·M + 65537^a mod M, as Infineon's library made them. */
    private BigInteger rocaPrime() {
        BigInteger m = BigInteger.TWO;
        for (BigInteger p = BigInteger.valueOf(3); p.intValue() <= 167; p = p.nextProbablePrime()) {
            m = m.multiply(p);
        }
        BigInteger top = BigInteger.valueOf(3).shiftLeft(1022);
        while (true) {
            BigInteger k = top.add(new BigInteger(1000, random)).divide(m);
            BigInteger candidate = k.multiply(m).add(F4.modPow(new BigInteger(200, random), m));
            if (candidate.isProbablePrime(40)) {
                return candidate;
            }
        }
    }

    private static KeyPair rsa(BigInteger p, BigInteger q, BigInteger e) {
        BigInteger n = p.multiply(q);
        BigInteger p1 = p.subtract(BigInteger.ONE);
        BigInteger q1 = q.subtract(BigInteger.ONE);
        if (!p1.gcd(e).equals(BigInteger.ONE) || !q1.gcd(e).equals(BigInteger.ONE)) {
            return rsa(p.nextProbablePrime(), q.nextProbablePrime(), e);
        }
        BigInteger d = e.modInverse(p1.multiply(q1));
        try {
            KeyFactory factory =
                    KeyFactory.getInstance("RSA", new org.bouncycastle.jce.provider.BouncyCastleProvider());
            return new KeyPair(
                    factory.generatePublic(new RSAPublicKeySpec(n, e)),
                    factory.generatePrivate(
                            new RSAPrivateCrtKeySpec(n, e, d, p, q, d.mod(p1), d.mod(q1), q.modInverse(p))));
        } catch (GeneralSecurityException x) {
            throw new IllegalStateException(x);
        }
    }
}
