package io.tlsfleet.tls.x509;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static io.tlsfleet.tls.x509.der.DerWriter.element;
import static io.tlsfleet.tls.x509.der.DerWriter.oid;
import static io.tlsfleet.tls.x509.der.DerWriter.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.x509.ChainVerdict.Completeness;
import io.tlsfleet.tls.x509.ChainVerdict.StapleStatus;
import io.tlsfleet.tls.x509.ChainVerdict.Trust;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import io.tlsfleet.tls.x509.der.Der;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What OpenSSL, Go and webpki were seen to refuse, each beside what is just right. */
class RefusedByClientsTest {
    private static final String UTF8 = "2.5.4.3 is not in the encoding that its string type says";
    private final TestAuthority root = TestAuthority.root("Root");
    private final TestAuthority middle = root.intermediate("Middle", new Wanted());
    private final KeyPair key = TestAuthority.root("Key").keyPair();
    private final List<TrustStore> stores = List.of(TrustStore.of("given", List.of(root.der())));

    private Trust trust(byte[]... sent) {
        return judge(sent).trust().getFirst();
    }

    private ChainVerdict judge(byte[]... sent) {
        return ChainJudge.judge(ChainQuestion.of(List.of(sent), stores, NOW));
    }

    private Handmade leaf() {
        return new Handmade(middle, key).dns("shop.example");
    }

    private TrustStatus status(Handmade leaf) {
        return trust(leaf.der(), middle.der()).status();
    }

    @ParameterizedTest
    @CsvSource({
        "270101000059Z, TRUSTED",
        "270101000060Z, MALFORMED",
        "270101000061Z, MALFORMED",
        "270101000099Z, MALFORMED",
        "270101006000Z, MALFORMED"
    })
    void aMinuteEndsAtFiftyNine(String notAfter, TrustStatus expected) {
        assertThat(status(leaf().notAfter(Handmade.time(notAfter)))).isEqualTo(expected);
    }

    @Test
    void namesAreInTheEncodingThatTheyNameOrNoneAtAll() {
        byte[] latin = "Bücher".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(status(leaf().subject(Handmade.name("Bücher")))).isEqualTo(TrustStatus.TRUSTED);
        assertThat(status(leaf().subject(Handmade.name(Der.TELETEX_STRING, latin))))
                .isEqualTo(TrustStatus.TRUSTED);
        Trust broken =
                trust(leaf().subject(Handmade.name(Der.UTF8_STRING, latin)).der(), middle.der());
        assertThat(broken.status()).isEqualTo(TrustStatus.MALFORMED);
        assertThat(broken.reason()).contains(UTF8);
        assertThat(status(leaf().subject(Handmade.name(Der.BMP_STRING, new byte[] {0, 'a', 0}))))
                .isEqualTo(TrustStatus.MALFORMED);
    }

    @Test
    void extensionsAreInDerToo() {
        byte[] yes = {Der.BOOLEAN, 1, (byte) 0xFF};
        assertThat(through(sequence(yes, new byte[] {Der.INTEGER, 1, 0}))).isEqualTo(TrustStatus.TRUSTED);
        assertThat(through(sequence(new byte[] {Der.BOOLEAN, 1, 1}))).isEqualTo(TrustStatus.MALFORMED);
        assertThat(through(sequence(yes, new byte[] {Der.INTEGER, 2, 0, 0}))).isEqualTo(TrustStatus.MALFORMED);
        assertThat(through(new byte[] {Der.SEQUENCE, (byte) 0x81, 3, Der.BOOLEAN, 1, (byte) 0xFF}))
                .isEqualTo(TrustStatus.MALFORMED);
    }

    /** Of a leaf below a CA of the root with these basicConstraints. */
    private TrustStatus through(byte[] basicConstraints) {
        TestAuthority like = root.intermediate("Made", new Wanted());
        byte[] made = new Handmade(root, like.keyPair())
                .subject(Handmade.name("Made"))
                .authority(basicConstraints)
                .der();
        return trust(like.issue("leaf", new Wanted().dns("shop.example")).der(), made)
                .status();
    }

