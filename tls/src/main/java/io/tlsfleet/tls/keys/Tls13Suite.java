package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.registry.CipherSuite;
import java.util.Optional;

/** The cipher suites of TLS 1.3 that we can finish a handshake with (RFC 8446 appendix B.4, RFC 8998). */
public enum Tls13Suite {
    TLS_AES_128_GCM_SHA256(0x1301, Aead.Algorithm.AES_128_GCM, Hash.SHA_256),
    TLS_AES_256_GCM_SHA384(0x1302, Aead.Algorithm.AES_256_GCM, Hash.SHA_384),
    TLS_CHACHA20_POLY1305_SHA256(0x1303, Aead.Algorithm.CHACHA20_POLY1305, Hash.SHA_256),
    TLS_AES_128_CCM_SHA256(0x1304, Aead.Algorithm.AES_128_CCM, Hash.SHA_256),
    TLS_AES_128_CCM_8_SHA256(0x1305, Aead.Algorithm.AES_128_CCM_8, Hash.SHA_256),
    TLS_SM4_GCM_SM3(0x00C6, Aead.Algorithm.SM4_GCM, Hash.SM_3),
    TLS_SM4_CCM_SM3(0x00C7, Aead.Algorithm.SM4_CCM, Hash.SM_3);

    private final int code;
    private final Aead.Algorithm aead;
    private final Hash hash;

    Tls13Suite(int code, Aead.Algorithm aead, Hash hash) {
        this.code = code;
        this.aead = aead;
        this.hash = hash;
    }

    public static Optional<Tls13Suite> of(CipherSuite suite) {
        for (Tls13Suite known : values()) {
            if (known.code == suite.code()) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }

    public CipherSuite suite() {
        return new CipherSuite(code);
    }

    public Aead.Algorithm aead() {
        return aead;
    }

    public Hash hash() {
        return hash;
    }
}
