package io.tlsfleet.tls.x509;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.ChainVerdict.RevocationStatus;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import io.tlsfleet.tls.x509.der.Der;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrlExcerptTest {
    private static final Duration DAY = Duration.ofDays(1);
    private final TestAuthority root = TestAuthority.root("Root");
    private final TestAuthority leaf = root.issue("leaf", new Wanted().dns("a.example"));
    private final TestAuthority other = root.issue("other", new Wanted().dns("b.example"));
    private final CertificateFacts facts = CertificateFacts.read(leaf.der());

    private RevocationStatus judge(byte[] list) {
        return ChainJudge.judge(ChainQuestion.of(
                                List.of(leaf.der()), List.of(TrustStore.of("given", List.of(root.der()))), NOW)
                        .withRevocation(List.of(list), List.of(), false))
                .revocation()
                .status();
    }

    @Test
    void saysOfACertificateWhatTheListSays() throws Exception {
        byte[] without = root.crl(NOW.minus(DAY), NOW.plus(DAY), other);
        CrlExcerpt excerpt = CrlExcerpt.of(without).orElseThrow();
        assertThat(judge(excerpt.without(facts).orElseThrow())).isEqualTo(RevocationStatus.NOT_REVOKED);
        assertThat(excerpt.nextUpdate()).contains(NOW.plus(DAY));

        byte[] with = root.crl(NOW.minus(DAY), NOW.plus(DAY), other, leaf);
        excerpt = CrlExcerpt.of(with).orElseThrow();
        assertThat(excerpt.without(facts)).as("the list names it").isEmpty();
        assertThat(judge(excerpt.about(facts, with))).isEqualTo(RevocationStatus.REVOKED);
    }

    @Test
    void aListOfAnotherKeyIsNotBelieved() throws Exception {
        byte[] list = TestAuthority.root("Root").crl(NOW.minus(DAY), NOW.plus(DAY), leaf);
        CrlExcerpt excerpt = CrlExcerpt.of(list).orElseThrow();
        assertThat(judge(excerpt.about(facts, list))).isEqualTo(RevocationStatus.UNKNOWN);
    }

    @Test
    void anIssuerNamedInAnEarlierEntryHoldsInTheExcerpt() throws Exception {
        Extension scope = new Extension(
                Extension.issuingDistributionPoint,
                true,
                new IssuingDistributionPoint(null, false, false, null, true, false).getEncoded());
        X509v2CRLBuilder builder = new X509v2CRLBuilder(new X500Name("CN=Root"), Date.from(NOW.minus(DAY)));
        builder.setNextUpdate(Date.from(NOW.plus(DAY)));
        builder.addExtension(scope);
        GeneralNames stranger = new GeneralNames(new GeneralName(new X500Name("CN=Stranger")));
        builder.addCRLEntry(
                BigInteger.valueOf(7),
                Date.from(NOW),
                new org.bouncycastle.asn1.x509.Extensions(
                        new Extension(Extension.certificateIssuer, true, stranger.getEncoded())));
        builder.addCRLEntry(new BigInteger(1, facts.serialNumber()), Date.from(NOW), 0);
        byte[] list = builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(root.keyPair().getPrivate()))
                .getEncoded();
        byte[] excerpt = CrlExcerpt.of(list).orElseThrow().about(facts, list);
        assertThat(Crl.read(excerpt).find(facts))
                .isEqualTo(Crl.read(list).find(facts))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SHA1withRSA",
                "SHA256withRSA",
                "SHA384withRSA",
                "SHA512withRSA",
                "SHA256withRSAandMGF1",
                "SHA384withECDSA"
            })
    void signaturesAreVerifiedByTheDigestAlone(String algorithm) throws Exception {
        KeyPair keys = keys(algorithm.contains("RSA") ? "RSA" : "EC");
        X509v2CRLBuilder builder = new X509v2CRLBuilder(new X500Name("CN=Root"), Date.from(NOW.minus(DAY)));
        builder.setNextUpdate(Date.from(NOW.plus(DAY)));
        builder.addCRLEntry(BigInteger.TEN, Date.from(NOW), 0);
        byte[] list = builder.build(new JcaContentSignerBuilder(algorithm)
                        .setProvider(new BouncyCastleProvider())
                        .build(keys.getPrivate()))
                .getEncoded();
        PublicKeyFacts right = key(keys);
        PublicKeyFacts wrong = key(keys(algorithm.contains("RSA") ? "RSA" : "EC"));
        byte[] excerpt = CrlExcerpt.of(list).orElseThrow().without(facts).orElseThrow();
        assertThat(Crl.read(excerpt).verify(right)).isEqualTo(Signatures.Result.GOOD);
        assertThat(Crl.read(excerpt).verify(wrong)).isEqualTo(Signatures.Result.BAD);
    }

    private static PublicKeyFacts key(KeyPair keys) throws MalformedMessage {
        return PublicKeyFacts.read(Der.of(keys.getPublic().getEncoded()), "key");
    }

    private static KeyPair keys(String kind) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        generator.initialize(kind.equals("RSA") ? 2_048 : 384);
        return generator.generateKeyPair();
    }
}
