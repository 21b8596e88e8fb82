package io.tlsfleet.tls.keys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * HKDF (RFC 5869) and the labelled expansion of TLS 1.3 (RFC 8446 section 7.1). Ours, over {@link Hash#hmac}, and not the
 * JDK's KDF: that has no SM3.
 */
public final class Hkdf {
    private final Hash hash;

    public Hkdf(Hash hash) {
        this.hash = hash;
    }

    public byte[] extract(byte[] salt, byte[] inputKeyingMaterial) {
        return hash.hmac(salt.length == 0 ? new byte[hash.length()] : salt, inputKeyingMaterial);
    }

    public byte[] expand(byte[] pseudoRandomKey, byte[] info, int length) {
        if (length > 255 * hash.length()) {
            throw new IllegalArgumentException(length + " bytes are more than HKDF gives");
        }
        byte[] out = new byte[length];
        byte[] block = new byte[0];
        int at = 0;
        for (int counter = 1; at < length; counter++) {
            block = hash.hmac(pseudoRandomKey, block, info, new byte[] {(byte) counter});
            int take = Math.min(block.length, length - at);
            System.arraycopy(block, 0, out, at, take);
            at += take;
        }
        return out;
    }

    public byte[] expandLabel(byte[] secret, String label, byte[] context, int length) {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(2 + 1 + name.length + 1 + context.length);
        info.putShort((short) length).put((byte) name.length).put(name);
        info.put((byte) context.length).put(context);
        return expand(secret, info.array(), length);
    }

    /** Derive-Secret over a transcript that is hashed already. */
    public byte[] deriveSecret(byte[] secret, String label, byte[] transcriptHash) {
        return expandLabel(secret, label, transcriptHash, hash.length());
    }

    /** Derive-Secret over no messages at all. */
    public byte[] deriveSecret(byte[] secret, String label) {
        return deriveSecret(secret, label, hash.of(new byte[0]));
    }

    Hash hash() {
        return hash;
    }

    byte[] zeros() {
        return new byte[hash.length()];
    }
}
