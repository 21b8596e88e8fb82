package io.tlsfleet.tls.x509;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.x509.ChainVerdict.Completeness;
import io.tlsfleet.tls.x509.ChainVerdict.Order;
import io.tlsfleet.tls.x509.ChainVerdict.RevocationStatus;
import io.tlsfleet.tls.x509.ChainVerdict.StapleStatus;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.junit.jupiter.api.Test;

class ChainJudgeTest {
    private static final Duration DAY = Duration.ofDays(1);
    private final TestAuthority root = TestAuthority.root("Root");
    private final TestAuthority middle = root.intermediate("Middle", new Wanted());
    private final TestAuthority leaf =
            middle.issue("leaf", new Wanted().dns("shop.example").ip("192.0.2.1"));
    private final TestAuthority other = TestAuthority.root("Other");
    private final List<TrustStore> stores = List.of(TrustStore.of("given", List.of(root.der())));

    private ChainVerdict judge(TestAuthority... sent) {
        return ChainJudge.judge(question(sent));
    }

    private ChainQuestion question(TestAuthority... sent) {
        return ChainQuestion.of(List.of(sent).stream().map(TestAuthority::der).toList(), stores, NOW);
    }

    private static TrustStatus status(ChainVerdict verdict) {
        return verdict.trust().getFirst().status();
    }

    @Test
    void aWholeChainIsTrusted() {
        ChainVerdict verdict = judge(leaf, middle);
        assertThat(status(verdict)).isEqualTo(TrustStatus.TRUSTED);
        assertThat(verdict.completeness()).isEqualTo(Completeness.COMPLETE);
        assertThat(verdict.order()).containsExactly(Order.CORRECT);
        assertThat(verdict.path()).hasSize(3);
        assertThat(verdict.flaws()).isEmpty();
        assertThat(verdict.weakKeys()).isEmpty();
    }

    @Test
    void aBareLeafLacksItsIssuer() {
        ChainVerdict verdict = judge(leaf);
        assertThat(status(verdict)).isEqualTo(TrustStatus.UNTRUSTED);
        assertThat(verdict.completeness()).isEqualTo(Completeness.MISSING_INTERMEDIATE);
        assertThat(verdict.missingIntermediates()).isEmpty();
    }

    @Test
    void whatIsKnownMendsTheChainAndIsNamed() {
        ChainVerdict verdict = ChainJudge.judge(question(leaf).withKnown(List.of(middle.der())));
        assertThat(status(verdict)).isEqualTo(TrustStatus.TRUSTED);
        assertThat(verdict.completeness()).isEqualTo(Completeness.MISSING_INTERMEDIATE);
        assertThat(verdict.missingIntermediates())
                .singleElement()
                .satisfies(missing -> assertThat(missing.certificate().pem())
                        .isEqualTo(CertificateFacts.read(middle.der()).pem()));
    }

    @Test
    void orderIsTold() {
        TestAuthority lower = middle.intermediate("Lower", new Wanted());
        TestAuthority deep = lower.issue("deep", new Wanted().dns("deep.example"));
        assertThat(judge(deep, middle, lower).order()).containsExactly(Order.WRONG_ORDER);
        assertThat(judge(leaf, middle, root).order()).containsExactly(Order.INCLUDES_ROOT);
        assertThat(judge(leaf, middle, other).order()).containsExactly(Order.UNRELATED);
        assertThat(judge(leaf, leaf, middle).order()).containsExactly(Order.UNRELATED);
    }

    @Test
    void selfSignedAndUnknownRootsAreToldApart() {
        assertThat(judge(other).completeness()).isEqualTo(Completeness.SELF_SIGNED);
        assertThat(status(judge(other))).isEqualTo(TrustStatus.UNTRUSTED);
        TestAuthority stranger = other.issue("stranger", new Wanted().dns("x.example"));
        ChainVerdict verdict = judge(stranger, other);
        assertThat(verdict.completeness()).isEqualTo(Completeness.UNTRUSTED_ROOT);
        assertThat(verdict.trust().getFirst().reason()).contains("Other");
    }

