package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import org.junit.jupiter.api.Test;

class CertificatesReadTest {
    private final TestAuthority root = TestAuthority.root("Root");

    @Test
    void theSameBytesAreReadOnce() {
        byte[] der = root.issue("leaf", new Wanted().dns("a.example")).der();
        CertificateFacts first = CertificateFacts.read(der);
        assertThat(CertificateFacts.read(der.clone())).isSameAs(first);
    }

    @Test
    void bytesThatChangeAfterwardsChangeNothingThatWasRead() {
        byte[] der = root.issue("leaf", new Wanted().dns("a.example")).der();
        byte[] kept = der.clone();
        CertificateFacts first = CertificateFacts.read(der);
        der[der.length - 1] ^= 1;
        CertificateFacts second = CertificateFacts.read(der);
        assertThat(first.der()).isEqualTo(kept);
        assertThat(second.der()).isEqualTo(der);
        assertThat(second.sha256()).isNotEqualTo(first.sha256());
        assertThat(CertificateFacts.read(kept)).isSameAs(first);
    }

    @Test
    void aFloodOfCertificatesPushesOutTheOldAndStaysBounded() {
        byte[] der = root.issue("leaf", new Wanted().dns("a.example")).der();
        CertificateFacts first = CertificateFacts.read(der);
        for (int i = 0; i < 3_000; i++) {
            CertificateFacts.read(new byte[] {0x30, (byte) (i >> 8), (byte) i});
        }
        assertThat(CertificateFacts.read(der)).isNotSameAs(first).isEqualTo(first);
    }
}
