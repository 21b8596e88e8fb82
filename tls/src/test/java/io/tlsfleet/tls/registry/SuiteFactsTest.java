package io.tlsfleet.tls.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.registry.SuiteFacts.Authentication;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import io.tlsfleet.tls.registry.SuiteFacts.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuiteFactsTest {
    @ParameterizedTest
    @CsvSource({
        // name, key exchange, authentication, family, mode, strength, block, forward secret, export
        "TLS_AES_128_GCM_SHA256, ANY, ANY, AES, AEAD, 128, 128, true, false",
        "TLS_CHACHA20_POLY1305_SHA256, ANY, ANY, CHACHA20, AEAD, 256, 0, true, false",
        "TLS_SHA256_SHA256, ANY, ANY, NULL, NONE, 0, 0, true, false",
        "TLS_SM4_GCM_SM3, ANY, ANY, SM4, AEAD, 128, 128, true, false",
        "TLS_AEGIS_256_SHA512, ANY, ANY, AEGIS, AEAD, 256, 128, true, false",
        "TLS_RSA_WITH_NULL_MD5, RSA, RSA, NULL, NONE, 0, 0, false, false",
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5, RSA, RSA, RC4, STREAM, 40, 0, false, true",
        "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5, RSA, RSA, RC2, CBC, 40, 64, false, true",
        "TLS_RSA_EXPORT1024_WITH_RC4_56_SHA, RSA, RSA, RC4, STREAM, 56, 0, false, true",
        "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA, DHE, DSS, DES, CBC, 40, 64, true, true",
        "TLS_RSA_WITH_RC4_128_SHA, RSA, RSA, RC4, STREAM, 128, 0, false, false",
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA, RSA, RSA, 3DES, CBC, 112, 64, false, false",
        "TLS_DHE_RSA_WITH_DES_CBC_SHA, DHE, RSA, DES, CBC, 56, 64, true, false",
        "TLS_DH_anon_WITH_AES_128_CBC_SHA, DHE, ANONYMOUS, AES, CBC, 128, 128, true, false",
        "TLS_ECDH_anon_WITH_NULL_SHA, ECDHE, ANONYMOUS, NULL, NONE, 0, 0, true, false",
        "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA, ECDH, ECDSA, AES, CBC, 256, 128, false, false",
        "TLS_DH_RSA_WITH_AES_256_GCM_SHA384, DH, RSA, AES, AEAD, 256, 128, false, false",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, ECDHE, ECDSA, AES, AEAD, 128, 128, true, false",
        "TLS_PSK_DHE_WITH_AES_128_CCM_8, DHE_PSK, PSK, AES, AEAD, 128, 128, true, false",
        "TLS_RSA_PSK_WITH_AES_128_CBC_SHA, RSA_PSK, PSK, AES, CBC, 128, 128, false, false",
        "TLS_SRP_SHA_RSA_WITH_AES_128_CBC_SHA, SRP, RSA, AES, CBC, 128, 128, true, false",
        "TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA, KRB5, KRB5, DES, CBC, 40, 64, false, true",
        "TLS_ECDHE_SM4_GCM_SM3, ECDHE, SM2, SM4, AEAD, 128, 128, true, false",
        "TLS_RSA_SM4_CBC_SHA256, RSA, RSA, SM4, CBC, 128, 128, false, false",
        "TLS_GOSTR341112_256_WITH_MAGMA_CTR_OMAC, GOST, GOST, MAGMA, STREAM, 256, 64, false, false",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD, ECDHE, RSA, CHACHA20, AEAD, 256, 0, true, false",
        "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA, RSA, RSA, 3DES, CBC, 112, 64, false, false",
        "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA_2, RSA, RSA, 3DES, CBC, 112, 64, false, false",
        "SSL_CK_DES_192_EDE3_CBC_WITH_MD5, RSA, RSA, 3DES, CBC, 112, 64, false, false",
        "SSL_CK_RC4_128_EXPORT40_WITH_MD5, RSA, RSA, RC4, STREAM, 40, 0, false, true",
        "TLS_FALLBACK_SCSV, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, -1, 0, false, false",
    })
    void readsWhatTheNameSays(
            String name,
            KeyExchange keyExchange,
            Authentication authentication,
            String family,
            Mode mode,
            int strength,
            int block,
            boolean forwardSecret,
            boolean export) {
        SuiteFacts facts = CipherSuite.named(name).facts();
        assertThat(facts.keyExchange()).isEqualTo(keyExchange);
        assertThat(facts.authentication()).isEqualTo(authentication);
        assertThat(facts.family()).isEqualTo(family);
        assertThat(facts.mode()).isEqualTo(mode);
        assertThat(facts.strengthBits()).isEqualTo(strength);
        assertThat(facts.blockBits()).isEqualTo(block);
        assertThat(facts.isForwardSecret()).isEqualTo(forwardSecret);
        assertThat(facts.isExport()).isEqualTo(export);
    }

    @Test
    void understandsEveryNameOfTheTable() {
        assertThat(CipherSuite.all()).hasSizeGreaterThan(400).allSatisfy(suite -> {
            if (!suite.name().endsWith("_SCSV")) {
                SuiteFacts facts = suite.facts();
                assertThat(facts.keyExchange()).as(suite.name()).isNotEqualTo(KeyExchange.UNKNOWN);
                assertThat(facts.authentication()).as(suite.name()).isNotEqualTo(Authentication.UNKNOWN);
                assertThat(facts.strengthBits()).as(suite.name()).isBetween(0, 256);
            }
        });
    }

    @Test
    void knowsNothingOfANumberWithoutAName() {
        assertThat(new CipherSuite(0x4A4A).facts().keyExchange()).isEqualTo(KeyExchange.UNKNOWN);
        assertThat(new CipherSuite(0x4A4A).facts().isForwardSecret()).isFalse();
    }

    @Test
    void writesSslv2KindsWithSixDigits() {
        assertThat(CipherSuite.named("SSL_CK_RC4_128_WITH_MD5").hex()).isEqualTo("0x010080");
        assertThat(new CipherSuite(0xC02F).hex()).isEqualTo("0xC02F");
    }
}