    @Test
    void aGapInMidChainIsAMissingIntermediate() {
        TestAuthority lower = middle.intermediate("Lower", new Wanted());
        TestAuthority lowest = lower.intermediate("Lowest", new Wanted());
        TestAuthority deep = lowest.issue("deep", new Wanted().dns("deep.example"));
        ChainVerdict gap = judge(deep, lowest, middle);
        assertThat(gap.completeness()).isEqualTo(Completeness.MISSING_INTERMEDIATE);
        assertThat(gap.order()).containsExactly(Order.CORRECT);
        ChainVerdict below = judge(deep, lowest, lower, root);
        assertThat(below.completeness()).isEqualTo(Completeness.MISSING_INTERMEDIATE);
        assertThat(below.order()).containsExactly(Order.INCLUDES_ROOT);
        assertThat(judge(deep, lowest, lower, middle).completeness()).isEqualTo(Completeness.COMPLETE);
    }

    @Test
    void aChainThatStopsBelowAnUnknownRootMayBeWhole() {
        TestAuthority issuer = other.intermediate("Issuer", new Wanted());
        TestAuthority stranger = issuer.issue("stranger", new Wanted().dns("x.example"));
        assertThat(judge(stranger, issuer).completeness()).isEqualTo(Completeness.UNTRUSTED_ROOT);
        assertThat(judge(stranger, issuer, leaf).order()).containsExactly(Order.UNRELATED);
        assertThat(judge(stranger, issuer, leaf).completeness()).isEqualTo(Completeness.UNTRUSTED_ROOT);
    }

    @Test
    void whatNoPathNeedsIsNamed() {
        assertThat(judge(leaf, middle, other).unrelated())
                .extracting(certificate -> certificate.subject().shortText())
                .containsExactly("Other");
        assertThat(judge(leaf, leaf, middle).unrelated())
                .extracting(certificate -> certificate.subject().shortText())
                .containsExactly("leaf");
        assertThat(judge(leaf, middle).unrelated()).isEmpty();
    }

    @Test
    void timesAreJudgedAsOfTheInstantAsked() {
        TestAuthority old = middle.issue(
                "old", new Wanted().dns("a.example").valid(NOW.minus(DAY.multipliedBy(9)), NOW.minus(DAY)));
        assertThat(status(judge(old, middle))).isEqualTo(TrustStatus.EXPIRED);
        assertThat(status(ChainJudge.judge(
                        ChainQuestion.of(List.of(old.der(), middle.der()), stores, NOW.minus(DAY.multipliedBy(2))))))
                .isEqualTo(TrustStatus.TRUSTED);
        TestAuthority young = middle.issue(
                "young", new Wanted().dns("a.example").valid(NOW.plus(DAY), NOW.plus(DAY.multipliedBy(9))));
        assertThat(status(judge(young, middle))).isEqualTo(TrustStatus.NOT_YET_VALID);
    }

    @Test
    void anotherUseIsNotTrusted() {
        TestAuthority client =
                middle.issue("client", new Wanted().dns("a.example").purpose(KeyPurposeId.id_kp_clientAuth));
        assertThat(status(judge(client, middle))).isEqualTo(TrustStatus.UNTRUSTED);
        assertThat(judge(client, middle).trust().getFirst().reason()).contains("serverAuth");
    }

