package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TlsaTest {
    private static final TestAuthority ROOT = TestAuthority.root("Root");
    private static final TestAuthority MIDDLE = ROOT.intermediate("Middle", new TestAuthority.Wanted());
    private static final TestAuthority STRANGER = TestAuthority.root("Stranger");
    private static final CertificateFacts LEAF = facts(MIDDLE.issue("shop.example", new TestAuthority.Wanted()));
    private static final List<CertificateFacts> SERVED = List.of(LEAF, facts(MIDDLE));

    @Test
    void matchesTheLeafWholeOrByItsKeyInAllThreeForms() {
        for (int usage : new int[] {1, 3}) {
            for (int selector = 0; selector < 2; selector++) {
                byte[] selected = selector == 0 ? LEAF.der() : LEAF.key().spki();
                assertThat(matches(usage, selector, 0, selected)).isTrue();
                assertThat(matches(usage, selector, 1, CertificateFacts.digest("SHA-256", selected)))
                        .isTrue();
                assertThat(matches(usage, selector, 2, CertificateFacts.digest("SHA-512", selected)))
                        .isTrue();
                assertThat(matches(usage, selector, 2, CertificateFacts.digest("SHA-256", selected)))
                        .isFalse();
                assertThat(matches(usage, 1 - selector, 0, selected)).isFalse();
            }
        }
    }

    @Test
    void takesNoIssuerForTheLeafAndNoLeafForAnIssuer() {
        assertThat(matches(3, 1, 0, facts(MIDDLE).key().spki())).isFalse();
        assertThat(matches(2, 1, 0, LEAF.key().spki())).isFalse();
        assertThat(matches(0, 1, 0, LEAF.key().spki())).isFalse();
    }

    @Test
    void findsAnIssuerInThePathAndNotBesideIt() {
        byte[] middle = CertificateFacts.digest("SHA-256", facts(MIDDLE).der());
        assertThat(matches(2, 0, 1, middle)).isTrue();
        List<CertificateFacts> withStranger = List.of(LEAF, facts(STRANGER), facts(MIDDLE));
        byte[] stranger = CertificateFacts.digest("SHA-256", facts(STRANGER).der());
        assertThat(new Tlsa(2, 0, 1, stranger).matches(withStranger, List.of())).contains(false);
        assertThat(new Tlsa(2, 0, 1, middle).matches(withStranger, List.of())).contains(true);
    }

    @Test
    void findsAnAnchorThatIsNotSentInTheRecordOrInTheTrustedPath() {
        assertThat(matches(2, 0, 0, facts(ROOT).der())).isTrue();
        assertThat(matches(2, 0, 0, facts(STRANGER).der())).isFalse();
        byte[] root = CertificateFacts.digest("SHA-256", facts(ROOT).der());
        assertThat(matches(2, 0, 1, root)).isFalse();
        List<CertificateFacts> path = List.of(LEAF, facts(MIDDLE), facts(ROOT));
        assertThat(new Tlsa(0, 0, 1, root).matches(SERVED, path)).contains(true);
        assertThat(new Tlsa(0, 0, 1, root).matches(SERVED, List.of())).contains(false);
    }

    @Test
    void hasNoWordOnNumbersWithoutMeaning() {
        assertThat(new Tlsa(4, 0, 0, LEAF.der()).matches(SERVED, List.of())).isEmpty();
        assertThat(new Tlsa(3, 2, 0, LEAF.der()).matches(SERVED, List.of())).isEmpty();
        assertThat(new Tlsa(3, 0, 3, LEAF.der()).matches(SERVED, List.of())).isEmpty();
        assertThat(new Tlsa(3, 0, 0, LEAF.der()).matches(List.of(), List.of())).isEmpty();
    }

    private static boolean matches(int usage, int selector, int matching, byte[] data) {
        return new Tlsa(usage, selector, matching, data)
                .matches(SERVED, List.of())
                .orElseThrow();
    }

    private static CertificateFacts facts(TestAuthority authority) {
        return CertificateFacts.read(authority.der());
    }
}
