package io.tlsfleet.scanner.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchemesInUseTest {
    private static final CipherSuite RSA = CipherSuite.named("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    private static final CipherSuite ECDSA = CipherSuite.named("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    private static final CipherSuite NO_SIGNATURE = CipherSuite.named("TLS_RSA_WITH_AES_128_CBC_SHA");

    private final SchemesInUse schemes = new SchemesInUse();

    @Test
    void namesAlwaysAllSchemesAndWhatWasSeenBehindTodaysOthers() {
        signed("ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256");
        List<SignatureScheme> offered = schemes.unseenFirst(ProtocolVersion.TLS_1_2);
        assertThat(offered)
                .containsExactlyInAnyOrderElementsOf(Menu.ALL_SCHEMES)
                .doesNotHaveDuplicates();
        assertThat(offered.getFirst()).isEqualTo(SignatureScheme.named("rsa_pkcs1_sha256"));
        int known = offered.indexOf(SignatureScheme.named("rsa_pss_rsae_sha256"));
        assertThat(known).isGreaterThan(offered.indexOf(SignatureScheme.named("rsa_pkcs1_sha512")));
        assertThat(known).isLessThan(offered.indexOf(SignatureScheme.named("rsa_pkcs1_sha1")));
        assertThat(schemes.unseenFirst(ProtocolVersion.TLS_1_3)).isEqualTo(Menu.ALL_SCHEMES);
    }

    @Test
    void putsSuitesInFrontWhoseKeyMaySignWithMore() {
        signed("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512");
        List<CipherSuite> suites = List.of(ECDSA, NO_SIGNATURE, RSA);
        assertThat(schemes.unseenFirst(ProtocolVersion.TLS_1_2, suites)).containsExactly(RSA, ECDSA, NO_SIGNATURE);
        assertThat(schemes.unseenFirst(ProtocolVersion.TLS_1_1, suites)).isEqualTo(suites);
    }

    @Test
    void reportsInOneOrderWhateverItSawFirst() {
        signed("rsa_pkcs1_sha512", "ecdsa_secp256r1_sha256", "rsa_pkcs1_sha512");
        assertThat(schemes.all().get(ProtocolVersion.TLS_1_2))
                .extracting(SignatureScheme::name)
                .containsExactly("ecdsa_secp256r1_sha256", "rsa_pkcs1_sha512");
        assertThat(schemes.of(ProtocolVersion.TLS_1_3)).isEqualTo(Set.of());
    }

    private void signed(String... names) {
        for (String name : names) {
            schemes.signed(ProtocolVersion.TLS_1_2, SignatureScheme.named(name));
        }
    }
}