    @Test
    void staplesAreJudgedWhole() {
        CertificateStatus good = CertificateStatus.GOOD;
        assertThat(staple(middle.ocsp(leaf, good, NOW.minus(DAY), NOW.plus(DAY), middle)))
                .isEqualTo(StapleStatus.GOOD);
        assertThat(staple(middle.ocsp(leaf, good, NOW.minus(DAY.multipliedBy(3)), NOW.minus(DAY), middle)))
                .isEqualTo(StapleStatus.EXPIRED);
        assertThat(staple(middle.ocsp(leaf, good, NOW.plus(DAY), NOW.plus(DAY.multipliedBy(2)), middle)))
                .isEqualTo(StapleStatus.NOT_YET_VALID);
        assertThat(staple(middle.ocsp(leaf, good, NOW.minus(DAY), NOW.plus(DAY), other)))
                .isEqualTo(StapleStatus.BAD_SIGNATURE);
        TestAuthority sibling = middle.issue("sibling", new Wanted().dns("b.example"));
        assertThat(staple(middle.ocsp(sibling, good, NOW.minus(DAY), NOW.plus(DAY), middle)))
                .isEqualTo(StapleStatus.WRONG_CERTIFICATE);
        assertThat(staple(root.ocsp(leaf, good, NOW.minus(DAY), NOW.plus(DAY), root)))
                .isEqualTo(StapleStatus.WRONG_CERTIFICATE);
        assertThat(staple(new byte[] {0x30, 0x03, 0x0A, 0x01, 0x06})).isEqualTo(StapleStatus.MALFORMED);
        assertThat(staple(new byte[] {1, 2, 3})).isEqualTo(StapleStatus.MALFORMED);
        CertificateStatus revoked = new RevokedStatus(Date.from(NOW.minus(DAY)), CRLReason.keyCompromise);
        assertThat(staple(middle.ocsp(leaf, revoked, NOW.minus(DAY), NOW.plus(DAY), middle)))
                .isEqualTo(StapleStatus.REVOKED);
    }

    @Test
    void onlyWhoWasToldMayAnswerForAnIssuer() {
        TestAuthority delegate = middle.issue("responder", new Wanted().purpose(KeyPurposeId.id_kp_OCSPSigning));
        TestAuthority pretender = middle.issue("pretender", new Wanted());
        TestAuthority elsewhere = root.issue("elsewhere", new Wanted().purpose(KeyPurposeId.id_kp_OCSPSigning));
        assertThat(staple(middle.ocsp(leaf, CertificateStatus.GOOD, NOW.minus(DAY), NOW.plus(DAY), delegate)))
                .isEqualTo(StapleStatus.GOOD);
        assertThat(staple(middle.ocsp(leaf, CertificateStatus.GOOD, NOW.minus(DAY), NOW.plus(DAY), pretender)))
                .isEqualTo(StapleStatus.BAD_SIGNATURE);
        assertThat(staple(middle.ocsp(leaf, CertificateStatus.GOOD, NOW.minus(DAY), NOW.plus(DAY), elsewhere)))
                .isEqualTo(StapleStatus.BAD_SIGNATURE);
    }

    /** RFC 6960: newer information is to be had at any time; so an old answer without nextUpdate says little of today. */
    @Test
    void anAnswerWithoutNextUpdateHoldsForTenDays() {
        assertThat(staple(middle.ocsp(leaf, List.of(withoutEnd(9)), NOW, middle)))
                .isEqualTo(StapleStatus.GOOD);
        ChainVerdict verdict = ChainJudge.judge(question(leaf, middle)
                .withStaples(Map.of("TLSv1.3", middle.ocsp(leaf, List.of(withoutEnd(11)), NOW, middle))));
        assertThat(verdict.ocspStaple().status()).isEqualTo(StapleStatus.EXPIRED);
        assertThat(verdict.ocspStaple().reason()).contains("no nextUpdate").contains("10 days");
        assertThat(verdict.revocation().status()).isNotEqualTo(ChainVerdict.RevocationStatus.NOT_REVOKED);
        CertificateStatus revoked = new RevokedStatus(Date.from(NOW.minus(DAY)), CRLReason.keyCompromise);
        assertThat(staple(middle.ocsp(
                        leaf,
                        List.of(new TestAuthority.Said(revoked, NOW.minus(DAY.multipliedBy(11)), null)),
                        NOW,
                        middle)))
                .isEqualTo(StapleStatus.REVOKED);
    }