    @Test
    void aPoisonedIssuerIsNoIssuer() {
        TestAuthority like = root.intermediate("Made", new Wanted());
        byte[] made = new Handmade(root, like.keyPair())
                .subject(Handmade.name("Made"))
                .authority()
                .extension(ExtensionReader.CT_POISON, true, new byte[] {Der.NULL, 0})
                .der();
        Trust trust = trust(like.issue("leaf", new Wanted().dns("shop.example")).der(), made);
        assertThat(trust.status()).isEqualTo(TrustStatus.UNTRUSTED);
        assertThat(trust.reason()).contains("unknown critical extension " + ExtensionReader.CT_POISON);
    }

    @Test
    void aPublicKeyIsAPointOfItsCurve() {
        byte[] good = key.getPublic().getEncoded();
        byte[] off = good.clone();
        off[off.length - 1] ^= 1;
        assertThat(status(leaf().spki(good))).isEqualTo(TrustStatus.TRUSTED);
        assertThat(status(leaf().spki(off))).isEqualTo(TrustStatus.MALFORMED);
        byte[] x = Arrays.copyOfRange(good, good.length - 64, good.length - 32);
        byte form = (byte) (2 + (good[good.length - 1] & 1));
        assertThat(status(leaf().spki(point("1.2.840.10045.3.1.7", new byte[] {form}, x))))
                .isEqualTo(TrustStatus.TRUSTED);
        assertThat(status(leaf().spki(point("1.2.840.10045.3.1.7", new byte[] {4}, x))))
                .isEqualTo(TrustStatus.MALFORMED);
        assertThat(status(leaf().spki(point("1.2.840.10045.3.1.7", new byte[] {0}))))
                .isEqualTo(TrustStatus.MALFORMED);
    }

    private static byte[] point(String curve, byte[]... parts) {
        List<byte[]> bits = new ArrayList<>(List.of(new byte[1]));
        bits.addAll(List.of(parts));
        return sequence(sequence(oid("1.2.840.10045.2.1"), oid(curve)), element(Der.BIT_STRING, bits));
    }

    @ParameterizedTest
    @CsvSource({
        "1.3.36.3.3.2.8.1.1.5, brainpoolP224r1, 28",
        "1.3.36.3.3.2.8.1.1.2, brainpoolP160t1, 20",
        "1.2.840.10045.3.1.4, prime239v1, 30",
        "1.3.132.0.22, sect131r1, 17"
    })
    void curvesBelow256BitsAreWeakByWhateverName(String id, String name, int octets) {
        byte[] numbers = new byte[2 * octets];
        Arrays.fill(numbers, (byte) 1);
        ChainVerdict verdict =
                judge(leaf().spki(point(id, new byte[] {4}, numbers)).der(), middle.der());
        assertThat(verdict.weakKeys()).singleElement().satisfies(weak -> {
            assertThat(weak.kind()).isEqualTo("ec-short");
            assertThat(weak.detail()).contains(name);
        });
    }

    @Test
    void aSignatureWithParametersThatItMustNotHaveIsNotCalledForged() {
        byte[] withNull = sequence(oid("1.2.840.10045.4.3.2"), new byte[] {Der.NULL, 0});
        Trust trust = trust(leaf().algorithm(withNull).der(), middle.der());
        assertThat(trust.status()).isEqualTo(TrustStatus.UNTRUSTED);
        assertThat(trust.reason()).contains("has parameters that ecdsa-with-SHA256 must not have");
    }

    private TrustStatus constrained(byte[] constraints, byte[] name) {
        TestAuthority like = root.intermediate("Made", new Wanted());
        byte[] made = new Handmade(root, like.keyPair())
                .subject(Handmade.name("Made"))
                .authority()
                .extension(ExtensionReader.NAME_CONSTRAINTS, true, constraints)
                .der();
        byte[] leaf = new Handmade(like, key)
                .subject(sequence())
                .extension(ExtensionReader.SUBJECT_ALT_NAME, true, sequence(name))
                .der();
        return trust(leaf, made).status();
    }

