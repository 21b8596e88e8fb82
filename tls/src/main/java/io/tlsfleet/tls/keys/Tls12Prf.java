package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The pseudorandom function of TLS 1.2 over a suite's hash (RFC 5246 section 5), and of 1.0 and 1.1 over MD5 and SHA-1 (RFC 4346 section 5). */
public final class Tls12Prf {
    private final boolean twofold;
    private final Hash hash;

    public Tls12Prf(ProtocolVersion version, Hash suiteHash) {
        this.twofold = version.compareTo(ProtocolVersion.TLS_1_2) < 0;
        this.hash = suiteHash;
    }

    public byte[] expand(byte[] secret, String label, byte[] seed, int length) {
        byte[] labelled = new ByteWriter()
                .raw(label.getBytes(StandardCharsets.US_ASCII))
                .raw(seed)
                .toBytes();
        if (!twofold) {
            return expand(hash, secret, labelled, length);
        }
        int half = (secret.length + 1) / 2;
        byte[] out = expand(Hash.MD5, Arrays.copyOf(secret, half), labelled, length);
        byte[] other =
                expand(Hash.SHA_1, Arrays.copyOfRange(secret, secret.length - half, secret.length), labelled, length);
        for (int i = 0; i < length; i++) {
            out[i] ^= other[i];
        }
        return out;
    }

    /** The hash of the handshake messages that Finished and the extended master secret are made of. */
    public byte[] transcriptHash(byte[] messages) {
        return twofold
                ? new ByteWriter()
                        .raw(Hash.MD5.of(messages))
                        .raw(Hash.SHA_1.of(messages))
                        .toBytes()
                : hash.of(messages);
    }

    private static byte[] expand(Hash hash, byte[] secret, byte[] seed, int length) {
        byte[] out = new byte[length];
        byte[] a = seed;
        for (int at = 0; at < length; ) {
            a = hash.hmac(secret, a);
            byte[] block = hash.hmac(secret, a, seed);
            int take = Math.min(block.length, length - at);
            System.arraycopy(block, 0, out, at, take);
            at += take;
        }
        return out;
    }
}