    @Test
    void aResponderThatDoesNotKnowTheCertificateIsToldSo() {
        ChainVerdict verdict = ChainJudge.judge(question(leaf, middle)
                .withRevocation(
                        List.of(),
                        List.of(middle.ocsp(leaf, new UnknownStatus(), NOW.minus(DAY), NOW.plus(DAY), middle)),
                        false));
        assertThat(verdict.revocation().status()).isEqualTo(ChainVerdict.RevocationStatus.UNKNOWN);
        assertThat(verdict.revocation().reason()).contains("does not know the certificate");
    }

    private static TestAuthority.Said withoutEnd(int days) {
        return new TestAuthority.Said(CertificateStatus.GOOD, NOW.minus(DAY.multipliedBy(days)), null);
    }

    /** Two timestamps of one operator are as good as one; a log that is not known here may be of another. */
    @Test
    void timestampsOfOneOperatorAreTooFew() {
        ChainVerdict.SctVerdict good = new ChainVerdict.SctVerdict(
                new byte[32], NOW, "certificate", ChainVerdict.SctStatus.VALID, "log", "operator");
        ChainVerdict.SctVerdict unknown = new ChainVerdict.SctVerdict(
                new byte[32], NOW, "certificate", ChainVerdict.SctStatus.UNKNOWN_LOG, null, null);
        assertThat(new ChainVerdict.Transparency(List.of(good, good), 2, 2, 1, 1, false).lacking())
                .isTrue();
        assertThat(new ChainVerdict.Transparency(List.of(good, unknown), 2, 1, 1, 1, false).lacking())
                .isFalse();
        assertThat(new ChainVerdict.Transparency(List.of(good, unknown), 3, 1, 1, 1, false).lacking())
                .isTrue();
        assertThat(new ChainVerdict.Transparency(List.of(good, good), 2, 2, 2, 2, true).lacking())
                .isFalse();
    }

    @Test
    void aBundleOfPkcs7HasItsLeafFirst() throws Exception {
        CMSSignedDataGenerator bundle = new CMSSignedDataGenerator();
        for (TestAuthority one : List.of(root, middle, leaf)) {
            bundle.addCertificate(new X509CertificateHolder(one.der()));
        }
        byte[] encoded =
                bundle.generate(new CMSAbsentContent()).toASN1Structure().getEncoded(ASN1Encoding.DER);
        assertThat(Pem.certificates(encoded)).containsExactly(leaf.der(), middle.der(), root.der());
    }

    private StapleStatus staple(byte[] response) {
        return ChainJudge.judge(question(leaf, middle).withStaples(Map.of("TLSv1.3", response)))
                .ocspStaple()
                .status();
    }

    @Test
    void aResponderWhoseCertificateHasEndedSinceMakesAnOldAnswerOldAndNotForged() {
        TestAuthority ended = middle.issue(
                "ended",
                new Wanted()
                        .purpose(KeyPurposeId.id_kp_OCSPSigning)
                        .valid(NOW.minus(DAY.multipliedBy(9)), NOW.minus(DAY.multipliedBy(4))));
        Instant then = NOW.minus(DAY.multipliedBy(8));
        assertThat(staple(middle.ocsp(leaf, CertificateStatus.GOOD, then, then.plus(DAY), ended)))
                .isEqualTo(StapleStatus.EXPIRED);
        assertThat(staple(middle.ocsp(leaf, CertificateStatus.GOOD, then, NOW.plus(DAY), ended)))
                .as("it may not vouch for today")
                .isEqualTo(StapleStatus.BAD_SIGNATURE);
        assertThat(staple(middle.ocsp(
                        leaf, CertificateStatus.GOOD, NOW.minus(DAY.multipliedBy(3)), NOW.minus(DAY), ended)))
                .as("it had ended before it answered")
                .isEqualTo(StapleStatus.BAD_SIGNATURE);
    }

