package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.junit.jupiter.api.Test;

/** What could be read of a broken certificate is shown, and what could not is named. */
class BrokenCertificatesTest {
    private static final TestAuthority ROOT = TestAuthority.root("Root");
    private static final byte[] GOOD =
            ROOT.issue("shop", new Wanted().dns("shop.example").ip("192.0.2.7")).der();

    @Test
    void cutAnywhere() {
        CertificateFacts whole = CertificateFacts.read(GOOD);
        int known = 0;
        for (int length = 0; length < GOOD.length; length++) {
            CertificateFacts cut = CertificateFacts.read(Arrays.copyOf(GOOD, length));
            assertThat(cut.malformed()).as("%d octets", length).isTrue();
            int parts = (cut.issuer().isEmpty() ? 0 : 1)
                    + (cut.notAfter() == null ? 0 : 1)
                    + (cut.subject().isEmpty() ? 0 : 1)
                    + (cut.key().bits() == 0 ? 0 : 1)
                    + names(cut).size();
            assertThat(parts).as("%d octets", length).isGreaterThanOrEqualTo(known);
            assertThat(names(cut)).as("nothing that is half a name").isSubsetOf(names(whole));
            known = parts;
        }
        assertThat(known).isEqualTo(6);
        CertificateFacts most = CertificateFacts.read(Arrays.copyOf(GOOD, GOOD.length - 1));
        assertThat(most.subject().text()).isEqualTo("CN=shop");
        assertThat(most.defects().getFirst().detail()).contains("wants");
    }

    @Test
    void oneBrokenPartHidesNoOther() {
        // the serial number's tag; the version; a length inside the last extension
        for (int at : new int[] {13, 12, GOOD.length - 90}) {
            byte[] broken = GOOD.clone();
            broken[at] ^= 0x40;
            CertificateFacts facts = CertificateFacts.read(broken);
            assertThat(facts.subject().text()).as("octet %d", at).isEqualTo("CN=shop");
            assertThat(facts.notAfter()).isNotNull();
        }
    }

    @Test
    void moreThanIsReadAtAll() {
        CertificateFacts facts =
                CertificateFacts.read(ROOT.issue("many", many(10_000)).der());
        assertThat(facts.subject().text()).isEqualTo("CN=many");
        assertThat(facts.extensions().altNames()).hasSize(2_000);
        assertThat(facts.defects())
                .extracting(Defect::kind)
                .contains(Defect.Kind.OVERSIZE, Defect.Kind.ALT_NAMES_OMITTED);
    }

    @Test
    void aNameFarDownTheListMatches() {
        CertificateFacts facts = CertificateFacts.read(
                ROOT.issue("many", many(2_100).dns("*.deep.example").ip("192.0.2.9"))
                        .der());
        assertThat(HostName.judge(facts, "h2099.example").matches()).isTrue();
        assertThat(HostName.judge(facts, "a.deep.example").matchedBy()).isEqualTo("DNS:*.deep.example");
        assertThat(HostName.judge(facts, "192.0.2.9").matches()).isTrue();
        assertThat(HostName.judge(facts, "192.0.2.8").mismatches()).isTrue();
        ChainVerdict.Hostname another = HostName.judge(facts, "other.example");
        assertThat(another.mismatches()).isTrue();
        assertThat(another.reason()).endsWith(" and 2097 more");
    }

    @Test
    void aNameThatMayHaveBeenCutOffIsNotKnown() {
        CertificateFacts facts =
                CertificateFacts.read(ROOT.issue("many", many(10_000)).der());
        assertThat(HostName.judge(facts, "h2500.example").matches()).isTrue();
        ChainVerdict.Hostname lost = HostName.judge(facts, "h9999.example");
        assertThat(lost.matches()).isFalse();
        assertThat(lost.mismatches()).isFalse();
        assertThat(lost.reason()).startsWith("not known, for the list of names breaks off: ");
    }

    @Test
    void aCommonNameFarDownTheListIsThere() {
        assertThat(conformance("last.example", "last.example"))
                .doesNotContain(Defect.Kind.COMMON_NAME_NOT_IN_ALT_NAMES);
        assertThat(conformance("lost.example", "last.example")).contains(Defect.Kind.COMMON_NAME_NOT_IN_ALT_NAMES);
    }

    private static List<Defect.Kind> conformance(String commonName, String last) {
        CertificateFacts facts = CertificateFacts.read(
                ROOT.issue(commonName, many(2_100).dns(last)).der());
        return Conformance.of(facts, true, false).stream().map(Defect::kind).toList();
    }

    private static Wanted many(int names) {
        Wanted wanted = new Wanted();
        for (int i = 0; i < names; i++) {
            wanted.dns("h" + i + ".example");
        }
        return wanted;
    }

    @Test
    void aBrokenExtensionBesideGoodOnes() {
        byte[] der = ROOT.issue(
                        "shop",
                        new Wanted()
                                .dns("shop.example")
                                .extension(new ASN1ObjectIdentifier("2.5.29.32"), false, new DEROctetString(new byte[] {
                                    1, 2, 3
                                })))
                .der();
        CertificateFacts facts = CertificateFacts.read(der);
        assertThat(facts.extensions().altNames()).extracting(GeneralName::text).containsExactly("DNS:shop.example");
        assertThat(facts.defects()).extracting(Defect::kind).contains(Defect.Kind.MALFORMED_EXTENSION);
    }

    @Test
    void keysThatCouldNotBeReadAreNotAllTheSameKey() {
        assertThat(List.of(new byte[] {0x30}, new byte[0], Arrays.copyOf(GOOD, 40)))
                .allSatisfy(der ->
                        assertThat(CertificateFacts.read(der).spkiSha256()).isEmpty());
    }

    private static List<String> names(CertificateFacts certificate) {
        return certificate.extensions().altNames().stream()
                .map(GeneralName::text)
                .toList();
    }
}