    private static byte[] permitted(byte[] base) {
        return sequence(element(Der.explicit(0), sequence(base)));
    }

    private static byte[] excluded(byte[] base) {
        return sequence(element(Der.explicit(1), sequence(base)));
    }

    @Test
    void aDotAtTheEndIsNeverPermittedAndStillExcluded() {
        byte[] plain = Handmade.general(0x82, "shop.example");
        byte[] dotted = Handmade.general(0x82, "shop.example.");
        assertThat(constrained(permitted(plain), plain)).isEqualTo(TrustStatus.TRUSTED);
        assertThat(constrained(permitted(plain), dotted)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
        assertThat(constrained(permitted(dotted), plain)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
        assertThat(constrained(excluded(dotted), plain)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
        assertThat(constrained(excluded(plain), dotted)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
    }

    @Test
    void aUriIsConstrainedByItsHostAndRefusedWithoutOne() {
        byte[] shop = Handmade.general(0x86, "https://shop.example/x");
        byte[] urn = Handmade.general(0x86, "urn:shop:x");
        byte[] host = Handmade.general(0x86, "shop.example");
        byte[] elsewhere = Handmade.general(0x86, "other.example");
        assertThat(constrained(permitted(host), shop)).isEqualTo(TrustStatus.TRUSTED);
        assertThat(constrained(excluded(elsewhere), shop)).isEqualTo(TrustStatus.TRUSTED);
        assertThat(constrained(excluded(elsewhere), urn)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
        assertThat(constrained(permitted(host), urn)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
        assertThat(constrained(permitted(shop), shop)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
        assertThat(constrained(excluded(shop), shop)).isEqualTo(TrustStatus.NAME_CONSTRAINT);
    }

    @ParameterizedTest
    @CsvSource({"ffffff00, TRUSTED", "ff00ff00, MALFORMED", "00000000, TRUSTED", "fffffe01, MALFORMED"})
    void aMaskHasNoHoles(String mask, TrustStatus expected) {
        HexFormat hex = HexFormat.of();
        byte[] base = element(0x87, hex.parseHex("c0000201" + mask));
        assertThat(constrained(permitted(base), element(0x87, hex.parseHex("c0000201"))))
                .isEqualTo(expected);
    }

    /** A CA and its leaf share a name more often than they should; the key tells them apart. */
    @Test
    void aLeafNamedLikeItsIssuerIsNotSelfSigned() {
        TestAuthority unknown = TestAuthority.root("shop");
        TestAuthority leaf = unknown.issue("shop", new Wanted().dns("shop.example"));
        ChainVerdict verdict = judge(leaf.der(), unknown.der());
        assertThat(verdict.completeness()).isEqualTo(Completeness.UNTRUSTED_ROOT);
        assertThat(verdict.trust().getFirst().reason()).isEqualTo("the root shop is not in the store given");
        ChainVerdict alone = judge(leaf.der());
        assertThat(alone.completeness()).isEqualTo(Completeness.MISSING_INTERMEDIATE);
        assertThat(alone.trust().getFirst().reason()).isEqualTo("no certificate of its issuer shop is known");
        assertThat(judge(unknown.der()).completeness()).isEqualTo(Completeness.SELF_SIGNED);
    }

    @Test
    void aCaNamedLikeItsIssuerIsSignedWeaklyToo() {
        TestAuthority again = root.intermediate("Root", new Wanted().signedWithSha1());
        byte[] leaf = again.issue("leaf", new Wanted().dns("shop.example")).der();
        ChainVerdict verdict = judge(leaf, again.der());
        assertThat(verdict.trust().getFirst().status()).isEqualTo(TrustStatus.WEAK_SIGNATURE);
        assertThat(verdict.weakSignatures())
                .singleElement()
                .satisfies(weak -> assertThat(weak.certificate().der()).isEqualTo(again.der()));
    }

    @Test
    void aPathLongerThanIsFollowedIsUnknown() {
        List<byte[]> chain = new ArrayList<>();
        TestAuthority last = root;
        for (int i = 0; i < 18; i++) {
            last = last.intermediate("CA " + i, new Wanted());
            chain.addFirst(last.der());
        }
        chain.addFirst(last.issue("leaf", new Wanted().dns("shop.example")).der());
        Trust trust = trust(chain.toArray(byte[][]::new));
        assertThat(trust.status()).isEqualTo(TrustStatus.UNKNOWN);
        assertThat(trust(chain.subList(0, 12).toArray(byte[][]::new)).status()).isEqualTo(TrustStatus.UNTRUSTED);
    }

    private ChainVerdict.Staple staple(TestAuthority leaf, byte[] issuer, byte[] response) {
        return ChainJudge.judge(ChainQuestion.of(List.of(leaf.der(), issuer), stores, NOW)
                        .withStaples(Map.of("TLSv1.3", response)))
                .ocspStaple();
    }

    private static byte[] good(TestAuthority issuer, TestAuthority leaf, TestAuthority signer) {
        return issuer.ocsp(leaf, CertificateStatus.GOOD, NOW.minusSeconds(3_600), NOW.plusSeconds(3_600), signer);
    }

    /** RFC 6960 section 4.1.1: the hash is over the issuer's name as the certificate in question has it. */
    @Test
    void aStapleNamesTheIssuerAsItsCertificateDoes() {
        TestAuthority like = root.intermediate("Made", new Wanted());
        TestAuthority leaf = like.issue("leaf", new Wanted().dns("shop.example"));
        byte[] otherwise = new Handmade(root, like.keyPair())
                .subject(Handmade.name(Der.PRINTABLE_STRING, "Made".getBytes(StandardCharsets.US_ASCII)))
                .authority()
                .der();
        assertThat(staple(leaf, like.der(), good(like, leaf, like)).status()).isEqualTo(StapleStatus.GOOD);
        assertThat(staple(leaf, otherwise, good(like, leaf, like)).status()).isEqualTo(StapleStatus.GOOD);
        TestAuthority stranger = root.intermediate("Stranger", new Wanted());
        assertThat(staple(leaf, like.der(), good(stranger, leaf, stranger)).status())
                .isEqualTo(StapleStatus.WRONG_CERTIFICATE);
    }

    @Test
    void aResponderMayHaveTheNameOfItsIssuer() {
        TestAuthority responder = middle.issue("Middle", new Wanted().purpose(KeyPurposeId.id_kp_OCSPSigning));
        TestAuthority leaf = middle.issue("leaf", new Wanted().dns("shop.example"));
        assertThat(staple(leaf, middle.der(), good(middle, leaf, responder)).status())
                .isEqualTo(StapleStatus.GOOD);
        TestAuthority server = middle.issue("Middle", new Wanted());
        assertThat(staple(leaf, middle.der(), good(middle, leaf, server)).status())
                .isEqualTo(StapleStatus.BAD_SIGNATURE);
    }

    @Test
    void aResponderWithACriticalExtensionOfItsOwnIsNoResponder() {
        TestAuthority leaf = middle.issue("leaf", new Wanted().dns("shop.example"));
        TestAuthority responder = middle.issue(
                "Responder",
                new Wanted()
                        .purpose(KeyPurposeId.id_kp_OCSPSigning)
                        .extension(new ASN1ObjectIdentifier("1.2.3.4.5"), true, DERNull.INSTANCE));
        ChainVerdict.Staple staple = staple(leaf, middle.der(), good(middle, leaf, responder));
        assertThat(staple.status()).isEqualTo(StapleStatus.BAD_SIGNATURE);
        assertThat(staple.reason()).contains("unknown critical extension 1.2.3.4.5");
        TestAuthority unchecked = middle.issue(
                "Responder",
                new Wanted()
                        .purpose(KeyPurposeId.id_kp_OCSPSigning)
                        .extension(new ASN1ObjectIdentifier("1.3.6.1.5.5.7.48.1.5"), true, DERNull.INSTANCE));
        assertThat(staple(leaf, middle.der(), good(middle, leaf, unchecked)).status())
                .isEqualTo(StapleStatus.GOOD);
    }
}
