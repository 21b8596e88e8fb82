package io.tlsfleet.scanner.cli;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we say that OpenSSL and Java say, held against what they say: the openssl program and this JDK are asked. */
class ExplainClientsTest {
    private static final String HOST = "shop.example";
    private static final Pattern ERROR = Pattern.compile("error (\\d+) at");

    private final TestAuthority root = TestAuthority.root("Root");
    private final TestAuthority middle = root.intermediate("Middle", new Wanted());
    private final TestAuthority stranger = TestAuthority.root("Stranger");

    @TempDir
    Path dir;

    private Wanted shop() {
        return new Wanted().dns(HOST);
    }

    @Test
    void aGoodChainConnects() throws Exception {
        assertThat(told(NOW, HOST, middle.issue("leaf", shop()), middle)).containsOnly("");
    }

    @Test
    void expired() throws Exception {
        assertThat(told(
                        NOW.plus(Duration.ofDays(70)),
                        HOST,
                        middle.issue("l", shop().valid(NOW, NOW.plus(Duration.ofDays(30)))),
                        middle))
                .containsExactly("10", "CertificateExpiredException");
    }

    @Test
    void notYetValid() throws Exception {
        assertThat(told(
                        NOW,
                        HOST,
                        middle.issue("l", shop().valid(NOW.plusSeconds(9_000), NOW.plus(Duration.ofDays(30)))),
                        middle))
                .containsExactly("9", "CertificateNotYetValidException");
    }

    @Test
    void anIntermediateThatIsLeftOut() throws Exception {
        assertThat(told(NOW, HOST, middle.issue("leaf", shop()))).containsExactly("20", "PKIX path building failed");
    }

    @Test
    void aStrangersRoot() throws Exception {
        assertThat(told(NOW, HOST, stranger.issue("leaf", shop()), stranger))
                .containsExactly("19", "PKIX path building failed");
    }

    @Test
    void aCertificateSignedByItself() throws Exception {
        assertThat(told(NOW, null, stranger)).containsExactly("18", "PKIX path building failed");
    }

    @Test
    void forAnotherName() throws Exception {
        // the JDK compares names elsewhere, with these words (HostnameChecker)
        assertThat(told(NOW, "other.example", middle.issue("leaf", shop()), middle))
                .first()
                .isEqualTo("62");
    }

    @Test
    void forAnotherPurpose() throws Exception {
        assertThat(told(NOW, HOST, middle.issue("leaf", shop().purpose(KeyPurposeId.id_kp_clientAuth)), middle))
                .containsExactly("26", "Extended key usage does not permit use for TLS server authentication");
    }

    /** Chrome looks up every wildcard in the public suffix list's first section; Firefox and OpenSSL never do. */
    @Test
    void anIssuerThatIsNoCa() throws Exception {
        TestAuthority server = middle.issue("server", shop());
        assertThat(told(NOW, HOST, server.issue("leaf", shop()), server, middle))
                .containsExactly("79", "PKIX path validation failed");
    }

