package io.tlsfleet.tls.keys;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.jcajce.provider.digest.SM3;

/** The hash functions of TLS' key schedules and MACs, each with its HMAC (RFC 2104); SM3 is Bouncy Castle's. */
public enum Hash {
    MD5("MD5", 16, 64),
    SHA_1("SHA-1", 20, 64),
    SHA_256("SHA-256", 32, 64),
    SHA_384("SHA-384", 48, 128),
    SHA_512("SHA-512", 64, 128),
    SM_3("SM3", 32, 64);

    /** Never fed: a copy of it costs a tenth of asking the providers for a new one. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final MessageDigest fresh;

    private final int length;
    private final int blockLength;

    Hash(String name, int length, int blockLength) {
        this.fresh = fresh(name);
        this.length = length;
        this.blockLength = blockLength;
    }

    private static MessageDigest fresh(String name) {
        if (name.equals("SM3")) {
            return new SM3.Digest();
        }
        try {
            return MessageDigest.getInstance(name);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }

    public int length() {
        return length;
    }

    public MessageDigest digest() {
        try {
            return (MessageDigest) fresh.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("digests of the JDK and Bouncy Castle are cloneable", e);
        }
    }

    public byte[] of(byte[] data) {
        return digest().digest(data);
    }

    /** RFC 2104, over our own digests: a Mac of the JDK's is looked up anew for every key, which costs more than the hashing. */
    public byte[] hmac(byte[] key, byte[]... parts) {
        byte[] block = Arrays.copyOf(key.length > blockLength ? of(key) : key, blockLength);
        MessageDigest inner = digest();
        xor(block, 0x36);
        inner.update(block);
        for (byte[] part : parts) {
            inner.update(part);
        }
        MessageDigest outer = digest();
        xor(block, 0x36 ^ 0x5C);
        outer.update(block);
        return outer.digest(inner.digest());
    }

    private static void xor(byte[] block, int pad) {
        for (int i = 0; i < block.length; i++) {
            block[i] ^= (byte) pad;
        }
    }
}
