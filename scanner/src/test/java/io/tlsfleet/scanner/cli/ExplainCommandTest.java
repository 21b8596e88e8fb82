package io.tlsfleet.scanner.cli;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.TestAuthority;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ExplainCommandTest {
    private final TestAuthority root = TestAuthority.root("Root");
    private final TestAuthority middle = root.intermediate("Middle", new Wanted());
    private final TestAuthority leaf = middle.issue("leaf", new Wanted().dns("shop.example"));
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path dir;

    private Path anchor = Path.of("root.pem");

    @BeforeEach
    void files() throws Exception {
        anchor = Files.writeString(dir.resolve("root.pem"), pem(root));
    }

    private static String pem(TestAuthority authority) {
        return CertificateFacts.read(authority.der()).pem();
    }

    private int run(String... args) {
        CommandLine line = new CommandLine(new ExplainCommand(() -> NOW))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        return line.execute(args);
    }

    @Test
    void explainsAChainAsText() throws Exception {
        Path chain = Files.writeString(dir.resolve("chain.pem"), pem(leaf) + pem(middle));
        assertThat(run(chain.toString(), "--trust", anchor.toString(), "--host", "shop.example"))
                .isZero();
        assertThat(out.toString())
                .contains("2 certificates", "given", "trusted through Root", "yes shop.example by DNS:shop.example")
                .contains("80 days of 90 days left")
                .doesNotContain("\u001b");
    }

    @Test
    void filesOfOneChainAreExplainedAsOne() throws Exception {
        Path first = Files.writeString(dir.resolve("leaf.pem"), pem(leaf));
        Path second = Files.writeString(dir.resolve("middle.pem"), pem(middle));
        Path stranger = Files.writeString(dir.resolve("stranger.pem"), pem(TestAuthority.root("Stranger")));
        assertThat(run(
                        second.toString(),
                        stranger.toString(),
                        first.toString(),
                        "--trust",
                        anchor.toString(),
                        "--format",
                        "json"))
                .isZero();
        JsonNode answers = Json.parse(out.toString());
        assertThat(answers.findValuesAsText("source"))
                .containsExactly(stranger.toString(), first + " + " + second)
                .hasSize(2);
        JsonNode chain = answers.get(1);
        assertThat(chain.at("/status").asText()).isEqualTo("trusted");
        assertThat(chain.at("/certificate/completeness").asText()).isEqualTo("complete");
        assertThat(chain.at("/certificate/order/0").asText()).isEqualTo("correct");
        assertThat(chain.at("/certificate/chain")).hasSize(2);
    }

    /** Two leaves below one intermediate: it belongs to both. */
    @Test
    void anIntermediateInAFileOfItsOwnServesEveryLeaf() throws Exception {
        Path first = Files.writeString(dir.resolve("leaf.pem"), pem(leaf));
        Path other = Files.writeString(
                dir.resolve("other.pem"), pem(middle.issue("other", new Wanted().dns("pay.example"))));
        Path second = Files.writeString(dir.resolve("middle.pem"), pem(middle));
        run(first.toString(), other.toString(), second.toString(), "--trust", anchor.toString(), "--format", "json");
        assertThat(Json.parse(out.toString()).findValuesAsText("source"))
                .containsExactly(first + " + " + second, other + " + " + second);
    }

    /** Cross-signed by each other: none is the leaf, and none gets lost. */
    @Test
    void issuersOfEachOtherAreNotLost() throws Exception {
        Path one = Files.writeString(dir.resolve("one.pem"), pem(root) + pem(middle));
        Path two = Files.writeString(dir.resolve("two.pem"), pem(middle) + pem(root));
        assertThat(run(one.toString(), two.toString(), "--format", "json")).isZero();
        assertThat(out.toString()).contains(one.toString(), two.toString());
    }

    /** As files come out of editors, Secrets, JSON and Windows; and one that was cut is shown, not passed over. */
    @Test
    void certificatesAreFoundInWhatPeopleHave() throws Exception {
        String pem = pem(leaf);
        String base64 = base64(leaf);
        Map<String, byte[]> files = Map.of(
                "escaped.pem", pem.replace("\n", "\\n").getBytes(StandardCharsets.US_ASCII),
                "bare.txt", (base64 + "\n").getBytes(StandardCharsets.US_ASCII),
                "secret.txt", Base64.getMimeEncoder().encode(pem.getBytes(StandardCharsets.US_ASCII)),
                "windows.pem", ("\uFEFF" + pem).getBytes(StandardCharsets.UTF_16LE));
        for (Map.Entry<String, byte[]> one : files.entrySet()) {
            out.getBuffer().setLength(0);
            Path file = Files.write(dir.resolve(one.getKey()), one.getValue());
            assertThat(run(file.toString(), "--format", "json"))
                    .as(one.getKey())
                    .isZero();
            assertThat(Json.parse(out.toString())
                            .at("/certificate/chain/0/subject")
                            .asText())
                    .as(one.getKey())
                    .isEqualTo("CN=leaf");
        }
        for (String broken :
                List.of(pem.substring(0, pem.length() * 3 / 4), pem.replaceFirst("MII", "M!I") + pem(middle))) {
            out.getBuffer().setLength(0);
            Path file = Files.writeString(dir.resolve("broken.pem"), broken);
            assertThat(run(file.toString(), "--format", "json")).isZero();
            assertThat(Json.parse(out.toString()).get("status").asText()).isEqualTo("malformed");
        }
    }

    /** The root is in the store: what is wrong is another thing, and that is what is said. */
    @Test
    void aChainThatItsStoreRefusesIsNotCalledUnknown() throws Exception {
        TestAuthority strange = middle.issue(
                "strange",
                new Wanted()
                        .dns("shop.example")
                        .extension(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"), true, DERNull.INSTANCE));
        Path file = Files.writeString(dir.resolve("strange.pem"), pem(strange) + pem(middle));
        assertThat(run(file.toString(), "--trust", anchor.toString(), "--trust-store", "mozilla"))
                .isZero();
        assertThat(out.toString())
                .contains("Chain that clients refuse", "unknown critical extension 1.3.6.1.4.1.99999.1.")
                .doesNotContain("which no store", "trust it for this site");
    }

    @Test
    void whatOpensslAloneRefusesIsTold() throws Exception {
        TestAuthority another = middle.issue(
                "another",
                new Wanted()
                        .dns("shop.example")
                        .extension(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(new byte[20])));
        Path file = Files.writeString(dir.resolve("another.pem"), pem(another) + pem(middle));
        run(file.toString(), "--trust", anchor.toString(), "--trust-store", "mozilla");
        assertThat(out.toString())
                .contains("names another key than that of Middle: browsers connect, what is built on OpenSSL");
        out.getBuffer().setLength(0);
        TestAuthority lister = middle.issue(
                "lister",
                new Wanted().dns("shop.example").extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.cRLSign)));
        file = Files.writeString(dir.resolve("lister.pem"), pem(lister) + pem(middle));
        run(file.toString(), "--trust", anchor.toString(), "--trust-store", "mozilla", "--format", "json");
        assertThat(Json.parse(out.toString()).get("findings").findValuesAsText("rule"))
                .containsOnlyOnce("certificate.eku-wrong");
    }

    @Test
    void anIntermediateOfTheNameWithAnotherKeyIsTold() throws Exception {
        TestAuthority namesake = root.intermediate("Middle", new Wanted());
        Path file = Files.writeString(dir.resolve("namesake.pem"), pem(leaf) + pem(namesake));
        assertThat(run(file.toString(), "--trust", anchor.toString(), "--trust-store", "mozilla"))
                .isZero();
        assertThat(out.toString()).contains("leaves out \"CN=Middle\"; what it sends under that name did not sign it");
    }

    @Test
    void aPrivateKeyUnderTheNameOfACertificateIsNotShown() throws Exception {
        String key = Base64.getMimeEncoder()
                .encodeToString(leaf.keyPair().getPrivate().getEncoded());
        Path file = Files.writeString(
                dir.resolve("key.pem"),
                pem(leaf) + "-----BEGIN CERTIFICATE-----\n" + key + "\n-----END CERTIFICATE-----\n");
        assertThat(run(file.toString(), "--format", "json")).isEqualTo(2);
        assertThat(out.toString() + err).doesNotContain(key.substring(0, 40));
        assertThat(err.toString()).contains("a private key stands in it as a certificate");
    }

    /** What did not issue the leaf is not drawn as its issuer. */
    @Test
    void theTreeIsOfIssuers() throws Exception {
        Path file = Files.writeString(
                dir.resolve("strange.pem"), pem(leaf) + pem(TestAuthority.root("Stranger")) + pem(leaf));
        assertThat(run(file.toString(), "--trust-store", "mozilla")).isZero();
        assertThat(out.toString()).contains("`- ? Middle", "+ Stranger").doesNotContain("`- Stranger", "`- leaf");
    }

    @Test
    void explainsAsJson() throws Exception {
        Path chain = dir.resolve("leaf.der");
        Files.write(chain, leaf.der());
        assertThat(run(
                        chain.toString(),
                        "--trust",
                        anchor.toString(),
                        "--trust-store",
                        "mozilla",
                        "--format",
                        "json",
                        "--host",
                        "pay.example"))
                .isZero();
        JsonNode answer = Json.parse(out.toString());
        assertThat(answer.at("/certificate/completeness").asText()).isEqualTo("missing-intermediate");
        assertThat(answer.at("/certificate/hostname/matches").asBoolean(true)).isFalse();
        assertThat(answer.get("findings").findValuesAsText("rule"))
                .contains("certificate.chain-incomplete", "certificate.name-mismatch");
    }

    @Test
    void judgesALineWithoutANetwork() throws Exception {
        ObjectNode line = Json.mapper().createObjectNode();
        line.put("id", 7);
        line.putArray("chain").add(base64(leaf)).add(base64(middle));
        line.putArray("trust").add(base64(root));
        line.putArray("crls")
                .add(Base64.getEncoder().encodeToString(middle.crl(NOW.minusSeconds(60), NOW.plusSeconds(60), leaf)));
        line.put("at", NOW.toString());
        line.put("host", "shop.example");
        line.putNull("staple");
        Path file = Files.writeString(dir.resolve("lines.ndjson"), line + "\n\n{\"chain\": 1}\n");
        assertThat(run("--ndjson", file.toString())).isEqualTo(2);
        JsonNode answer = Json.parse(out.toString());
        assertThat(answer.get("id").asInt()).isEqualTo(7);
        assertThat(answer.get("status").asText()).isEqualTo("revoked");
        assertThat(answer.get("findings").toString()).contains("certificate.revoked");
        assertThat(answer.at("/certificate/trust/0/status").asText()).isEqualTo("revoked");
        assertThat(answer.at("/certificate/chain")).hasSize(2);
        assertThat(err.toString()).contains("line 3");
    }

    /** What is given twice, or as something else, would be judged as if it had not been given. */
    @Test
    void aLineThatSaysSomethingElseThanItMeansIsRefused() throws Exception {
        String chain = "\"chain\": [\"" + base64(leaf) + "\", \"" + base64(middle) + "\"]";
        String trust = "\"trust\": [\"" + base64(root) + "\"]";
        Map<String, String> wrong = Map.of(
                "{%s, %s, \"host\": \"shop.example\", \"host\": null}".formatted(chain, trust),
                        "Duplicate field 'host'",
                "{%s, \"trust\": \"%s\"}".formatted(chain, base64(root)), "trust: is no array",
                "{%s, %s, \"crls\": {}}".formatted(chain, trust), "crls: is no array",
                "{%s, %s, \"at\": 1780000000}".formatted(chain, trust), "at: is no text",
                "{%s, %s, \"staple\": []}".formatted(chain, trust), "staple: is no text",
                "{%s, %s, \"host\": 5}".formatted(chain, trust), "host: is no text",
                "{\"chain\": [5], %s}".formatted(trust), "chain: has what is no text",
                "{\"chain\": [\"!%s\"], %s}".formatted(base64(leaf), trust), "chain: no base64");
        for (Map.Entry<String, String> line : wrong.entrySet()) {
            err.getBuffer().setLength(0);
            Path file = Files.writeString(dir.resolve("wrong.ndjson"), line.getKey() + "\n");
            assertThat(run("--ndjson", file.toString())).as(line.getValue()).isEqualTo(2);
            assertThat(err.toString()).contains("line 1: ", line.getValue());
            assertThat(out.toString()).isEmpty();
        }
        String nulls = "{%s, %s, \"host\": null, \"staple\": null, \"crls\": null, \"known\": null, \"at\": \"%s\"}"
                .formatted(chain, trust, NOW);
        Path file = Files.writeString(dir.resolve("right.ndjson"), nulls + "\n");
        assertThat(run("--ndjson", file.toString())).isZero();
        assertThat(Json.parse(out.toString()).get("status").asText()).isEqualTo("trusted");
    }

    private static String base64(TestAuthority authority) {
        return Base64.getEncoder().encodeToString(authority.der());
    }

    @Test
    void namesWhatCannotBeRead() throws Exception {
        assertThat(run("nowhere.pem")).isEqualTo(2);
        assertThat(err.toString()).contains("nowhere.pem: no such file");
        Path text = Files.writeString(dir.resolve("text.pem"), "no certificate");
        assertThat(run(text.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("no certificate in it");
        assertThat(run(anchor.toString(), "--ct-logs", "nowhere.json")).isEqualTo(2);
        assertThat(err.toString()).contains("--ct-logs nowhere.json: no such file");
    }

    @Test
    void aBundleOfRootsIsExplainedOneByOne() throws Exception {
        Path bundle = Files.writeString(dir.resolve("roots.pem"), pem(root) + pem(TestAuthority.root("Other")));
        assertThat(run(bundle.toString(), "--trust", anchor.toString())).isZero();
        assertThat(out.toString().split("1 certificate ", -1)).hasSize(3);
    }

    @Test
    void readsKeystoresWithoutTheirKeys() throws Exception {
        for (String type : List.of("PKCS12", "JKS")) {
            for (String password : List.of("changeit", "of its own")) {
                KeyStore store = KeyStore.getInstance(type);
                store.load(null, null);
                store.setKeyEntry("leaf", leaf.keyPair().getPrivate(), password.toCharArray(), new Certificate[] {
                    certificate(leaf), certificate(middle)
                });
                Path file = dir.resolve(type + password.length());
                try (OutputStream stream = Files.newOutputStream(file)) {
                    store.store(stream, password.toCharArray());
                }
                Path secret = Files.writeString(dir.resolve("secret"), password + "\n");
                out.getBuffer().setLength(0);
                assertThat(run(file.toString(), "--trust", anchor.toString(), "--password-file", secret.toString()))
                        .isZero();
                assertThat(out.toString()).contains("2 certificates", "trusted through Root");
                if (type.equals("JKS") || password.equals("changeit")) {
                    assertThat(run(file.toString(), "--trust", anchor.toString()))
                            .isZero();
                } else {
                    assertThat(run(file.toString())).isEqualTo(2);
                    assertThat(err.toString()).contains("--password-file FILE");
                }
            }
        }
    }

    private static Certificate certificate(TestAuthority authority) throws Exception {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(authority.der()));
    }

    @Test
    void saysWhatAFileIsThatHoldsNoCertificate() throws Exception {
        byte[] request = new JcaPKCS10CertificationRequestBuilder(
                        new X500Name("CN=wanted.example"), leaf.keyPair().getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(leaf.keyPair().getPrivate()))
                .getEncoded();
        Map<String, byte[]> files = Map.of(
                "a certificate request for CN=wanted.example", request,
                "a private key", leaf.keyPair().getPrivate().getEncoded(),
                "a public key", leaf.keyPair().getPublic().getEncoded(),
                "a revocation list", middle.crl(NOW.minusSeconds(60), NOW.plusSeconds(60), leaf));
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            err.getBuffer().setLength(0);
            Path der = Files.write(dir.resolve("other.der"), file.getValue());
            assertThat(run(der.toString())).as(file.getKey()).isEqualTo(2);
            assertThat(err.toString()).contains("this is " + file.getKey());
        }
        Path cut = Files.write(dir.resolve("cut.der"), java.util.Arrays.copyOf(leaf.der(), 100));
        assertThat(run(cut.toString())).as("a broken certificate is explained").isZero();
        assertThat(out.toString()).contains("malformed");
    }

    @Test
    void fitsAWindowOfEightyColumns() {
        Explanation explanation = Explanation.of(
                "chain.pem",
                ChainQuestion.of(
                                List.of(middle.issue(
                                                "a-name-that-is-much-too-long-for-the-column-it-stands-in",
                                                new Wanted())
                                        .der()),
                                List.of(
                                        TrustStore.of("mozilla", List.of(root.der())),
                                        TrustStore.of("java", List.of())),
                                NOW)
                        .withHost("pay.example"),
                List.of(),
                false);
        assertThat(ExplainText.shown(explanation, 80).lines())
                .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(80));
        assertThat(ExplainText.plain(explanation).lines())
                .anySatisfy(line -> assertThat(line.length()).isGreaterThan(80))
                .allSatisfy(line -> assertThat(line.chars()).allMatch(c -> c < 127));
    }
}