    @Test
    void aCriticalExtensionThatNobodyKnows() throws Exception {
        Wanted strange = shop().extension(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"), true, DERNull.INSTANCE);
        assertThat(told(NOW, HOST, middle.issue("leaf", strange), middle))
                .containsExactly("34", "PKIX path validation failed");
    }

    @Test
    void aKeyUsageThatNoServerHas() throws Exception {
        Wanted signsCertificates = shop().extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.cRLSign));
        assertThat(told(NOW, HOST, middle.issue("leaf", signsCertificates), middle))
                .containsExactly("26", "KeyUsage does not allow digital signatures");
    }

    /** What OpenSSL alone refuses: the JDK and the browsers connect. */
    @Test
    void anotherKeyIdAndAnyPurpose() throws Exception {
        Wanted another =
                shop().extension(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(new byte[20]));
        assertThat(told(NOW, HOST, middle.issue("leaf", another), middle)).containsExactly("20", "");
        Wanted any = shop().purpose(KeyPurposeId.anyExtendedKeyUsage);
        assertThat(told(NOW, HOST, middle.issue("leaf", any), middle)).containsExactly("26", "");
    }

    /** No client of these offers a signature scheme for it, however good its chain is. */
    @Test
    void aKeyThatBrowsersDoNotKnow() throws Exception {
        KeyPair ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair mlDsa = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
        assertThat(refusing(middle.issue("leaf", shop().keys(ed25519)))).containsExactly("Chrome", "Firefox");
        assertThat(refusing(middle.issue("leaf", shop().keys(mlDsa)))).containsExactly("Chrome", "Firefox", "Java");
        assertThat(refusing(middle.issue("leaf", shop()))).isEmpty();
        TestAuthority signer = root.intermediate("Ed25519", new Wanted().keys(ed25519));
        assertThat(refusing(signer.issue("leaf", shop()), signer)).containsExactly("Chrome", "Firefox");
    }

    private List<String> refusing(TestAuthority leaf) {
        return refusing(leaf, middle);
    }

    private List<String> refusing(TestAuthority leaf, TestAuthority middle) {
        List<TrustStore> stores = List.of(
                TrustStore.of("mozilla", List.of(root.der())),
                TrustStore.of("system", List.of(root.der())),
                TrustStore.of("java", List.of(root.der())));
        ChainQuestion question = ChainQuestion.of(List.of(leaf.der(), middle.der()), stores, NOW);
        return ExplainClients.of(Explanation.of("test", question.withHost(HOST), List.of(), false)).stream()
                .filter(answer -> answer.error() != null)
                .map(ExplainClients.Answer::client)
                .toList();
    }

    @Test
    void aWildcardForAWholeRegistry() {
        assertThat(refusing("*.co.uk", "shop.co.uk")).containsExactly("Chrome");
        assertThat(refusing("*.shop.co.uk", "www.shop.co.uk")).isEmpty();
        assertThat(refusing("*.s3.amazonaws.com", "bucket.s3.amazonaws.com")).isEmpty();
    }

    private List<String> refusing(String name, String host) {
        List<byte[]> sent = List.of(middle.issue("leaf", new Wanted().dns(name)).der(), middle.der());
        List<TrustStore> stores = new ArrayList<>();
        for (String store : List.of("mozilla", "system", "java")) {
            stores.add(TrustStore.of(store, List.of(root.der())));
        }
        return ExplainClients.of(Explanation.of(
                        "test", ChainQuestion.of(sent, stores, NOW).withHost(host), List.of(), false))
                .stream()
                .filter(answer -> answer.error() != null)
                .map(ExplainClients.Answer::client)
                .toList();
    }

    /** What OpenSSL (a number) and Java really say, each found in what we say of it; empty where they connect. */
    private List<String> told(Instant at, @org.jspecify.annotations.Nullable String host, TestAuthority... chain)
            throws Exception {
        List<byte[]> sent = new ArrayList<>();
        for (TestAuthority one : chain) {
            sent.add(one.der());
        }
        List<TrustStore> stores =
                List.of(TrustStore.of("system", List.of(root.der())), TrustStore.of("java", List.of(root.der())));
        Explanation ours =
                Explanation.of("test", ChainQuestion.of(sent, stores, at).withHost(host), List.of(), false);
        String openssl = "";
        String java = "";
        for (ExplainClients.Answer answer : ExplainClients.of(ours)) {
            String error = answer.error() == null ? "" : answer.error();
            if (answer.client().equals("OpenSSL")) {
                openssl = error;
            } else {
                java = error;
            }
        }
        String code = openssl(sent, at, host);
        assertThat(openssl).contains(code.isEmpty() ? "" : "(" + code + ")");
        assertThat(openssl.isEmpty()).isEqualTo(code.isEmpty());
        String said = java(sent, at);
        String known = java.replaceFirst(":.*", "");
        assertThat(said.isEmpty() || said.contains(known))
                .as("the JDK says '%s', we say '%s'", said, java)
                .isTrue();
        return List.of(code, said.isEmpty() ? "" : known);
    }

    private String openssl(List<byte[]> sent, Instant at, @org.jspecify.annotations.Nullable String host)
            throws Exception {
        StringBuilder others = new StringBuilder();
        sent.stream()
                .skip(1)
                .forEach(der -> others.append(CertificateFacts.read(der).pem()));
        List<String> words = new ArrayList<>(List.of(
                "openssl",
                "verify",
                "-no-CApath",
                "-no-CAstore",
                "-purpose",
                "sslserver",
                "-attime",
                Long.toString(at.getEpochSecond()),
                "-CAfile",
                file("root.pem", CertificateFacts.read(root.der()).pem())));
        if (!others.isEmpty()) {
            words.addAll(List.of("-untrusted", file("others.pem", others.toString())));
        }
        if (host != null) {
            words.addAll(List.of("-verify_hostname", host));
        }
        words.add(file("leaf.pem", CertificateFacts.read(sent.getFirst()).pem()));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        boolean good = process.waitFor() == 0;
        Matcher error = ERROR.matcher(said);
        assertThat(good || error.find()).as(said).isTrue();
        return good ? "" : error.group(1);
    }

    private String file(String name, String text) throws Exception {
        return Files.writeString(dir.resolve(name), text).toString();
    }

    private String java(List<byte[]> sent, Instant at) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", certificate(root.der()));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(store, new X509CertSelector());
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(at));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        X509Certificate[] chain = new X509Certificate[sent.size()];
        for (int i = 0; i < chain.length; i++) {
            chain[i] = certificate(sent.get(i));
        }
        try {
            ((X509TrustManager) factory.getTrustManagers()[0]).checkServerTrusted(chain, "ECDHE_ECDSA");
            return "";
        } catch (CertificateException e) {
            StringBuilder said = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                said.append(cause).append('\n');
            }
            return said.toString();
        }
    }

    private static X509Certificate certificate(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }
}