    @Test
    void absenceOfAStapleIsNothingWhereNoResponderIsNamed() {
        assertThat(judge(leaf, middle).ocspStaple().status()).isEqualTo(StapleStatus.NOT_APPLICABLE);
        TestAuthority named = middle.issue("n", new Wanted().dns("a.example").ocspAt("http://ocsp.example"));
        assertThat(judge(named, middle).ocspStaple().status()).isEqualTo(StapleStatus.ABSENT);
        TestAuthority must = middle.issue("m", new Wanted().dns("a.example").mustStaple());
        assertThat(judge(must, middle).leaf().orElseThrow().extensions().mustStaple())
                .isTrue();
        assertThat(judge(must, middle).ocspStaple().status()).isEqualTo(StapleStatus.ABSENT);
    }

    @Test
    void listsRevokeLeavesAndIssuers() {
        byte[] clean = middle.crl(NOW.minus(DAY), NOW.plus(DAY));
        assertThat(revocation(clean).status()).isEqualTo(RevocationStatus.NOT_REVOKED);
        byte[] revoking = middle.crl(NOW.minus(DAY), NOW.plus(DAY), leaf);
        assertThat(revocation(revoking).status()).isEqualTo(RevocationStatus.REVOKED);
        assertThat(revocation(clean, root.crl(NOW.minus(DAY), NOW.plus(DAY), middle)))
                .satisfies(revocation -> {
                    assertThat(revocation.status()).isEqualTo(RevocationStatus.REVOKED);
                    assertThat(revocation.subject()).isEqualTo(CertificateFacts.read(middle.der()));
                });
        byte[] stale = middle.crl(NOW.minus(DAY.multipliedBy(9)), NOW.minus(DAY));
        assertThat(revocation(stale).status()).isEqualTo(RevocationStatus.UNKNOWN);
        assertThat(revocation(stale).staleCrls()).hasSize(1);
        assertThat(revocation(other.crl(NOW.minus(DAY), NOW.plus(DAY), leaf)).status())
                .isEqualTo(RevocationStatus.UNKNOWN);
    }

    /** RFC 5280 demands a nextUpdate: a list without one says of a leaf for ten days what is good, and for ever what is revoked. */
    @Test
    void listsWithoutANextUpdateHoldOnlyWhileTheyAreYoung() {
        assertThat(revocation(middle.crl(NOW.minus(DAY.multipliedBy(9)), null, List.of()))
                        .status())
                .isEqualTo(RevocationStatus.NOT_REVOKED);
        assertThat(revocation(middle.crl(NOW.minus(DAY.multipliedBy(11)), null, List.of())))
                .satisfies(old -> {
                    assertThat(old.status()).isEqualTo(RevocationStatus.UNKNOWN);
                    assertThat(old.reason()).contains("names no nextUpdate", "more than 10 days ago");
                    assertThat(old.staleCrls()).isEmpty();
                });
        assertThat(revocation(middle.crl(NOW.minus(DAY.multipliedBy(11)), null, List.of(), leaf))
                        .status())
                .isEqualTo(RevocationStatus.REVOKED);
        byte[] ofLeaves = middle.crl(NOW.minus(DAY), NOW.plus(DAY));
        assertThat(trustWith(ofLeaves, root.crl(NOW.minus(DAY.multipliedBy(300)), null, List.of())))
                .isEqualTo(TrustStatus.TRUSTED);
        assertThat(trustWith(ofLeaves, root.crl(NOW.minus(DAY.multipliedBy(400)), null, List.of())))
                .isEqualTo(TrustStatus.UNKNOWN);
    }

    private TrustStatus trustWith(byte[]... lists) {
        return status(ChainJudge.judge(question(leaf, middle).withRevocation(List.of(lists), List.of(), true)));
    }

    @Test
    void onlyAProvenRevocationCountsUnlessMoreIsAsked() {
        byte[] stale = middle.crl(NOW.minus(DAY.multipliedBy(9)), NOW.minus(DAY));
        ChainQuestion question = question(leaf, middle);
        assertThat(status(ChainJudge.judge(question.withRevocation(List.of(stale), List.of(), false))))
                .isEqualTo(TrustStatus.TRUSTED);
        assertThat(status(ChainJudge.judge(question.withRevocation(List.of(stale), List.of(), true))))
                .isEqualTo(TrustStatus.UNKNOWN);
        byte[] revoking = middle.crl(NOW.minus(DAY), NOW.plus(DAY), leaf);
        assertThat(status(ChainJudge.judge(question.withRevocation(List.of(revoking), List.of(), false))))
                .isEqualTo(TrustStatus.REVOKED);
    }

    private ChainVerdict.Revocation revocation(byte[]... lists) {
        return ChainJudge.judge(question(leaf, middle).withRevocation(List.of(lists), List.of(), false))
                .revocation();
    }

    @Test
    void namesMatchAsRfc9525Says() {
        assertThat(matches("shop.example", "Shop.Example.")).isTrue();
        assertThat(matches("*.example.org", "a.example.org")).isTrue();
        assertThat(matches("*.example.org", "a.b.example.org")).isFalse();
        assertThat(matches("*.example.org", "example.org")).isFalse();
        assertThat(matches("*.org", "example.org")).isFalse();
        assertThat(matches("a*.example.org", "ab.example.org")).isFalse();
        assertThat(matches("xn--bcher-kva.example", "Bücher.example")).isTrue();
        assertThat(matches("xn--strae-oqa.example", "straße.example")).isTrue();
        assertThat(matches("192.0.2.1", "192.0.2.1")).isFalse();
        assertThat(HostName.judge(CertificateFacts.read(leaf.der()), "192.0.2.1")
                        .matches())
                .isTrue();
        assertThat(HostName.judge(CertificateFacts.read(leaf.der()), "192.0.2.2")
                        .matches())
                .isFalse();
        TestAuthority commonName = middle.issue("only.example", new Wanted());
        assertThat(HostName.judge(CertificateFacts.read(commonName.der()), "only.example"))
                .satisfies(hostname -> {
                    assertThat(hostname.matches()).isFalse();
                    assertThat(hostname.reason()).contains("no subjectAltName");
                });
    }

    private boolean matches(String pattern, String host) {
        return HostName.judge(
                        CertificateFacts.read(
                                middle.issue("x", new Wanted().dns(pattern)).der()),
                        host)
                .matches();
    }

    @Test
    void anAnchorsDistrustDateHoldsForLaterLeaves() {
        TrustStore store = StoreFile.read(
                "kept",
                "# tlsfleet trust store\n# date: 2026-01-01\n# distrust-after: " + NOW.minus(DAY.multipliedBy(20))
                        + "\n" + CertificateFacts.read(root.der()).pem());
        ChainVerdict verdict =
                ChainJudge.judge(ChainQuestion.of(List.of(leaf.der(), middle.der()), List.of(store), NOW));
        assertThat(status(verdict)).isEqualTo(TrustStatus.UNTRUSTED);
        assertThat(verdict.trust().getFirst().reason()).contains("issued after");
        assertThat(StoreFile.read("kept", StoreFile.write(store))
                        .anchors()
                        .getFirst()
                        .distrustAfter())
                .isEqualTo(NOW.minus(DAY.multipliedBy(20)));
    }

    @Test
    void nothingSentIsUnknown() {
        assertThat(status(ChainJudge.judge(ChainQuestion.of(List.of(), stores, NOW))))
                .isEqualTo(TrustStatus.UNKNOWN);
        assertThat(status(ChainJudge.judge(ChainQuestion.of(List.of(new byte[] {1}), stores, NOW))))
                .isEqualTo(TrustStatus.MALFORMED);
    }

    @Test
    void hostileNamesAreShownEscaped() {
        TestAuthority hostile = middle.issue("a\u001b[31m\u202Eb", new Wanted().dns("a\n<script>.example"));
        CertificateFacts facts = CertificateFacts.read(hostile.der());
        assertThat(facts.subject().text()).isEqualTo("CN=a\\1B[31m\\E2\\80\\AEb");
        assertThat(facts.extensions().altNames().getFirst().text()).isEqualTo("DNS:a\\x0A<script>.example");
    }
}
